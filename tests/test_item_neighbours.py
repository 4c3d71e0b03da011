"""Item-based neighbours against the item-item matrix.

Run: pytest tests/test_item_neighbours.py -n 0
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.candidates import item_neighbours
from m6rec.errors import ConfigError
from tests.choices import N_ITEMS, TOGETHER, chosen, rows


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=9), min_size=1, max_size=9),
    st.lists(st.integers(0, N_ITEMS - 1), max_size=6, unique=True),
    st.sampled_from([0.5, 3.0]),
)
def test_against_the_item_item_matrix(
    train: list[list[int]], history: list[int], shrinkage: float
) -> None:
    choices = np.zeros((len(train), N_ITEMS))
    for user, items in enumerate(train):
        choices[user, items] = 1
    together = choices.T @ choices
    counts = together.diagonal()
    similar = together / (np.sqrt(np.outer(counts, counts)) + shrinkage)
    np.fill_diagonal(similar, 0)
    weights = np.zeros(N_ITEMS)
    for age, row in enumerate(reversed(history)):
        weights[row] = 0.5**age
    model = item_neighbours.fit(chosen(*train), N_ITEMS, shrinkage=shrinkage, history_decay=0.5)
    expected = (weights @ similar).tolist()
    assert model.scores(rows(*history)).tolist() == pytest.approx(expected)


def test_similarities_by_hand() -> None:
    model = item_neighbours.fit(chosen([0, 1], [0, 1], [0, 2], [3]), N_ITEMS, shrinkage=1)
    expected = [0, 2 / (6**0.5 + 1), 1 / (3**0.5 + 1), 0, 0, 0, 0]
    assert model.similarities(0).tolist() == pytest.approx(expected)


def test_only_the_nearest_speak() -> None:
    train = chosen([0, 1], [0, 1], [0, 2], [3])
    model = item_neighbours.fit(train, N_ITEMS, neighbours=1)
    assert np.flatnonzero(model.scores(rows(0))).tolist() == [1]


def test_what_is_chosen_together_is_proposed_to_a_new_person() -> None:
    model = item_neighbours.fit(chosen(*TOGETHER), N_ITEMS)
    assert int(np.argmax(model.scores(rows(0)))) == 1
    late = model.scores(rows(0, 2))
    assert int(np.argmax(late)) == 3


def test_choices_too_old_to_matter_are_not_read() -> None:
    model = item_neighbours.fit(chosen(*TOGETHER), N_ITEMS, history_decay=0.001)
    assert model.scores(rows(0, 5, 2)).tolist() == model.scores(rows(5, 2)).tolist()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"neighbours": 0}, "neighbours 0"),
        ({"shrinkage": 0.0}, r"shrinkage 0\.0"),
        ({"history_decay": 2.0}, r"history_decay is 2\.0"),
    ],
)
def test_settings_out_of_range_are_refused(setting: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        item_neighbours.fit(chosen([0, 1]), N_ITEMS, **setting)  # type: ignore[arg-type]
