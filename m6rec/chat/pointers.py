"""Words that point at items of the last list: "#2", "the second one", "that one", 第二部."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from m6rec.chat.clauses import says_something

Verdict = Literal["liked", "disliked", "seen"]

FULL_WIDTH = str.maketrans("／＃０１２３４５６７８９", "/#0123456789")
LAST = -1
"""The position that "the last one" points to."""
THAT = -2
"""The position that "that one" and "it" point to: whatever was spoken of last."""
ALL = -3
"""The position that "all of them" points to: the whole list."""

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
_COUNTED = {word: n for n, word in enumerate(["two", "three", "four", "five", "six"], start=2)}
_JUDGED = r"(?=\s*(?:$|[,.;!?]|(?:already|before|but|and|please)\b))"
POINTER = re.compile(
    r"(?:#\s?|\bnumber |\bno\. ?)(?P<digits>\d{1,4})\b"
    # A bare number is a place only where nothing else can be: "more like 3", "2 looks fun".
    r"|(?:(?<=more like )|(?<=why )|(?<=^seen )|(?<=ve seen ))(?P<bare>\d{1,2})\b"
    r"(?=\s*(?:$|[,.;!?]|(?:but|and|please|too)\b))"
    r"|^(?P<lead>\d{1,2})(?= (?:looks?|sounds?|seems?|is|was)\b)"
    # "The top 5 movies" and "give me the first 3" ask for as many.
    rf"|(?<!me )(?<!show )\bthe (?:first|(?P<top>top)) (?P<many>[2-9]|{'|'.join(_COUNTED)})\b(?! of\b)"
    r"(?=(?: ones| movies| films| books)?\s*(?:(?:i|we|are|were|look|looks|sound|seem)\b"
    r"|(?(top)(?!)|(?:$|[,.;!?]|(?:but|and|please)\b))))"
    rf"|(?:(?<=seen )|(?<=watched )|(?<=saw )|(?<=know )|(?<=knows )|(?<=hate )|(?<=t like )|(?<=t want ))"
    rf"(?P<all>(?:(?:all|any|most) (?:of )?)?(?:these|those|them)(?: all| movies| films| ones)?){_JUDGED}"
    rf"|\b(?P<allof>all of (?:these|those|them))(?= (?:i|we)['’ ])"
    rf"|\bthe (?P<word>{'|'.join(k for k in _ORDINALS if k.isascii())}|last)"
    r"(?: one\b(?! (?:of|by|in|from|with|about|that|ever)\b)"
    r"|(?: (?:movie|film|title|item))?(?=\s*(?:$|[,.;!?]|(?:but|and|please|instead|was|is)\b)))"
    r"|\b(?P<that>(?:that|this) (?:one|movie|film|title|book|song|album|game)\b"
    r"|^(?:it|that)(?= (?:was|is|looks|sounds)\b)"
    r"|(?:(?<=like )|(?<=seen )|(?<=saw )|(?<=loved )|(?<=love )|(?<=hated )|(?<=liked )"
    r"|(?<=enjoyed )|(?<=watched ))"
    r"(?:that|this|it)(?=\s*(?:$|[,.;!?]|(?:but|and|only|just|please|except|already|before)\b)))"
    r"|第(?P<han>[一二三四五六七八九十]|\d{1,4})(?:个|部|条|名|本|款)|(?P<lasthan>最后一?(?:个|部))"
    r"|(?P<thathan>[那这]一?(?:个|部)(?!电影|片))|(?P<allhan>[那这]些)(?=我?都?(?:已经)?(?:看过|不))",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"\b(?:seen|saw|watched|know|already (?:have|own|read))\b|看过|见过", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\b(?:not|no|never|without|except|skip|forget|drop|hated?|hates|dislike[ds]?|awful|terrible|boring|bad|too)\b"
    r"|n['’]t\b|不(?!错|赖)|讨厌|别(?!的)|没",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;.!?:，；。！？]|\b(?:and|but|because|as|since)\b", re.IGNORECASE)
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
    found = POINTER.finditer(text.translate(FULL_WIDTH))
    return tuple(place for one in found if _of_the_list(one) for place in _positions(one))


def _of_the_list(found: re.Match[str]) -> bool:
    """Whether "them" can be the list: in "no musicals, i hate them" it is the musicals."""
    said = (found["all"] or "").casefold()
    before = found.string[: found.start()].rstrip()
    spoken_of = _CLAUSE.split(before)[:-1] if said.startswith(("them", "those")) else []
    return not any(says_something(clause) for clause in spoken_of)


def read_positions(argument: str) -> tuple[int, ...]:
    """Return the positions in "2", "2 3", "#2, #3" or "the second one"; empty when it has others."""
    words = argument.translate(FULL_WIDTH).replace(",", " ").replace("#", " ").split()
    words = [word for word in words if word.casefold() not in {"and", "with", "to", "&"}]
    if words == ["all"]:
        return (ALL,)
    if words and all(is_count(w) or w in {str(LAST), str(THAT), str(ALL)} for w in words):
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
    return POINTER.sub(lambda found: titles.get(_positions(found)[0], ""), plain)


def _positions(found: re.Match[str]) -> tuple[int, ...]:
    digits = found["digits"] or found["bare"] or found["lead"]
    if digits:
        return (int(digits),)
    if found["many"]:
        many = found["many"].casefold()
        return tuple(range(1, (_COUNTED.get(many) or int(many)) + 1))
    if found["all"] or found["allof"] or found["allhan"]:
        return (ALL,)
    if found["that"] or found["thathan"]:
        return (THAT,)
    name = (found["word"] or found["han"] or "last").casefold()
    return (int(name) if name.isdigit() else _ORDINALS.get(name, LAST),)


def _verdict(text: str) -> Verdict | None:
    refused = bool(_REFUSED.search(POINTER.sub("", text)))
    if _SEEN.search(text):
        return None if refused else "seen"
    return "disliked" if refused else "liked"
