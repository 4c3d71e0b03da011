"""From candidates with named terms to one totally ordered list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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


def blend(candidates: Sequence[Termed], weights: Mapping[str, float], k: int) -> list[Ranked]:
    """The k best by the weighted sum of terms.

    Args:
        candidates: In any order, each row at most once.
        weights: Factor per term; a term without one counts once.
        k: At least 1.

    Returns:
        Best first; equal scores in order of log-probability, then of row, so that the order is
        total and does not depend on the order of `candidates`.
    """
    ranked = []
    for candidate in candidates:
        terms = {name: weights.get(name, 1.0) * value for name, value in candidate.terms.items()}
        ranked.append(Ranked(candidate, terms, sum(terms.values())))
    ranked.sort(key=lambda r: (-r.score, -r.candidate.log_prob, r.candidate.row))
    return ranked[:k]
