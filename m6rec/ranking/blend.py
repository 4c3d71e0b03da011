"""From candidates with named terms to one totally ordered list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from m6rec.ranking.pool import Gain


@dataclass(frozen=True, slots=True)
class Termed:
    """A candidate and what speaks for it.

    Attributes:
        row: The item's row.
        log_prob: log P of its best path under the search's distribution.
        path: Index of that path.
        terms: Named parts, before weights.
    """

    row: int
    log_prob: float
    path: int
    terms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its final score.

    Attributes:
        candidate: The candidate.
        terms: Each term's weighted contribution; they add up to `score`.
        score: What the list is ordered by.
    """

    candidate: Termed
    terms: Mapping[str, float]
    score: float


def blend(
    candidates: Sequence[Termed],
    weights: Mapping[str, float],
    k: int,
    gains: Mapping[str, Gain] | None = None,
) -> list[Ranked]:
    """The k best by the weighted sum of terms, or a list that is chosen item by item.

    Args:
        candidates: In any order, each row at most once.
        weights: Factor per term; a term without one counts once.
        k: At least 1.
        gains: What each objective of the list, by name, adds to the candidates, in their order; its
            name becomes a term. None is no objective.

    Returns:
        Best first; equal scores in order of log-probability, then of row, so that the order is
        total and does not depend on the order of `candidates`.
    """
    ranked = []
    for candidate in candidates:
        terms = {name: weights.get(name, 1.0) * value for name, value in candidate.terms.items()}
        ranked.append(Ranked(candidate, terms, sum(terms.values())))
    if gains:
        return _chosen(ranked, k, gains)
    ranked.sort(key=_order)
    return ranked[:k]


def _order(ranked: Ranked) -> tuple[float, float, int]:
    return -ranked.score, -ranked.candidate.log_prob, ranked.candidate.row


def _chosen(ranked: Sequence[Ranked], k: int, gains: Mapping[str, Gain]) -> list[Ranked]:
    """The list of a greedy choice: always what scores most beside what is chosen already."""
    order = np.array(sorted(range(len(ranked)), key=lambda at: _order(ranked[at])), np.int64)
    plain = np.array([one.score for one in ranked])
    chosen: list[int] = []
    finished: list[Ranked] = []
    for _ in range(min(k, len(ranked))):
        added = {name: gain(chosen) for name, gain in gains.items()}
        scores = plain + sum(added.values())
        scores[chosen] = -np.inf
        at = int(order[np.argmax(scores[order])])
        if scores[at] == -np.inf:
            break
        terms = {**ranked[at].terms, **{name: float(gain[at]) for name, gain in added.items()}}
        chosen.append(at)
        finished.append(replace(ranked[at], terms=terms, score=sum(terms.values())))
    return finished
