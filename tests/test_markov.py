"""The windowed Markov chain against sums worked by hand and against a slow second writing.

Run: pytest tests/test_markov.py -n 0
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from m6rec.candidates import markov
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item

N_ITEMS = 6
CATALOG = Catalog(Item(str(row), f"Film {row}") for row in range(N_ITEMS))


def seen(*histories: list[int]) -> Interactions:
    records = [
        Interaction(f"user {user}", str(row), None, time)
        for user, history in enumerate(histories)
        for time, row in enumerate(history)
    ]
    return Interactions.from_records(records, CATALOG)


def rows(*history: int) -> NDArray[np.int32]:
    return np.array(history, np.int32)


def test_a_follower_counts_by_distance_over_root_popularity() -> None:
    scores = markov.fit(seen([0, 1, 2], [3, 2]), N_ITEMS).scores(rows(0))
    expected = [0, 0.8 / math.sqrt(1 + 5), 0.8**2 / math.sqrt(2 + 5), 0, 0, 0]
    assert scores.tolist() == pytest.approx(expected)


def test_an_older_choice_counts_less() -> None:
    scores = markov.fit(seen([0, 1], [3, 2]), N_ITEMS).scores(rows(0, 3))
    step = 0.8 / math.sqrt(1 + 5)
    assert scores.tolist() == pytest.approx([0, 0.85 * step, step, 0, 0, 0])


def test_the_window_ends() -> None:
    model = markov.fit(seen([0, 1, 2, 3]), N_ITEMS, window=2)
    assert (model.scores(rows(0)) > 0).tolist() == [False, True, True, False, False, False]


def test_nothing_flows_from_one_user_to_the_next() -> None:
    model = markov.fit(seen([0, 1], [2, 3]), N_ITEMS)
    assert model.scores(rows(1)).tolist() == [0] * N_ITEMS


def test_an_empty_history_has_the_mass_of_popularity() -> None:
    model = markov.fit(seen([0, 1], [0, 2]), N_ITEMS)
    assert model.scores(rows()).tolist() == [0] * N_ITEMS
    assert model.mass(rows()).tolist() == pytest.approx([3 / 10, 2 / 10, 2 / 10, *[1 / 10] * 3])


def test_no_interactions_at_all_still_make_a_model() -> None:
    nobody = Interactions.from_records([], CATALOG)
    assert markov.fit(nobody, N_ITEMS).mass(rows(2)).tolist() == pytest.approx([1 / 6] * 6)


def test_a_catalog_that_has_grown_scores_its_new_items_zero() -> None:
    model = markov.fit(seen([0, 1]), N_ITEMS + 2)
    assert model.scores(rows(0)).shape == (N_ITEMS + 2,)
    assert model.mass(rows(7))[7] > 0


def test_only_the_recent_past_is_read() -> None:
    model = markov.fit(seen([0, 1], [2, 3]), N_ITEMS)
    long = rows(0, *[2] * markov.HISTORY_LENGTH)
    assert model.scores(long)[1] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 0},
        {"distance_decay": 0.0},
        {"distance_decay": 1.5},
        {"history_decay": -0.1},
        {"shrinkage": 0.0},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        markov.fit(seen([0, 1]), N_ITEMS, **wrong)  # type: ignore[arg-type]


def test_an_unknown_row_or_smoothing_is_refused() -> None:
    model = markov.fit(seen([0, 1]), N_ITEMS)
    with pytest.raises(ConfigError, match="row 6 is not in a catalog of 6 items"):
        model.scores(rows(6))
    with pytest.raises(ConfigError, match="smoothing is 0"):
        model.mass(rows(0), smoothing=0)


histories = st.lists(
    st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=15), min_size=1, max_size=5
)


def slow_scores(train: list[list[int]], history: list[int]) -> list[float]:
    counts = [sum(one.count(row) for one in train) for row in range(N_ITEMS)]
    scores = [0.0] * N_ITEMS
    for age, source in enumerate(reversed(history)):
        for one in train:
            for at, row in enumerate(one):
                if row == source:
                    for distance, follower in enumerate(one[at + 1 : at + 11], start=1):
                        weight = 0.8**distance / math.sqrt(counts[follower] + 5)
                        scores[follower] += 0.85**age * weight
    return scores


@settings(deadline=None)
@given(histories, st.lists(st.integers(0, N_ITEMS - 1), max_size=8))
def test_against_a_slow_second_writing(train: list[list[int]], history: list[int]) -> None:
    model = markov.fit(seen(*train), N_ITEMS)
    scores = model.scores(rows(*history))
    assert scores.tolist() == pytest.approx(slow_scores(train, history), abs=1e-12)
    mass = model.mass(rows(*history))
    assert mass.min() > 0
    assert mass.sum() == pytest.approx(1)
