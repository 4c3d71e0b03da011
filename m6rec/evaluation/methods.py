"""The methods an evaluation can name, and how each is made from training data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates import ease, markov, popular
from m6rec.catalog import Catalog
from m6rec.evaluation.next_item import Scorer
from m6rec.interactions import Interactions
from m6rec.records import Answer, Recommendation


@dataclass(frozen=True, slots=True)
class Blend:
    """The mean of several scorers, each made comparable over the unseen items.

    Attributes:
        scorers: At least one.
    """

    scorers: tuple[Scorer, ...]

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Mean z-score over the scorers, shape (n_items,); 0 from a scorer that is constant."""
        parts = []
        for scorer in self.scorers:
            scores = scorer.scores(history)
            unseen = np.ones(len(scores), np.bool_)
            unseen[history] = False
            spread = scores[unseen].std()
            centred = scores - scores[unseen].mean()
            parts.append(centred / spread if spread > 0 else np.zeros_like(centred))
        mean: NDArray[np.float64] = np.mean(parts, axis=0)
        return mean


def _first_order(train: Interactions, n_items: int) -> Scorer:
    # So much shrinkage that popularity no longer divides anything: plain transition counts.
    return markov.fit(train, n_items, window=1, shrinkage=1e12, history_decay=0.5)


def _blend(train: Interactions, n_items: int) -> Scorer:
    return Blend((markov.fit(train, n_items), ease.fit(train, n_items)))


SCORERS: Mapping[str, Callable[[Interactions, int], Scorer]] = MappingProxyType(
    {
        "popularity": popular.fit,
        "markov-first": _first_order,
        "markov": markov.fit,
        "ease": lambda train, n_items: ease.fit(train, n_items, history_decay=1.0),
        "ease-recency": ease.fit,
        "markov+ease": _blend,
    }
)
"""Peers of the next-item task, fitted on training interactions."""

MINILM: Mapping[str, float] = MappingProxyType({"minilm": 0.0, "minilm-popular": 0.2})
"""MiniLM peers of the request task and the weight of popularity in each."""

METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "requests": ("popularity", *MINILM),
        "next-item": tuple(SCORERS),
    }
)
"""Which peers each task can judge."""


@dataclass(frozen=True, slots=True)
class MostPopular:
    """Answers every wish with the most popular items: what not listening at all would score.

    Attributes:
        catalog: The items.
    """

    catalog: Catalog

    def recommend(self, text: str = "", *, k: int = 10) -> Answer:
        """Return the k most popular items, ties by row, whatever the text."""
        order = np.argsort(-self.catalog.popularity, kind="stable")[:k]
        return listed(text, self.catalog, order.tolist(), self.catalog.popularity)


def listed(
    text: str, catalog: Catalog, rows: list[int], scores: NDArray[np.float64], elapsed_ms: float = 0
) -> Answer:
    """Return rows as an answer of a method that has no language model: log_prob is NaN."""
    items = tuple(
        Recommendation(
            rank=rank,
            item_id=catalog.at(row).item_id,
            title=catalog.at(row).title,
            score=float(scores[row]),
            log_prob=float("nan"),
            terms=MappingProxyType({}),
            why="",
        )
        for rank, row in enumerate(rows, start=1)
    )
    return Answer(text, items, elapsed_ms=elapsed_ms)
