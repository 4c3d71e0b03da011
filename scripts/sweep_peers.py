"""Choose the settings of the next-item peers: NDCG@10 on each user's second-last choice.

    python scripts/sweep_peers.py                              # every peer, about an hour on one core
    python scripts/sweep_peers.py --methods bpr --rounds 1

Where fitting is free every combination is tried. Else coordinate search: from the first value of every
axis, one axis at a time takes its best value, until a round changes nothing. Fitted models are kept between values that only change how a history is read. The
last choice of every user stays untouched, so that the test figures are not chosen on themselves; the
line "test" at the end is printed once, for the settings that won.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

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
from m6rec.evaluation.methods import Blend
from m6rec.evaluation.next_item import Scorer, top_rows
from m6rec.interactions import Interactions
from m6rec.metrics.hit_rate import hit_rate
from m6rec.metrics.ndcg import ndcg
from m6rec.sources.movielens import load_default
from m6rec.split import Split, leave_last_out, leave_second_last_out

Settings = dict[str, Any]
Fit = Callable[[Interactions, Catalog, Settings], Scorer]
DECAYS = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6)


@dataclass(frozen=True, slots=True)
class Search:
    """What is tried for one peer.

    Attributes:
        fit: Makes the scorer.
        axes: Values by setting; the first is where the search starts.
        reading: Axes that are attributes of the fitted scorer and need no new fit.
        exhaustive: Try every combination instead of one axis at a time.
    """

    fit: Fit
    axes: Mapping[str, tuple[Any, ...]]
    reading: frozenset[str] = frozenset()
    exhaustive: bool = False


def by_rows(fit: Callable[..., Any]) -> Fit:
    """A fit that needs the size of the catalog only."""
    return lambda train, catalog, settings: fit(train, len(catalog), **settings)


class Remembered:
    """A scorer that keeps what it said of each history: 50 MB for 671 users and 9,061 items."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.known: dict[bytes, NDArray[np.float64]] = {}

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the scorer's scores."""
        key = history.tobytes()
        if key not in self.known:
            self.known[key] = self.scorer.scores(history)
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Hybrid:
    """A collaborative part, a content part, popularity and what follows what; all of it is swept."""

    parts: Mapping[str, Scorer]
    collaborative: str = ""
    words: str = ""
    words_weight: float = 0.0
    popular_weight: float = 0.0
    markov_weight: float = 0.0

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the weighted mean of the standard scores."""
        names = (self.collaborative, self.words, "popular", "markov")
        weights = (1.0, self.words_weight, self.popular_weight, self.markov_weight)
        return Blend(tuple(self.parts[name] for name in names), weights).scores(history)


def fit_hybrid(train: Interactions, catalog: Catalog, _: Settings) -> Scorer:
    """Fit every part that may be chosen."""
    n_items = len(catalog)
    parts: dict[str, Scorer] = {
        "item-neighbours": item_neighbours.fit(train, n_items),
        "ease": ease.fit(train, n_items),
        "als": als.fit(train, n_items),
        "bpr": bpr.fit(train, n_items),
        "tfidf": content.fit_tfidf(catalog),
        "bm25": content.fit_bm25(catalog),
        "popular": popular.fit(train, n_items),
        "markov": markov.fit(train, n_items),
    }
    return Hybrid({name: Remembered(part) for name, part in parts.items()})


SEARCHES: Mapping[str, Search] = {
    "user-neighbours": Search(
        by_rows(user_neighbours.fit),
        {
            "discount": (0.0, 0.25, 0.5, 0.65, 0.8, 1.0),
            "shrinkage": (1.0, 5.0, 20.0, 50.0, 100.0, 200.0),
            "neighbours": (30, 100, 200, 1000),
            "history_decay": DECAYS,
        },
        frozenset({"history_decay", "neighbours", "shrinkage"}),
        exhaustive=True,
    ),
    "item-neighbours": Search(
        by_rows(item_neighbours.fit),
        {
            "history_decay": DECAYS,
            "shrinkage": (20.0, 10.0, 5.0, 2.0, 1.0),
            "neighbours": (None, 20, 100, 500),
        },
        frozenset({"history_decay", "shrinkage", "neighbours"}),
    ),
    "als": Search(
        by_rows(als.fit),
        {
            "history_decay": DECAYS,
            "factors": (64, 32, 128, 192),
            "regularisation": (10.0, 1.0, 30.0, 50.0),
            "confidence": (10.0, 5.0, 20.0),
            "iterations": (10, 5, 20),
        },
        frozenset({"history_decay"}),
    ),
    "bpr": Search(
        by_rows(bpr.fit),
        {
            "history_decay": DECAYS,
            "sharpness": (1.0, 2.0, 4.0),
            "factors": (64, 128, 192, 256),
            "iterations": (100, 200, 400),
            "regularisation": (0.01, 0.003, 0.02),
            "learning_rate": (0.05, 0.1),
        },
        frozenset({"history_decay", "sharpness"}),
    ),
    "tfidf": Search(
        lambda _, catalog, settings: content.fit_tfidf(catalog, **settings),
        {"history_decay": DECAYS},
        frozenset({"history_decay"}),
    ),
    "bm25": Search(
        lambda _, catalog, settings: content.fit_bm25(catalog, **settings),
        {"history_decay": DECAYS, "k1": (1.2, 0.5, 2.0), "b": (0.75, 0.3, 0.9)},
        frozenset({"history_decay"}),
    ),
    "hybrid": Search(
        fit_hybrid,
        {
            "collaborative": ("item-neighbours", "ease", "als", "bpr"),
            "words": ("tfidf", "bm25"),
            "words_weight": (0.0, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0),
            "popular_weight": (0.0, 0.05, 0.1, 0.2, 0.3),
        },
        frozenset({"collaborative", "words", "words_weight", "popular_weight"}),
        exhaustive=True,
    ),
    "hybrid-markov": Search(
        fit_hybrid,
        {
            "collaborative": ("als", "bpr"),
            "words": ("bm25",),
            "words_weight": (0.5, 0.7, 1.0, 1.4, 2.0),
            "popular_weight": (0.0, 0.1, 0.2),
            "markov_weight": (0.2, 0.35, 0.5, 0.7, 1.0, 1.5),
        },
        frozenset({"collaborative", "words", "words_weight", "popular_weight", "markov_weight"}),
        exhaustive=True,
    ),
}


class Trial:
    """Fits and judges one peer on one split, keeping the last fitted scorer."""

    def __init__(self, search: Search, split: Split, catalog: Catalog) -> None:
        self.search = search
        self.split = split
        self.catalog = catalog
        self.key: Settings | None = None
        self.scorer: Any = None
        self.seconds = 0.0

    def judge(self, settings: Settings) -> tuple[float, float]:
        """NDCG@10 and HR@10 over the users."""
        scorer = self._fitted(settings)
        found = [
            (ndcg(rows, case.truth.tolist(), 10), hit_rate(rows, case.truth.tolist(), 10))
            for case in self.split
            for rows in [top_rows(scorer, case.history, 10)]
        ]
        gain, hits = np.mean(found, axis=0)
        return float(gain), float(hits)

    def _fitted(self, settings: Settings) -> Scorer:
        reading = {name: settings[name] for name in settings.keys() & self.search.reading}
        key = {name: value for name, value in settings.items() if name not in reading}
        if key != self.key:
            started = time.perf_counter()
            self.scorer = self.search.fit(self.split.train, self.catalog, key)
            self.key, self.seconds = key, time.perf_counter() - started
        scorer: Scorer = replace(self.scorer, **reading) if reading else self.scorer
        return scorer


def choose(name: str, trial: Trial, rounds: int) -> Settings:
    """Return the settings no single axis improves, or those after so many rounds."""
    axes = trial.search.axes
    if trial.search.exhaustive:
        return best_of_all(name, trial)
    best = {axis: values[0] for axis, values in axes.items()}
    gain, hits = trial.judge(best)
    tell(name, best, gain, hits, trial.seconds)
    for _ in range(rounds):
        before = dict(best)
        for axis, values in axes.items():
            for value in values:
                if value == best[axis]:
                    continue
                tried = {**best, axis: value}
                new, hits = trial.judge(tried)
                tell(name, {axis: value}, new, hits, trial.seconds)
                if new > gain:
                    gain, best = new, tried
        if best == before:
            break
    return best


def best_of_all(name: str, trial: Trial) -> Settings:
    """Return the best of all combinations, the first of equals."""
    axes = trial.search.axes
    gain, best = -1.0, Settings()
    for values in product(*axes.values()):
        tried = dict(zip(axes, values, strict=True))
        new, hits = trial.judge(tried)
        tell(name, tried, new, hits, trial.seconds)
        if new > gain:
            gain, best = new, tried
    return best


def tell(name: str, settings: Settings, gain: float, hits: float, seconds: float) -> None:
    """Print one line."""
    print(
        f"{name:<16} HR@10 {hits:.3f} NDCG@10 {gain:.4f} fit {seconds:.1f} s  {settings}",
        flush=True,
    )


def main() -> None:
    """Search for the settings of each chosen peer and judge the winners once on the test split."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--methods", nargs="+", choices=[*SEARCHES], default=[*SEARCHES])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    catalog, interactions = load_default()
    validation, test = leave_second_last_out(interactions), leave_last_out(interactions)
    for name in chosen.methods:
        best = choose(name, Trial(SEARCHES[name], validation, catalog), chosen.rounds)
        final = Trial(SEARCHES[name], test, catalog)
        gain, hits = final.judge(best)
        tell(f"{name} test", best, gain, hits, final.seconds)


if __name__ == "__main__":
    main()
