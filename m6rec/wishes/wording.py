"""A sentence without the parts that have been understood."""

import re
from collections.abc import Iterable

BLANK = "\ufffc"
"""Stands for each character of a title while the rest of a sentence is read."""

_LOOSE = (
    r"(?:and|but|or|nor|though|although|however|yet|also|then|just|so|with|that|which|who|that['’]s|it['’]s|is|are|i|"
    r"i['’]m|please|plus|only|if|maybe|though|by|from|in|of|or|the|an?|any|some)"
)
_ENDINGS = re.compile(
    r"(?:[\s,;:，、-]+|\b(?:and|but|or|nor|with|that|which|who|that['’]s|it['’]s|is|are|i|i['’]m|so|though|yet|also|then|just|by|please i|the|an?|any)$|(?:但是|但|不过|而且|并且|和|我)$)+$",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"(?:[\s,;:，、-]|\b(?:and|but|or|nor|with|that|which|who|that['’]s|is|are)(?=[\s,;]*$))+$",
    re.IGNORECASE,
)
_BEGINNINGS = re.compile(
    r"^(?:[\s,;:，。、!?.-]+|(?:and|but|or|nor|though|so|then|also|yet|plus)\b|(?:但是|但|不过|而且|并且|和)(?=\W|$))+",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    rf"(?:\W|\b{_LOOSE}\b|\b(?:thanks|thank you|ok|okay|hi|hello|hey|me|for|us|we|you|can|could)\b|请|谢谢|我|吧)*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"[^.!?。！？\n]+(?:[.!?。！？\n]+(?:(?=\s)|$)|[.!?](?=\S)|[。！？])?|[.!?。！？\n]+"
)


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with spans replaced by as many `BLANK` characters, so that positions stay."""
    for start, end in spans:
        text = text[:start] + BLANK * (end - start) + text[end:]
    return text


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without spans, tidied: no stray commas, conjunctions or half sentences.

    Returns:
        The tidy text; empty when nothing is left that says what is wanted.
    """
    cut = sorted(spans)
    if not cut:
        return " ".join(text.split())
    pieces, position = [], 0
    for start, end in cut:
        pieces.append(text[position : max(start, position)])
        position = max(position, end)
    pieces.append(text[position:])
    joined = _closed(pieces)
    sentences = [_tidy(sentence) for sentence in _SENTENCE.findall(joined)]
    result = " ".join(sentence for sentence in sentences if sentence)
    return "" if _EMPTY.fullmatch(result) else result


def _closed(pieces: list[str]) -> str:
    """The pieces joined; what stood before a cut loses its dangling conjunction."""
    result = pieces[0]
    for piece in pieces[1:]:
        head = _DANGLING.sub("", result)
        comma = "," in result[len(head) :] and re.match(r"\s*\w", piece) is not None
        result = f"{head}{',' if comma and head.strip() else ''} {piece}"
    return result


def _tidy(sentence: str) -> str:
    sentence = re.sub(r"\s+", " ", sentence)
    sentence = re.sub(r"\s+([,;:.!?，。！？])", r"\1", sentence)
    sentence = re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", sentence)
    sentence = re.sub(r"([,;，])(?:\s*[,;，])+", r"\1", sentence)
    end = re.search(r"[.!?。！？]*\s*$", sentence)
    body, mark = (sentence[: end.start()], end[0].strip()) if end else (sentence, "")
    body = _ENDINGS.sub("", _BEGINNINGS.sub("", body)).strip()
    return body + mark if body and not _EMPTY.fullmatch(body) else ""
