"""Words that point at items of the last list: "#2", "the second one", "that one", 第二部."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Verdict = Literal["liked", "disliked", "seen"]

FULL_WIDTH = str.maketrans("／＃０１２３４５６７８９", "/#0123456789")
LAST = -1
"""The position that "the last one" points to."""
THAT = -2
"""The position that "that one" and "it" point to: whatever was spoken of last."""

_WORDS_IN_ORDER = "first second third fourth fifth sixth seventh eighth ninth tenth"
_ORDINALS = {
    name: place
    for place, names in enumerate(
        zip(
            _WORDS_IN_ORDER.split(),
            ("1st", "2nd", "3rd", *(f"{n}th" for n in range(4, 11))),
            "一二三四五六七八九十",
            strict=True,
        ),
        start=1,
    )
    for name in names
}
POINTER = re.compile(
    r"(?:#\s?|\bnumber |\bno\. ?)(?P<digits>\d{1,4})\b"
    rf"|\bthe (?P<word>{'|'.join(k for k in _ORDINALS if k.isascii())}|last)"
    r"(?: one\b(?! (?:of|by|in|from|with|about|that|ever)\b)"
    r"|(?: (?:movie|film|title|item))?(?=\s*(?:$|[,.;!?]|(?:but|and|please|instead|was|is)\b)))"
    r"|\b(?P<that>(?:that|this) (?:one|movie|film|title|book|song|album|game)\b"
    r"|^(?:it|that)(?= (?:was|is|looks|sounds)\b)"
    r"|(?:(?<=like )|(?<=seen )|(?<=saw )|(?<=loved )|(?<=love )|(?<=hated )|(?<=liked )"
    r"|(?<=enjoyed )|(?<=watched ))"
    r"(?:that|this|it)(?=\s*(?:$|[,.;!?]|(?:but|and|only|just|please|except|already|before)\b)))"
    r"|第(?P<han>[一二三四五六七八九十]|\d{1,4})(?:个|部|条|名|本|款)|(?P<lasthan>最后一?(?:个|部))"
    r"|(?P<thathan>[那这]一?(?:个|部)(?!电影|片))",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"\b(?:seen|saw|watched|know|already (?:have|own|read))\b|看过|见过", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\b(?:not|no|never|without|except|skip|forget|drop|hated?|hates|dislike[ds]?|awful|terrible|boring|bad|too)\b"
    r"|n['’]t\b|不|讨厌|别(?!的)|没",
    re.IGNORECASE,
)
_PART = re.compile(r"(\s*[,;，；。]\s*|\s+(?:but|and)\s+|\s*(?:但是?|而且|不过)\s*)", re.IGNORECASE)


class Part(NamedTuple):
    """A stretch of a line between commas, "but" and "and", and the listed items it points to.

    `verdict` is None where the part says neither yes nor no to them ("I haven't seen #2").
    """

    text: str
    positions: tuple[int, ...]
    verdict: Verdict | None


def pointers(text: str) -> tuple[int, ...]:
    """Return the list positions a text points to, counted from 1; `LAST` for "the last one"."""
    return tuple(_position(found) for found in POINTER.finditer(text.translate(FULL_WIDTH)))


def read_positions(argument: str) -> tuple[int, ...]:
    """Return the positions in "2", "2 3", "#2, #3" or "the second one"; empty when it has others."""
    words = argument.translate(FULL_WIDTH).replace(",", " ").replace("#", " ").split()
    if words and all(is_count(word) or word in {str(LAST), str(THAT)} for word in words):
        return tuple(int(word) for word in words)
    return pointers(argument)


def is_count(text: str) -> bool:
    """Return whether the text is a whole number from 1 that a person may mean."""
    return text.isdecimal() and len(text) < 7 and int(text) > 0


def read_parts(text: str) -> tuple[tuple[Part, str], ...]:
    """Return the parts of a pointing line, each with the separator that follows it."""
    pieces = [*_PART.split(text), ""]
    parts = []
    for piece, separator in zip(pieces[::2], pieces[1::2], strict=True):
        positions = pointers(piece)
        parts.append((Part(piece, positions, _verdict(piece) if positions else None), separator))
    return tuple(parts)


def name_pointers(text: str, titles: Mapping[int, str] = MappingProxyType({})) -> str:
    """Return the text with every pointer replaced by the title at that position, or by nothing."""
    plain = text.translate(FULL_WIDTH)
    return POINTER.sub(lambda found: titles.get(_position(found), ""), plain)


def _position(found: re.Match[str]) -> int:
    if found["digits"]:
        return int(found["digits"])
    if found["that"] or found["thathan"]:
        return THAT
    name = (found["word"] or found["han"] or "last").casefold()
    return int(name) if name.isdigit() else _ORDINALS.get(name, LAST)


def _verdict(text: str) -> Verdict | None:
    refused = bool(_REFUSED.search(POINTER.sub("", text)))
    if _SEEN.search(text):
        return None if refused else "seen"
    return "disliked" if refused else "liked"
