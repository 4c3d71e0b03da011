"""The wish of a conversation as a row of short clauses, joined into the one sentence that is read.

What is said later wins: a clause that contradicts an earlier one takes the contradicted words out
of it. Only words are compared here; what they mean is the recommender's business.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

Clauses = tuple[str, ...]

_WORD = re.compile(
    r"(?P<decade>(?<!\d)(?:19|20)?(?P<tens>\d0)(?:['’]?s\b|\s?年代))"
    r"|(?P<han>[\u4e00-\u9fff]+)"
    r"|(?P<latin>[^\W_\u4e00-\u9fff]+(?:['’][^\W\d_\u4e00-\u9fff]+)?)"
    r"|(?P<stop>[,;.!?:，；。、！？：\n])"
)
_HAN_NOT = "不要|不想|不喜欢|不是|没有|除了|别(?!的)"
_HAN_FILLER = "还有|类似|那样|这样|一样|差不多|好看|不错|可以|像|我|想|要|看|一些|一部|几部|有|电影|影片|片|的|请|推荐|给|来|吗|吧|呢|了|是|和|还|再|点|部|个|太"
_HAN_PIECE = re.compile(
    f"(?P<not>{_HAN_NOT})|(?:{_HAN_FILLER})|(?P<piece>(?:(?!{_HAN_NOT}|{_HAN_FILLER}).)+)"
)
_NOT_WORDS = "no not without never nothing non except don't dont doesn't isn't aren't hate dislike"
_FILLER_WORDS = """
a an the i i'd i'm i've me my we you it it's its is are was be been have has had some any all want
wants wanted would could can like likes liked love loved enjoyed hated to watch watched see saw seen
show give find get recommend suggest please movie movies film films item items something anything
somebody one ones stuff thing things kind sort with in of from for on by about as at that this those
these and or also too just maybe do does did so very really more less other another similar such
already good great let's let us now then than looks look sounds sound seems
surprise what should recommendation recommendations suggestion suggestions
"""
_LEADING_WORDS = "a an the in of from with by about and or but no not without , ;"
_NOT = frozenset(_NOT_WORDS.split())
_TURNS_BACK = frozenset({"but", "just", "only", "rather", "instead"})
_FILLER = frozenset(_FILLER_WORDS.split())
_DANGLING = frozenset(_LEADING_WORDS.split())
_BORDER = re.compile(r"(\s*[,;，；、]\s*|\s+(?:and|but)\s+)")
_ALSO = re.compile(r"\b(?:also|or|too|plus|as well)\b|或|还要|也", re.IGNORECASE)
_DECADE_WORDS = "twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties|noughties"
_POINT_SLOTS = (
    re.compile(
        rf"(?:\b(?:from|in|of) )?(?:the )?(?:(?:early|mid|late)[ -])?\b(?:{_DECADE_WORDS})\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:\b(?:from|in|of) )?(?:the )?(?<!\d)(?:19|20)?\d0(?:['’]?s\b|\s?年代)", re.IGNORECASE
    ),
    re.compile(
        r"\b(?:made |released )?(?:from|in|around) (?:the year )?(?:19|20)\d\d\b"
        r"(?!\s*(?:and|to|-|–|until|or)\s*(?:19|20)?\d\d)",
        re.IGNORECASE,
    ),
)
"""Wishes for one stretch of time: a later one takes the place of an earlier one, and of bounds."""
_BOUND_SLOTS = (
    re.compile(
        r"\b(?:made |released )?(?:after|since|newer than|later than) (?:19|20)\d\d\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:made |released )?(?:before|until|older than|earlier than) (?:19|20)\d\d\b",
        re.IGNORECASE,
    ),
)
"""Bounds of which there can be one each: the earliest and the latest year."""
_BARE = frozenset(
    [
        *("after", "before", "since", "until", "between", "newer", "later", "older"),
        *("earlier", "made", "released", "from", "year", "years"),
    ]
)
"""Words that say nothing about time without a figure beside them."""


class Word(NamedTuple):
    """One word that carries meaning: its stem, where it stands, and whether it is refused."""

    stem: str
    start: int
    end: int
    refused: bool


def content_words(text: str) -> Iterator[Word]:
    """Yield the words of `text` that are not filler, in order, with their place.

    Plural and singular share a stem, as do "90s", "1990s" and "90年代". A word after "no", "not",
    "without", "不要" ... is refused, up to the next comma or "but".
    """
    refused = False
    for found in _WORD.finditer(text):
        word = (found["latin"] or "").casefold().replace("’", "'")
        if found["han"]:
            for piece in _HAN_PIECE.finditer(found["han"]):
                refused = refused or bool(piece["not"])
                if piece["piece"]:
                    start, end = (found.start() + place for place in piece.span())
                    yield Word(piece["piece"], start, end, refused)
        elif found["stop"] or word in _TURNS_BACK:
            refused = False
        elif word in _NOT:
            refused = True
        elif found["decade"] or word not in _FILLER:
            stem = f"{found['tens']}s" if found["decade"] else _stem(word)
            yield Word(stem, found.start(), found.end(), refused)


def says_something(text: str) -> bool:
    """Return whether any word of `text` is more than filler."""
    return next(content_words(text), None) is not None


def without(clause: str, stems: Collection[str]) -> str:
    """Return `clause` without the words of these stems; empty when only filler would remain."""
    kept: list[str] = []
    separator = ""
    for index, piece in enumerate(_BORDER.split(clause)):
        if index % 2:
            separator = piece
            continue
        rest = _cut(piece, stems)
        if rest == piece or says_something(rest):
            kept += [separator, rest] if kept else [rest]
    text = "".join(kept)
    return text if says_something(text) else ""


def forget(clauses: Clauses, words: str) -> Clauses:
    """Return the clauses without any of the content words of `words`."""
    stems = {word.stem for word in content_words(words)}
    return tuple(rest for clause in clauses if (rest := without(clause, stems)))


def add(clauses: Clauses, new: str) -> Clauses:
    """Return the clauses with `new` at the end, and whatever it contradicts taken out.

    Contradicted is a word that was wanted and is now refused or the other way round, an equal clause
    said again, and an earlier decade or year bound unless the new one says "also" or "or".
    """
    new = " ".join(new.split())
    signs = {word.stem: word.refused for word in content_words(new)}
    kept = []
    for clause in clauses:
        turned = {
            word.stem
            for word in content_words(clause)
            if signs.get(word.stem, word.refused) != word.refused
        }
        rest = _free_slots(without(clause, turned) if turned else clause, new)
        if rest and rest.casefold() != new.casefold():
            kept.append(rest)
    return (*kept, new)


def joined(clauses: Clauses) -> str:
    """Return the clauses as one sentence."""
    return "; ".join(clauses)


def only_bare(text: str) -> bool:
    """Return whether a text has nothing left but words like "after" that need a figure."""
    return all(word.stem in _BARE for word in content_words(text))


def _free_slots(clause: str, new: str) -> str:
    """Take the decade and the year bounds out of `clause` that `new` states anew."""
    if _ALSO.search(new):
        return clause
    if any(word.refused for word in content_words(new)):
        return clause
    point = any(slot.search(new) for slot in _POINT_SLOTS)
    freed = [slot for slot in _BOUND_SLOTS if point or slot.search(new)]
    for slot in (*_POINT_SLOTS, *freed) if point else freed:
        if slot.search(clause):
            clause = _tidy(slot.sub(" ", clause))
            clause = clause if says_something(clause) else ""
    return clause


def _cut(piece: str, stems: Collection[str]) -> str:
    """Return `piece` without the words of these stems; unchanged when it has none of them."""
    words = [word for word in content_words(piece) if word.stem in stems]
    if not words:
        return piece
    starts, ends = [word.start for word in words], [word.end for word in words]
    kept = zip([0, *ends], [*starts, len(piece)], strict=True)
    return _tidy("".join(piece[start:end] for start, end in kept))


def _tidy(text: str) -> str:
    """Return the text with single blanks and without words that now lead nowhere."""
    words = text.split()
    while words and words[-1].casefold() in _DANGLING:
        words.pop()
    return " ".join(words).strip(" ,;").lstrip("的")


def _stem(word: str) -> str:
    """Return what singular and plural share, for words as they are used in requests."""
    word = word.removesuffix("'s")
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[:-2] + "y" if word.endswith("ie") else word
