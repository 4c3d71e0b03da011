"""Mixing tasks: shares as weighed, nothing of weight 0, the same for the same seed.

Run: pytest tests/test_mixture.py -n 0
"""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.errors import ConfigError
from m6rec.pairs.mixture import Draw, Mixture, bounds, pick
from m6rec.records import TextPair


def draws(names: str) -> dict[str, Draw]:
    def always(name: str) -> Draw:
        return lambda rng: TextPair(name, "x")

    return {name: always(name) for name in names}


def test_tasks_come_up_as_often_as_they_weigh() -> None:
    mixed = Mixture(draws("abcd"), {"a": 3.0, "b": 1.0, "c": 0.0, "e": 5.0})
    assert mixed.names == ["a", "b"]
    counts = Counter(pair.task for pair in islice(mixed.stream(np.random.default_rng(1)), 4000))
    assert counts["a"] / 4000 == pytest.approx(0.75, abs=0.03)
    assert set(counts) == {"a", "b"}


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ({"a": -1.0}, "the weight of task 'a' is -1.0; give 0 or more"),
        ({"a": float("nan")}, "the weight of task 'a' is nan"),
        ({"a": 0.0}, "no task to draw from: of a, b, none has a weight above 0"),
        ({}, "none has a weight above 0"),
    ],
)
def test_weights_that_draw_nothing_are_refused(weights: dict[str, float], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Mixture(draws("ab"), weights)


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=20).filter(lambda w: sum(w) > 1e-6),
    st.integers(0, 999),
)
def test_nothing_without_a_share_is_picked(weights: list[float], seed: int) -> None:
    shares = bounds(weights)
    assert shares[-1] == 1.0
    rng = np.random.default_rng(seed)
    picked = {pick(shares, rng) for _ in range(50)}
    assert all(0 <= index < len(weights) and weights[index] > 0 for index in picked)
