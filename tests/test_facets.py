"""Descriptions: which fields make paths, and what is said before a title."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.facets import (
    FEWEST_ITEMS,
    LONGEST_VALUE,
    MAX_COMMON,
    MAX_LEADS,
    MAX_PAIRS,
    MAX_PEOPLE,
    MOST_COMMON_SHARE,
    Describer,
    FacetPlan,
)
from m6rec.records import FieldValue, Item
from m6rec.vocabulary import Vocabulary

Fields = Mapping[str, FieldValue]
MATRIX: Fields = {
    "genres": ("Action", "Sci-Fi", "Thriller"),
    "year": 1999,
    "directors": ("Lana Wachowski", "Lilly Wachowski"),
    "writers": ("Lana Wachowski",),
    "cast": ("Keanu Reeves", "Laurence Fishburne", "Gloria Foster"),
    "countries": ("United States",),
    "languages": ("English",),
    "awards": "Academy Award",
    "runtime": 136,
}
SPEED: Fields = {
    "genres": ("Action", "Thriller"),
    "year": 1994,
    "directors": ("Jan de Bont",),
    "cast": ("Keanu Reeves", "Sandra Bullock"),
    "languages": ("English",),
}
SEQUEL: Fields = {
    "genres": ("Action", "Sci-Fi"),
    "year": 2003,
    "directors": ("Lana Wachowski", "Lilly Wachowski"),
    "cast": ("Keanu Reeves", "Laurence Fishburne"),
    "languages": ("English",),
}
DRAMA: Fields = {"genres": ("Drama",), "year": 1980, "languages": ("French",)}
FILMS = (MATRIX, SEQUEL, SEQUEL, SPEED, *[DRAMA] * 3)


def catalog(*fields: Fields) -> Catalog:
    return Catalog(Item(str(row), f"Title {row}", each) for row, each in enumerate(fields))


def describer(items: Catalog, plan: FacetPlan | None = None) -> Describer:
    return Describer(items, plan or FacetPlan.choose(items), Vocabulary.load())


def said(*fields: Fields, row: int = 0) -> list[str]:
    items = catalog(*fields)
    return [d.text for d in describer(items).describe(items) if d.row == row]


def test_the_matrix():
    # Leading values, rarest in the catalog first, then their pairs, then one value at a time.
    assert said(*FILMS) == [
        "thriller 1990s",
        "science fiction 1990s",
        "action 1990s",
        "thriller science fiction",
        "thriller action",
        "science fiction action",
        "directed by Lana Wachowski",
        "directed by Lilly Wachowski",
        "starring Keanu Reeves",
        "starring Laurence Fishburne",
        "in English",
    ]


def test_what_most_items_have_is_not_said():
    assert "in English" not in said(*FILMS, SEQUEL)


BOOKS = {"authors": ("Ann Leckie",), "year": 2013, "language": "eng", "average_rating": 4.1}
SONGS = {"artist": "Nina Simone", "genre": "jazz", "album": "Pastel Blues", "year": 1965}
GOODS = {"brand": "Acme", "category": "kettles", "price": 19.5, "sku": "k-1", "color": "red"}
HOTELS = {"city": "Oslo", "stars": 4, "amenities": ("pool", "sauna"), "type": "hostel"}


@pytest.mark.parametrize(
    ("fields", "plan"),
    [
        (MATRIX, FacetPlan("genres", True, ("directors", "cast", "countries", "languages"))),
        (
            BOOKS | {"genres": ("sci-fi", "space-opera")},
            FacetPlan("genres", True, ("authors", "language")),
        ),
        (BOOKS | {"shelves": ("sci-fi",)}, FacetPlan("shelves", True, ("authors", "language"))),
        (GOODS, FacetPlan("category", False, ("brand",))),
        (HOTELS, FacetPlan("type", False, ("city",))),
        (SONGS, FacetPlan("genre", True, ("artist",))),
    ],
    ids=["films", "books by genre", "books by shelf", "goods", "hotels", "songs"],
)
def test_the_plan_for_a_catalog(fields, plan):
    assert FacetPlan.choose(catalog(*[fields] * 6)) == plan


def test_where_no_name_is_familiar_the_widest_field_leads():
    moods = [
        {"mood": ("calm", "dark")[n % 2], "maker": f"M{n}", "size": n, "note": "long " * 20}
        for n in range(8)
    ]
    assert FacetPlan.choose(catalog(*moods)) == FacetPlan("mood", False, ())
    assert said(*moods, row=1) == ["dark"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"stars": 4}, {"isbn": "x", "title": "y", "url": "z"}, {"year": 1990}],
    ids=["none", "numbers", "names only", "only a year"],
)
def test_a_catalog_that_nothing_describes_has_no_lead(fields):
    plan = FacetPlan.choose(catalog(*[fields] * 5))
    assert (plan.lead, plan.others) == (None, ())


def test_values_that_are_unlike_everywhere_do_not_lead():
    assert FacetPlan.choose(catalog(*({"colour": f"c{n}"} for n in range(9)))).lead is None


def test_an_item_without_fields_still_has_a_path():
    assert said(*FILMS, {}, row=7) == ["other"]
    assert said(*FILMS, {"year": 1987}, row=7) == ["1980s"]
    assert said({}) == ["other"]


def test_a_value_of_another_field_needs_company_but_not_too_much():
    for n in range(1, 11):
        items = [
            {"genres": ("Drama",), "cast": ("Ann Bee",) if row < n else ()} for row in range(10)
        ]
        paths = said(*items)
        assert ("starring Ann Bee" in paths) == (FEWEST_ITEMS <= n < 10 * MOST_COMMON_SHARE)
        assert "drama" in paths


def test_a_leading_value_needs_no_company():
    assert said({"genres": ("Western",)}, {"genres": ("Drama",)}) == ["western"]


def test_rare_leading_values_come_first_and_the_rest_is_left_out():
    genres = [f"g{n}" for n in range(MAX_LEADS + 3)]
    # g0 is in every item, g1 in all but one, and so on: the later the rarer.
    items: list[Fields] = [{"genres": tuple(genres[: n + 1])} for n in range(len(genres))]
    [*_, full] = catalog(*items)
    made = describer(catalog(*items))
    assert made.leads(full) == tuple(reversed(genres[-MAX_LEADS:]))
    texts = [d.text for d in made.describe([full])]
    assert len(texts) == MAX_LEADS + MAX_PAIRS
    assert texts[:2] == ["g8", "g7"]
    assert texts[MAX_LEADS] == "g8 g7"


def test_many_people_are_cut_off_in_the_items_own_order():
    cast = tuple(f"P{n}" for n in range(MAX_PEOPLE + 2))
    items: list[Fields] = [{"genres": ("Drama",), "cast": cast}] * 3
    texts = said(*items, *[{"genres": ("War",)}] * 6)
    assert texts == ["drama", *(f"starring P{n}" for n in range(MAX_PEOPLE))]


def test_sentences_are_no_facets():
    long = "x" * (LONGEST_VALUE + 1)
    items: list[Fields] = [{"genres": ("Drama", long), "city": long}] * 4
    assert said(*items, *[{}] * 4) == ["drama"]


def test_two_values_that_are_said_alike_make_one_path():
    assert said({"genres": ("Sci-Fi", "sci-fi")}).count("science fiction") == 1


def test_names_keep_their_capitals_and_stay_on_one_line():
    items: list[Fields] = [{"category": "Hotels", "city": "New\nYork"}] * 3
    assert said(*items, *[{"category": "Bars"}] * 3) == ["hotels", "in New York"]


def test_facets_say_what_a_description_draws_on():
    items = catalog(*FILMS)
    made = describer(items)
    for description in made.describe(items):
        item = items.at(description.row)
        assert made.say(description.facets) == description.text
        assert description.kind == "+".join(name for name, _ in description.facets)
        for name, value in description.facets:
            if name == "decade":
                assert value == f"{int(str(item.fields['year'])) // 10 * 10}s"
            else:
                assert value in item.values(name)


def test_tells():
    made = describer(catalog(*FILMS))
    assert made.tells("genres", "Drama")
    assert made.tells("cast", "Keanu Reeves")
    assert not made.tells("cast", "Sandra Bullock")
    assert not made.tells("writers", "Lana Wachowski")
    most = [{"genres": ("Drama",), "languages": ("English",)}] * 9
    assert not describer(catalog(*most)).tells("languages", "English")


VALUES = st.sampled_from(["Drama", "War", "Sci-Fi", "Ann Bee", "x" * 50])
ITEMS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "genres": st.lists(VALUES, max_size=4).map(tuple),
            "cast": st.lists(VALUES, max_size=4).map(tuple),
            "year": st.one_of(st.integers(1900, 2030), st.just("unknown")),
        },
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=80)
@given(ITEMS)
def test_every_item_has_paths_that_differ_and_they_do_not_change(fields):
    items = catalog(*fields)
    made = describer(items)
    found = list(made.describe(items))
    assert [row for row in range(len(items)) if any(d.row == row for d in found)] == [
        *range(len(items))
    ]
    assert len({(d.row, d.text) for d in found}) == len(found)
    assert all(d.text.strip() == d.text != "" for d in found)
    assert found == list(describer(catalog(*fields)).describe(items))
    # One item by itself, as when it is added later, is described in the same words.
    for row in range(len(items)):
        assert list(made.describe([items.at(row)], row)) == [d for d in found if d.row == row]


@pytest.mark.parametrize(
    ("describe", "expected"),
    [
        ("bare", [""]),
        ("one", ["thriller 1990s"]),
        ("several", None),
    ],
)
def test_how_much_is_said_before_a_title_is_chosen(describe, expected):
    items = catalog(*FILMS)
    made = describer(items, FacetPlan.choose(items, describe))
    told = [d for d in made.tell(items) if d.row == 0]
    said = [d.text for d in made.describe(items) if d.row == 0]
    assert said == ([d.text for d in told] if expected is None else expected)
    assert len(told) > 2, "what may be asked for stays the same"


def shelves(*own: str) -> Fields:
    """A book whose shelves are a few common kinds and its own."""
    return {"genres": ("fiction", *own)}


def shelved(*books: Fields) -> Catalog:
    """The books among others that make the shelves many, and some of them common."""
    kinds = ("fantasy", "horror", "romance", "mystery", "young-adult", "science-fiction", "history")
    common = [shelves(kinds[n % 7], kinds[(n + 1) % 7]) for n in range(240)]
    others = [shelves(f"kind-{chr(97 + n % 26)}{chr(97 + n // 26)}") for n in range(120)]
    return catalog(*books, *common, *others * FEWEST_ITEMS)


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (("sci-fi", "scifi", "science-fiction", "sciencefiction"), {"science fiction"}),
        (("to-read-horror", "horror", "horror-books", "fiction-horror"), {"horror"}),
        (("young-adult", "ya", "teen", "fantasy", "ya-fantasy"), {"young adult", "fantasy"}),
        (("horror", "mystery", "mystery-and-horror", "my-own-mystery"), {"horror", "mystery"}),
        (("once-only", "romance"), {"romance"}),
        (("once-only",), {"once only", "fiction"}),
    ],
)
def test_of_shelves_that_people_named_each_kind_is_told_once(own, told):
    items = shelved(shelves(*own))
    made = describer(items)
    assert {made.say((("genres", value),)) for value in made.leads(items.at(0))} == told
    assert set(made.leads(items.at(0))) <= set(items.at(0).values("genres"))


def test_of_many_shelves_the_commonest_are_told_and_the_rarest_and_common_ones_together():
    own = ("fantasy", "horror", "romance", "mystery", "history", "kind-aa", "kind-ba", "kind-ca")
    items = shelved(shelves(*own))
    made = describer(items)
    leads = made.leads(items.at(0))
    assert len(leads) == MAX_LEADS
    assert sum(value.startswith("kind-") for value in leads) == MAX_LEADS - MAX_COMMON
    pairs = [d.facets for d in made.describe(items) if d.row == 0 and len(d.facets) == 2]
    assert len(pairs) == MAX_PAIRS
    assert not any(value.startswith("kind-") for pair in pairs for _, value in pair)
