"""Describe, then name: which facets of an item are said before its title.

A bare title is a poor target for a small model: nothing in "Bean" says comedy. So each item has
several paths, " comedy 1990s: Bean", " starring Rowan Atkinson: Bean", each a short description
drawn from its own fields. Which fields make paths is data (`prompts/facets.toml`) chosen per
catalog by counting: few values, many items each, words a person would use.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from m6rec.catalog import Catalog
from m6rec.prompts import prompts_folder
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary

MAX_LEADS = 6
"""Leading values (genres) per item that make paths; the rarest in the catalog are kept."""
FREE_TAGS = 100
"""Different leading values above which people wrote them as they liked: shelves, tags. Most are then another
form, or a mixture, of a few common ones, and the rarest of an item tell least."""
MAX_COMMON = 4
"""Of an item's free tags, how many of its `MAX_LEADS` are the commonest; the others are the rarest."""
MAX_PAIRS = 6
"""Pairs of leading values per item."""
MAX_PEOPLE = 6
"""Values of one other field (cast) per item that make paths, in the item's own order."""
FEWEST_ITEMS = 3
"""A value fewer items share describes nothing: it would name the item before its title does."""
LONGEST_VALUE = 40
"""Characters; longer texts are sentences, not facets."""
MOST_COMMON_SHARE = 0.6
"""A value that more items have says nothing about them ("in English", "from United States")."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is said before an item's title on one of its paths.

    Attributes:
        row: The item's row.
        text: The words, e.g. ``comedy 1990s``; empty for an item nothing describes.
        facets: The field and value behind each part of the text, e.g. ``("genres", "Comedy")``.
    """

    row: int
    text: str
    facets: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> str:
        """The fields it draws on, joined by "+"; "" when it says nothing."""
        return "+".join(name for name, _ in self.facets)


@dataclass(frozen=True, slots=True)
class FacetPlan:
    """Which fields of a catalog make paths.

    Attributes:
        lead: The field that says what an item is (genres); None when there is none.
        decades: Whether the lead is followed by the decade of the item's `year`.
        others: Further fields, each with a path per value.
        describe: ``several`` paths per item, ``one`` (its first leading value and decade), or the
            ``bare`` title.
    """

    lead: str | None
    decades: bool
    others: tuple[str, ...] = ()
    describe: str = "several"

    @classmethod
    def choose(cls, catalog: Catalog, describe: str = "several") -> "FacetPlan":
        """A sensible plan for any catalog, from counts of its fields' values."""
        words = _facet_words()
        useful = [name for name in catalog.field_names if name not in words.never]
        usable = {name: counts for name in useful if (counts := _counts(catalog, name))}
        leads = [name for name in words.lead if name in usable]
        lead = leads[0] if leads else _widest(usable, len(catalog))
        others = tuple(
            name
            for name in usable
            if name not in {lead, "year"} and (name in words.phrase or name in words.lead)
        )
        decades = any(isinstance(item.fields.get("year"), int) for item in catalog)
        return cls(lead, decades, others, describe)


class Describer:
    """Writes the descriptions of a catalog's items under a plan."""

    def __init__(self, catalog: Catalog, plan: FacetPlan, vocabulary: Vocabulary) -> None:
        self.plan = plan
        self._vocabulary = vocabulary
        fields = [*([plan.lead] if plan.lead else []), *plan.others]
        self._counts = {name: _counts(catalog, name) for name in fields}
        self._too_common = len(catalog) * MOST_COMMON_SHARE
        self._said: dict[str, str] = {}
        self._said_of = Counter[str]()
        if plan.lead is not None:
            for item in catalog:
                self._said_of.update({self._lead_said(v) for v in _short(item, plan.lead)})
        self._free_tags = sum(n >= FEWEST_ITEMS for n in self._said_of.values()) > FREE_TAGS

    def describe(self, catalog: Iterable[Item], first_row: int = 0) -> Iterator[Description]:
        """What every item's paths say, at least one each, items in order.

        Args:
            catalog: Items; new ones may have values that no other item has.
            first_row: The row of the first item.
        """
        for row, item in enumerate(catalog, start=first_row):
            if self.plan.describe == "bare":
                yield Description(row, "", ())
            elif self.plan.describe == "one":
                yield next(self.tell([item], row))
            else:
                yield from self.tell([item], row)

    def tell(self, catalog: Iterable[Item], first_row: int = 0) -> Iterator[Description]:
        """All that can be said of every item, whether or not its paths say it: what may be asked.

        Args:
            catalog: As for `describe`.
            first_row: The row of the first item.
        """
        for row, item in enumerate(catalog, start=first_row):
            found = {
                self.say(facets): facets for facets in (*self._leads(item), *self._others(item))
            }
            if not found:
                decade = self._decade(item)
                found = {self.say(decade) if decade else "other": decade}
            for text, facets in found.items():
                yield Description(row, text, facets)

    def say(self, facets: tuple[tuple[str, str], ...]) -> str:
        """The words for a combination of facets: ``comedy 1990s``, ``starring Keanu Reeves``."""
        phrase = _facet_words().phrase
        return " ".join(
            phrase.get(name, "{}").format(self._value(name, value)) for name, value in facets
        )

    def _value(self, name: str, value: str) -> str:
        # Names of people and places keep their capitals; what a thing is goes into plain words.
        if name == "decade" or (name in self.plan.others and name != self.plan.lead):
            return " ".join(value.split())
        return self._vocabulary.spoken(name, value)

    def tells(self, name: str, value: str) -> bool:
        """Whether a value describes: a leading one does, others when some but not most share it."""
        if name == self.plan.lead:
            return True
        return name in self._counts and FEWEST_ITEMS <= self._counts[name][value] < self._too_common

    def leads(self, item: Item) -> tuple[str, ...]:
        """The leading values that make paths, rarest in the catalog first; one of each spelling."""
        if self.plan.lead is None:
            return ()
        counts, said_of = self._counts[self.plan.lead], self._said_of
        values: dict[str, str] = {}
        for value in sorted(_short(item, self.plan.lead), key=lambda v: (-counts[v], v)):
            values.setdefault(self._lead_said(value), value)
        told = self._telling(list(values)) if self._free_tags else list(values)
        return tuple(values[s] for s in sorted(told, key=lambda s: (said_of[s], values[s])))[
            :MAX_LEADS
        ]

    def _telling(self, said: list[str]) -> list[str]:
        """Of an item's tags those that tell most: neither too common nor mixed from its others."""
        shared = [s for s in said if FEWEST_ITEMS <= self._said_of[s] < self._too_common] or said
        pure = [s for s in shared if not self._mixed(s, {*said} - {s})] or shared
        pure.sort(key=lambda s: (-self._said_of[s], s))
        if len(pure) <= MAX_LEADS:
            return pure
        return pure[:MAX_COMMON] + pure[MAX_COMMON - MAX_LEADS :]

    def _mixed(self, said: str, others: set[str]) -> bool:
        """Whether a tag only puts others side by side ("ya fantasy"), and no list knows it."""
        lead = self.plan.lead or ""
        if self._vocabulary.listed(lead, said):
            return False
        empty = self._vocabulary.words.get("shelving", frozenset())

        def tells_nothing(part: str) -> bool:
            spoken = self._vocabulary.spoken(lead, part)
            return spoken in others or part in empty or self._said_of[spoken] >= self._too_common

        words, ends = said.split(), {0}
        for end in range(1, len(words) + 1):
            if any(tells_nothing(" ".join(words[begin:end])) for begin in ends):
                ends.add(end)
        return len(words) in ends

    def _lead_said(self, value: str) -> str:
        """How a leading value is said; kept, since values are few and items many."""
        said = self._said.get(value)
        if said is None and self.plan.lead is not None:
            said = self._said[value] = self._vocabulary.spoken(self.plan.lead, value)
        return said or value

    def _leads(self, item: Item) -> Iterator[tuple[tuple[str, str], ...]]:
        lead, values, decade = self.plan.lead, self.leads(item), self._decade(item)
        if lead is None:
            return
        for value in values:
            yield ((lead, value), *decade)
        # Two rare tags describe one item; people ask for two common ones together.
        paired = values[-MAX_COMMON:] if self._free_tags else values
        for pair in list(combinations(paired, 2))[:MAX_PAIRS]:
            yield tuple((lead, value) for value in pair)

    def _others(self, item: Item) -> Iterator[tuple[tuple[str, str], ...]]:
        for name in self.plan.others:
            shared = [value for value in item.values(name) if self.tells(name, value)]
            for value in shared[:MAX_PEOPLE]:
                yield ((name, value),)

    def _decade(self, item: Item) -> tuple[tuple[str, str], ...]:
        year = item.fields.get("year")
        if not self.plan.decades or not isinstance(year, int):
            return ()
        return (("decade", f"{year // 10 * 10}s"),)


@dataclass(frozen=True, slots=True)
class _FacetWords:
    phrase: dict[str, str]
    lead: tuple[str, ...]
    never: frozenset[str]


@cache
def _facet_words() -> _FacetWords:
    data = tomllib.loads((prompts_folder() / "facets.toml").read_text(encoding="utf-8"))
    return _FacetWords(
        dict(data["phrase"]), tuple(data["lead"]["fields"]), frozenset(data["never"]["fields"])
    )


def _counts(catalog: Catalog, name: str) -> Counter[str]:
    """How many items have each short text value of a field; numbers and sentences count nothing."""
    counts: Counter[str] = Counter()
    for item in catalog:
        if not isinstance(item.fields.get(name), int | float):
            counts.update({v for v in item.values(name) if len(v) <= LONGEST_VALUE})
    return counts


def _short(item: Item, name: str) -> list[str]:
    return [value for value in dict.fromkeys(item.values(name)) if len(value) <= LONGEST_VALUE]


def _widest(usable: dict[str, Counter[str]], n_items: int) -> str | None:
    """Where no field has a familiar name: the one whose recurring values reach most items."""

    def reach(name: str) -> int:
        return sum(n for n in usable[name].values() if n >= FEWEST_ITEMS)

    best = max(usable, key=reach, default=None)
    return best if best is not None and reach(best) >= n_items // 2 else None
