"""Like a known title, but of another kind."""

from collections import Counter

import numpy as np

from m6rec.catalog import Catalog
from m6rec.interactions import Interactions
from m6rec.pairs.fitting import Facet, Fitting
from m6rec.pairs.wording import Wording
from m6rec.records import TextPair

UNTITLED = 0.6
"""How often the title is "it". Decoding writes the prompt like that whenever likes speak beside the words."""
CLOSEST = 20
"""Items that fit "like X but ...": of those of the kind, the closest to X."""
RARER = 5.0
"""Added to popularity before the square root that keeps the most popular items from being close to all."""


class AlikePairs:
    """Draws "something like Alien but funny".

    With a title, those of the kind fit that people who chose the title chose as well, or, without
    interactions, those that share most facets with it.

    Args:
        catalog: The items.
        fitting: What fits each facet.
        wording: Puts requests into words.
        choices: Training interactions only; None for a catalog without.
    """

    def __init__(
        self, catalog: Catalog, fitting: Fitting, wording: Wording, choices: Interactions | None
    ) -> None:
        self._catalog = catalog
        self._fitting = fitting
        self._wording = wording
        self._choices = choices
        self._kinds = sorted({facet for some in fitting.leads for facet in some})
        self._rows = [row for row in range(len(catalog)) if fitting.leads[row]]
        if choices is not None:
            self._by_item = np.argsort(choices.row, kind="stable")
            self._starts = np.searchsorted(choices.row[self._by_item], np.arange(len(catalog) + 1))
            # Well-known titles are the ones people name.
            heard = [row for row in self._rows if self._starts[row + 1] > self._starts[row]]
            self._rows = heard or self._rows

    def __len__(self) -> int:
        return len(self._rows) if len(self._kinds) > 1 else 0

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; `len` must not be 0."""
        row = self._rows[int(rng.integers(len(self._rows)))]
        kind = self._kinds[int(rng.integers(len(self._kinds)))]
        word, chinese = self._wording.name(kind[1], rng)
        word = self._wording.spoken(*kind) if chinese else word
        descriptions = tuple(sorted(self._fitting.texts.get(kind, ())))
        close = self._close(row, kind) if rng.random() >= UNTITLED else []
        if not close:
            text = self._wording.frame("similar_but", rng, title="it", value=word)
            return TextPair("alike", text, descriptions=descriptions)
        title = self._catalog.at(row).title
        return TextPair(
            "alike",
            self._wording.frame("similar_but", rng, title=title, value=word),
            liked=(self._catalog.at(row).item_id,),
            descriptions=descriptions,
            item_ids=tuple(self._catalog.at(other).item_id for other in close),
        )

    def _close(self, row: int, kind: Facet) -> list[int]:
        """Items of a kind that are closest to an item, best first."""
        rows = sorted(self._fitting.rows[kind] - {row})
        scores = self._chosen_too(row) if self._choices is not None else self._shared(row)
        found = [other for other in rows if scores[other] > 0]
        return sorted(found, key=lambda other: (-scores[other], other))[:CLOSEST]

    def _chosen_too(self, row: int) -> np.ndarray:
        """How often those who chose an item chose each other one, shape (n_items,)."""
        choices = self._choices
        n_items = len(self._catalog)
        if choices is None:
            return np.zeros(n_items)
        at = self._by_item[self._starts[row] : self._starts[row + 1]]
        parts = [
            choices.row[choices.offsets[user] : choices.offsets[user + 1]]
            for user in np.unique(choices.user[at])
        ]
        counts = np.bincount(np.concatenate(parts), minlength=n_items).astype(np.float64)
        total = np.diff(self._starts)
        scores: np.ndarray = counts / np.sqrt(total + RARER)
        return scores

    def _shared(self, row: int) -> np.ndarray:
        """How many facets each item shares with one, shape (n_items,)."""
        counts = Counter(
            other
            for facet in (*self._fitting.leads[row], *self._fitting.others[row])
            for other in self._fitting.rows[facet]
        )
        scores = np.zeros(len(self._catalog))
        scores[list(counts)] = list(counts.values())
        return scores
