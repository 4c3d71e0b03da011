"""Years and numbers in sentences, through the whole reading of a sentence."""

import pytest

from m6rec.catalog import Catalog
from m6rec.filters import item_mask
from m6rec.grounding import Grounder
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary
from m6rec.wishes import Wish, read_wish

CATALOG = Catalog(
    [
        Item("1", "The Matrix", {"year": 1999, "genres": ("Action", "Comedy")}, 90),
        Item("2", "Titanic", {"year": 1997, "genres": ("Action", "Comedy")}, 80),
        Item("3", "12 Angry Men", {"year": 1957, "genres": ("Action", "Comedy")}, 70),
        Item("4", "Jaws", {"year": 1975, "genres": ("Animation", "Comedy")}, 60),
    ]
)
GROUNDER = Grounder(CATALOG)
WORDS = Vocabulary.load()


def wish(text: str) -> Wish:
    return read_wish(text, CATALOG, GROUNDER, WORDS)


_YEARS = [
    ("90s comedy", "year 1990-1999"),
    ("'90s action", "year 1990-1999"),
    ("90's action", "year 1990-1999"),
    ("comedies from the 1990s", "year 1990-1999"),
    ("nineties thriller", "year 1990-1999"),
    ("the nineteen eighties", "year 1980-1989"),
    ("early 80s horror", "year 1980-1983"),
    ("mid-90s drama", "year 1993-1996"),
    ("late 1960s westerns", "year 1966-1969"),
    ("the 2000s", "year 2000-2009"),
    ("2010s", "year 2010-2019"),
    ("from 1994", "year 1994"),
    ("movies in 1994", "year 1994"),
    ("best movies of 1999", "year 1999"),
    ("a film from '99", "year 1999"),
    ("around 1975", "year 1973-1977"),
    ("sci-fi after 2000", "year 2001 or later"),
    ("post-2000", "year 2001 or later"),
    ("westerns since 2010", "year 2010 or later"),
    ("from 1990 onwards", "year 1990 or later"),
    ("1985 or later", "year 1985 or later"),
    ("90s or newer", "year 1990 or later"),
    ("made after the 70s", "year 1980 or later"),
    ("newer than 2005", "year 2006 or later"),
    ("before 1980", "year 1979 or earlier"),
    ("movies released before the year 2000", "year 1999 or earlier"),
    ("pre-1950 noir", "year 1949 or earlier"),
    ("older than 1970", "year 1969 or earlier"),
    ("up to 1960", "year 1960 or earlier"),
    ("between 1990 and 1995", "year 1990-1995"),
    ("1990-1995", "year 1990-1995"),
    ("movies between the years 1980 and 1985", "year 1980-1985"),
    ("from 1950 to 1960", "year 1950-1960"),
    ("from the 70s to the 90s", "year 1970-1999"),
    ("80s or 90s", "year 1980-1999"),
    ("70s and 90s", "year 1970-1979 or 1990-1999"),
    ("after 1980 and before 1990", "year 1981 or later; year 1989 or earlier"),
    ("20th century", "year 1900-1999"),
    ("21st century drama", "year 2000-2099"),
    ("90年代的喜剧", "year 1990-1999"),
    ("八十年代的电影", "year 1980-1989"),
    ("上世纪90年代末的动作片", "year 1996-1999"),
    ("2000年以后的科幻片", "year 2001 or later"),
    ("2010年以来的惊悚片", "year 2010 or later"),
    ("1980年之前的电影", "year 1979 or earlier"),
    ("1990年到1995年的爱情片", "year 1990-1995"),
    ("1994年的电影", "year 1994"),
    ("no older than 1990", "year 1990 or later"),
    ("nothing before 1980", "year 1980 or later"),
    ("nothing newer than 2000", "year 2000 or earlier"),
    ("not from the 90s", "not year 1990-1999"),
    ("no 90s movies", "not year 1990-1999"),
    ("something like The Matrix but newer", "year 2000 or later"),
    ("like The Matrix, only older", "year 1998 or earlier"),
    ("more recent than Titanic", "year 1998 or later"),
    # No years.
    ("a movie set in the 80s", ""),
    ("a story set in 1944", ""),
    ("a woman in her 30s", ""),
    ("in my 20s", ""),
    ("I was born in 1990", ""),
    ("a film about 1969", ""),
    ("12 angry men", ""),
    ("top 10 comedies", ""),
    ("300", ""),
    ("a 90 minute comedy", ""),
    ("100 years of cinema", ""),
    ("like Titanic but funnier", ""),
]


@pytest.mark.parametrize(("text", "expected"), _YEARS)
def test_years(text, expected):
    assert "; ".join(wish(text).understood) == expected


@pytest.mark.parametrize(
    ("text", "item_ids"),
    [
        ("70s or 90s", "124"),
        ("nothing before 1980", "12"),
        ("not from the 90s", "34"),
        ("after 1960 and before 1998", "24"),
        ("like Titanic but newer", "1"),
    ],
)
def test_the_filters_leave_the_right_items(text, item_ids):
    mask = item_mask(" and ".join(f"({test})" for test in wish(text).filters), CATALOG)
    assert (
        "".join(item.item_id for item, kept in zip(CATALOG, mask, strict=True) if kept) == item_ids
    )


def test_year_words_stay_and_refused_years_go():
    assert wish("a comedy from the 90s").text == "a comedy from the 90s"
    assert wish("a comedy, not from the 90s").text == "a comedy"


def test_without_years_in_the_catalog_nothing_is_filtered():
    catalog = Catalog([Item("1", "One", {"year": "1999"}), Item("2", "Two")])
    assert read_wish("90s, nothing before 1980", catalog, Grounder(catalog), WORDS).filters == ()


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("only 3", 3), ("just one", 1), ("just 2 please", 2), ("at most 4 films", 4),
        ("give me five movies", 5), ("give me three comedies", 3), ("show me 3", 3),
        ("recommend 2 dramas", 2), ("top 10", 10), ("top 10 comedies", 10), ("first 3", 3),
        ("three comedies", 3), ("five horror movies", 5), ("3 movies please", 3),
        ("only one movie", 1), ("comedy, not animated, after 1995, only 5", 5),
        ("twenty recommendations", 20), ("推荐3部喜剧", 3), ("给我五部科幻片", 5), ("来三个喜剧", 3),
        ("只要一部", 1),
        ("我想看一部喜剧", None), ("one of the best movies", None), ("just one of those movies", None),
        ("only two hours long", None), ("I only have two hours", None), ("12 angry men", None),
        ("movies with two detectives", None), ("suggest something for 4 people", None),
        ("give me one more", None), ("my top 5 movies are great", None), ("7 samurai", None),
        ("0 movies", None), ("a movie", None),
    ],
)  # fmt: skip
def test_counts(text, k):
    assert wish(text).k == k
