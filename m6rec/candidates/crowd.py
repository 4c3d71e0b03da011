"""The crowd: what people with the same history chose next, as several models see it.

One mass, the product of each source's mass to a power (Hinton 2002, "Training products of experts by
minimizing contrastive divergence"): an item has to make sense to all of them. On 2,013 validation choices
of MovieLens the product of the windowed chain and SASRec reaches HR@10 0.196 and NDCG@10 0.105, their
best weighted sum 0.190 and 0.103, the chain alone 0.169 and 0.091 (`scripts/sweep_mix.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates import markov
from m6rec.candidates.popular import check_rows
from m6rec.interactions import Interactions

ENDING = ".safetensors"
_NOTHING = np.empty(0, np.int32)


class Massive(Protocol):
    """What gives every item it knows a share of one mass."""

    def mass(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Positive, shape (n_items it knows,), for rows that it knows, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Training:
    """How sources are trained.

    Attributes:
        seed: Of everything drawn.
        epochs: Bound on the passes over the choices; None for each source's own number.
        progress: Called with a source's name, the epochs done, and all epochs.
    """

    seed: int = 0
    epochs: int | None = None
    progress: Callable[[str, int, int], None] = lambda _name, _done, _all: None


DEFAULT = Training()


@dataclass(frozen=True, slots=True)
class Kept:
    """How a trained source is kept on disk.

    Attributes:
        save: Writes it to a file, with the ids of the items in the order of their rows.
        load: Reads it for a catalog with these ids, which may have grown.
    """

    save: Callable[[Any, Path, Sequence[str]], None]
    load: Callable[[Path, Sequence[str]], Massive]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of model the crowd may hear.

    Attributes:
        weight: Power of its mass.
        fit: Makes it from the choices, the number of items, and how to train.
        kept: How it is kept, for one that takes so long to make that it must not be made while
            somebody waits for an answer; None for one that is made when it is needed.
    """

    weight: float
    fit: Callable[[Interactions, int, Training], Massive]
    kept: Kept | None = None


def _sasrec(interactions: Interactions, n_items: int, training: Training) -> Massive:
    from m6rec.candidates import sasrec

    settings = replace(sasrec.DEFAULT, seed=training.seed)
    settings = replace(settings, epochs=training.epochs or settings.epochs)
    return sasrec.fit(
        interactions,
        n_items,
        settings,
        lambda done: training.progress("sasrec", done, settings.epochs),
    )


def _save_sasrec(model: Any, path: Path, item_ids: Sequence[str]) -> None:
    from m6rec.candidates import sasrec_file

    sasrec_file.save(model, path, item_ids)


def _load_sasrec(path: Path, item_ids: Sequence[str]) -> Massive:
    from m6rec.candidates import sasrec_file

    return sasrec_file.load(path, item_ids)


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "markov": Source(1.0, lambda choices, n_items, _: markov.fit(choices, n_items)),
        "sasrec": Source(0.8, _sasrec, Kept(_save_sasrec, _load_sasrec)),
    }
)
"""Who belongs to the crowd. Tried beside these two and not worth their time on the same choices (weight, HR@10
/ NDCG@10): EASE 0.15, 0.190 / 0.103; LightGCN 0.2, 0.191 / 0.104; neighbours of items 0.3, 0.196 / 0.106; of
users 0.3, 0.195 / 0.105; popularity 0.1, 0.194 / 0.104; a second seed of SASRec, as much as the mean of both."""


@dataclass(frozen=True, eq=False, slots=True)
class Crowd:
    """Fitted sources and how loud each is.

    Attributes:
        sources: By name.
        weights: Power of each source's mass, by name.
        n_items: Size of the catalog; a source may know fewer, the first ones.
    """

    sources: Mapping[str, Massive]
    weights: Mapping[str, float]
    n_items: int

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Sum over the sources of weight * log mass, shape (n_items,).

        An item that a source does not know gets the mean of what the source says of the others: it is
        neither favoured nor held back for being new.

        Raises:
            ConfigError: The history names a row that is not below `n_items`.
        """
        rows = np.asarray(history)
        check_rows(rows, self.n_items)
        total = np.zeros(self.n_items)
        for name, source in self.sources.items():
            known = len(source.mass(_NOTHING)) if self.n_items else 0
            mass = source.mass(rows[rows < known])
            spoken = np.log(np.maximum(mass, np.finfo(np.float64).tiny))
            total[:known] += self.weights[name] * spoken
            if known < self.n_items:
                total[known:] += self.weights[name] * spoken.mean()
        return total

    def mass(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """softmax(scores): positive, sums to 1, shape (n_items,).

        Raises:
            ConfigError: As for `scores`.
        """
        scores = self.scores(history)
        mass = np.exp(scores - scores.max())
        positive: NDArray[np.float64] = np.maximum(mass / mass.sum(), np.finfo(np.float64).tiny)
        return positive


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
        if source.kept
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
) -> Crowd:
    """Fit every source.

    Args:
        interactions: Who chose what, in what order.
        n_items: Size of the catalog.
        learned: Sources that were trained before, by name, which must have learned from nothing
            that `interactions` withholds; a trained source that is not among them is left out. None
            trains them now.
        training: How.

    Raises:
        ConfigError: An interaction names a row not below `n_items`.
        ModelError: A source cannot be trained on this.
    """
    trained = learn(interactions, n_items, training) if learned is None else learned
    sources = {
        name: trained[name] if source.kept else source.fit(interactions, n_items, training)
        for name, source in SOURCES.items()
        if not source.kept or name in trained
    }
    return Crowd(sources, {name: SOURCES[name].weight for name in sources}, n_items)
