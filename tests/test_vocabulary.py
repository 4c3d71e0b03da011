"""How values are said, and which values words name."""

import pytest

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.records import Item
from m6rec.vocabulary import Said, Vocabulary, plain, said_values, stem

WORDS = Vocabulary.load()
GENRES = [
    "Action",
    "Adventure",
    "Animation",
    "Children",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "IMAX",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
]


@pytest.mark.parametrize(
    ("field", "value", "spoken"),
    [
        ("genres", "Sci-Fi", "science fiction"),
        ("genres", "Film-Noir", "film noir"),
        ("genre", "children", "children's"),
        ("category", "young-adult", "young adult"),
        ("shelf", "Slow_Burn  Stories", "slow burn stories"),
        ("languages", "French", "French"),
        ("countries", "France", "French"),
        ("countries", "Luxembourg", "Luxembourg"),
        ("cast", "Keanu Reeves", "Keanu Reeves"),
    ],
)
def test_spoken(field, value, spoken):
    assert WORDS.spoken(field, value) == spoken
    assert WORDS.forms(field, value)[0] == spoken


@pytest.mark.parametrize("genre", GENRES)
def test_every_movielens_genre_has_an_entry(genre):
    forms = WORDS.forms("genres", genre)
    assert genre in forms
    assert len(forms) == len(set(forms))
    assert genre == "IMAX" or any("\u4e00" <= form[0] <= "\u9fff" for form in forms)


def test_words_for_refusals_name_nothing_otherwise():
    assert "scary" in WORDS.avoided("genres", "Horror")
    assert "scary" not in WORDS.forms("genres", "Horror")


def test_the_general_list_is_always_read():
    assert Vocabulary.load(()).decades["nineties"] == 1990
    assert Vocabulary.load(()).forms("genres", "Sci-Fi") == ("sci fi",)


def test_an_unknown_list_is_named():
    with pytest.raises(ConfigError, match=r"'flims' \(there are: books, english, films\)"):
        Vocabulary.load(("flims",))


def test_an_unknown_key_is_named():
    with pytest.raises(ConfigError, match="'Horror' has the unknown key 'sya'"):
        Vocabulary([{"genres": {"Horror": {"sya": "horror"}}}])


CATALOG = Catalog(
    [
        Item("1", "A", {"genres": ("Comedy", "Sci-Fi"), "cast": ("Tom Cruise",), "plot": "war"}),
        Item("2", "B", {"genres": ("Horror", "Comedy"), "cast": ("Tom Cruise",), "plot": "peace"}),
        Item("3", "C", {"genres": ("Children", "Sci-Fi"), "also_known_as": ("C", "C")}),
    ]
)


@pytest.mark.parametrize(
    ("phrase", "values"),
    [
        ("comedies", [Said("genres", "Comedy")]),
        ("SCI FI", [Said("genres", "Sci-Fi")]),
        ("science-fiction", [Said("genres", "Sci-Fi")]),
        ("children's", [Said("genres", "Children")]),
        ("喜剧", [Said("genres", "Comedy")]),
        ("tom cruise", [Said("cast", "Tom Cruise")]),
        ("war", []),
        ("scary", []),
        ("", []),
    ],
)
def test_named(phrase, values):
    assert list(said_values(CATALOG, WORDS).named(phrase)) == values


def test_refused_knows_more_words():
    assert said_values(CATALOG, WORDS).refused("scary") == (Said("genres", "Horror"),)
    assert said_values(CATALOG, WORDS) is said_values(CATALOG, WORDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Les Misérables & Co.", "les miserables and co"),
        ("Children's", "childrens"),
        ("Alien³", "alien3"),
        ("  --  ", ""),
        ("がんばれ!", "がんばれ"),
        ("Ёлки", "ёлки"),
        ("Ødipus Łódź", "odipus lodz"),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected
    assert plain(plain(text)) == plain(text)


def test_stem_knows_plurals():
    assert stem("love stories") == stem("love story")
    assert stem("war movies") == "war movy" == stem("war movy")
    assert stem("kiss") == "kiss"


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        ("sci-fi", "science fiction"),
        ("scifi", "science fiction"),
        ("Science_Fiction", "science fiction"),
        ("to-read-sci-fi", "science fiction"),
        ("thrillers", "thriller"),
        ("children-s", "children's"),
        ("childrens-books", "children's"),
        ("ya", "young adult"),
        ("my-manga-books", "manga"),
        ("historical-fiction", "historical fiction"),
        ("historical", "historical"),
        ("read-aloud", "read aloud"),
        ("own", "own"),
        ("science", "science"),
    ],
)
def test_other_spellings_of_a_kind_are_said_as_it_is(value, spoken):
    assert WORDS.spoken("shelves", value) == spoken


@pytest.mark.parametrize(("value", "is_listed"), [("scifi", True), ("read-aloud", False)])
def test_whether_a_list_knows_a_value(value, is_listed):
    assert WORDS.listed("shelves", value) == is_listed


def test_names_of_people_are_never_another_spelling():
    assert WORDS.spoken("cast", "Ro-Mance") == "Ro-Mance"


def test_a_spelling_is_named_by_all_the_words_of_its_kind():
    items = Catalog(Item(str(n), f"T{n}", {"genres": ("scifi", "sci-fi")}) for n in range(4))
    named = said_values(items, WORDS).kind("science fiction")
    assert {said.value for said in named} == {"scifi", "sci-fi"}
