"""Reasons cite the item's own fields and the person's own history."""

import pytest

from m6rec.facets import Description
from m6rec.ranking.reasons import Claim, holds
from m6rec.ranking.reasons import reason as reason_of
from m6rec.records import FieldValue, Item


def film(
    title: str, genres: tuple[str, ...] = (), popularity: float = 0.0, **fields: FieldValue
) -> Item:
    return Item(title, title, {"genres": genres, **fields}, popularity)


def reason(item, text, liked, tells):
    """The reason for an item on a path of that text, which its own fields bear out."""
    field, value = next(
        ((n, v) for n, many in item.fields.items() if isinstance(many, tuple) for v in many),
        ("decade", "1990s"),
    )
    facets = ((field, value),) if text not in {"", "other"} else ()
    return reason_of(item, Description(0, text, facets), liked, tells)


def everything(field: str, value: str) -> bool:
    return True


MATRIX = film(
    "The Matrix", ("Action", "Sci-Fi"), 12345.0, year=1999, cast=("Keanu Reeves", "Hugo Weaving")
)
SPEED = film("Speed", ("Action",), cast=("Keanu Reeves",))
ALIEN = film("Alien", ("Horror", "Sci-Fi"))
BEAN = film("Bean", ("Comedy",))


def test_description_year_and_crowd():
    found = reason(MATRIX, "science fiction 1990s", [], everything)
    assert found == "science fiction 1990s (1999); chosen by 12,345"


def test_without_year_or_crowd():
    assert reason(BEAN, "comedy", [], everything) == "comedy"


def test_an_item_that_nothing_describes_is_named_by_its_title():
    assert reason(BEAN, "", [], everything) == "by its title"
    assert reason(BEAN, "other", [], everything) == "by its title"


def test_the_liked_item_with_most_in_common():
    found = reason(MATRIX, "action", [SPEED, ALIEN, BEAN], everything)
    assert found == "action (1999); Action, Keanu Reeves like Speed; chosen by 12,345"


def test_the_latest_of_several_that_share_as_much():
    found = reason(MATRIX, "action", [ALIEN, film("Heat", ("Action",))], everything)
    assert "Action like Heat" in found
    assert "Alien" not in found


def test_nothing_in_common_is_not_said():
    assert reason(BEAN, "comedy", [ALIEN, SPEED], everything) == "comedy"


def test_what_tells_nothing_is_neither_named_nor_counted():
    def people_only(field: str, value: str) -> bool:
        return field == "cast"

    found = reason(MATRIX, "action", [SPEED, ALIEN], people_only)
    assert found == "action (1999); Keanu Reeves like Speed; chosen by 12,345"
    assert reason(BEAN, "comedy", [film("Big", ("Comedy",))], people_only) == "comedy"


def test_at_most_two_values_in_the_items_own_order():
    item = Item("1", "A", {"cast": ("X", "Y"), "genres": ("Drama", "War")})
    other = Item("2", "B", {"cast": ("Y", "X"), "genres": ("War", "Drama")})
    assert reason(item, "war", [other], everything) == "war; X, Y like B"


def test_a_value_counts_only_in_its_own_field():
    item, other = Item("1", "A", {"cast": ("Bean",)}), Item("2", "B", {"writers": ("Bean",)})
    assert reason(item, "comedy", [other], everything) == "comedy"


def test_a_shared_number_is_no_reason():
    one, other = Item("1", "A", {"year": 1999}), Item("2", "B", {"year": 1999})
    assert reason(one, "1990s", [other], everything) == "1990s (1999)"


# What is not so is not said ---------------------------------------------------------------------

WRONG = [
    Claim("genres", "Western"),
    Claim("cast", "Tom Hanks"),
    Claim("decade", "1980s"),
    Claim("nonsense", "Action"),
    Claim("genres", "Sci-Fi", like="Speed"),
    Claim("genres", "Western", like="Alien"),
    Claim("genres", "Sci-Fi", like="Unforgiven"),
    Claim("decade", "1990s", like="Alien"),
]
RIGHT = [
    Claim("genres", "Action"),
    Claim("cast", "Hugo Weaving"),
    Claim("decade", "1990s"),
    Claim("cast", "Keanu Reeves", like="Speed"),
    Claim("genres", "Sci-Fi", like="Alien"),
]


@pytest.mark.parametrize("claim", WRONG, ids=str)
def test_a_wrong_fact_is_refused(claim):
    assert not holds(claim, MATRIX, [SPEED, ALIEN])


@pytest.mark.parametrize("claim", RIGHT, ids=str)
def test_a_right_fact_holds(claim):
    assert holds(claim, MATRIX, [SPEED, ALIEN])


@pytest.mark.parametrize(
    "facets",
    [
        (("genres", "Western"), ("decade", "1990s")),
        (("genres", "Action"), ("decade", "1930s")),
        (("cast", "Tom Hanks"),),
    ],
)
def test_a_description_of_another_item_never_reaches_the_person(facets):
    wrong = Description(0, "western 1930s starring Tom Hanks", facets)
    assert reason_of(MATRIX, wrong, [], everything) == "by its title (1999); chosen by 12,345"


def test_something_never_liked_is_no_reason():
    right = Description(0, "action 1990s", (("genres", "Action"), ("decade", "1990s")))
    assert "Speed" not in reason_of(MATRIX, right, [], everything)
    assert "Action, Keanu Reeves like Speed" in reason_of(MATRIX, right, [SPEED], everything)
