"""Several wants at once, named as in frames: a kind, a decade, a person, a country, a language."""

from collections.abc import Callable

import numpy as np

from m6rec.catalog import Catalog
from m6rec.pairs.fitting import Facet, Fitting
from m6rec.pairs.wording import Wording, one
from m6rec.records import TextPair

DECADE_SHARE = 0.35
"""How often an era is asked for besides."""


class SeveralPairs:
    """Draws requests that name a kind and something else: "French comedies with Audrey Tautou".

    What is asked for together is read off one item, so that something fits always.

    Args:
        catalog: The items.
        fitting: What fits each facet.
        wording: Puts requests into words.
        say: The words of a description: ``starring Tom Hanks``.
    """

    def __init__(
        self,
        catalog: Catalog,
        fitting: Fitting,
        wording: Wording,
        say: Callable[[tuple[Facet, ...]], str],
    ) -> None:
        self._catalog = catalog
        self._fitting = fitting
        self._wording = wording
        self._say = say
        self._rows = [
            row
            for row in range(len(catalog))
            if fitting.others[row] and (fitting.leads[row] or row in fitting.decades)
        ]

    def __len__(self) -> int:
        return len(self._rows)

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; `len` must not be 0."""
        row = self._rows[int(rng.integers(len(self._rows)))]
        fitting = self._fitting
        other = one(fitting.others[row], rng)
        lead = one(fitting.leads[row], rng) if fitting.leads[row] else None
        decade = fitting.decades.get(row)
        if lead is not None and rng.random() >= DECADE_SHARE:
            decade = None
        asked = [facet for facet in (lead, decade, other) if facet is not None]
        rows = frozenset.intersection(*(fitting.rows[facet] for facet in asked))
        items = sorted(self._catalog.at(row).item_id for row in rows)
        text = self._words(lead, decade, other, rng)
        return TextPair(
            "several",
            text,
            descriptions=tuple(sorted(self._telling(lead, decade, other))),
            item_ids=tuple(items),
        )

    def _telling(self, lead: Facet | None, decade: Facet | None, other: Facet) -> frozenset[str]:
        """The descriptions that say what is rarest among what is asked for.

        Of "comedies with Tom Hanks" those starring Tom Hanks: which of his few films are comedies is
        learned sooner than which of the many comedies have him.
        """
        rows, texts = self._fitting.rows, self._fitting.texts
        wide = [facet for facet in (lead, decade) if facet is not None]
        kinds = frozenset.intersection(*(rows[facet] for facet in wide))
        if len(rows[other]) <= len(kinds):
            return texts[other]
        return frozenset.intersection(*(texts[facet] for facet in wide))

    def _words(
        self, lead: Facet | None, decade: Facet | None, other: Facet, rng: np.random.Generator
    ) -> str:
        wording, (field, value) = self._wording, other
        phrase = self._say((other,))
        era = wording.era(decade[1], rng) if decade else ""
        if lead is None:
            return wording.frame("decade_phrased", rng, decade=era, phrase=phrase)
        word, chinese = wording.name(lead[1], rng)
        word = wording.spoken(*lead) if chinese else word
        if decade is not None:
            return wording.frame("value_decade_phrased", rng, value=word, decade=era, phrase=phrase)
        kind = f"value_{wording.vocabulary.known_as(field)}"
        if kind in wording.book.frames and rng.random() < 0.7:
            adjective = wording.adjective(field, value, rng)
            return wording.frame(kind, rng, value=word, other=value, adjective=adjective)
        if phrase == value:
            return wording.frame("pair", rng, value=word, other=value)
        return wording.frame("value_phrased", rng, value=word, phrase=phrase)
