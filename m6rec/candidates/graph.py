"""LightGCN: items and people as one graph, vectors smoothed along its edges.

He et al. 2020, "LightGCN: simplifying and powering graph convolution network for recommendation", with three
turns that make new people, new items and new choices enter without training:

- A person has no vector of their own but is what their history says, the recent past weighing more. So
  training and answering see people alike, and everybody is folded in.
- An item's vector is a linear map of its text vector plus a part of its own, which an item that nobody
  chose does not have.
- Choices act through the graph: `LightGcn.update` smooths anew along the new edges.

Trained to predict each choice from those before it, by cross-entropy over the catalog. The smoothing is one
sparse product per layer and is written here, because `torch_geometric` would add ten packages and
seconds to every start; a test compares the two.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from m6rec.candidates import co_occurrence
from m6rec.candidates.falling import set_rate
from m6rec.candidates.lightgcn import DEFAULT, Graph, LightGcn, Settings, checked_texts
from m6rec.candidates.popular import check_rows
from m6rec.candidates.sampled_softmax import SampledSoftmax
from m6rec.errors import ModelError
from m6rec.interactions import Interactions

__all__ = ["DEFAULT", "LightGcn", "Settings", "fit"]

_SHARPNESS = 5.0
"""How loud vectors are against biases at the start; learned from there, too slowly to come from 1."""
_RIDGE = 10.0
"""Regularisation of the first map of text vectors, in units of one item."""


def fit(
    interactions: Interactions,
    n_items: int,
    settings: Settings = DEFAULT,
    *,
    texts: NDArray[np.float32] | None = None,
) -> LightGcn:
    """Train; the global random state of torch is left alone.

    Args:
        interactions: In order, since each choice is predicted from those before it.
        n_items: Size of the catalog.
        settings: How.
        texts: Text vectors of the items, shape (n_items, text width), of length about 1.

    Raises:
        ConfigError: An interaction names a row not below `n_items`, or texts are of another shape.
        ModelError: The loss is not a number.
    """
    check_rows(interactions.row, n_items)
    if texts is not None:
        checked_texts(texts, n_items, None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        training = _Training(interactions, n_items, settings, texts)
        for epoch in range(settings.epochs):
            training.epoch(epoch)
        return training.model()


class _Training(nn.Module):
    """The vectors, and the choices they learn from."""

    def __init__(
        self,
        interactions: Interactions,
        n_items: int,
        settings: Settings,
        texts: NDArray[np.float32] | None,
    ) -> None:
        super().__init__()
        self._settings, self._graph = settings, Graph(interactions, n_items)
        counts = np.bincount(interactions.row, minlength=n_items).astype(np.float64)
        self._chosen = torch.from_numpy(counts > 0)[:, None]
        rest: list[dict[str, Any]] = []
        own = co_occurrence.vectors(interactions, n_items, settings.width, seed=settings.seed)
        self._texts = None if texts is None else torch.from_numpy(texts.astype(np.float32))
        if texts is not None:
            text_map = _ridge(texts[counts > 0], own[counts > 0])
            own = own - texts @ text_map
            self._map = nn.Parameter(torch.from_numpy(text_map))
            rest.append({"params": [self._map], "rate": settings.map_rate})
        self._own = nn.Parameter(torch.from_numpy(own.astype(np.float32)))
        popular = np.log1p(counts) - np.log1p(counts).mean()
        self._biases = nn.Parameter(torch.from_numpy(popular.astype(np.float32)))
        self._loudness = nn.Parameter(torch.tensor(math.log(_SHARPNESS)))
        self._softmax = SampledSoftmax(counts, settings.negatives)
        groups: list[dict[str, Any]] = [
            {"params": [self._own], "rate": 1.0},
            {"params": [self._biases, self._loudness], "rate": 1.0, "weight_decay": 0.0},
            *rest,
        ]
        self._optimiser = torch.optim.AdamW(groups, weight_decay=settings.weight_decay)
        self._read(interactions)

    def _read(self, interactions: Interactions) -> None:
        """Where each choice and those before it stand."""
        self._rows = torch.from_numpy(interactions.row.astype(np.int64))
        begins = interactions.offsets[interactions.user]
        self._begins = torch.from_numpy(begins)
        self._targets = torch.from_numpy(np.flatnonzero(np.arange(len(begins)) > begins))
        steps_back = torch.arange(self._settings.history_length)
        self._fading = self._settings.history_decay**steps_back
        self._steps_back = steps_back + 1
        self._pull = torch.from_numpy(self._graph.pull).float()

    def epoch(self, epoch: int) -> None:
        """One pass over the choices that have an earlier one."""
        settings = self._settings
        set_rate(self._optimiser, settings.learning_rate, epoch, settings.epochs)
        for places in self._batches():
            smoothed = self._graph.smooth(self._first(settings.own_dropout), settings.layers)
            people = self._loudness.exp() * self._people(places, smoothed)
            loss = self._softmax.loss(people, self._rows[places], smoothed, self._biases)
            if not torch.isfinite(loss):
                raise ModelError(f"the graph's loss is {loss.item()}; choose a lower learning_rate")
            self._optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimiser.step()

    def model(self) -> LightGcn:
        """What was learned. An item nobody chose counts as new: average with a text, last without."""
        chosen = self._chosen[:, 0].numpy()
        with torch.inference_mode():
            first = self._first(0.0)
            smoothed = self._graph.smooth(first, self._settings.layers).numpy()
            biases = self._biases.numpy().astype(np.float64)
            text_map = None if self._texts is None else self._map.numpy().copy()
            sharpness = self._loudness.exp().item()
        seen = biases[chosen] if chosen.any() else np.zeros(1)
        fresh = float(seen.min() if text_map is None else seen.mean())
        return LightGcn(
            first.numpy(),
            smoothed,
            self._graph.pull,
            np.where(chosen, biases, fresh),
            sharpness,
            text_map,
            fresh,
            self._settings,
        )

    def _batches(self) -> Iterator[Tensor]:
        order = self._targets[torch.randperm(len(self._targets))]
        for start in range(0, len(order), self._settings.batch):
            yield order[start : start + self._settings.batch]

    def _first(self, dropout: float) -> Tensor:
        own = self._own * self._chosen
        if self._texts is None:
            return own
        if dropout:
            own = own * (torch.rand(len(own), 1) >= dropout)
        return own + self._texts @ self._map

    def _people(self, places: Tensor, smoothed: Tensor) -> Tensor:
        """The person before each place, as in `LightGcn.scores`; shape (n, width)."""
        before = places[:, None] - self._steps_back
        rows = self._rows[before.clamp(min=0)]
        weight = self._fading * self._pull[rows] * (before >= self._begins[places][:, None])
        weight = weight / weight.sum(1, keepdim=True)
        return nn.functional.embedding_bag(rows, smoothed, per_sample_weights=weight, mode="sum")


def _ridge(texts: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The linear map of texts that comes nearest to the vectors, shape (text width, width)."""
    gram = texts.T @ texts + _RIDGE * np.eye(texts.shape[1], dtype=np.float32)
    return np.linalg.solve(gram, texts.T @ vectors).astype(np.float32)
