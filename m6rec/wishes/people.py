"""People who are demanded: "starring Tom Hanks", "directed by Kubrick", "a Stephen King novel"."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import combinations, pairwise

from m6rec.catalog import Catalog
from m6rec.vocabulary import Said, SaidValues, Vocabulary, is_cjk, said_values
from m6rec.wishes.asked import NOUNS, alternatives
from m6rec.wishes.conditions import has_value
from m6rec.wishes.credited import read_credited
from m6rec.wishes.measures import Demand
from m6rec.wishes.names import any_of, period_of, principal
from m6rec.wishes.negation import refused_from
from m6rec.wishes.wording import BLANK

_BY = ("by", "作者")
_LOOSE = ("from", "of")
"""Words before a whole name only: "from Mars" is not about an actor."""
_ACTING = frozenset({"cast", "actors", "starring"})
_LONGEST_NAME = 5
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_JOINT = re.compile(
    r"\s*(?:,\s*)?(?:\b(?P<or>or)\b|\b(?:and|also|with)\b|&|,|和|与|、)\s*", re.IGNORECASE
)
# "The Prestige with Hugh Jackman", "is it with him?": who is in it is told or asked, not demanded.
_TOLD = re.compile(
    rf"{BLANK}\s*(?:\(\d{{4}}\)\s*)?$|\b(?:is|was|isn't|wasn't)\s+(?:that|it|this)(?:\s+(?:the\s+one|one))?\s+$",
    re.IGNORECASE,
)
_OF_ITEMS = re.compile(rf"\b{NOUNS}\s+$", re.IGNORECASE)
_NOUN = re.compile(rf"\b(?:{NOUNS}|adaptations?|thing)\b", re.IGNORECASE)
_ARTICLE = re.compile(
    r"\b(?:an?|\w{3,}est|any|some|another|other|more|good|great|best|early|late|of|by)\s+$",
    re.IGNORECASE,
)
_PERIOD = re.compile(r"\b(early|earlier|earliest|first|later)\s*$", re.IGNORECASE)
_STRETCH = re.compile(
    rf"(?:^|[.,;!?{BLANK}])\s*(?:(?:early|earlier|later|but|and|or|maybe|perhaps|please|some|any|more|something|anything|"
    r"give me|show me|i want|how about|what about)\s+)*"
    r"(?P<name>[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,3}?)"
    r"(?=\s*(?:$|[.,;!?]|(?:but|please|instead|maybe|or|and)\b))",
    re.IGNORECASE,
)
_MOST = 8


def read_people(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[Demand]:
    """Conditions on people, in the order of the sentence.

    Args:
        text: The sentence, with titles and refusals blanked out.
        catalog: Whose people are meant.
        vocabulary: Which words speak of which field.
    """
    values = said_values(catalog, vocabulary)
    found: list[Demand] = []
    for role in list(_roles(vocabulary).finditer(text))[:_MOST]:
        if _TOLD.search(text, 0, role.start()):
            continue
        demand = _after(text, role, values, catalog, vocabulary)
        if demand is not None:
            found.append(demand)
    for demand in (
        *read_credited(text, catalog, vocabulary, values),
        *_possessive(text, values, catalog, vocabulary),
        *_alone(text, values, catalog, vocabulary),
    ):
        if not any(demand.start < other.end and other.start < demand.end for other in found):
            found.append(demand)
    return sorted(found, key=lambda d: d.start)


@lru_cache(maxsize=8)
def _roles(vocabulary: Vocabulary) -> re.Pattern[str]:
    words = [word for said in vocabulary.table("roles").values() for word in said]
    return re.compile(
        alternatives((*words, *_BY, *_LOOSE)) + r"\s*(?:both\s+)?(?:the\s+(?:great|late)\s+)?",
        re.IGNORECASE,
    )


def _after(
    text: str, role: re.Match[str], values: SaidValues, catalog: Catalog, vocabulary: Vocabulary
) -> Demand | None:
    """The people of the list behind "starring" or "by"; all of them, or any after "or"."""
    word = role[0].casefold().strip().removesuffix("both").strip()
    loose = word in _LOOSE and not _OF_ITEMS.search(text, 0, role.start())
    people: list[tuple[Said, ...]] = []
    either = False
    position = end = role.end()
    while (found := _name(text, position, values, whole=loose)) is not None:
        people.append(_in_role(found[0], word, vocabulary))
        end = found[1]
        joint = _JOINT.match(text, end)
        if joint is None:
            break
        either |= joint["or"] is not None
        position = joint.end()
    if not people:
        return None
    tests = [" or ".join(has_value(said, catalog) for said in one) for one in people]
    if len(tests) > 1 and not either:
        tests = [f"({test})" for test in tests]
    shown = [one[0].value for one in people]
    between = " or " if either else " and "
    refused = refused_from(text, role.start())
    if refused is not None:
        test, told = f"not ({between.join(tests)})", f"not {between.join(shown)}"
        return Demand(refused, end, test, told, refused=True)
    told = f"{_told(people[0], vocabulary)} {between.join(shown)}"
    return Demand(role.start(), end, between.join(tests), told)


def _told(said: tuple[Said, ...], vocabulary: Vocabulary) -> str:
    """An item is with an actor, and by who made it."""
    return "with" if any(vocabulary.known_as(s.field) in _ACTING for s in said) else "by"


def _in_role(said: tuple[Said, ...], word: str, vocabulary: Vocabulary) -> tuple[Said, ...]:
    """A person in the fields that the words speak of, else in all of theirs."""
    fields = [f for f, words in vocabulary.table("roles").items() if word in words]
    narrow = tuple(s for s in said if vocabulary.known_as(s.field) in fields)
    if not narrow and word in (*_BY, *_LOOSE):
        narrow = tuple(s for s in said if vocabulary.known_as(s.field) not in _ACTING)
    return narrow or said


def _name(
    text: str, position: int, values: SaidValues, *, whole: bool
) -> tuple[tuple[Said, ...], int] | None:
    """The longest name at `position`, and its end."""
    if position < len(text) and is_cjk(text[position]):
        return None
    ends: list[int] = []
    place = position
    while len(ends) < _LONGEST_NAME and (word := _WORD.match(text, place)) is not None:
        ends.append(word.end())
        place = word.end() + 1 if text[word.end() : word.end() + 1] == " " else len(text)
    for find in (values.person,) if whole else (values.person, values.somebody):
        for end in reversed(ends):
            name = text[position:end].rstrip(".'’")
            lone = " " not in name
            if lone and (whole or values.kind(name)):
                continue
            said = find(name.removesuffix("'s").removesuffix("’s"))
            if said and not (lone and find == values.person and not name[:1].isupper()):
                return said, end
    return None


def _possessive(
    text: str, values: SaidValues, catalog: Catalog, vocabulary: Vocabulary
) -> Iterator[Demand]:
    """People before what an item is called: "a Tarantino film", "stephen king horror novels"."""
    padding = vocabulary.words.get("padding", frozenset())
    for noun in list(_NOUN.finditer(text))[:_MOST]:
        words = list(_WORD.finditer(text, max(0, noun.start() - 60), noun.start()))[-4:]
        for first, last in combinations(range(len(words) + 1), 2):
            if last < len(words) - 1 or not _together(
                text, words[first:last], noun.start(), values, padding
            ):
                continue
            start, end = words[first].start(), words[last - 1].end()
            before = text[:start]
            capital = text[start].isupper() and start > 0
            if not (capital or not before.strip() or _ARTICLE.search(before)):
                continue
            name = text[start:end].removesuffix("'s")
            said = principal(_owner(name if capital else name.lower(), values, padding), catalog)
            if said:
                word = _PERIOD.search(before) or _PERIOD.search(text[end : noun.start()])
                test, shown = _condition(said, word, catalog, vocabulary)
                yield Demand(start, end if values.kind(noun[0]) else noun.end(), test, shown)
                break


def _alone(
    text: str, values: SaidValues, catalog: Catalog, vocabulary: Vocabulary
) -> Iterator[Demand]:
    """People who are all that a stretch between stops says: "tarantino, but not ...", "jim carrey"."""
    for stretch in list(_STRETCH.finditer(text))[:_MOST]:
        found = _name(text, stretch.start("name"), values, whole=False)
        if found is None or found[1] != stretch.end("name"):
            continue
        start, end = stretch.span("name")
        if " " not in text[start:end] and not values.people.surname(text[start:end]):
            continue
        said = principal(found[0], catalog)
        test, shown = _condition(said, _PERIOD.search(text[:start]), catalog, vocabulary)
        yield Demand(start, end, test, shown.partition(" ")[2])


def _condition(
    said: tuple[Said, ...],
    period: re.Match[str] | None,
    catalog: Catalog,
    vocabulary: Vocabulary,
) -> tuple[str, str]:
    """The filter for somebody, in the part of their years that a word beside the name means."""
    test, shown = any_of(said, catalog), f"{_told(said, vocabulary)} {said[0].value}"
    years = period_of(said, period[1], catalog) if period else None
    return (f"({test}) and {years}", f"{shown}, {years}") if years else (test, shown)


def _together(
    text: str, words: list[re.Match[str]], noun: int, values: SaidValues, padding: Collection[str]
) -> bool:
    """Whether these words stand together, with only a kind between them and the noun."""
    inside = all(not text[a.end() : b.start()].strip() for a, b in pairwise(words))
    between = text[words[-1].end() : noun].strip()
    plain = between in padding or _PERIOD.fullmatch(between) or values.kind(between)
    plainly = not between or bool(plain)
    return inside and plainly and not text[words[-1].end() : noun].startswith((",", ".", "!"))


def _owner(name: str, values: SaidValues, padding: Collection[str]) -> tuple[Said, ...]:
    if name.partition(" ")[0].casefold() in padding:
        return ()
    if " " in name:
        return values.somebody(name)
    surname = None if values.refused_kind(name) else values.people.surname(name)
    return values.person(surname) if surname else ()
