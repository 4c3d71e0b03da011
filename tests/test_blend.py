"""Weighted terms and one total order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.ranking.blend import Termed, blend

WEIGHTS = {"novelty": 2.0, "popularity": 0.0}


def termed(row: int, log_prob: float = -1.0, **terms: float) -> Termed:
    return Termed(row, log_prob, row, terms)


CANDIDATES = st.lists(
    st.builds(
        lambda row, log_prob, one, other: termed(row, log_prob, language_model=one, novelty=other),
        st.integers(0, 99),
        st.integers(-3, 0),
        st.integers(-2, 2),
        st.integers(-2, 2),
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda candidate: candidate.row,
)


def test_terms_are_weighted_and_add_up():
    [ranked] = blend([termed(4, language_model=-3.0, novelty=1.5, popularity=7.0)], WEIGHTS, 1)
    assert ranked.terms == {"language_model": -3.0, "novelty": 3.0, "popularity": 0.0}
    assert ranked.score == 0.0
    assert ranked.candidate.row == 4


def test_the_best_score_comes_first_whatever_the_log_probability():
    first, second = termed(0, -0.1, novelty=1.0), termed(1, -9.0, novelty=2.0)
    assert [r.candidate.row for r in blend([first, second], {}, 2)] == [1, 0]


def test_equal_scores_go_by_log_probability_then_row():
    tied = [termed(3, -2.0, x=1.0), termed(1, -2.0, x=1.0), termed(2, -1.0, x=1.0)]
    assert [r.candidate.row for r in blend(tied, {}, 3)] == [2, 1, 3]


@settings(deadline=None)
@given(CANDIDATES, st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_order_is_total(candidates, k, random):
    ranked = blend(candidates, WEIGHTS, k)
    shuffled = random.sample(candidates, len(candidates))
    assert ranked == blend(shuffled, WEIGHTS, k)
    assert len(ranked) == min(k, len(candidates))
    keys = [(-r.score, -r.candidate.log_prob, r.candidate.row) for r in ranked]
    assert keys == sorted(keys)
    left = {c.row for c in candidates} - {r.candidate.row for r in ranked}
    for one in (r for r in blend(candidates, WEIGHTS, 99) if r.candidate.row in left):
        assert one.score <= ranked[-1].score
    for one in ranked:
        assert one.score == pytest.approx(sum(one.terms.values()))


def test_nobody_in_nobody_out():
    assert blend([], WEIGHTS, 3) == []
