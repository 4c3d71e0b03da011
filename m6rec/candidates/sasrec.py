"""SASRec: what is chosen next, by causal self-attention over the history.

Kang & McAuley 2018, "Self-attentive sequential recommendation", trained with cross-entropy over the catalog
instead of one negative per choice, which is most of what separates it from later models (Klenitskiy &
Vasilev 2023, "Turning dross into gold loss"; Petrov & Macdonald 2023, "gSASRec"). Item vectors start
from `m6rec.candidates.co_occurrence`.
"""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from m6rec.candidates import co_occurrence
from m6rec.candidates.falling import set_rate
from m6rec.candidates.mass import mass_of
from m6rec.candidates.popular import check_rows
from m6rec.candidates.sampled_softmax import SampledSoftmax
from m6rec.candidates.self_attention import SLOPES, SelfAttention
from m6rec.errors import CatalogError, ConfigError, ModelError
from m6rec.interactions import Interactions
from m6rec.split import Case, leave_last_out

WATCHED = 1000
"""Users whose held-out choice early stopping looks at, the first ones; more only takes time."""
CUT_OFF = 10
SHARPNESS = 0.6
"""Of `SasRec.mass`; the network is surer of itself than it is right."""
_LONGEST_STEP = 1.0
"""Gradients are scaled down to this length."""
_BUCKET = 10
"""Pieces that differ by less in length share a batch, so that little of it is padding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How the network is built and trained; the defaults were chosen on MovieLens (`eval/LOG.md`).

    Attributes:
        width: Length of the vectors; a multiple of `heads`.
        blocks: Layers.
        heads: Attention heads of each, at most 4.
        length: How many of the last choices are read.
        dropout: Share of activations dropped in training.
        item_dropout: Share of a history's items blanked in training.
        negatives: Items drawn per step for the loss; 0 takes all.
        correction: Strength of the logQ correction of the drawn items.
        learning_rate: Of AdamW, at the start.
        weight_decay: Of AdamW, for matrices.
        batch: Pieces of history per step, of `length` choices each.
        epochs: Passes over the histories; a bound when `patience` is set.
        patience: 0 trains all epochs on everything. Otherwise the last choice of each user is
            held out, NDCG@10 on it is measured after every epoch, training ends after so many
            epochs without a better one, and the best epoch's weights are kept.
        seed: Decides the weights, the pieces and what is dropped.

    Raises:
        ConfigError: A setting is out of range.
    """

    width: int = 64
    blocks: int = 1
    heads: int = 2
    length: int = 50
    dropout: float = 0.3
    item_dropout: float = 0.0
    negatives: int = 512
    correction: float = 1.0
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    batch: int = 64
    epochs: int = 16
    patience: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("width", "blocks", "heads", "length", "batch", "epochs"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; choose at least 1")
        for name in ("dropout", "item_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; choose at least 0, below 1")
        for name in ("negatives", "correction", "weight_decay", "patience"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} is {getattr(self, name)}; choose at least 0")
        if self.learning_rate <= 0:
            raise ConfigError(f"learning_rate is {self.learning_rate}; choose above 0")
        if self.heads > len(SLOPES) or self.width % self.heads:
            raise ConfigError(
                f"heads {self.heads} do not fit width {self.width}; choose at most {len(SLOPES)}, "
                "and a width that they divide"
            )


DEFAULT = Settings()


@dataclass(frozen=True, eq=False, slots=True)
class SasRec:
    """A trained network.

    Attributes:
        network: In evaluation mode.
        settings: What it was built and trained with.
    """

    network: SelfAttention
    settings: Settings

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Log-odds of each item to be chosen next, up to a constant, shape (n_items,).

        Any history is folded in; an empty one leaves the biases.

        Raises:
            ConfigError: The history names a row the model was not fitted with.
        """
        rows = np.asarray(history)
        check_rows(rows, len(self.network.biases))
        with torch.inference_mode():
            scores = self.network.biases
            if len(rows):
                recent = torch.from_numpy(rows[-self.settings.length :].astype(np.int64))
                state = self.network(recent[None])[0, -1]
                scores = scores + self.network.vectors() @ state
            return scores.numpy().astype(np.float64)

    def mass(self, history: NDArray[np.int32], sharpness: float = SHARPNESS) -> NDArray[np.float64]:
        """softmax(sharpness * scores), shape (n_items,): a probability mass that sums to 1.

        What a blend should read: the few likely items stand out as they do from `Markov.scores`. Averaged
        with that by z-scores, masses reach NDCG@10 0.101 on validation choices and log-odds 0.094.

        Raises:
            ConfigError: As for `scores`, or `sharpness` is not above 0.
        """
        return mass_of(self.scores(history), sharpness)


def fit(
    interactions: Interactions,
    n_items: int,
    settings: Settings = DEFAULT,
    after_epoch: Callable[[int], None] = lambda _: None,
) -> SasRec:
    """Train on the order of the choices; the global random state of torch is left alone.

    The same seed, settings and number of threads give the same network. MovieLens (100,000 choices) takes
    about 40 s on one core.

    Args:
        interactions: Who chose what, in what order.
        n_items: Size of the catalog.
        settings: How the network is built and trained.
        after_epoch: Called with the number of epochs done.

    Raises:
        ConfigError: An interaction names a row not below `n_items`.
        ModelError: The loss is not a number.
    """
    check_rows(interactions.row, n_items)
    watched: list[Case] = []
    if settings.patience:
        try:
            split = leave_last_out(interactions)
        except CatalogError as error:
            raise ConfigError(f"early stopping has nothing to watch: {error}") from error
        interactions, watched = split.train, list(split)[:WATCHED]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return _Training(interactions, n_items, settings).run(watched, after_epoch)


class _Training:
    """One run: the network, its optimiser, and the pieces of history it reads."""

    def __init__(self, interactions: Interactions, n_items: int, settings: Settings) -> None:
        self._interactions, self._n_items, self._settings = interactions, n_items, settings
        self._random = np.random.default_rng(settings.seed)
        counts = np.bincount(interactions.row, minlength=n_items).astype(np.float64)
        self._network = SelfAttention(
            n_items,
            settings.width,
            blocks=settings.blocks,
            heads=settings.heads,
            dropout=settings.dropout,
        )
        found = co_occurrence.vectors(interactions, n_items, settings.width, seed=settings.seed)
        with torch.no_grad():
            self._network.vectors().copy_(torch.from_numpy(found))
            self._network.biases.copy_(torch.from_numpy(np.log1p(counts) - np.log1p(counts).mean()))
        self._softmax = SampledSoftmax(counts, settings.negatives, settings.correction)
        groups: list[dict[str, Any]] = [
            {"params": [p for p in self._network.parameters() if p.ndim > 1]},
            {"params": [p for p in self._network.parameters() if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self._optimiser = torch.optim.AdamW(
            groups,
            lr=settings.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=settings.weight_decay,
        )

    def run(self, watched: list[Case], after_epoch: Callable[[int], None]) -> SasRec:
        """Train; with cases to watch, until they get no better."""
        settings = self._settings
        best, best_at, best_weights = -1.0, 0, self._network.state_dict()
        for epoch in range(settings.epochs):
            self._epoch(epoch)
            after_epoch(epoch + 1)
            if not watched:
                continue
            reached = _ndcg(SasRec(self._network.eval(), settings), watched)
            if reached > best:
                best, best_at = reached, epoch
                best_weights = copy.deepcopy(self._network.state_dict())
            elif epoch - best_at >= settings.patience:
                break
        # Without cases these are the weights themselves.
        self._network.load_state_dict(best_weights)
        return SasRec(self._network.eval().requires_grad_(False), settings)

    def _epoch(self, epoch: int) -> None:
        settings = self._settings
        set_rate(self._optimiser, settings.learning_rate, epoch, settings.epochs)
        self._network.train()
        for given, wanted in self._batches():
            known = wanted < self._n_items
            loss = self._softmax.loss(
                self._network(given)[known],
                wanted[known],
                self._network.vectors(),
                self._network.biases,
            )
            if not torch.isfinite(loss):
                raise ModelError(
                    f"the loss of SASRec is {loss.item()}; choose a lower learning_rate"
                )
            self._optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self._network.parameters(), _LONGEST_STEP)
            self._optimiser.step()

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Pieces of histories and what followed each choice, both (n, length), padded by n_items."""
        settings, rows = self._settings, self._interactions.row
        pieces = self._pieces()
        self._random.shuffle(pieces)
        pieces.sort(key=lambda piece: (piece[1] - piece[0]) // _BUCKET)
        starts = np.arange(0, len(pieces), settings.batch)
        for start in self._random.permutation(starts):
            batch = pieces[start : start + settings.batch]
            longest = max(stop - first for first, stop in batch)
            given = np.full((len(batch), longest), self._n_items, np.int64)
            wanted = given.copy()
            for at, (first, stop) in enumerate(batch):
                given[at, : stop - first] = rows[first:stop]
                wanted[at, : stop - first] = rows[first + 1 : stop + 1]
            dropped = self._random.random(given.shape) < settings.item_dropout
            given[dropped] = self._n_items
            yield torch.from_numpy(given), torch.from_numpy(wanted)

    def _pieces(self) -> list[tuple[int, int]]:
        """Cut every history into pieces of `length` at a new place: first and one past the last.

        The choice after the last of a piece still belongs to the same user.
        """
        length, offsets = self._settings.length, self._interactions.offsets.tolist()
        pieces = []
        for begin, end in pairwise(offsets):
            last = end - 1
            shift = int(self._random.integers(length)) if last - begin > length else 0
            cuts = [last, *range(last - shift, begin, -length)] if shift else []
            cuts = cuts or list(range(last, begin, -length))
            pieces += [(max(begin, cut - length), cut) for cut in cuts]
        return pieces


def _ndcg(model: SasRec, cases: list[Case]) -> float:
    """Mean NDCG@10 of one held-out item each, among the unseen ones, ties against it."""
    gains = []
    for case in cases:
        scores = model.scores(case.history)
        target = int(case.truth[0])
        ahead = scores >= scores[target]
        ahead[case.history] = False
        rank = int(ahead.sum())
        gains.append(1 / math.log2(rank + 1) if rank <= CUT_OFF else 0.0)
    return float(np.mean(gains))
