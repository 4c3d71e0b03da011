"""EASE in factored form against the published closed form.

Run: pytest tests/test_ease.py -n 0
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from m6rec.candidates import ease
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item

N_ITEMS = 7
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


def published(train: list[list[int]], regularisation: float) -> NDArray[np.float64]:
    choices = np.zeros((len(train), N_ITEMS))
    for user, history in enumerate(train):
        choices[user, history] = 1
    inverse = np.linalg.inv(choices.T @ choices + regularisation * np.eye(N_ITEMS))
    weights: NDArray[np.float64] = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=9), min_size=1, max_size=9),
    st.lists(st.integers(0, N_ITEMS - 1), max_size=6, unique=True),
    st.sampled_from([1.0, 20.0, 200.0]),
)
def test_against_the_published_form(
    train: list[list[int]], history: list[int], regularisation: float
) -> None:
    given_rows = np.zeros(N_ITEMS)
    for age, row in enumerate(reversed(history)):
        given_rows[row] = 0.9**age
    model = ease.fit(seen(*train), N_ITEMS, regularisation=regularisation)
    expected = given_rows @ published(train, regularisation)
    assert model.scores(rows(*history)).tolist() == pytest.approx(expected.tolist(), abs=1e-5)
    mass = model.mass(rows(*history))
    assert mass.min() > 0
    assert mass.sum() == pytest.approx(1)


def test_what_is_chosen_together_is_proposed() -> None:
    together = [[0, 1], [0, 1], [0, 1], [2, 3], [2, 3]]
    model = ease.fit(seen(*together), N_ITEMS, regularisation=1)
    assert int(np.argmax(model.scores(rows(0)))) == 1
    assert int(np.argmax(model.scores(rows(3)))) == 2


def test_the_latest_of_repeated_choices_counts() -> None:
    model = ease.fit(seen([0, 1], [2, 3]), N_ITEMS, regularisation=1)
    twice, once = model.scores(rows(0, 2, 0)), model.scores(rows(2, 0))
    assert twice.tolist() == pytest.approx(once.tolist())


def test_settings_out_of_range_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="regularisation 0"):
        ease.fit(seen([0, 1]), N_ITEMS, regularisation=0)
    with pytest.raises(ConfigError, match=r"history_decay 1\.5"):
        ease.fit(seen([0, 1]), N_ITEMS, history_decay=1.5)
    monkeypatch.setattr(ease, "LARGEST", 1)
    with pytest.raises(ConfigError, match="2 x 2 matrix"):
        ease.fit(seen([0, 1], [1, 2]), N_ITEMS)


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(ConfigError, match="row 7"):
        ease.fit(seen([0, 1]), N_ITEMS).scores(rows(7))
