"""Popularity as a scorer and as a probability mass.

Run: pytest tests/test_popular.py -n 0
"""

import numpy as np
import pytest

from m6rec.candidates import popular
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item

CATALOG = Catalog(Item(name, f"Film {name}") for name in "abc")
CHOICES = [("ann", "a"), ("bob", "a"), ("bob", "b"), ("cyd", "a")]
SEEN = Interactions.from_records([Interaction(*choice) for choice in CHOICES], CATALOG)
NOBODY = np.array([], np.int32)


def test_scores_are_counts_whatever_the_history() -> None:
    model = popular.fit(SEEN, 3)
    assert model.scores(NOBODY).tolist() == [3, 1, 0]
    assert model.scores(np.array([2], np.int32)).tolist() == [3, 1, 0]


def test_the_mass_is_positive_and_sums_to_one() -> None:
    mass = popular.fit(SEEN, 3).mass(NOBODY)
    assert mass.tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])


def test_the_model_cannot_be_changed_through_its_scores() -> None:
    with pytest.raises(ValueError, match="read-only"):
        popular.fit(SEEN, 3).scores(NOBODY)[0] = 9


def test_a_row_of_another_catalog_is_refused() -> None:
    with pytest.raises(ConfigError, match="row 1 is not in a catalog of 1 items"):
        popular.fit(SEEN, 1)
    with pytest.raises(ConfigError, match="row -1"):
        popular.check_rows(np.array([0, -1], np.int32), 3)
