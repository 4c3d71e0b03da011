"""Kinds that must be: "only comedies", "it has to be a western", "both romance and war", 只要喜剧."""

import re
from collections.abc import Iterator

from m6rec.catalog import Catalog
from m6rec.vocabulary import Said, SaidValues, Vocabulary, is_cjk, said_values
from m6rec.wishes.conditions import has_value
from m6rec.wishes.measures import Demand

_CUE = re.compile(
    r"(?<!not )(?<!n't )(?<!limited to )\b(?:only|strictly|exclusively|nothing but|(?:must|has to|have to|needs to|gotta|got to|should only) be)\s+"
    r"(?:want\s+|show\s+(?:me\s+)?|watch\s+|in the mood for\s+|looking for\s+)?(?:an?\s+|some\s+)?",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:\s+(?:movies?|films?|books?|novels?))?\s+only\b(?!\s+(?:if|for|one|when|\d))|\s+or nothing\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"(?<!不)(?:只要|只看|只想看|必须是|一定要是|仅限)")
_BOTH = re.compile(r"\b(?:both|equal parts)\s+", re.IGNORECASE)
_AND = re.compile(r"(?:\s+(?:movies?|films?|books?|novels?))?\s+and\s+(?:an?\s+)?", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LONGEST = 3


def read_demanded(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[Demand]:
    """Conditions on the kind of an item, in the order of the sentence.

    Args:
        text: The sentence, with titles and refusals blanked out.
        catalog: Whose values are meant.
        vocabulary: How they are said, and which are proper names, which are read elsewhere.
    """
    values = said_values(catalog, vocabulary)
    found: list[Demand] = []
    for start, place in _places(text):
        kind = _kind(text, place, values, vocabulary)
        if kind is not None:
            found.append(_demand(start, kind[1], kind[0], catalog))
    for both in _BOTH.finditer(text):
        found += _pair(text, both, values, vocabulary, catalog)
    for behind in _BEHIND.finditer(text):
        words = list(_WORD.finditer(text, max(0, behind.start() - 40), behind.start()))
        for first in words[-_LONGEST:]:
            kind = _kind(text, first.start(), values, vocabulary)
            if kind is not None and kind[1] == behind.start():
                found.append(_demand(first.start(), behind.end(), kind[0], catalog))
                break
    return found


def _pair(
    text: str, both: re.Match[str], values: SaidValues, vocabulary: Vocabulary, catalog: Catalog
) -> Iterator[Demand]:
    """The two kinds of "both romance and war"; neither when only one of them is a kind."""
    first = _kind(text, both.end(), values, vocabulary)
    joint = _AND.match(text, first[1]) if first else None
    second = _kind(text, joint.end(), values, vocabulary) if joint else None
    if first is None or second is None:
        return
    for start, end, said in ((both.start(), first[1], first[0]), (first[1], second[1], second[0])):
        test = " or ".join(has_value(s, catalog) for s in said)
        yield Demand(start, end, test, said[0].value)


def _places(text: str) -> Iterator[tuple[int, int]]:
    for cue in (*_CUE.finditer(text), *_HAN.finditer(text)):
        yield cue.start(), cue.end()


def _demand(start: int, end: int, said: tuple[Said, ...], catalog: Catalog) -> Demand:
    test = " or ".join(has_value(s, catalog) for s in said)
    return Demand(start, end, test, f"only {said[0].value}")


def _kind(
    text: str, start: int, values: SaidValues, vocabulary: Vocabulary
) -> tuple[tuple[Said, ...], int] | None:
    """The kind that the longest words here name, and their end."""
    if start < len(text) and is_cjk(text[start]):
        phrases = [(f, start + len(f)) for f in values.cjk_forms if text.startswith(f, start)]
    else:
        words = list(_WORD.finditer(text, start, start + 60))[:_LONGEST]
        phrases = [(text[start : word.end()], word.end()) for word in reversed(words)]
    for phrase, end in phrases:
        said = tuple(s for s in values.kind(phrase) if not vocabulary.proper(s.field))
        if said:
            return said, end
    return None
