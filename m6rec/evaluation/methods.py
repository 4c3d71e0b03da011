"""The methods an evaluation can name, and how each is made from training data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates import (
    als,
    bpr,
    content,
    ease,
    item_neighbours,
    markov,
    popular,
    user_neighbours,
)
from m6rec.catalog import Catalog
from m6rec.evaluation.next_item import Scorer
from m6rec.evaluation.requests import TextRecommender
from m6rec.interactions import Interactions
from m6rec.records import Answer, Recommendation


@dataclass(frozen=True, slots=True)
class Blend:
    """The weighted mean of several scorers, each made comparable over the unseen items.

    Attributes:
        scorers: At least one.
        weights: One for each scorer, with a sum above 0; empty weighs all alike.
    """

    scorers: tuple[Scorer, ...]
    weights: tuple[float, ...] = ()

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Weighted mean z-score, shape (n_items,); 0 from a scorer that is constant."""
        parts = []
        for scorer in self.scorers:
            scores = scorer.scores(history)
            unseen = np.ones(len(scores), np.bool_)
            unseen[history] = False
            if not unseen.any():
                unseen[:] = True
            spread = scores[unseen].std()
            centred = scores - scores[unseen].mean()
            parts.append(centred / spread if spread > 0 else np.zeros_like(centred))
        mean: NDArray[np.float64] = np.average(parts, axis=0, weights=self.weights or None)
        return mean


def _first_order(train: Interactions, n_items: int) -> Scorer:
    # So much shrinkage that popularity no longer divides anything: plain transition counts.
    return markov.fit(train, n_items, window=1, shrinkage=1e12, history_decay=0.5)


def _blend(train: Interactions, n_items: int) -> Scorer:
    return Blend((markov.fit(train, n_items), ease.fit(train, n_items)))


def _sasrec(train: Interactions, n_items: int) -> Scorer:
    from m6rec.candidates import sasrec

    return sasrec.fit(train, n_items)


def _crowd(train: Interactions, catalog: Catalog) -> Scorer:
    from m6rec.candidates import alike, crowd

    return crowd.fit(train, len(catalog), alike=alike.fit(catalog))


def _lightgcn(train: Interactions, n_items: int) -> Scorer:
    from m6rec.candidates import graph

    return graph.fit(train, n_items)


def _lightgcn_text(train: Interactions, catalog: Catalog) -> Scorer:
    from m6rec.candidates import graph
    from m6rec.evaluation.peers import item_vectors

    return graph.fit(train, len(catalog), texts=item_vectors(catalog))


HYBRID = (1.0, 1.0, 0.1)
"""Weights in `hybrid` of ALS, BM25 and popularity (`scripts/sweep_peers.py`)."""
HYBRID_MARKOV = (1.0, 0.7, 0.2)
"""Weights in `hybrid-markov` of BPR, BM25 and the windowed Markov chain."""


def _hybrid(train: Interactions, catalog: Catalog) -> Scorer:
    n_items = len(catalog)
    # Popularity is counted in `train`: the catalog's own also counts what is to be predicted.
    parts = (als.fit(train, n_items), content.fit_bm25(catalog), popular.fit(train, n_items))
    return Blend(parts, HYBRID)


def _hybrid_markov(train: Interactions, catalog: Catalog) -> Scorer:
    n_items = len(catalog)
    parts = (bpr.fit(train, n_items), content.fit_bm25(catalog), markov.fit(train, n_items))
    return Blend(parts, HYBRID_MARKOV)


SCORERS: Mapping[str, Callable[[Interactions, int], Scorer]] = MappingProxyType(
    {
        "popularity": popular.fit,
        "markov-first": _first_order,
        "markov": markov.fit,
        "ease": lambda train, n_items: ease.fit(train, n_items, history_decay=1.0),
        "ease-recency": ease.fit,
        "markov+ease": _blend,
        "user-neighbours": user_neighbours.fit,
        "item-neighbours": item_neighbours.fit,
        "als": als.fit,
        "bpr": bpr.fit,
        "sasrec": _sasrec,
        "lightgcn": _lightgcn,
    }
)
"""Peers of the next-item task, fitted on training interactions."""

CONTENT_SCORERS: Mapping[str, Callable[[Interactions, Catalog], Scorer]] = MappingProxyType(
    {
        "tfidf": lambda _, catalog: content.fit_tfidf(catalog),
        "bm25": lambda _, catalog: content.fit_bm25(catalog),
        "hybrid": _hybrid,
        "hybrid-markov": _hybrid_markov,
        "crowd": _crowd,
        "lightgcn-text": _lightgcn_text,
    }
)
"""Peers of the next-item task that also read what the items say of themselves."""

NEXT_ITEM_PEERS = (*SCORERS, *CONTENT_SCORERS)
"""Every name `fit_scorer` knows."""


def fit_scorer(name: str, train: Interactions, catalog: Catalog) -> Scorer:
    """Fit the peer of that name on training interactions with a catalog's rows.

    Raises:
        KeyError: The name is not in `NEXT_ITEM_PEERS`.
        MissingExtraError: What it needs is not installed.
    """
    if name in SCORERS:
        return SCORERS[name](train, len(catalog))
    return CONTENT_SCORERS[name](train, catalog)


MINILM: Mapping[str, float] = MappingProxyType({"minilm": 0.0, "minilm-popular": 0.2})
"""MiniLM peers of the request task and the weight of popularity in each."""


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


def _minilm(catalog: Catalog, popularity_weight: float) -> TextRecommender:
    from m6rec.evaluation.peers import semantic_search

    return semantic_search(catalog, popularity_weight=popularity_weight)


def _lexical(catalog: Catalog, read: Callable[[Catalog], content.Content]) -> TextRecommender:
    from m6rec.evaluation.lexical import LexicalSearch

    return LexicalSearch(catalog, read(catalog))


SEARCHERS: Mapping[str, Callable[[Catalog], TextRecommender]] = MappingProxyType(
    {
        "popularity": MostPopular,
        "tfidf": partial(_lexical, read=content.fit_tfidf),
        "bm25": partial(_lexical, read=content.fit_bm25),
        **{name: partial(_minilm, popularity_weight=weight) for name, weight in MINILM.items()},
    }
)
"""Peers that answer a wish in words, made from the catalog alone."""
