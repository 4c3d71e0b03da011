"""Likeness to the last choices, and whose kin a new item is.

Run: pytest tests/test_likeness.py -n 0
"""

import numpy as np
import pytest

from m6rec.candidates import alike
from m6rec.candidates.likeness import HISTORY_DECAY, HISTORY_LENGTH, Likeness, nearest
from m6rec.errors import ConfigError
from tests.choices import rows
from tests.tiny_catalogs import films

FILMS = films()
ALIKE = alike.fit(FILMS)
SOURCE = Likeness(ALIKE)
N_FILMS = len(FILMS)


def test_the_last_choice_counts_most() -> None:
    expected = ALIKE.by_words(rows(3)) + HISTORY_DECAY * ALIKE.by_words(rows(7))
    assert SOURCE.scores(rows(7, 3)) == pytest.approx(expected)


def test_the_mass_is_one_and_nothing_is_impossible() -> None:
    for history in ([], [2], [5, 1, 5]):
        mass = SOURCE.mass(rows(*history))
        assert mass.sum() == pytest.approx(1)
        assert (mass > 0).all()
    assert np.ptp(SOURCE.mass(rows())) == 0


def test_old_choices_are_not_read() -> None:
    recent = [at % 5 for at in range(HISTORY_LENGTH)]
    assert SOURCE.scores(rows(9, *recent)).tolist() == SOURCE.scores(rows(*recent)).tolist()


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(ConfigError, match=f"row {N_FILMS}"):
        SOURCE.mass(rows(N_FILMS))


def test_kin_are_the_most_similar_of_the_known() -> None:
    known = np.arange(1, N_FILMS)
    found = nearest(ALIKE, np.array([0]), known, 3)[0]
    like = ALIKE.by_words(rows(0)) + 0.3 * ALIKE.by_kind(rows(0))
    assert 0 not in found
    assert min(like[found]) >= max(like[row] for row in known if row not in found)
