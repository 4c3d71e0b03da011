"""People named before what they did, brothers, somebody's early work."""

import pytest

from m6rec.catalog import Catalog
from m6rec.filters import item_mask
from m6rec.grounding import Grounder
from m6rec.records import Item
from m6rec.vocabulary import Said, Vocabulary, said_values
from m6rec.wishes import read_wish
from m6rec.wishes.names import name_before, period_of, principal

WORDS = Vocabulary.load()
_CAST = (
    ("Tom Hanks", "Bill Heard", "Martin Scorsese"),
    ("Meg Ryan", "Alfred Hitchcock"),
    ("Tom Hanks", "Meg Ryan"),
)
_MADE = (("Martin Scorsese",), ("Alfred Hitchcock",), ("Ethan Coen", "Joel Coen"))


def _film(number: int) -> Item:
    fields = {
        "year": 1950 + number,
        "genres": ("Comedy", "Crime") if number % 2 else ("Drama",),
        "cast": _CAST[number % 3],
        "directors": _MADE[number % 3],
        "writers": ("Stephen King",) if number % 5 == 0 else ("Nora Ephron",),
    }
    return Item(f"f{number}", f"Reel {number}", fields, float(number))


FILMS = Catalog(map(_film, range(30)), name="films")
VALUES = said_values(FILMS, WORDS)
TITLES = Grounder(FILMS)


def kept(text: str) -> set[str]:
    wish = read_wish(text, FILMS, TITLES, WORDS)
    masks = [item_mask(expression, FILMS) for expression in wish.filters]
    return {item.item_id for row, item in enumerate(FILMS) if all(mask[row] for mask in masks)}


def fits(expression: str) -> set[str]:
    mask = item_mask(expression, FILMS)
    return {item.item_id for row, item in enumerate(FILMS) if mask[row]}


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("comedies Tom Hanks is in", "'Tom Hanks' in cast"),
        ("which comedies does Tom Hanks play in", "'Tom Hanks' in cast"),
        ("tom hanks in a crime comedy", "'Tom Hanks' in cast"),
        ("Tom Hanks together with Meg Ryan", "'Tom Hanks' in cast and 'Meg Ryan' in cast"),
        ("Tom Hanks or Meg Ryan in a comedy", "'Tom Hanks' in cast or 'Meg Ryan' in cast"),
        ("Tom Hanks主演的电影", "'Tom Hanks' in cast"),
        ("what did Alfred Hitchcock make?", "'Alfred Hitchcock' in directors"),
        ("what has Hitchcock directed?", "'Alfred Hitchcock' in directors"),
        ("Hitchcock in the 1950s", "'Alfred Hitchcock' in directors and year < 1960"),
        ("Alfred Hitchcock导演的片子", "'Alfred Hitchcock' in directors"),
        ("movies whose director is Martin Scorsese", "'Martin Scorsese' in directors"),
        ("something Stephen King wrote", "'Stephen King' in writers"),
        ("based on Stephen King", "'Stephen King' in writers"),
        ("the Coen brothers' movies", "'Joel Coen' in directors"),
        ("Coen brothers comedies", "'Ethan Coen' in directors"),
        ("scorsese films", "'Martin Scorsese' in directors"),
        ("Martin Scorsese's early films", "'Martin Scorsese' in directors and year <= 1959"),
        ("early Hitchcock", "'Alfred Hitchcock' in directors and year <= 1960"),
        ("Hitchcock's later films", "'Alfred Hitchcock' in directors and year >= 1969"),
    ],
)
def test_people_are_demanded(text, expression):
    assert kept(text) == fits(expression)


@pytest.mark.parametrize(
    "text",
    [
        "is Tom Hanks in it?",
        "Reel 7 was fine, Tom Hanks plays in it",
        "something fun in the kitchen",
        "kid plays with toys",
        "Warner Brothers movies",
        "a film made by two sisters",
    ],
)
def test_nobody_is_demanded(text):
    assert kept(text) == {item.item_id for item in FILMS}


def test_a_cameo_is_no_role():
    known = principal(VALUES.person("Martin Scorsese"), FILMS)
    assert known == (Said("directors", "Martin Scorsese"),)


def test_years_of_somebody_with_few_items_are_not_cut():
    few = Catalog(_film(number) for number in range(9))
    assert period_of((Said("directors", "Alfred Hitchcock"),), "early", few) is None
    assert period_of((Said("directors", "Alfred Hitchcock"),), "good", FILMS) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("comedies Tom Hanks", ("Tom Hanks", 9)),
        ("Tom Henks", None),
        ("", None),
        ("hitchcock,", None),
    ],
)
def test_the_name_before_a_place(text, found):
    named = name_before(text, len(text), VALUES, slips=False)
    assert (named and (named[0][0].value, named[1])) == found


def test_slips_are_mended_where_they_may_be():
    named = name_before("Tom Henks", 9, VALUES, slips=True)
    assert named is not None
    assert named[0][0].value == "Tom Hanks"
