"""Next item: rank everything a user has not seen, and look where the held-out item stands.

Full ranking, no sampled negatives (Krichene & Rendle 2020, "On sampled metrics for item
recommendation"). Ties are broken by row, never in favour of the target.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import M6RecError, ModelError
from m6rec.metrics.f1 import f1
from m6rec.metrics.hit_rate import hit_rate
from m6rec.metrics.hits import hits
from m6rec.metrics.mrr import mrr
from m6rec.metrics.ndcg import ndcg
from m6rec.metrics.popularity_lift import popularity_lift
from m6rec.metrics.recall import recall
from m6rec.metrics.serendipity import serendipity
from m6rec.metrics.validity import faults
from m6rec.records import Answer
from m6rec.split import Case

Ranker = Callable[[Case, int], Sequence[str] | Answer]
"""Called with a case and k; returns at most k item ids, best first, or an answer with as many items."""


class Scorer(Protocol):
    """Whatever scores all items for a history of rows, oldest first."""

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return one score per item, shape (n_items,)."""
        ...


class HistoryRecommender(Protocol):
    """A recommender that answers from what a person liked, without words."""

    def recommend(
        self, text: str = "", *, liked: Sequence[str] = (), seen: Sequence[str] = (), k: int = 10
    ) -> Answer:
        """Return at most k items, best first."""
        ...


@dataclass(frozen=True, slots=True)
class NextItemRow:
    """What one method answered for one user.

    Attributes:
        user_id: The user.
        n_history: How many choices came before.
        targets: Item ids that were held out.
        hit_rate: 1 when one of them is among the first k.
        recall: Share of them among the first k; equals `hit_rate` for a single target.
        f1: F1 at k.
        ndcg: NDCG at k.
        mrr: Reciprocal rank at k.
        serendipity: Share of the first k places with a target that is not among the k most popular
            unseen items.
        popularity_lift: How much more popular the list is than the history; None when undefined.
        faults: Items outside the catalog, repeated, or already seen.
        lm_tokens: Tokens the language model read; None for a method without one.
        elapsed_ms: Wall time.
        shown: Item ids, best first.
        hits: For each of them 1 when it is a target.
        log_probs: log P(item) as stated, in nats; empty for a method that states none.
        error: Why there is no answer; None when there is one.
    """

    user_id: str
    n_history: int
    targets: tuple[str, ...]
    hit_rate: float
    recall: float
    f1: float
    ndcg: float
    mrr: float
    serendipity: float
    popularity_lift: float | None
    faults: int
    lm_tokens: int | None
    elapsed_ms: float
    shown: tuple[str, ...]
    hits: tuple[int, ...]
    log_probs: tuple[float, ...]
    error: str | None = None


def rank_by_scores(
    scorer: Scorer, catalog: Catalog, among: NDArray[np.bool_] | None = None
) -> Ranker:
    """Return a ranker that shows the k unseen items of the highest score, ties by row.

    Args:
        scorer: Scores all items.
        catalog: The items.
        among: Which of them may be shown, shape (n_items,); None for all.
    """

    def rank(case: Case, k: int) -> list[str]:
        return [catalog.at(row).item_id for row in top_rows(scorer, case.history, k, among)]

    return rank


def top_rows(
    scorer: Scorer, history: NDArray[np.int32], k: int, among: NDArray[np.bool_] | None = None
) -> list[int]:
    """The k best rows that are not in the history, best first, ties by row.

    Args:
        scorer: Scores all items.
        history: Rows that were chosen, oldest first.
        k: How many, at most.
        among: Which rows may be shown, shape (n_items,); None for all.

    Raises:
        ModelError: A score is NaN, which would order the list at random.
    """
    scores = np.array(scorer.scores(history), np.float64)
    if np.isnan(scores).any():
        row = int(np.argmax(np.isnan(scores)))
        raise ModelError(f"the score of row {row} is NaN; fit the model again")
    scores[history] = -np.inf
    if among is not None:
        scores[~among] = -np.inf
    unseen = int(np.isfinite(scores).sum())
    order = np.argsort(-scores, kind="stable")
    best: list[int] = order[: min(k, unseen)].tolist()
    return best


def rank_by_recommender(
    recommender: HistoryRecommender,
    catalog: Catalog,
    *,
    history_length: int,
    among: NDArray[np.bool_] | None = None,
) -> Ranker:
    """Return a ranker that tells a recommender the last choices as liked, the rest as seen.

    Args:
        recommender: Must not have learned from the test interactions; nothing here can check that.
        catalog: The catalog the rows belong to.
        history_length: How many of the last choices are told as liked: no more than the model was
            trained on.
        among: Which items may be shown, shape (n_items,); all others count as seen. None for all.
    """
    others = (
        []
        if among is None
        else [catalog.at(row).item_id for row in np.flatnonzero(~among).tolist()]
    )

    def rank(case: Case, k: int) -> Answer:
        ids = [catalog.at(row).item_id for row in case.history.tolist()]
        older, recent = ids[:-history_length], ids[-history_length:]
        told = {*recent}
        unwanted = [*older, *(item_id for item_id in others if item_id not in told)]
        return recommender.recommend(liked=recent, seen=unwanted, k=k)

    return rank


def judge_next_item(
    cases: Iterable[Case], ranker: Ranker, catalog: Catalog, *, k: int = 10
) -> Iterator[NextItemRow]:
    """Rank for every user and judge the list, one row at a time.

    An error that m6rec raises on purpose becomes a row of misses that carries its message.
    """
    for case in cases:
        error: str | None = None
        answer: Sequence[str] | Answer = ()
        started = time.perf_counter()
        try:
            answer = ranker(case, k)
        except M6RecError as refusal:
            error = str(refusal)
        elapsed = 1000 * (time.perf_counter() - started)
        yield _judged(case, answer, catalog, k, elapsed, error)


def _judged(
    case: Case,
    answer: Sequence[str] | Answer,
    catalog: Catalog,
    k: int,
    elapsed_ms: float,
    error: str | None,
) -> NextItemRow:
    items = answer.items[:k] if isinstance(answer, Answer) else ()
    shown = list(answer)[:k] if not isinstance(answer, Answer) else [i.item_id for i in items]
    found = faults(shown, catalog, {catalog.at(row).item_id for row in case.history.tolist()})
    rows = [catalog.row(item_id) if item_id in catalog else -1 for item_id in shown]
    truth = case.truth.tolist()
    lift = popularity_lift([row for row in rows if row >= 0], case.history, catalog)
    return NextItemRow(
        user_id=case.user_id,
        n_history=len(case.history),
        targets=tuple(catalog.at(row).item_id for row in truth),
        hit_rate=hit_rate(rows, truth, k),
        recall=recall(rows, truth, k),
        f1=f1(rows, truth, k),
        ndcg=ndcg(rows, truth, k),
        mrr=mrr(rows, truth, k),
        serendipity=serendipity(rows, truth, expected(case.history, catalog, k), k),
        popularity_lift=None if math.isnan(lift) else lift,
        faults=found.outside + found.repeats + found.seen,
        lm_tokens=answer.lm_tokens if isinstance(answer, Answer) else None,
        elapsed_ms=elapsed_ms,
        shown=tuple(shown),
        hits=tuple(hits(rows, truth, k)[: len(rows)].astype(int).tolist()),
        log_probs=tuple(item.log_prob for item in items),
        error=error,
    )


def expected(history: NDArray[np.int32], catalog: Catalog, k: int) -> list[int]:
    """Rows of the k most popular items that are not in the history, ties by row."""
    popularity = catalog.popularity.copy()
    popularity[history] = -1
    rows: list[int] = np.argsort(-popularity, kind="stable")[:k].tolist()
    return rows
