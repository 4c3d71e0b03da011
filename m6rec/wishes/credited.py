"""People said by what they did: "what has Tarantino made?", "comedies Bill Murray is in", "the Coen brothers"."""

import re
from collections.abc import Iterator
from functools import lru_cache

from m6rec.catalog import Catalog
from m6rec.vocabulary import Said, SaidValues, Vocabulary
from m6rec.wishes.asked import alternatives
from m6rec.wishes.measures import Demand
from m6rec.wishes.names import any_of, name_before, principal
from m6rec.wishes.wording import BLANK

_HELPING = r"(?:(?:is|was|are|were|has|have|had|also|ever|both|really)\s+)*"
_MEANWHILE = (
    r"(?:together\s+)?(?:with|alongside|opposite|next\s+to)\b(?!\s+(?:me|us|my|it|that|this)\b)"
    r"|for\s+(?=kids\b|children\b|adults\b|grown|beginners\b)"
    r"|in\b(?=\W*$|\s+(?:it|them|a|an|the|some|any|early|late|\d|['’]\d|[\w-]+(?:ies|s)\b))"
)
_SIBLINGS = re.compile(
    r"\b(?P<name>[^\W\d_][\w-]*)\s+(?:brothers|bros|sisters|siblings)\b(?:['’])?", re.IGNORECASE
)
# "Does Tom Hanks play in it?" is a question; "which films does he play in?" asks for them.
_ASKING = re.compile(r"^\W*(?:is|was|does|did|has|isn't|doesn't)\s+$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？]")
_PAIR = re.compile(r"\s*(?:,\s*)?(?:\band\b|&|和|与)\s*$|\s*\b(?P<or>or)\s+$", re.IGNORECASE)
_MOST = 8


def read_credited(
    text: str, catalog: Catalog, vocabulary: Vocabulary, values: SaidValues
) -> Iterator[Demand]:
    """Conditions on people whose name stands before what they did, and on brothers and sisters.

    Args:
        text: The sentence, with titles and refusals blanked out.
        catalog: Whose people are meant.
        vocabulary: What people of which field do (``[roles_behind]``).
        values: The values of the catalog.
    """
    for found in list(_SIBLINGS.finditer(text))[:_MOST]:
        said = _siblings(found, values)
        if said:
            shown = "by " + found[0].rstrip("'’")
            yield Demand(found.start(), found.end(), any_of(said, catalog), shown)
    for did in list(_deeds(vocabulary).finditer(text))[:_MOST]:
        # What is told of a title in the same sentence is not a wish.
        end = _SENTENCE_END.search(text, did.end())
        if BLANK in text[: end.start() if end else len(text)]:
            continue
        yield from _did(text, did, catalog, vocabulary, values)


def _siblings(found: re.Match[str], values: SaidValues) -> tuple[Said, ...]:
    """Those of one surname who made things together, and the pair where it is credited as one."""
    people = [said for key in values.people.together(found["name"]) for said in values.person(key)]
    return tuple(dict.fromkeys([*people, *values.person(found[0].rstrip("'’"))])) if people else ()


def _did(
    text: str, did: re.Match[str], catalog: Catalog, vocabulary: Vocabulary, values: SaidValues
) -> Iterator[Demand]:
    """The people before a deed: all of them, or any of "X or Y"."""
    deed = " ".join(did["deed"].casefold().split()) if did["deed"] else ""
    people: list[tuple[Said, ...]] = []
    either = False
    start = did.start()
    end = start
    while (found := name_before(text, end, values, slips=bool(deed))) is not None:
        people.insert(0, _doing(found[0], deed, catalog, vocabulary))
        start = found[1]
        joint = _PAIR.search(text, 0, start)
        if joint is None:
            break
        either |= joint["or"] is not None
        end = joint.start()
    if not people or _ASKING.search(text, 0, start):
        return
    between = " or " if either else " and "
    shown = between.join(one[0].value for one in people)
    tests = [f"({any_of(one, catalog)})" for one in people]
    yield Demand(start, did.end() if deed else did.start(), between.join(tests), shown)


def _doing(
    said: tuple[Said, ...], deed: str, catalog: Catalog, vocabulary: Vocabulary
) -> tuple[Said, ...]:
    """Somebody in the fields a deed speaks of, else in what they are known for."""
    fields = [f for f, words in vocabulary.table("roles_behind").items() if deed in words]
    narrow = tuple(one for one in said if vocabulary.known_as(one.field) in fields)
    return narrow or principal(said, catalog)


@lru_cache(maxsize=8)
def _deeds(vocabulary: Vocabulary) -> re.Pattern[str]:
    words = [word for said in vocabulary.table("roles_behind").values() for word in said]
    return re.compile(
        rf"\s*{_HELPING}(?:(?P<deed>{alternatives(words)})|{_MEANWHILE})", re.IGNORECASE
    )
