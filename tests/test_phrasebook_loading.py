"""Reading the phrasebook: frames for any catalog, wishes for a domain, a clear error for the rest.

Run: pytest tests/test_phrasebook_loading.py -n 0
"""

import string

import pytest

from m6rec.errors import ConfigError
from m6rec.pairs.phrasebook import choose_phrasebook, load_phrasebook
from m6rec.vocabulary import spelling

VARIABLES = {
    "value": {"value"},
    "value_decade": {"value", "decade"},
    "decade": {"decade"},
    "pair": {"value", "other"},
    "cast": {"value"},
    "directors": {"value"},
    "countries": {"value", "adjective"},
    "languages": {"value", "adjective"},
    "similar": {"title"},
    "value_zh": {"value"},
    "value_decade_zh": {"value", "decade"},
    "value_phrased": {"value", "phrase"},
    "value_cast": {"value", "other"},
    "value_directors": {"value", "other"},
    "value_countries": {"value", "other", "adjective"},
    "value_languages": {"value", "other"},
    "value_decade_phrased": {"value", "decade", "phrase"},
    "decade_phrased": {"decade", "phrase"},
    "similar_but": {"title", "value"},
    "about": {"value"},
    "describe": {"title"},
    "like": {"title"},
    "carrier": {"wish"},
    "carrier_zh": {"wish"},
    "synonyms": set(),
    "small_talk": set(),
    "amid_talk": {"wish"},
}


def variables(frame: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(frame) if name is not None}


@pytest.mark.parametrize("domain", [None, "films"])
def test_every_frame_has_only_the_variables_its_kind_is_filled_with(domain: str | None) -> None:
    frames = load_phrasebook(domain).frames
    assert set(frames) == set(VARIABLES)
    for kind, texts in frames.items():
        assert texts
        for text in texts:
            assert variables(text) <= VARIABLES[kind] | {"noun", "nouns"}, (kind, text)


@pytest.mark.parametrize(
    "kind",
    [
        *("value", "value_decade", "decade", "pair", "cast", "directors", "value_phrased"),
        *("value_cast", "value_directors", "value_languages", "value_decade_phrased"),
        *("decade_phrased", "similar_but", "about", "describe", "like", "carrier", "carrier_zh"),
    ],
)
def test_frames_that_name_a_facet_never_forget_to_name_it(kind: str) -> None:
    needed = VARIABLES[kind]
    for text in load_phrasebook(None).frames[kind]:
        assert needed <= variables(text), text


def test_without_a_domain_there_are_neutral_requests_and_no_wishes() -> None:
    book = load_phrasebook(None)
    assert book.wishes == ()
    assert "recommend me something" in book.neutral


def test_every_wish_of_the_films_asks_for_something_in_one_way() -> None:
    book = load_phrasebook("films")
    assert len(book.wishes) > 19
    assert book.neutral
    for wish in book.wishes:
        assert wish.texts
        assert bool(wish.any_of) != bool(wish.all_of), wish
        assert wish.decade is None or wish.decade[-3:] in {f"{n}0s" for n in range(10)}


def test_an_unknown_phrasebook_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(
        ConfigError, match=r"no phrasebook 'boats' in .*books, courses, films, games"
    ):
        load_phrasebook("boats")


MOVIELENS = (
    "Action,Adventure,Animation,Children,Comedy,Crime,Documentary,Drama,Fantasy,Film-Noir,Horror,"
    "IMAX,Musical,Mystery,Romance,Sci-Fi,Thriller,War,Western"
)
SHELVES = (
    "adult-fiction,biography,business-economics,children-s,classics,comics,contemporary,crime,"
    "detective,fantasy,fiction,graphic-novels,historical-fiction,history,horror,literary-fiction,"
    "magical-realism,manga,memoir,mystery,mythology,non-fiction,paranormal-fantasy,philosophy,poetry,"
    "politics,psychology,romance,sci-fi,science-fiction,short-fiction,suspense,thriller,true-crime,"
    "war,western,womens-fiction,ya,young-adult"
)
SHOP = (
    "Biographies,Business,Children's,Classics,Contemporary,Crime,Dystopian,Fantasy,Fiction,"
    "Graphic Novels,Historical Fiction,History,Horror,Humor,Memoirs,Mystery,Nonfiction,Philosophy,"
    "Poetry,Politics,Psychology,Religion,Romance,Science,Science Fiction,Self Help,Short Stories,"
    "Thrillers,Travel,True Crime,Young Adult"
)
TMDB = (
    "Action,Adventure,Animation,Comedy,Crime,Documentary,Drama,Family,Fantasy,History,Horror,Music,"
    "Mystery,Romance,Science Fiction,TV Movie,Thriller,War,Western"
)


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        (MOVIELENS, "films"),
        (MOVIELENS.lower(), "films"),
        (TMDB, "films"),
        (SHELVES, "books"),
        (SHOP, "books"),
        ("RPG,Strategy,Action,Adventure,Indie,Puzzle", None),
        ("", None),
    ],
    ids=["movielens", "lower case", "tmdb", "shelves", "shop", "games", "nothing"],
)
def test_the_domain_that_speaks_most_of_a_catalog_is_chosen(
    values: str, domain: str | None
) -> None:
    assert choose_phrasebook(set(values.split(",")) - {""}) == load_phrasebook(domain)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sci-Fi", "scifi"),
        ("children-s", "Children's"),
        ("graphic_novels", "Graphic Novel"),
        ("Mysteries", "mystery"),
        ("short-stories", "Short Story"),
        ("科幻", "科幻"),
    ],
)
def test_spelling_makes_no_difference(one: str, other: str) -> None:
    assert spelling(one) == spelling(other) != ""


def test_different_values_stay_different() -> None:
    everything = {*MOVIELENS.split(","), *TMDB.split(","), "historical", "Science", "Humor"}
    assert len({spelling(value) for value in everything}) == len(everything)


def test_values_wanted_together_may_be_named_in_several_ways() -> None:
    wanted = {wish.all_of for wish in load_phrasebook("books").wishes if wish.all_of}
    assert {("science-fiction", "horror"), ("sci-fi", "horror")} <= wanted
    assert all(isinstance(name, str) for both in wanted for name in both)
