"""Who belongs to the crowd, how each is made, and how what was trained is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from m6rec.candidates import markov
from m6rec.candidates.likeness import Likeness
from m6rec.candidates.mass import Massive
from m6rec.interactions import Interactions


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
        fit: Makes it from the choices, the number of items, and how to train; None for one that is
            not made of choices.
        kept: How it is kept, for one that takes so long to make that it must not be made while
            somebody waits for an answer; None for one that is made when it is needed.
    """

    weight: float
    fit: Callable[[Interactions, int, Training], Massive] | None = None
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


def _save_vectors(brought: Any, path: Path, item_ids: Sequence[str]) -> None:
    from m6rec.candidates import vectors

    vectors.save(brought.items, path, item_ids)


def _load_vectors(path: Path, item_ids: Sequence[str]) -> Massive:
    from m6rec.candidates import vectors

    return Likeness(vectors.load(path, item_ids))


WORDS, VECTORS = "words", "vectors"
"""Sources that are made of the items and not of choices."""

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "markov": Source(1.0, lambda choices, n_items, _: markov.fit(choices, n_items)),
        "sasrec": Source(0.8, _sasrec, Kept(_save_sasrec, _load_sasrec)),
        WORDS: Source(1.5),
        VECTORS: Source(1.5, kept=Kept(_save_vectors, _load_vectors)),
    }
)
"""Who belongs to the crowd. Tried beside these two and not worth their time on the same choices (weight, HR@10
/ NDCG@10): EASE 0.15, 0.190 / 0.103; LightGCN 0.2, 0.191 / 0.104; neighbours of items 0.3, 0.196 / 0.106; of
users 0.3, 0.195 / 0.105; popularity 0.1, 0.194 / 0.104; a second seed of SASRec, as much as the mean of both. Names and title words at 0.75 / 1.5 / 2 / 3
after the two: 0.1962 / 0.1065, 0.1987 / 0.1087, 0.1972 / 0.1085, 0.1923 / 0.1067, without them 0.1962 / 0.1053;
with seeds 1 and 2 they add as much. Vectors are taken to be worth the same: nobody knows whose."""
