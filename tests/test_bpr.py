"""BPR: what the vectors say, and how a history is folded in.

Run: pytest tests/test_bpr.py -n 0
"""

import sys

import numpy as np
import pytest

from m6rec.candidates import bpr
from m6rec.candidates.bpr import Bpr
from m6rec.errors import ConfigError, MissingExtraError
from tests.choices import N_ITEMS, TOGETHER, chosen, rows


def test_a_person_is_the_mean_of_their_items() -> None:
    items = np.array([[1.0, 0], [0, 1], [1, 1]])
    model = Bpr(items, np.array([0.0, 0.5, 0.25]), history_decay=0.5, sharpness=2)
    # Row 0 weighs 1/2 and row 1 weighs 1: the mean is (1/3, 2/3).
    expected = [2 / 3, 0.5 + 4 / 3, 0.25 + 2]
    assert model.scores(rows(0, 1)).tolist() == pytest.approx(expected)
    assert model.scores(rows()).tolist() == [0, 0.5, 0.25]


def test_what_is_chosen_together_is_proposed_to_a_new_person() -> None:
    model = bpr.fit(chosen(*TOGETHER * 5), N_ITEMS, factors=8, iterations=200)
    for row, expected in ((0, 1), (3, 2)):
        scores = model.scores(rows(row))
        scores[row] = -np.inf
        assert int(np.argmax(scores)) == expected


def test_an_item_nobody_chose_stands_last() -> None:
    model = bpr.fit(chosen(*TOGETHER), N_ITEMS, factors=4, iterations=20)
    assert not model.items[[5, 6]].any()
    assert model.biases[[5, 6]].tolist() == [model.biases.min()] * 2


def test_the_seed_decides() -> None:
    first, again, other = (
        bpr.fit(chosen(*TOGETHER), N_ITEMS, factors=4, iterations=2, seed=seed).items
        for seed in (0, 0, 1)
    )
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_nothing_to_learn_from_says_nothing() -> None:
    assert bpr.fit(chosen(), N_ITEMS).scores(rows(1)).tolist() == [0] * N_ITEMS


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"factors": 0}, "factors 0"),
        ({"iterations": 0}, "iterations 0"),
        ({"regularisation": 0.0}, r"regularisation 0\.0"),
        ({"learning_rate": 0.0}, r"learning_rate 0\.0"),
        ({"history_decay": 2.0}, r"history_decay is 2\.0"),
    ],
)
def test_settings_out_of_range_are_refused(setting: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        bpr.fit(chosen([0, 1]), N_ITEMS, **setting)  # type: ignore[arg-type]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "implicit.cpu.bpr", None)
    with pytest.raises(MissingExtraError, match=r"BPR needs .* pip install 'm6rec\[eval\]'"):
        bpr.fit(chosen([0, 1]), N_ITEMS)
