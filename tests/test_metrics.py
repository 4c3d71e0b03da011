"""Metrics: fractions by hand, bounds and monotonicity by hypothesis.

Run: pytest tests/test_metrics.py -n 0
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.metrics import LIST, RANKING
from m6rec.metrics.average_precision import average_precision
from m6rec.metrics.averages import average, paired_difference
from m6rec.metrics.coverage import coverage
from m6rec.metrics.hit_rate import hit_rate
from m6rec.metrics.intra_list_diversity import intra_list_diversity
from m6rec.metrics.mrr import mrr
from m6rec.metrics.ndcg import ndcg
from m6rec.metrics.novelty import novelty
from m6rec.metrics.popularity import popularity
from m6rec.metrics.precision import precision
from m6rec.metrics.recall import recall
from m6rec.metrics.validity import Faults, faults, validity
from m6rec.records import Item

LOG3 = math.log2(3)
CATALOG = Catalog(
    [
        Item("a", "A", {"genres": ("Comedy",)}, popularity=7),
        Item("b", "B", {"genres": ("Comedy", "Drama")}, popularity=3),
        Item("c", "C", {"genres": ("War",)}, popularity=1),
        Item("d", "D", {}, popularity=0),
        Item("e", "E", {}, popularity=0),
    ]
)


@pytest.mark.parametrize(
    ("metric", "ranked", "relevant", "k", "expected"),
    [
        (hit_rate, [4, 2, 9], {2}, 3, 1),
        (hit_rate, [4, 2, 9], {2}, 1, 0),
        (hit_rate, [], {2}, 3, 0),
        (recall, [4, 2, 9], {2, 9, 5}, 3, 2 / 3),
        (recall, [4, 2, 9], {2, 9, 5}, 2, 1 / 3),
        (precision, [4, 2, 9], {2, 9, 5}, 3, 2 / 3),
        (precision, [2], {2}, 10, 1 / 10),
        (ndcg, [4, 2, 9], {2}, 3, (1 / LOG3)),
        (ndcg, [2, 4, 9], {2, 9}, 3, (1 + 1 / 2) / (1 + 1 / LOG3)),
        (ndcg, [2], {2, 9, 7}, 1, 1),
        (mrr, [4, 2, 9], {2, 9}, 3, 1 / 2),
        (mrr, [4, 2, 9], {9}, 2, 0),
        (average_precision, [2, 4, 9], {2, 9}, 3, (1 + 2 / 3) / 2),
        (average_precision, [2, 4, 9], {2, 9, 1, 3, 5}, 3, (1 + 2 / 3) / 3),
    ],
)
def test_by_hand(
    metric: Callable[..., float], ranked: list[int], relevant: set[int], k: int, expected: float
) -> None:
    assert metric(ranked, relevant, k) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", RANKING)
def test_no_relevant_item_is_undefined(name: str) -> None:
    assert math.isnan(RANKING[name]([1, 2], set(), 2))


@pytest.mark.parametrize("name", RANKING)
def test_a_cut_off_below_one_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="k is 0"):
        RANKING[name]([1, 2], {1}, 0)


@pytest.mark.parametrize("name", RANKING)
def test_repeating_the_right_answer_earns_nothing(name: str) -> None:
    assert RANKING[name]([1, 1, 1], {1, 2}, 3) == RANKING[name]([1, 8, 9], {1, 2}, 3)


ranked_lists = st.lists(st.integers(0, 12), max_size=12, unique=True)
relevant_sets = st.sets(st.integers(0, 12), min_size=1)


@settings(deadline=None)
@given(ranked_lists, relevant_sets, st.integers(1, 14))
def test_ranking_metrics_lie_in_the_unit_interval(
    ranked: list[int], relevant: set[int], k: int
) -> None:
    for metric in RANKING.values():
        assert 0 <= metric(ranked, relevant, k) <= 1 + 1e-12


@settings(deadline=None)
@given(ranked_lists, relevant_sets, st.integers(1, 14))
def test_a_longer_look_never_finds_less(ranked: list[int], relevant: set[int], k: int) -> None:
    for name in ("hit_rate", "recall", "mrr"):
        assert RANKING[name](ranked, relevant, k) <= RANKING[name](ranked, relevant, k + 1)
    one = set(sorted(relevant)[:1])
    for name in ("ndcg", "average_precision"):
        assert RANKING[name](ranked, one, k) <= RANKING[name](ranked, one, k + 1)


@settings(deadline=None)
@given(ranked_lists, relevant_sets, st.integers(1, 14))
def test_ndcg_and_average_precision_against_their_definitions(
    ranked: list[int], relevant: set[int], k: int
) -> None:
    gains = [1 / math.log2(place + 2) for place, row in enumerate(ranked[:k]) if row in relevant]
    best = sum(1 / math.log2(place + 2) for place in range(min(k, len(relevant))))
    assert ndcg(ranked, relevant, k) == pytest.approx(sum(gains) / best, abs=1e-12)
    at_hits = [
        len(relevant & set(ranked[: place + 1])) / (place + 1)
        for place, row in enumerate(ranked[:k])
        if row in relevant
    ]
    expected = sum(at_hits) / min(k, len(relevant))
    assert average_precision(ranked, relevant, k) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(relevant_sets, st.integers(1, 14))
def test_a_perfect_list_scores_one(relevant: set[int], k: int) -> None:
    ranked = sorted(relevant)
    for name in ("hit_rate", "ndcg", "mrr", "average_precision"):
        assert RANKING[name](ranked, relevant, k) == pytest.approx(1)


def test_coverage() -> None:
    assert coverage([[0, 1], [1, 2], []], 6) == 3 / 6
    assert coverage([], 6) == 0
    with pytest.raises(ConfigError, match="n_items is 0"):
        coverage([[0]], 0)


def test_popularity_is_a_median() -> None:
    assert popularity([0, 1, 2], CATALOG) == 3
    assert popularity([0, 1], CATALOG) == (7 + 3) / 2


def test_novelty_is_surprise_in_bits() -> None:
    assert novelty([0], CATALOG) == pytest.approx(-math.log2(8 / 16))
    assert novelty([0, 3], CATALOG) == pytest.approx((1 + 4) / 2)


def test_diversity_is_the_mean_pairwise_jaccard_distance() -> None:
    assert intra_list_diversity([0, 1], CATALOG) == 1 - 1 / 2
    assert intra_list_diversity([0, 1, 2], CATALOG) == pytest.approx((1 / 2 + 1 + 1) / 3)
    assert intra_list_diversity([3, 4], CATALOG) == 0
    assert intra_list_diversity([0, 1], CATALOG, "year") == 0


@pytest.mark.parametrize("name", LIST)
def test_an_empty_list_is_undefined(name: str) -> None:
    assert math.isnan(LIST[name]([], CATALOG))
    assert math.isfinite(LIST[name](np.array([0, 1], np.int32), CATALOG))


def test_each_fault_is_counted_once() -> None:
    shown = ["a", "a", "nowhere", "b", "c"]
    assert faults(shown, CATALOG, seen={"b", "a"}) == Faults(outside=1, repeats=1, seen=2)
    assert validity(shown, CATALOG, seen={"b"}) == pytest.approx(2 / 5)
    assert validity(["a", "b"], CATALOG) == 1
    assert math.isnan(validity([], CATALOG))


def test_the_average_counts_what_is_undefined() -> None:
    found = average([1.0, 0.0, math.nan, 1.0, 0.0])
    assert (found.mean, found.n, found.n_undefined) == (1 / 2, 4, 1)
    assert 0 <= found.low <= found.mean <= found.high <= 1


def test_the_average_of_little_has_no_interval() -> None:
    one = average([0.25, math.nan])
    assert (one.mean, one.n) == (0.25, 1)
    assert math.isnan(one.low)
    assert math.isnan(average([]).mean)
    with pytest.raises(ConfigError, match="n_resamples is 0"):
        average([1.0], n_resamples=0)


def test_the_interval_is_that_of_the_binomial() -> None:
    values = [1.0] * 20 + [0.0] * 80
    found = average(values, n_resamples=4000)
    spread = math.sqrt(0.2 * 0.8 / 100)
    assert found.low == pytest.approx(0.2 - 1.96 * spread, abs=0.015)
    assert found.high == pytest.approx(0.2 + 1.96 * spread, abs=0.015)
    assert found == average(values, n_resamples=4000)
    assert found != average(values, n_resamples=4000, seed=1)


def test_pairing_removes_what_requests_have_in_common() -> None:
    hard_and_easy = [float(at % 2) for at in range(40)]
    better = [value + 0.1 for value in hard_and_easy]
    found = paired_difference(better, hard_and_easy)
    assert found.mean == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1)
    with pytest.raises(ConfigError, match="cannot be paired"):
        paired_difference([1.0], [1.0, 0.0])
