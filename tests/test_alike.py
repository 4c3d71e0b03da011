"""Likeness by fields: worked fractions, and the edges."""

import numpy as np
import pytest

from m6rec.candidates import alike
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.records import Item
from tests.tiny_catalogs import bare_titles, films

NONE = np.array([], np.int32)


def item(item_id, title, genres, year=None, **fields):
    given = {"genres": genres, **fields} | ({} if year is None else {"year": year})
    return Item(item_id, title, given)


CATALOG = Catalog(
    (
        item("a", "Star Wars", ("Action", "Sci-Fi"), 1977, cast=("Harrison Ford",)),
        item("b", "Star Trek", ("Sci-Fi",), 1979, cast=("William Shatner",)),
        item("c", "Witness", ("Drama",), 1985, cast=("Harrison Ford",)),
        item("d", "Nothing", (), None),
    )
)


def rows(*of):
    return np.array(of, np.int32)


def test_kinds_are_a_mean_cosine():
    model = alike.fit(CATALOG)
    half = 1 / np.sqrt(2)
    np.testing.assert_allclose(model.by_kind(rows(1)), [half, 1, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(model.by_kind(rows(1, 2)), [half / 2, 0.5, 0.5, 0], rtol=1e-6)


def test_words_that_two_items_share_make_them_alike_and_rare_ones_more():
    model = alike.fit(CATALOG)
    # "star", "Sci-Fi", "1970s" and "Harrison Ford" are in two of four items, so all weigh log 2: the first
    # film has all four, the second three of them.
    found = model.by_words(rows(0))
    np.testing.assert_allclose(found, [1, 3 / np.sqrt(4 * 3), 1 / np.sqrt(4), 0])
    np.testing.assert_allclose(model.by_words(rows(0, 3)), found / 2)


def test_years_count_decades_to_the_nearest():
    model = alike.fit(CATALOG)
    # Decades to the nearest: 0, 0.2, 0; the one without a year is as far as the median.
    np.testing.assert_allclose(model.by_year(rows(0, 2)), [0, -0.2, 0, 0])
    np.testing.assert_allclose(model.by_year(rows(0)), [0, -0.2, -0.8, -0.2])
    np.testing.assert_array_equal(model.by_year(rows(3)), np.zeros(4))


@pytest.mark.parametrize("catalog", [films(), bare_titles(), CATALOG])
def test_an_empty_history_is_like_nothing_and_all_scores_are_finite(catalog):
    model = alike.fit(catalog)
    for scores in (model.by_kind, model.by_words, model.by_year):
        np.testing.assert_array_equal(scores(NONE), np.zeros(len(catalog)))
        assert np.isfinite(scores(rows(0, len(catalog) - 1))).all()


def test_nothing_is_more_alike_than_the_item_itself():
    model = alike.fit(films())
    for row in range(len(films())):
        assert model.by_words(rows(row)).argmax() == row
        assert model.by_kind(rows(row)).max() == pytest.approx(model.by_kind(rows(row))[row])


def test_the_field_of_kinds_has_few_values():
    assert alike.kind_field(films()) == "genres"
    assert alike.kind_field(bare_titles()) is None
    many = Catalog(
        Item(str(n), f"T{n}", {"who": (f"P{n}",), "sort": ("x", f"s{n % 2}")}) for n in range(99)
    )
    assert alike.kind_field(many) == "sort"


def test_titles_alone_find_a_series():
    model = alike.fit(bare_titles())
    assert model.by_words(rows(0)).tolist() == [1, pytest.approx(1), 0, 0, 0, 0]


@pytest.mark.parametrize("wrong", [-1, 4])
def test_a_row_that_is_not_in_the_catalog_is_refused(wrong):
    model = alike.fit(CATALOG)
    for scores in (model.by_kind, model.by_words, model.by_year):
        with pytest.raises(ConfigError, match=f"row {wrong}"):
            scores(rows(wrong))
