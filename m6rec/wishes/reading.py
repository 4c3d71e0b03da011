"""From a sentence to a `Wish`."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

from m6rec.catalog import Catalog
from m6rec.filters import quoted
from m6rec.records import Match
from m6rec.vocabulary import Vocabulary, plain, said_values
from m6rec.wishes.ages import read_ages
from m6rec.wishes.conditions import has_value
from m6rec.wishes.counts import read_count
from m6rec.wishes.demanded import read_demanded
from m6rec.wishes.languages import PLACES, read_languages
from m6rec.wishes.measures import read_measures
from m6rec.wishes.people import read_people
from m6rec.wishes.phrases import read_phrases
from m6rec.wishes.refusals import Refusal, RefusalReader
from m6rec.wishes.remaining import asks_more
from m6rec.wishes.spelling import mended
from m6rec.wishes.wish import Wish
from m6rec.wishes.wording import blanked, without
from m6rec.wishes.years import Years, read_years, with_refusal, year_filters

LONGEST_WISH = 2_000
"""Characters of a sentence that are read; the rest is cut off."""

_NEWER = re.compile(
    r"\b(?:newer|more recent|more modern|later|younger)\b|更新|新一点|新一些", re.IGNORECASE
)
_OLDER = re.compile(r"\b(?:older|earlier)\b|更老|老一点|老一些|更早", re.IGNORECASE)
_THAN = re.compile(r"\b[\w ]+\s+than\s*$", re.IGNORECASE)
_REFUSING = re.compile(
    r"\b(?:not|no|except|excluding|anything but|everything but|without|no more)\b(?:\s+\w+){0,2}\s*$|不要|除了",
    re.IGNORECASE,
)


class _Mention(Protocol):
    """A title in the sentence, as the grounder reports it."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def clause_start(self) -> int: ...
    @property
    def clause_end(self) -> int: ...
    @property
    def sentiment(self) -> str: ...
    @property
    def match(self) -> Match: ...


class TitleFinder(Protocol):
    """Whatever finds titles in a sentence; `m6rec.grounding.Grounder` does."""

    def find_mentions(self, text: str) -> Sequence[_Mention]:
        """The titles of a sentence, in order."""


def read_wish(text: str, catalog: Catalog, grounder: TitleFinder, vocabulary: Vocabulary) -> Wish:
    """Understand a sentence.

    Years, refusals ("not horror"), a demanded language ("in French") and a number of items become
    filters and `k`; titles become likes and dislikes. What is merely wanted ("a comedy") stays for the
    language model, and so does everything the catalog has no field for.

    Args:
        text: The sentence, English or Chinese; only the first `LONGEST_WISH` characters are read.
        catalog: The items whose fields and values the filters are about.
        grounder: Finds titles.
        vocabulary: How the values are said.
    """
    text = mended(text[:LONGEST_WISH].replace("’", "'"), catalog, vocabulary)
    people = said_values(catalog, vocabulary).people.fields_of
    # "Stanley Kubrick" asks for his films, not for the one film about him.
    mentions = [
        m for m in grounder.find_mentions(text)
        if m.match.how != "fuzzy" or plain(m.match.mention) not in people
    ]  # fmt: skip
    rest = blanked(text, [(m.start, m.end) for m in mentions])
    measured = [*read_phrases(rest, catalog, vocabulary), *read_measures(rest, catalog, vocabulary)]
    rest = blanked(rest, [(m.start, m.end) for m in measured])
    refusals = RefusalReader(rest, said_values(catalog, vocabulary), vocabulary).read()
    rest = blanked(rest, [(r.start, r.end) for r in refusals])
    years = _years(rest, catalog, vocabulary)
    compared = _compared(rest, mentions, catalog)
    if compared:
        years = [y for y in years if not y.vague]
    spoken = read_languages(rest, catalog, vocabulary)
    placed = [*read_people(rest, catalog, vocabulary), *read_demanded(rest, catalog, vocabulary)]
    demands = [
        *year_filters([*years, *compared]),
        *((m.test, m.phrase) for m in measured),
        *_refusal_filters(refusals, catalog),
        *_refused_series(text, mentions),
        *spoken,
        *((d.test, d.phrase) for d in placed),
    ]
    conditions = dict(demands)
    unwanted = [m for m in mentions if m.sentiment == "disliked"]
    removed = [
        *((m.clause_start, m.clause_end) for m in unwanted),
        *((r.start, r.end) for r in refusals),
        *((y.start, y.end) for y in years if y.refused),
        *((m.start, m.end) for m in measured),
        *((p.start, p.end) for p in placed if p.refused),
    ]
    told = [(y.start, y.end) for y in years] + [(p.start, p.end) for p in placed] + removed
    filtered = (
        {f for f in catalog.field_names if vocabulary.known_as(f) in PLACES} if spoken else {}
    )
    return Wish(
        text=without(text, removed),
        filters=tuple(conditions),
        understood=tuple(conditions.values()),
        liked=_matched(mentions, "liked"),
        disliked=_matched(mentions, "disliked"),
        seen=_matched(mentions, "seen"),
        unmatched=tuple(m.match for m in mentions if m.match.item_id is None),
        k=read_count(
            rest, vocabulary, lambda word: bool(said_values(catalog, vocabulary).kind(word))
        ),
        asks=asks_more(blanked(rest, told), catalog, vocabulary, filtered),
    )


def _matched(mentions: Sequence[_Mention], sentiment: str) -> tuple[Match, ...]:
    found = {m.match.item_id: m.match for m in mentions if m.sentiment == sentiment}
    return tuple(match for item_id, match in found.items() if item_id is not None)


def _years(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[Years]:
    """Spans of years in figures, and those in words that do not lie in one of them."""
    latest = _latest(catalog)
    if latest is None:
        return []
    found = read_years(text, vocabulary)
    vague = False
    for span in read_ages(text, vocabulary, latest):
        overlaps = any(span.start < other.end and other.start < span.end for other in found)
        # Of "something recent, not like the old ones" the first is the wish.
        if not overlaps and not (span.vague and vague):
            found.append(with_refusal(span, text))
            vague |= span.vague
    return sorted(found, key=lambda span: span.start)


_LATEST: "WeakKeyDictionary[Catalog, int | None]" = WeakKeyDictionary()


def _latest(catalog: Catalog) -> int | None:
    """The last year of a catalog; None when it has no years."""
    if catalog not in _LATEST:
        years = (item.fields.get("year") for item in catalog)
        _LATEST[catalog] = max((y for y in years if isinstance(y, int)), default=None)
    return _LATEST[catalog]


def _refusal_filters(refusals: list[Refusal], catalog: Catalog) -> list[tuple[str, str]]:
    result = []
    for group in (group for refusal in refusals for group in refusal.groups):
        tests = [" or ".join(has_value(s, catalog) for s in said) for said in group]
        if len(tests) > 1:
            tests = [f"({test})" if " or " in test else test for test in tests]
        names = (dict.fromkeys(s.value for s in said) for said in group)
        shown = " + ".join("/".join(values) for values in names)
        result.append((f"not ({' and '.join(tests)})", f"not {shown}"))
    return result


def _refused_series(text: str, mentions: Sequence[_Mention]) -> Iterator[tuple[str, str]]:
    """A series that is not wanted is refused as a whole: "but not Harry Potter"."""
    for mention in mentions:
        name, match = " ".join(mention.match.mention.split()), mention.match
        part = match.how == "fuzzy" and name.casefold() in match.title.casefold()
        refused = _REFUSING.search(text, mention.clause_start, mention.start)
        if mention.sentiment == "disliked" and part and " " in name and refused:
            yield f"not ({quoted(name)} in title)", f"not {name}"


def _compared(text: str, mentions: Sequence[_Mention], catalog: Catalog) -> list[Years]:
    """Years demanded by comparison with a liked title: "like The Matrix but newer"."""
    found: list[Years] = []
    for mention in mentions:
        item_id = mention.match.item_id
        year = catalog[item_id].fields.get("year") if item_id else None
        if mention.sentiment != "liked" or not isinstance(year, int):
            continue
        at, said = mention.start, text[mentions[-1].end :]
        if before := _THAN.search(text, max(0, at - 30), at):
            said = before[0]
        if _NEWER.search(said):
            found.append(Years(at, at, year + 1, None))
        elif _OLDER.search(said):
            found.append(Years(at, at, None, year - 1))
    return found
