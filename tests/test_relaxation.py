"""What is given up when no item satisfies everything: as little as can be, and it is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.errors import FilterError
from m6rec.filters import item_mask
from m6rec.records import Item
from m6rec.relaxation import Condition, relax
from tests.tiny_catalogs import films

FILMS = films()
ALL = np.ones(len(FILMS), dtype=np.bool_)
COMEDY = Condition("'Comedy' in genres", "Comedy")
FRENCH = Condition("'France' in countries", "from France")
NINETIES = Condition("1990 <= year <= 1999", "year 1990-1999")
NO_SCIFI = Condition("not ('Sci-Fi' in genres)", "not Sci-Fi")
SPOKEN_LATIN = Condition("'Latin' in genres", "Latin")


def titles(mask):
    return {FILMS.at(int(row)).title for row in np.flatnonzero(mask)}


def test_what_can_hold_does():
    found = relax([COMEDY, FRENCH, NINETIES], FILMS, ALL)
    assert titles(found.allowed) == {"Delicatessen"}
    assert found.kept == ("Comedy", "from France", "year 1990-1999")
    assert found.notes == ()


def test_no_condition_allows_everything():
    found = relax([], FILMS, ALL)
    assert found.allowed.all()
    assert found.kept + found.notes == ()


def test_the_years_go_before_a_country_or_a_refusal():
    found = relax([COMEDY, FRENCH, NINETIES, NO_SCIFI], FILMS, ALL)
    assert titles(found.allowed) == {"Amélie"}
    assert found.kept == ("Comedy", "from France", "not Sci-Fi")
    assert found.notes == ("nothing fits year 1990-1999 as well; the nearest is year 2001",)


def test_one_impossible_condition_does_not_cost_the_others():
    # Dropping the first conditions one after the other would keep less.
    found = relax([SPOKEN_LATIN, COMEDY, FRENCH], FILMS, ALL)
    assert titles(found.allowed) == {"Amélie", "Delicatessen"}
    assert found.notes == ("nothing fits Latin as well; that was left out",)


def test_a_span_is_widened_to_the_nearest_years():
    many = Catalog(
        Item(str(n), f"F{n}", {"year": 1900 + n, "genres": ("Drama",)}) for n in range(100)
    )
    early = relax(
        [Condition("year <= 1890", "year 1890 or earlier")], many, np.ones(100, dtype=np.bool_)
    )
    years = [many.at(int(row)).fields["year"] for row in np.flatnonzero(early.allowed)]
    assert (min(years), max(years)) == (1900, 1909)
    assert early.notes == ("nothing fits year 1890 or earlier; the nearest is year 1900-1909",)


def test_a_span_too_far_away_is_left_out():
    found = relax([Condition("year == 1492", "year 1492")], FILMS, ALL)
    assert found.allowed.all()
    assert found.notes == ("nothing fits year 1492; that was left out",)


def test_what_fits_but_is_known_already_is_told_as_such():
    known = item_mask(FRENCH.expression, FILMS)
    found = relax([FRENCH], FILMS, ALL & ~known, known)
    assert found.notes == ("you know all that fits from France; that was left out",)
    assert not (found.allowed & known).any()


def test_an_expression_that_cannot_be_read_is_not_relaxed_away():
    with pytest.raises(FilterError, match="colour"):
        relax([Condition("colour == 1", "?")], FILMS, ALL)


conditions = st.sampled_from(
    [COMEDY, FRENCH, NINETIES, NO_SCIFI, SPOKEN_LATIN]
    + [Condition(f"year == {year}", str(year)) for year in (1979, 1985, 2010)]
    + [Condition(f"'{star}' in cast", star) for star in ("Tom Hanks", "Keanu Reeves")]
)


@settings(deadline=None)
@given(st.lists(conditions, max_size=12), st.sets(st.integers(0, len(FILMS) - 1), max_size=19))
def test_something_is_always_left_and_what_is_kept_holds(wanted, gone):
    allowed = ALL.copy()
    allowed[sorted(gone)] = False
    found = relax(wanted, FILMS, allowed)
    assert found.allowed.any()
    assert not (found.allowed & ~allowed).any()
    by_phrase = {condition.phrase: condition for condition in wanted}
    for phrase in found.kept:
        assert item_mask(by_phrase[phrase].expression, FILMS)[found.allowed].all()
    assert len(found.kept) + len(found.notes) == len(wanted)


@settings(deadline=None, max_examples=50)
@given(st.lists(conditions, min_size=1, max_size=5, unique=True))
def test_no_larger_choice_of_conditions_could_hold(wanted):
    from itertools import combinations

    masks = [item_mask(condition.expression, FILMS) for condition in wanted]
    best = max(
        size
        for size in range(len(wanted) + 1)
        for chosen in combinations(masks, size)
        if np.logical_and.reduce([ALL, *chosen]).any()
    )
    assert len(relax(wanted, FILMS, ALL).kept) == best
