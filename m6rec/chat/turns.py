"""What one line of a conversation asks for, in English and Chinese.

A line is a command ("/like 2"), a command in plain words ("something else", "换一批"), or a wish. The
grammar is the table below; nothing here knows the catalog or what was said before.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Verdict = Literal["liked", "disliked", "seen"]

_FULL_WIDTH = str.maketrans("／＃０１２３４５６７８９", "/#0123456789")
_END = r"[\s.!?。！？~]*$"
_THEN = r"\s*(?:[,;:.，；。]\s*(?P<rest>\S.*?)?)?" + _END


def _phrase(pattern: str, end: str = _END) -> re.Pattern[str]:
    return re.compile(
        rf"^(?:please |ok(?:ay)?,? |well,? |请)?(?:{pattern}){end}", re.IGNORECASE | re.DOTALL
    )


_FORGET_LAST = _phrase(
    r"(?:forget|scratch|drop|undo)(?: (?:that|it|this|the last (?:one|thing|wish)))?"
    r"|never ?mind(?: that| it)?|算了"
)
_PHRASES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("quit", _phrase(r"quit|exit|(?:good ?)?bye(?: bye)?|再见|拜拜|退出")),
    ("help", _phrase(r"help|\?|？|what can (?:i|you) (?:say|do)|帮助|怎么用")),
    ("thanks", _phrase(r"thanks?(?: you)?(?: very much| a lot)?|thx|cheers|谢谢你?|多谢")),
    ("hello", _phrase(r"hi|hello|hey(?: there)?|good (?:morning|evening)|你好|您好|嗨")),
    (
        "reset",
        _phrase(
            r"(?:let'?s |can we )?(?:start (?:over|again|afresh)|reset|new search|from scratch"
            r"|clean slate|begin again)|start (?:over|again) with (?P<rest2>.+?)|forget (?:everything|it all|all(?: of (?:it|that))?)"
            r"|重新开始|重来|从头(?:再来|开始)|全部?忘(?:掉|了)",
            _THEN,
        ),
    ),
    (
        "more",
        _phrase(
            r"(?:(?:show|give|tell)(?: me)? |i want |any |have you )?(?:some |any )?"
            r"(?:more(?: of (?:them|these|those))?|others?|other ones?|another(?: one| few| list)?"
            r"|something (?:else|different)|anything else|what else|different ones|new ones"
            r"|next(?: page| ones?| list)?)(?:,? please)?"
            r"|换[一个]?[批换些组下部]|换个(?:别的)?|还有(?:吗|没有|别的|其他的?|更多)?[的吗么]*"
            r"|(?:再)?来(?:一批|一些|几个|几部|点别的)|再来点?|更多的?|下一[批页个]"
            r"|(?:看看|来点|有没有)?(?:别的|其他的?|其它的?)",
            _THEN,
        ),
    ),
    (
        "instead",
        _phrase(
            r"instead of (?P<what>[^,;]+?)[,;]\s*(?P<rest>.+?)"
            r"|instead[,:]?\s+(?!of\b)(?P<rest2>.+?)"
            r"|(?P<rest3>.+?) instead of (?P<what2>.+?)"
            r"|(?P<rest4>.+?),? instead"
            r"|(?:换成|改成|改看|还是看)(?P<rest5>.+?)[吧]?"
        ),
    ),
    ("forget", _FORGET_LAST),
    (
        "forget",
        _phrase(
            r"(?:forget(?: about)?|never ?mind(?: about)?|scratch|drop)\s+(?P<rest>.+?)"
            r"|(?:忘掉|忘了|去掉|别管|不管)(?P<rest2>.+?)[了吧]?"
        ),
    ),
)

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
_POINTER = re.compile(
    r"(?:#\s?|\bnumber |\bno\. ?)(?P<digits>\d{1,4})\b"
    rf"|\bthe (?P<word>{'|'.join(k for k in _ORDINALS if k.isascii())}|last)"
    r"(?: one\b(?! (?:of|by|in|from|with|about|that|ever)\b)"
    r"|(?: (?:movie|film|title|item))?(?=\s*(?:$|[,.;!?]|(?:but|and|please|instead|was|is)\b)))"
    r"|第(?P<han>[一二三四五六七八九十]|\d{1,4})(?:个|部|条|名|本|款)|(?P<lasthan>最后一?(?:个|部))",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^(?:why|how|who|when|where|what|explain|tell me (?:more )?about|为什么|为啥|谁|介绍)",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"\b(?:seen|saw|watched|already (?:know|have|own|read))\b|看过|见过", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\b(?:not|no|never|without|except|skip|forget|drop|hated?|hates|dislike[ds]?|awful|terrible|boring|bad|too)\b"
    r"|n['’]t\b|不|讨厌|别(?!的)|没",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"^(?:(?:show|give) me )?(?:some )?(?:more|others?|another|different)\b|^(?:再来|还要|更多)",
    re.IGNORECASE,
)
_PART = re.compile(r"(\s*[,;，；。]\s*|\s+(?:but|and)\s+|\s*(?:但是?|而且|不过)\s*)", re.IGNORECASE)

LONGEST_PHRASE = 300
"""A longer line is a wish; it also keeps the lazy patterns above from being run on pasted books."""

LAST = -1
"""The position that "the last one" points to."""


WORDS_ONLY = frozenset({"say", "point", "instead", "hello", "thanks"})
"""Turns that have no slash command."""


class Turn(NamedTuple):
    """One line as it was meant.

    `name` is a command without its slash, ``say`` for a wish, ``point`` for words about numbered
    items, or ``unknown`` for a command that does not exist. `argument` is what follows; for
    ``instead``, `what` is the wish to be replaced, empty for the last one.
    """

    name: str
    argument: str = ""
    what: str = ""


class Part(NamedTuple):
    """A stretch of a line between commas, "but" and "and", and the listed items it points to.

    `verdict` is None where the part says neither yes nor no to them ("I haven't seen #2").
    """

    text: str
    positions: tuple[int, ...]
    verdict: Verdict | None


def read_turn(line: str) -> Turn:
    """Return what a line asks for; an empty line is a ``say`` without argument."""
    text = " ".join(line.removeprefix("\ufeff").split())
    plain = text.translate(_FULL_WIDTH)
    if plain.startswith("/"):
        name, _, argument = plain[1:].strip().partition(" ")
        name = name.casefold() or "help"
        return Turn(f"/{name}" if name in WORDS_ONLY else name, argument.strip())
    if len(text) > LONGEST_PHRASE:
        return Turn("say", text)
    if pointers(text) and not _FORGET_LAST.match(text):
        return _pointing(text)
    for name, pattern in _PHRASES:
        found = pattern.match(text)
        if found:
            groups = found.groupdict()
            rest = (value for key, value in groups.items() if key.startswith("rest") and value)
            what = (value for key, value in groups.items() if key.startswith("what") and value)
            return Turn(name, next(rest, "").strip(), next(what, "").strip())
    return Turn("say", text)


def _pointing(text: str) -> Turn:
    places = " ".join(str(position) for position in pointers(text))
    if _WHY.match(text) or not _POINTER.sub("", text).strip(" .!?。！？"):
        return Turn("why", places)
    return Turn("point", text)


def pointers(text: str) -> tuple[int, ...]:
    """Return the list positions a text points to, counted from 1; `LAST` for "the last one"."""
    return tuple(_position(found) for found in _POINTER.finditer(text.translate(_FULL_WIDTH)))


def read_positions(argument: str) -> tuple[int, ...]:
    """Return the positions in "2", "2 3", "#2, #3" or "the second one"; empty when it has others."""
    words = argument.translate(_FULL_WIDTH).replace(",", " ").replace("#", " ").split()
    if words and all(is_count(word) or word == str(LAST) for word in words):
        return tuple(int(word) for word in words)
    return pointers(argument)


def is_count(text: str) -> bool:
    """Return whether the text is a whole number from 1 that a person may mean."""
    return text.isdecimal() and len(text) < 7 and int(text) > 0


def asks_for_others(text: str) -> bool:
    """Return whether a wish starts like "more westerns", "another one with dogs"."""
    return bool(_OTHERS.match(text))


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
    plain = text.translate(_FULL_WIDTH)
    return _POINTER.sub(lambda found: titles.get(_position(found), ""), plain)


def _position(found: re.Match[str]) -> int:
    if found["digits"]:
        return int(found["digits"])
    name = (found["word"] or found["han"] or "last").casefold()
    return int(name) if name.isdigit() else _ORDINALS.get(name, LAST)


def _verdict(text: str) -> Verdict | None:
    refused = bool(_REFUSED.search(_POINTER.sub("", text)))
    if _SEEN.search(text):
        return None if refused else "seen"
    return "disliked" if refused else "liked"
