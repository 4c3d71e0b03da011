"""Histories as weights.

Run: pytest tests/test_recency.py -n 0
"""

import pytest

from m6rec.candidates.recency import check_decay, weigh
from m6rec.errors import ConfigError
from tests.choices import rows


def test_the_last_choice_weighs_one_and_each_step_back_less() -> None:
    assert weigh(rows(3, 0, 2), 5, 0.5).tolist() == [0.5, 0, 1, 0.25, 0]
    assert weigh(rows(3, 0, 2), 5, 1).tolist() == [1, 0, 1, 1, 0]
    assert weigh(rows(), 2, 0.5).tolist() == [0, 0]


def test_the_latest_of_repeated_choices_counts() -> None:
    assert weigh(rows(1, 0, 1), 2, 0.5).tolist() == [0.5, 1]


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(ConfigError, match="row 5 is not in a catalog of 5 items"):
        weigh(rows(5), 5, 0.5)


@pytest.mark.parametrize("decay", [0.0, -0.1, 1.1])
def test_a_decay_out_of_range_is_refused(decay: float) -> None:
    with pytest.raises(ConfigError, match=f"history_decay is {decay}"):
        check_decay(decay)
