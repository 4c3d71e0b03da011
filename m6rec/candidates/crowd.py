"""The crowd: what people with the same history chose next, as several models see it.

One mass, the product of each source's mass to a power (Hinton 2002, "Training products of experts by
minimizing contrastive divergence"): an item has to make sense to all of them. On 2,013 validation choices
of MovieLens the product of the windowed chain and SASRec reaches HR@10 0.196 and NDCG@10 0.105, their
best weighted sum 0.190 and 0.103, the chain alone 0.169 and 0.091 (`scripts/sweep_mix.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.alike import Alike
from m6rec.candidates.crowd_sources import (
    DEFAULT,
    SOURCES,
    VECTORS,
    WORDS,
    Kept,
    Source,
    Training,
)
from m6rec.candidates.likeness import Likeness, nearest
from m6rec.candidates.mass import Massive, mass_of
from m6rec.candidates.popular import check_rows
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

__all__ = [
    "DEFAULT",
    "SOURCES",
    "VECTORS",
    "WORDS",
    "Crowd",
    "Kept",
    "Massive",
    "Source",
    "Training",
    "fit",
    "learn",
    "load",
    "save",
]

ENDING = ".safetensors"
OF_ITEMS = frozenset({WORDS, VECTORS})
_NOTHING = np.empty(0, np.int32)
KIN = 3
"""What nobody chose is taken for the likeliest of so many items that are most like it; the mean of three, and
both of ten, are no better."""
MOST_FRESH = 5_000
"""More would take seconds to compare."""
STRANGER = 1.0
"""How many nats less likely, for being new. Without kin none of 69 choices of new items in a validation year is
found, with them 2, and NDCG@10 of all 164 goes from 0.052 to 0.054."""


@dataclass(frozen=True, eq=False, slots=True)
class Crowd:
    """Fitted sources and how loud each is.

    Attributes:
        sources: By name.
        weights: Power of each source's mass, by name.
        n_items: Size of the catalog; a source may know fewer, the first ones.
        fresh: Rows that nobody chose and whose kin are known, shape (n_fresh,).
        kin: For each of them the most similar rows that somebody chose, shape (n_fresh, KIN).
    """

    sources: Mapping[str, Massive]
    weights: Mapping[str, float]
    n_items: int
    fresh: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    kin: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, KIN), np.int64))

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Sum over the sources of weight * log mass, shape (n_items,).

        What nobody chose counts as its nearest kin do, a little less. An item without kin that a source
        does not know gets the mean of what the source says of the others: it is neither favoured nor held
        back for being new.

        Raises:
            ConfigError: The history names a row that is not below `n_items`.
        """
        return self.together(self.terms(history))

    def terms(self, history: NDArray[np.int32]) -> dict[str, NDArray[np.float64]]:
        """Weight * log mass of each source, by name, each of shape (n_items,).

        Raises:
            ConfigError: As for `scores`.
        """
        rows = np.asarray(history)
        check_rows(rows, self.n_items)
        return {name: self._said(name, rows) for name in self.sources}

    def together(self, terms: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """The scores that some of the terms make, shape (n_items,)."""
        total = np.zeros(self.n_items)
        for said in (said for name, said in terms.items() if name not in OF_ITEMS):
            total += said
        total[self.fresh] = total[self.kin].max(axis=1, initial=-np.inf) - STRANGER
        for said in (said for name, said in terms.items() if name in OF_ITEMS):
            total += said
        return total

    def _said(self, name: str, rows: NDArray[np.int32]) -> NDArray[np.float64]:
        source, said = self.sources[name], np.zeros(self.n_items)
        known = len(source.mass(_NOTHING)) if self.n_items else 0
        mass = source.mass(rows[rows < known])
        spoken = np.log(np.maximum(mass, np.finfo(np.float64).tiny))
        said[:known] = spoken
        if known < self.n_items:
            said[known:] = spoken.mean()
        return self.weights[name] * said

    def mass(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """softmax(scores): positive, sums to 1, shape (n_items,).

        Raises:
            ConfigError: As for `scores`.
        """
        scores = self.scores(history)
        positive: NDArray[np.float64] = np.maximum(mass_of(scores), np.finfo(np.float64).tiny)
        return positive

    def update(self, interactions: Interactions, n_items: int | None = None) -> "Crowd":
        """The same crowd after other choices: what is counted is counted anew, in a fraction of a second.

        What was trained stays as it is and hears new choices through the history it is asked with.

        Args:
            interactions: All that are known now, not the new ones alone.
            n_items: Size of the catalog now; None if it has not grown.

        Raises:
            ConfigError: An interaction names a row not below `n_items`, or the catalog has shrunk.
        """
        size = self.n_items if n_items is None else n_items
        if size < self.n_items:
            raise ConfigError(f"{size} items, but the crowd knows {self.n_items}; fit it again")
        counted = {
            name: source.fit(interactions, size, DEFAULT)
            for name, source in SOURCES.items()
            if name in self.sources and source.fit and not source.kept
        }
        still = ~np.isin(self.fresh, interactions.row)
        return replace(
            self,
            sources={**self.sources, **counted},
            n_items=size,
            fresh=self.fresh[still],
            kin=self.kin[still],
        )


def learn(
    interactions: Interactions, n_items: int, training: Training = DEFAULT
) -> dict[str, Massive]:
    """Train the sources that have to be trained, by name; for MovieLens some 40 s on one core.

    Raises:
        ConfigError: An interaction names a row not below `n_items`.
        ModelError: A source cannot be trained on this.
    """
    return {
        name: source.fit(interactions, n_items, training)
        for name, source in SOURCES.items()
        if source.fit and source.kept
    }


def save(learned: Mapping[str, Massive], folder: Path, item_ids: Sequence[str]) -> None:
    """Write trained sources to files in a folder, one each.

    Args:
        learned: By name.
        folder: Where; made if it is missing.
        item_ids: Ids of the catalog in the order of its rows.
    """
    for name, source in learned.items():
        kept = SOURCES[name].kept
        if kept is not None:
            folder.mkdir(parents=True, exist_ok=True)
            kept.save(source, folder / f"{name}{ENDING}", item_ids)


def load(folder: Path, item_ids: Sequence[str]) -> dict[str, Massive]:
    """Read the trained sources that a folder has, by name; none if it has none.

    Raises:
        ModelFolderError: A file cannot be read, or was trained with other items.
    """
    return {
        name: source.kept.load(path, item_ids)
        for name, source in SOURCES.items()
        if source.kept and (path := folder / f"{name}{ENDING}").is_file()
    }


def fit(
    interactions: Interactions,
    n_items: int,
    *,
    learned: Mapping[str, Massive] | None = None,
    training: Training = DEFAULT,
    alike: Alike | None = None,
) -> Crowd:
    """Fit every source.

    Args:
        interactions: Who chose what, in what order.
        n_items: Size of the catalog.
        learned: Sources that were trained before, by name, which must have learned from nothing
            that `interactions` withholds; a trained source that is not among them is left out. None
            trains them now.
        training: How.
        alike: What the items say of themselves; None leaves it unheard.

    Raises:
        ConfigError: An interaction names a row not below `n_items`.
        ModelError: A source cannot be trained on this.
    """
    trained = learn(interactions, n_items, training) if learned is None else learned
    sources: dict[str, Massive] = {
        name: source.fit(interactions, n_items, training)
        for name, source in SOURCES.items()
        if source.fit and not source.kept
    }
    sources |= {name: trained[name] for name in SOURCES if name in trained}
    if alike is not None:
        sources[WORDS] = Likeness(alike)
    weights = {name: SOURCES[name].weight for name in sources}
    fresh = _fresh(interactions, n_items, alike)
    if alike is None or not len(fresh):
        return Crowd(sources, weights, n_items)
    chosen = np.unique(interactions.row).astype(np.int64)
    return Crowd(sources, weights, n_items, fresh, nearest(alike, fresh, chosen, KIN))


def _fresh(interactions: Interactions, n_items: int, alike: Alike | None) -> NDArray[np.int64]:
    """Rows that nobody chose; none where there is nothing to compare them by, or too many."""
    fresh = np.setdiff1d(np.arange(n_items), interactions.row)
    known = n_items - len(fresh)
    return fresh if alike is not None and len(fresh) <= MOST_FRESH and known >= KIN else fresh[:0]
