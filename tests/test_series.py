"""Films by their place in a series."""

import pytest

from m6rec.grounding.series import places


def _places(*films):
    """What the places name, of films as key, year, popularity and the series they belong to."""
    titles: dict[str, list[int]] = {}
    heads: dict[str, list[int]] = {}
    years: list[int] = []
    popularity: list[float] = []
    for row, (key, year, count, series) in enumerate(films):
        titles.setdefault(key, []).append(row)
        if series:
            heads.setdefault(series, []).append(row)
        years.append(year)
        popularity.append(float(count))
    found = places(titles, {}, heads, years, popularity)
    return {key: films[row][0] for key, row in found}


def test_years_give_the_order_where_titles_say_no_number():
    found = _places(
        ("potter and the goblet", 2005, 40, "potter"),
        ("potter and the stone", 2001, 90, "potter"),
        ("potter and the chamber", 2002, 80, "potter"),
    )
    assert [found[f"potter {n}"] for n in (1, 2, 3)] == [
        "potter and the stone",
        "potter and the chamber",
        "potter and the goblet",
    ]
    assert found["second potter"] == "potter and the chamber"
    assert "potter 4" not in found


def test_a_film_without_a_number_stands_between_those_with_one():
    found = _places(
        ("die hard", 1988, 90, ""),
        ("die hard 2", 1990, 60, ""),
        ("die hard with a vengeance", 1995, 80, "die hard"),
    )
    assert found["die hard 3"] == "die hard with a vengeance"
    assert found["first die hard"] == found["original die hard"] == "die hard"


@pytest.mark.parametrize(
    "films",
    [
        # The numbers contradict the years.
        [("wars 4 hope", 1977, 90, "wars"), ("wars 1 menace", 1999, 80, "wars")],
        # A well-known film of no such series stands between.
        [("max", 1979, 30, ""), ("max beyond", 1985, 25, ""), ("max fury", 2015, 30, "max")],
        # Two of one year.
        [("m", 1999, 90, ""), ("m loaded", 2003, 50, "m"), ("m ended", 2003, 50, "m")],
        # One alone, and films without a year.
        [("solo", 1999, 90, "")],
        [("s one", None, 9, "s"), ("s two", None, 9, "s")],
    ],
)
def test_nothing_is_guessed(films):
    assert not [key for key in _places(*films) if key.startswith("second") or key.endswith(" 2")]


def test_an_obscure_spin_off_has_no_place():
    found = _places(
        ("trek", 1979, 90, ""), ("trek short", 1981, 1, "trek"), ("trek two", 1982, 80, "trek")
    )
    assert found["trek 2"] == "trek two"
