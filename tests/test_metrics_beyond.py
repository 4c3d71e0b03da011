"""Metrics beyond ranking: fractions by hand and their edges.

Run: pytest tests/test_metrics_beyond.py -n 0
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.metrics.calibration import Bin, calibration_error, reliability
from m6rec.metrics.f1 import f1
from m6rec.metrics.gini import gini
from m6rec.metrics.popularity_lift import popularity_lift
from m6rec.metrics.precision import precision
from m6rec.metrics.recall import recall
from m6rec.metrics.satisfaction import satisfaction
from m6rec.metrics.serendipity import serendipity
from m6rec.metrics.significance import holm, sign_flip_p
from m6rec.metrics.text_diversity import text_diversity
from m6rec.records import Item

CATALOG = Catalog(
    Item(name, name, popularity=count) for name, count in zip("abcd", (8, 4, 2, 0), strict=True)
)


def test_f1_by_hand() -> None:
    assert f1([4, 2, 9], {2, 9, 5}, 3) == pytest.approx(2 / 3)
    assert f1([4, 2], {2}, 10) == pytest.approx(2 / 11)
    assert f1([4], {2}, 10) == 0


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 12), max_size=12, unique=True),
    st.sets(st.integers(0, 12), min_size=1),
    st.integers(1, 14),
)
def test_f1_is_the_harmonic_mean(ranked: list[int], relevant: set[int], k: int) -> None:
    p, r = precision(ranked, relevant, k), recall(ranked, relevant, k)
    expected = 2 * p * r / (p + r) if p + r else 0
    assert f1(ranked, relevant, k) == pytest.approx(expected, abs=1e-12)


def test_gini_by_hand() -> None:
    assert gini([[0, 1], [2, 3]], 4) == 0
    assert gini([[0], [0], [0]], 4) == 3 / 4
    # Exposures 0, 1, 2, 3: (-3*0 - 1*1 + 1*2 + 3*3) / (4 * 6).
    assert gini([[1, 2, 3], [2, 3], [3]], 4) == pytest.approx(10 / 24)
    assert math.isnan(gini([[]], 4))


def test_gini_refuses_rows_from_elsewhere() -> None:
    with pytest.raises(ConfigError, match="row 4 is shown of a catalog of 4"):
        gini([[4]], 4)
    with pytest.raises(ConfigError, match="n_items is 0"):
        gini([], 0)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=5), min_size=1, max_size=8))
def test_gini_is_the_mean_difference(lists: list[list[int]]) -> None:
    exposure = np.bincount([row for rows in lists for row in rows], minlength=7)
    apart = np.abs(exposure[:, None] - exposure[None, :]).sum() / (2 * 7 * exposure.sum())
    assert gini(lists, 7) == pytest.approx(apart, abs=1e-12)


def test_serendipity_by_hand() -> None:
    assert serendipity([1, 2, 3], {1, 2}, {1}, 3) == 1 / 3
    assert serendipity([1, 2, 3], {1, 2}, set(), 4) == 2 / 4
    assert serendipity([1, 2], {1, 2}, {1, 2}, 2) == 0
    assert math.isnan(serendipity([1], set(), {1}, 2))
    with pytest.raises(ConfigError, match="k is 0"):
        serendipity([1], {1}, set(), 0)


def test_popularity_lift_by_hand() -> None:
    assert popularity_lift([0, 1], [1, 2], CATALOG) == (8 + 4) / (4 + 2) - 1
    assert popularity_lift([3], [0], CATALOG) == -1
    for rows, reference in (([], [0]), ([0], []), ([0], [3])):
        assert math.isnan(popularity_lift(rows, reference, CATALOG))


@pytest.mark.parametrize(
    ("ranked", "relevant", "expected"),
    [
        ([1, 2, 3], {1, 2, 3, 4}, 1),
        ([1, 2, 9], {1, 2, 3, 4}, 0),
        ([1, 2], {1, 2, 3, 4}, 0),
        ([2, 1], {1, 2}, 1),
        ([2, 1, 9], {1, 2}, 0),
        ([1, 1, 2], {1, 2, 3}, 0),
    ],
)
def test_satisfaction_is_all_or_nothing(
    ranked: list[int], relevant: set[int], expected: float
) -> None:
    assert satisfaction(ranked, relevant, 3) == expected


def test_text_diversity_by_hand() -> None:
    vectors = np.array([[1, 0], [0, 2], [3, 0], [0, 0]], np.float32)
    assert text_diversity([0, 1], vectors) == pytest.approx(1)
    assert text_diversity([0, 2], vectors) == pytest.approx(0)
    assert text_diversity([0, 1, 2], vectors) == pytest.approx((1 + 0 + 1) / 3)
    assert text_diversity([0, 3], vectors) == pytest.approx(1)
    assert math.isnan(text_diversity([0], vectors))


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=6))
def test_text_diversity_is_the_mean_over_pairs(rows: list[int]) -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 3))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [(a, b) for at, a in enumerate(rows) for b in rows[at + 1 :]]
    expected = sum(1 - float(unit[a] @ unit[b]) for a, b in pairs) / len(pairs)
    assert text_diversity(rows, vectors) == pytest.approx(expected, abs=1e-9)


def test_calibration_by_hand() -> None:
    stated, happened = [0.1, 0.2, 0.8, 0.9], [False, False, True, False]
    low, high = reliability(stated, happened, n_bins=2)
    assert low == Bin(pytest.approx(0.15), 0, 2)  # type: ignore[arg-type]
    assert high == Bin(pytest.approx(0.85), 1 / 2, 2)  # type: ignore[arg-type]
    expected = (2 * 0.15 + 2 * 0.35) / 4
    assert calibration_error(stated, happened, n_bins=2) == pytest.approx(expected)
    assert calibration_error([1, 0], [True, False]) == 0
    assert math.isnan(calibration_error([], []))


@pytest.mark.parametrize(
    ("stated", "happened", "n_bins", "message"),
    [
        ([0.5], [], 2, "1 probabilities, 0 outcomes"),
        ([0.5], [True], 0, "0 bins"),
        ([-2.3], [True], 2, "not between 0 and 1"),
        ([math.nan], [True], 2, "not between 0 and 1"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(
    stated: list[float], happened: list[bool], n_bins: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        calibration_error(stated, happened, n_bins=n_bins)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40), st.integers(1, 12)
)
def test_bins_hold_every_statement_once(made: list[tuple[float, bool]], n_bins: int) -> None:
    stated, happened = [p for p, _ in made], [right for _, right in made]
    bins = reliability(stated, happened, n_bins=n_bins)
    assert sum(one.n for one in bins) == len(made)
    assert max(one.n for one in bins) - min(one.n for one in bins) <= 1
    assert sum(one.n * one.stated for one in bins) == pytest.approx(sum(stated))
    assert sum(one.n * one.observed for one in bins) == pytest.approx(sum(happened))
    assert 0 <= calibration_error(stated, happened, n_bins=n_bins) <= 1


def test_the_sign_test_by_hand() -> None:
    # Of the 8 sign patterns of 1, 1, 1 only +++ and --- reach a sum of 3.
    assert sign_flip_p([1, 1, 1]) == 2 / 8
    # Of 1, 2: |sum| is 3, 1, 1, 3, and the observed one is 1.
    assert sign_flip_p([2, -1, 0, math.nan]) == 1
    assert sign_flip_p([]) == 1
    with pytest.raises(ConfigError, match="n_resamples is 0"):
        sign_flip_p([1.0], n_resamples=0)


def test_drawn_patterns_agree_with_all_of_them() -> None:
    values = np.random.default_rng(1).normal(0.4, 1, size=16)
    patterns = np.arange(2**16)[:, None] >> np.arange(16) & 1
    exact = (np.abs((2 * patterns - 1) @ values) >= abs(values.sum()) - 1e-9).mean()
    assert sign_flip_p(values.tolist()) == pytest.approx(exact, abs=0.015)
    assert sign_flip_p(values.tolist(), seed=3) == sign_flip_p(values.tolist(), seed=3)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1, 1]
    mixed = holm([math.nan, 0.02])
    assert math.isnan(mixed[0])
    assert mixed[1] == 0.02
    assert holm([]) == []
