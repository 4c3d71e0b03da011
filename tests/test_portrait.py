"""A taste is what likes have in common, and nothing the items do not say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.facets import Describer, FacetPlan
from m6rec.ranking.portrait import MOST_OF_LEAD, MOST_OF_OTHERS, portrait
from m6rec.vocabulary import Vocabulary
from tests.tiny_catalogs import bare_titles, films

FILMS = films()
DESCRIBER = Describer(FILMS, FacetPlan.choose(FILMS), Vocabulary.load())


def test_nothing_liked_is_no_taste():
    assert portrait([], DESCRIBER).tastes == ()


def test_one_like_is_no_taste():
    assert portrait([FILMS["1"]], DESCRIBER).tastes == ()


def test_the_most_frequent_comes_first_and_fields_stay_together():
    found = portrait([FILMS[i] for i in ("1", "6", "15", "2", "3")], DESCRIBER)
    assert [(t.field, t.label, len(t.item_ids)) for t in found.tastes] == [
        ("genres", "comedy", 4),
        ("decade", "1990s", 3),
        ("cast", "starring Tom Hanks", 3),
    ]


def test_what_most_items_have_is_no_taste():
    values = {t.value for t in portrait(list(FILMS), DESCRIBER).tastes}
    assert "United States" not in values


def test_a_catalog_without_fields_gives_no_portrait():
    catalog = bare_titles()
    describer = Describer(catalog, FacetPlan.choose(catalog), Vocabulary.load())
    assert portrait(list(catalog), describer).tastes == ()


@settings(deadline=None)
@given(
    st.lists(st.integers(0, len(FILMS) - 1), unique=True).map(
        lambda rows: [FILMS.at(r) for r in rows]
    )
)
def test_every_count_is_true(liked):
    found = portrait(liked, DESCRIBER)
    assert found.liked == tuple(item.item_id for item in liked)
    for taste in found.tastes:
        having = [
            item.item_id
            for item in liked
            if taste.value in (*item.values(taste.field), f"{item.fields['year'] // 10 * 10}s")
        ]
        assert list(taste.item_ids) == having
        assert len(having) >= 2
    for field in {taste.field for taste in found.tastes}:
        most = MOST_OF_LEAD if field == "genres" else MOST_OF_OTHERS
        assert sum(taste.field == field for taste in found.tastes) <= most
