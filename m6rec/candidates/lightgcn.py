"""What LightGCN has learned: item vectors, smoothed along the edges of a graph (see `graph`)."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from m6rec.candidates.mass import mass_of
from m6rec.candidates.popular import check_rows
from m6rec.candidates.recency import check_decay, weigh
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

LEAST_WEIGHT = 1e-4
"""Choices that weigh less are not read; at a decay of 0.85, those more than 56 steps back."""
SHARPNESS = 1.0
"""Of `LightGcn.mass`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How the vectors are trained; the defaults were chosen on MovieLens (`eval/LOG.md`).

    Attributes:
        width: Length of the vectors.
        layers: How often items are smoothed over their people: 1 is two layers of the paper, item to
            people to item. 0 leaves the graph out.
        history_decay: Each step back in the history counts this much less.
        history_length: How many earlier choices are read in training.
        own_dropout: Share of items whose own part is left out in a step, so that their text learns
            to speak for them; for fits with texts.
        negatives: Items drawn per step for the loss; 0 takes all.
        learning_rate: Of AdamW, at the start.
        map_rate: Share of `learning_rate` that the map of text vectors learns with; 0 keeps the
            least-squares map to the vectors of co-occurrence.
        weight_decay: Of AdamW, for the vectors.
        batch: Choices per step.
        epochs: Passes over the choices.
        seed: Decides the first vectors and the batches.

    Raises:
        ConfigError: A setting is out of range.
    """

    width: int = 64
    layers: int = 1
    history_decay: float = 0.85
    history_length: int = 50
    own_dropout: float = 0.1
    negatives: int = 512
    learning_rate: float = 1e-2
    map_rate: float = 0.03
    weight_decay: float = 1e-4
    batch: int = 8192
    epochs: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        check_decay(self.history_decay)
        for name in ("width", "history_length", "batch", "epochs"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; choose at least 1")
        for name in ("layers", "negatives", "map_rate", "weight_decay"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} is {getattr(self, name)}; choose at least 0")
        if self.learning_rate <= 0 or not 0 <= self.own_dropout < 1:
            raise ConfigError(
                f"learning_rate {self.learning_rate}, own_dropout {self.own_dropout}: choose the first "
                "above 0 and the other at least 0, below 1"
            )


DEFAULT = Settings()


@dataclass(frozen=True, eq=False, slots=True)
class LightGcn:
    """Smoothed item vectors, and what is needed to smooth them again.

    Attributes:
        first: Item vectors before smoothing, shape (n_items, width).
        smoothed: Item vectors after it, the same shape.
        pull: How much a choice of an item says of a person: degree**-0.5, shape (n_items,).
        biases: What speaks for an item whoever asks, shape (n_items,).
        sharpness: How loud vectors are against biases.
        text_map: Text vectors to item vectors, shape (text width, width); None without texts.
        fresh_bias: Bias of items that are new.
        settings: What it was trained with.
    """

    first: NDArray[np.float32]
    smoothed: NDArray[np.float32]
    pull: NDArray[np.float64]
    biases: NDArray[np.float64]
    sharpness: float
    text_map: NDArray[np.float32] | None
    fresh_bias: float
    settings: Settings

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Score(j) = bias(j) + sharpness * person . smoothed(j), shape (n_items,).

        The person is the mean of the smoothed vectors of the history, weighted by decay**age * pull. An
        empty history leaves the biases.

        Raises:
            ConfigError: The history names a row the model does not have; see `update`.
        """
        given = weigh(history, len(self.biases), self.settings.history_decay)
        chosen = np.flatnonzero(given >= LEAST_WEIGHT)
        if not len(chosen):
            return self.biases.copy()
        weight = given[chosen] * self.pull[chosen]
        person = (weight @ self.smoothed[chosen]) / weight.sum()
        scores: NDArray[np.float64] = self.biases + self.sharpness * (self.smoothed @ person)
        return scores

    def mass(self, history: NDArray[np.int32], sharpness: float = SHARPNESS) -> NDArray[np.float64]:
        """softmax(sharpness * scores), shape (n_items,): a probability mass that sums to 1.

        Raises:
            ConfigError: As for `scores`, or `sharpness` is not above 0.
        """
        return mass_of(self.scores(history), sharpness)

    def update(
        self,
        interactions: Interactions,
        n_items: int | None = None,
        texts: NDArray[np.float32] | None = None,
    ) -> "LightGcn":
        """The same trained vectors smoothed along the edges of other interactions.

        Takes a fraction of a second, so new choices speak at once. New items stand behind the known
        ones; they begin as their text says, or as nothing where the model was trained without texts.

        Args:
            interactions: All that are known now, not the new ones alone.
            n_items: Size of the catalog now; None if it has not grown.
            texts: Text vectors of the whole catalog, shape (n_items, text width); needed when it has
                grown and the model was trained with texts.

        Raises:
            ConfigError: An interaction names a row not below `n_items`, the catalog has shrunk, or texts
                are missing or of another shape.
        """
        known = len(self.first)
        n_items = known if n_items is None else n_items
        if n_items < known:
            raise ConfigError(f"{n_items} items, but the graph has {known}; fit it again")
        check_rows(interactions.row, n_items)
        first = np.zeros((n_items, self.first.shape[1]), np.float32)
        first[:known] = self.first
        if n_items > known and self.text_map is not None:
            first[known:] = (
                checked_texts(texts, n_items, len(self.text_map))[known:] @ self.text_map
            )
        biases = np.full(n_items, self.fresh_bias)
        biases[:known] = self.biases
        graph = Graph(interactions, n_items)
        with torch.inference_mode():
            smoothed = graph.smooth(torch.from_numpy(first), self.settings.layers).numpy()
        return LightGcn(
            first,
            smoothed,
            graph.pull,
            biases,
            self.sharpness,
            self.text_map,
            self.fresh_bias,
            self.settings,
        )


class Graph:
    """Who chose what, with each edge divided by the roots of both degrees.

    Attributes:
        pull: degree**-0.5 of the items, 1 for items without an edge, shape (n_items,).
    """

    def __init__(self, interactions: Interactions, n_items: int) -> None:
        """Take each pair of a person and an item once."""
        pairs = np.unique(interactions.user.astype(np.int64) * n_items + interactions.row)
        user, row = np.divmod(pairs, n_items)
        people = np.bincount(user, minlength=interactions.n_users)
        chosen = np.bincount(row, minlength=n_items)
        self.pull = 1 / np.sqrt(np.maximum(chosen, 1))
        self._linked = torch.from_numpy((chosen > 0).astype(np.float32))[:, None]
        weight = torch.from_numpy((self.pull[row] / np.sqrt(people[user])).astype(np.float32))
        shape = (interactions.n_users, n_items)
        place = torch.from_numpy(np.stack((user, row)))
        self._to_people = torch.sparse_coo_tensor(
            place, weight, shape, check_invariants=False
        ).coalesce()
        self._to_items = self._to_people.t().coalesce()

    def smooth(self, vectors: Tensor, layers: int) -> Tensor:
        """Mean of the vectors and of what `layers` rounds over people make of them, the same shape.

        An item without an edge keeps its vector: a mean with zeros would make what is new faint.
        """
        total = vectors
        for _ in range(layers):
            vectors = torch.sparse.mm(self._to_items, torch.sparse.mm(self._to_people, vectors))
            total = total + vectors
        return total / (1 + layers * self._linked)


def checked_texts(
    texts: NDArray[np.float32] | None, n_items: int, width: int | None
) -> NDArray[np.float32]:
    """The text vectors, one per item.

    Args:
        texts: Shape (n_items, text width).
        n_items: Size of the catalog.
        width: The text width there has to be; None accepts any.

    Raises:
        ConfigError: There are none, or they are of another shape.
    """
    if texts is None or texts.ndim != 2 or len(texts) != n_items:
        shape = "none" if texts is None else "x".join(map(str, texts.shape))
        raise ConfigError(f"text vectors: {shape}; give one vector for each of the {n_items} items")
    if width is not None and texts.shape[1] != width:
        raise ConfigError(
            f"text vectors are {texts.shape[1]} long, those of training {width}; embed the texts "
            "with the same model"
        )
    return texts
