"""Scores become a mass that sums to one.

Run: pytest tests/test_mass.py -n 0
"""

import numpy as np
import pytest

from m6rec.candidates.mass import mass_of, smoothed, strongest
from m6rec.errors import ConfigError


def test_scores_become_a_mass() -> None:
    mass = mass_of(np.log([1.0, 3.0, 4.0]) + 1000)
    assert mass.tolist() == pytest.approx([1 / 8, 3 / 8, 4 / 8])
    assert mass_of(np.log([1.0, 9.0]), 0.5).tolist() == pytest.approx([1 / 4, 3 / 4])
    with pytest.raises(ConfigError, match="sharpness is 0"):
        mass_of(np.zeros(2), 0)


def test_popularity_fills_what_was_never_seen() -> None:
    popular = np.array([0.5, 0.5])
    assert smoothed(np.array([3.0, 0.0]), popular, 0.1).tolist() == pytest.approx([0.95, 0.05])
    assert smoothed(np.zeros(2), popular, 0.1).tolist() == popular.tolist()
    with pytest.raises(ConfigError, match="smoothing is 0"):
        smoothed(popular, popular, 0)


def test_only_the_strongest_stay_and_ties_with_them() -> None:
    mass = np.array([0.4, 0.2, 0.2, 0.1])
    assert strongest(mass, 1).tolist() == [0.4, 0, 0, 0]
    assert strongest(mass, 2).tolist() == [0.4, 0.2, 0.2, 0]
    assert strongest(mass, 9).tolist() == mass.tolist()
