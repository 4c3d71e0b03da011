"""From a typed title to an item: exact, then normalised, then by part, then with typing errors."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from m6rec.catalog import Catalog
from m6rec.grounding.index import TitleIndex, build_index, openings
from m6rec.grounding.keys import nfc, slim, split_year, title_key
from m6rec.grounding.lookup import TitleLookup
from m6rec.grounding.slips import Slips
from m6rec.records import Match
from m6rec.vocabulary import plain

if TYPE_CHECKING:
    from m6rec.grounding.mention import Mention

CLEARLY = 5.0
"""How many times more popular the most popular of several items must be to be the one meant."""
CLEARLY_NEWEST = 3.0
"""The same for the newest of several namesakes: it had the least time to be seen, and is talked of most."""
LONGEST_MENTION = 300
"""Characters of a mention that are looked at."""
SHORTEST_FUZZY = 5
"""A shorter key must be typed without error: one letter makes another title of it."""
_N_NEAREST = 3
_N_NAMESAKES = 6
_TIE = 0.03
SURE_OF_PART = 0.85
"""Confidence of a match with part of a title."""
_SURE_OF_CHOICE = 0.9
_NEAR_ENOUGH = 60.0
_SHORTEST_INSIDE = 9
WELL_KNOWN = 0.9
"""People name only the best-known tenth of a catalog in passing or by one word."""


class Grounder:
    """Finds the items that typed titles mean, and abstains where it cannot tell.

    The ladder, first success wins:
        1. ``exact``: the display title, letter by letter; or an item id.
        2. ``normalised``: a title or other title (`also_known_as`) up to case, accents, punctuation,
           articles, "&", Roman figures and "Part". A year in the mention decides between namesakes;
           without one, only an item `CLEARLY` more popular than its namesakes is chosen (confidence
           below 1), else the answer is ``ambiguous``; so it is for an obscure title one slip away
           from a famous one. A film's place in its series counts too ("harry potter 3").
        3. ``fuzzy`` by part: a series' name ("star wars", "harry potter") means its most popular
           title, also when an obscure item is called exactly so but the series is `CLEARLY` more
           popular; then a title's ending ("the empire strikes back"), then words that only one
           title contains in a row.
        4. ``fuzzy`` by spelling: edit similarity (adjacent swaps count one) of at least `threshold`,
           with the same numbers and the same first letter, and no other item about as near.
        5. ``unknown`` with the nearest titles.

    Nothing is indexed before the first mention.

    Args:
        catalog: The items.
        threshold: Least edit similarity in [0, 1] of a mistyped title; below it the grounder
            abstains.
    """

    def __init__(self, catalog: Catalog, *, threshold: float = 0.8) -> None:
        self.catalog = catalog
        self.threshold = threshold
        self._bars: dict[float, float] = {}

    @cached_property
    def index(self) -> TitleIndex:
        """The keys of all titles, built when first needed."""
        return build_index(self.catalog)

    @cached_property
    def lookup(self) -> TitleLookup:
        """Fast ways into the keys."""
        return TitleLookup(self.index)

    @cached_property
    def _slips(self) -> Slips:
        return Slips(self.index, self.lookup, self.catalog.popularity, self._bar(WELL_KNOWN))

    @cached_property
    def _exact(self) -> dict[str, int]:
        return {nfc(item.title): row for row, item in enumerate(self.catalog)}

    @cached_property
    def _dated_titles(self) -> dict[str, int]:
        """Titles made unique by a year or id in parentheses, without case."""
        return {t.casefold(): row for t, row in self._exact.items() if t.endswith(")")}

    def ground(self, mention: str) -> Match:
        """The item that a title as typed, an item id or part of a title means.

        The match has no item when the mention is empty, unknown or ambiguous.
        """
        text = " ".join(mention[:LONGEST_MENTION].split())
        row = self._exact.get(nfc(text))
        if row is None and text in self.catalog:
            row = self.catalog.row(text)
        if row is not None:
            return self._match(text, row, "exact", 1.0)
        if (row := self._dated_titles.get(nfc(text).casefold())) is not None:
            return self._match(text, row, "normalised", 1.0)
        return self.phrase(text)

    def find_mentions(self, text: str) -> "list[Mention]":
        """The titles in the first `mentions.LONGEST_TEXT` characters, and what is thought of them."""
        from m6rec.grounding.mentions import MentionFinder

        return MentionFinder(text, self).find()

    def phrase(self, text: str) -> Match:
        """`ground` for words of a sentence: no ids, and a series' name means the series."""
        return self.spoken(text) or self.inside(text) or self.misspelt(text) or self.unknown(text)

    def famous(self, match: Match, *, share: float = WELL_KNOWN) -> bool:
        """Whether an item is at least as popular as this share of the catalog's items."""
        if match.item_id is None:
            return match.how == "ambiguous"
        return self._weight(self.catalog.row(match.item_id)) >= self._bar(share)

    @cached_property
    def openings(self) -> list[str]:
        """`opening` of all titles: a first look that needs no index."""
        return openings(self.catalog)

    def spoken(self, text: str) -> Match | None:
        """A whole title, a series or an ending, without typing errors; None when it is none."""
        key = title_key(text)
        if not key:
            return None
        if key in self.index.titles:
            return self._titled(text, key, None)
        rest, year = split_year(text)
        if year is not None and self.index.named(title_key(rest)):
            return self._titled(text, title_key(rest), year)
        return self._titled(text, key, None) or self._part(text, key)

    def _titled(self, text: str, key: str, year: int | None) -> Match | None:
        rows = self.index.named(key)
        if not rows:
            return None
        if year is not None:
            return self._dated(text, rows, year)
        leader = self._leader(key)
        if leader is not None and leader not in rows:
            return self._match(text, leader, "fuzzy", SURE_OF_PART)
        if text not in self._exact and (twin := self._slips.twin(key, rows)) is not None:
            return self._abstain(text, [twin, *rows], "ambiguous")
        literal = [row for row in rows if plain(self.catalog.at(row).title) == plain(text)]
        return self._choice(text, literal or rows, "normalised", 1.0)

    def _leader(self, key: str) -> int | None:
        """The most popular title of a series, unless an item of just that name holds its own."""
        series = self.index.heads.get(key, ())
        if not series:
            return None
        leader = self._by_popularity(series)[0]
        named = self.index.named(key)
        if not named:
            return leader
        clearly = self._weight(leader) > CLEARLY * max(map(self._weight, named))
        return leader if clearly and " " in key else None

    def _dated(self, text: str, rows: Sequence[int], year: int) -> Match:
        years = self.index.years
        same = [row for row in rows if years[row] == year]
        if same:
            return self._choice(text, same, "normalised", 1.0)
        # Catalogs differ by a year on when a film came out, and so do people.
        near = [row for row in rows if (known := years[row]) and abs(known - year) == 1]
        if near:
            return self._choice(text, near, "fuzzy", _SURE_OF_CHOICE)
        if len(rows) == 1 and years[rows[0]] is None:
            return self._match(text, rows[0], "fuzzy", _SURE_OF_CHOICE)
        return self._abstain(text, rows, "ambiguous")

    def _part(self, text: str, key: str) -> Match | None:
        leader = self._leader(key)
        if leader is not None:
            return self._match(text, leader, "fuzzy", SURE_OF_PART)
        rows = self.index.tails.get(key) or self.index.slims.get(slim(key))
        return self._choice(text, rows, "fuzzy", SURE_OF_PART) if rows else None

    def inside(self, text: str) -> Match | None:
        """The only item whose title contains these words in a row.

        A sequel's number must not be left out. A single word counts only when it begins a well-known title and stands in no other
        ("shawshank"). None when several titles contain the words, or none.
        """
        key = title_key(text)
        if " " in key:
            if len(key) < _SHORTEST_INSIDE or max(map(len, key.split())) < SHORTEST_FUZZY:
                return None
        elif not key:
            return None
        found = self.lookup.containing(key)
        rows = list(dict.fromkeys(row for k in found for row in self.index.titles[k]))
        if not rows or (" " not in key and (len(rows) > 1 or not self._famous(found[0], key))):
            return None
        match = self._choice(text, rows, "fuzzy", SURE_OF_PART)
        if match.item_id is None:
            return None
        title = next(k for k in found if self.catalog.row(match.item_id) in self.index.titles[k])
        return None if title.removeprefix(key).strip().isdigit() else match

    def _famous(self, title: str, word: str) -> bool:
        row = self.index.titles[title][0]
        return title.startswith(f"{word} ") and self._weight(row) >= self._bar(WELL_KNOWN)

    def _bar(self, share: float) -> float:
        if share not in self._bars:
            self._bars[share] = float(np.quantile(self.catalog.popularity, share))
        return self._bars[share]

    def misspelt(self, text: str) -> Match | None:
        """The item whose title is nearest in spelling; None when none is near enough."""
        rest, year = split_year(text)
        key = title_key(rest)
        if len(key) < SHORTEST_FUZZY:
            return None
        near = self._slips.near(key, self.threshold)
        if not near or near[0][1] == 1:
            return None
        best = near[0][1]
        rows: dict[int, None] = {}
        for found, similarity in near:
            if similarity >= best - _TIE:
                rows.update(dict.fromkeys(self._rows_of(found)))
        if year is not None:
            rows = {
                row: None for row in rows if self.index.years[row] in (year - 1, year, year + 1)
            }
        if not rows:
            return None
        return self._choice(text, list(rows), "fuzzy", min(best, 0.99))

    def _rows_of(self, key: str) -> Sequence[int]:
        leader = self._leader(key)
        if leader is not None:
            return (leader,)
        return self.index.named(key) or self.index.tails.get(key, ())

    def _choice(self, text: str, rows: Sequence[int], how: str, confidence: float) -> Match:
        """The only row, the clearly most popular one, or an abstention."""
        ranked = self._by_popularity(dict.fromkeys(rows))
        if len(ranked) == 1:
            return self._match(text, ranked[0], how, confidence)
        years = [self.index.years[row] or 0 for row in ranked]
        newest = years[0] > max(years[1:]) and how == "normalised"
        if self._weight(ranked[0]) > (CLEARLY_NEWEST if newest else CLEARLY) * self._weight(
            ranked[1]
        ):
            return self._match(text, ranked[0], how, min(confidence, _SURE_OF_CHOICE))
        return self._abstain(text, ranked, "ambiguous")

    def unknown(self, text: str) -> Match:
        """The abstention for words that mean no item, with the nearest titles."""
        key = title_key(text)
        found = self.lookup.nearest(key, _NEAR_ENOUGH) if key else []
        rows = dict.fromkeys(row for k in found for row in self._rows_of(k)[:2])
        return self._abstain(text, list(rows), "unknown")

    def _weight(self, row: int) -> float:
        return float(self.catalog.popularity[row])

    def _by_popularity(self, rows: Sequence[int] | dict[int, None]) -> list[int]:
        return sorted(rows, key=lambda row: (-self._weight(row), row))

    def _match(self, text: str, row: int, how: str, confidence: float) -> Match:
        item = self.catalog.at(row)
        return Match(text, item.item_id, item.title, confidence, how)

    def _abstain(self, text: str, rows: Sequence[int], how: str) -> Match:
        dated = how == "ambiguous"
        shown = rows[: _N_NAMESAKES if dated else _N_NEAREST]
        nearest = tuple(self._label(row, with_year=dated) for row in shown)
        return Match(text, None, how=how, nearest=nearest)

    def _label(self, row: int, *, with_year: bool) -> str:
        title, year = self.catalog.at(row).title, self.index.years[row]
        shown = year is None or title.endswith(f"({year})") or not with_year
        return title if shown else f"{title} ({year})"
