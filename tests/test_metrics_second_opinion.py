"""Ranking metrics against trec_eval (through ir-measures), on anything hypothesis thinks of.

Run: pytest tests/test_metrics_second_opinion.py -n 0
"""

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.metrics import RANKING

TOLERANCE = 1e-9
PADDING = 100
"""Rows from here on are right for nobody."""

ranked_lists = st.lists(st.integers(0, 20), max_size=15, unique=True)
relevant_sets = st.sets(st.integers(0, 20), min_size=1)


def trec(measure: ir_measures.Measure, ranked: list[int], relevant: set[int]) -> float:
    """What trec_eval says, scores falling so that its own order of ties never matters."""
    qrels = [ir_measures.Qrel("q", str(row), 1) for row in sorted(relevant)]
    run = [ir_measures.ScoredDoc("q", str(row), -float(at)) for at, row in enumerate(ranked)]
    value: float = ir_measures.calc_aggregate([measure], qrels, run)[measure]
    return value


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("hit_rate", "Success@{k}"),
        ("recall", "R@{k}"),
        ("precision", "P@{k}"),
        ("ndcg", "nDCG@{k}"),
        ("mrr", "RR@{k}"),
    ],
)
@settings(deadline=None, max_examples=80)
@given(ranked=ranked_lists, relevant=relevant_sets, k=st.integers(1, 15))
def test_equal(name: str, theirs: str, ranked: list[int], relevant: set[int], k: int) -> None:
    # trec_eval leaves out a request without a list; a list of wrong items means the same.
    listed = ranked or [PADDING]
    expected = trec(ir_measures.parse_measure(theirs.format(k=k)), listed, relevant)
    assert RANKING[name](ranked, relevant, k) == pytest.approx(expected, abs=TOLERANCE)


@settings(deadline=None, max_examples=80)
@given(ranked=ranked_lists, relevant=relevant_sets, k=st.integers(1, 15))
def test_average_precision_differs_by_what_a_list_of_k_can_reach(
    ranked: list[int], relevant: set[int], k: int
) -> None:
    theirs = trec(ir_measures.AP @ k, ranked or [PADDING], relevant)
    expected = theirs * len(relevant) / min(k, len(relevant))
    assert RANKING["average_precision"](ranked, relevant, k) == pytest.approx(
        expected, abs=TOLERANCE
    )


@settings(deadline=None, max_examples=80)
@given(ranked=ranked_lists, relevant=relevant_sets, k=st.integers(1, 15))
def test_f1_is_their_set_measure_of_a_full_list(
    ranked: list[int], relevant: set[int], k: int
) -> None:
    listed = ranked[:k]
    full = listed + [PADDING + at for at in range(k - len(listed))]
    expected = trec(ir_measures.SetF, full, relevant)
    assert RANKING["f1"](ranked, relevant, k) == pytest.approx(expected, abs=TOLERANCE)
