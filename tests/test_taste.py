"""The taste of a few named items: the parts add up as they are said to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.candidates import taste
from m6rec.candidates.taste import FLOOR, TALKED, UNHEARD, UNTALKED, Powers
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions
from m6rec.records import Interaction
from tests.tiny_catalogs import bare_titles, choices, films

CATALOG = films()
CHOICES = choices(CATALOG)
MODEL = taste.fit(CATALOG, CHOICES)
NONE = np.array([], np.int32)


def test_without_a_history_popularity_speaks_alone():
    np.testing.assert_allclose(MODEL.scores(NONE), MODEL.powers.popularity * MODEL.log_popularity)


def test_the_parts_add_up():
    history = np.array([3, 8], np.int32)
    powers = MODEL.powers
    assert MODEL.crowd is not None
    chosen = np.maximum(MODEL.crowd.scores(history), 0)
    expected = (
        powers.popularity * MODEL.log_popularity
        + powers.crowd * np.log(chosen / chosen.sum() + FLOOR)
        + powers.kinds * MODEL.alike.by_kind(history)
        + powers.words * MODEL.alike.by_words(history)
        + powers.years * MODEL.alike.by_year(history)
    )
    np.testing.assert_allclose(MODEL.scores(history), expected)


def test_older_choices_fade():
    year = 365.25 * 86_400
    found = Interactions.from_records(
        [Interaction("u", "1", None, 1), Interaction("v", "2", None, 1 + int(8 * year))], CATALOG
    )
    model = taste.fit(CATALOG, found)
    np.testing.assert_allclose(
        np.exp(model.log_popularity[:3]) - UNHEARD, [np.exp(-2), 1, 0], atol=1e-9
    )


def test_without_interactions_the_catalog_says_what_is_popular():
    model = taste.fit(CATALOG)
    assert model.crowd is None
    np.testing.assert_allclose(np.exp(model.log_popularity), CATALOG.popularity + UNHEARD)
    np.testing.assert_allclose(taste.fit(bare_titles()).mass(np.array([0], np.int32)).sum(), 1)


def test_what_is_talked_about_speaks_where_it_is_known():
    counts = np.arange(20.0)
    model = taste.fit(CATALOG, talked=counts)
    expected = TALKED.popularity * model.log_popularity + TALKED.talked * np.log(counts + UNTALKED)
    np.testing.assert_allclose(model.scores(NONE), expected)


def test_naming_a_film_lifts_films_like_it():
    quiet = taste.fit(CATALOG, CHOICES, powers=Powers(popularity=0, crowd=0))
    matrix, alien, fugitive = 6, 10, 9
    scores = quiet.scores(np.array([matrix], np.int32))
    assert scores[alien] > scores[fugitive]


@given(st.lists(st.integers(0, len(CATALOG) - 1), max_size=6))
@settings(deadline=None, max_examples=40)
def test_the_mass_is_positive_sums_to_one_and_keeps_the_order_of_the_scores(history):
    rows = np.array(history, np.int32)
    mass = MODEL.mass(rows)
    assert (mass > 0).all()
    assert mass.sum() == pytest.approx(1)
    np.testing.assert_array_equal(mass.argsort(), MODEL.scores(rows).argsort())


@given(st.permutations([0, 4, 9, 13]))
@settings(deadline=None, max_examples=10)
def test_the_order_of_naming_does_not_matter(order):
    here = MODEL.scores(np.array(order, np.int32))
    np.testing.assert_allclose(here, MODEL.scores(np.array([0, 4, 9, 13], np.int32)))


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigError, match="fading is 0"):
        taste.fit(CATALOG, CHOICES, fading=0)
    with pytest.raises(ConfigError, match="row 20"):
        MODEL.scores(np.array([20], np.int32))
