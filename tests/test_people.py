"""Whom a name means."""

import pytest

from m6rec.records import Item
from m6rec.vocabulary.people import People

_CAST = (
    ("Quentin Tarantino", "Uma Thurman"),
    ("Quentin Tarantino", "John Heard"),
    ("Stanley Kubrick", "Tom Cruise", "Vivian Kubrick"),
    ("Stanley Kubrick", "Shelley Duvall", "Vivian Kubrick"),
    ("Stanley Kubrick", "John Heard"),
    ("Joel Coen",),
    ("Joel Coen", "Ethan Coen"),
    ("Ethan Coen", "Joel Coen"),
    ("Guillermo del Toro", "Walt Disney"),
    ("Guillermo del Toro", "Walt Disney"),
)
PEOPLE = People(
    [Item(str(n), f"Reel {n}", {"cast": cast}, 10.0) for n, cast in enumerate(_CAST)],
    ["cast"],
    words=["heard"],
    brands=["disney"],
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tarantino", "quentin tarantino"),
        ("Kubrick", "stanley kubrick"),
        ("del toro", "guillermo del toro"),
        ("Heard", "john heard"),
        ("heard", None),
        ("Coen", None),
        ("Disney", None),
        ("Thurman", None),
        ("", None),
    ],
)
def test_surnames(text, name):
    assert PEOPLE.surname(text) == name


def test_a_capital_alone_makes_nobody_of_a_word(monkeypatch):
    monkeypatch.setattr("m6rec.vocabulary.people._FAMOUS_PEOPLE", 1)
    items = [Item(str(n), "One", {"cast": ("Tom Hanks", "Michael York")}, n) for n in range(2)]
    people = People(items, ["cast"], words=["york"])
    assert people.surname("York") is None
    assert people.surname("Hanks") == people.surname("hanks") == "tom hanks"
    assert People(items, ["cast"]).surname("York") == "michael york"
    assert People(items, ["cast"]).surname("york") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("quentin tarentino", "quentin tarantino"),
        ("tarentino", "quentin tarantino"),
        ("stanly kubrick", "stanley kubrick"),
        ("kubric", "stanley kubrick"),
        ("nobody at all", None),
        ("x", None),
    ],
)
def test_names_with_a_slip(text, name):
    assert PEOPLE.near(text) == name


def test_a_name_knows_its_fields_and_spelling():
    assert PEOPLE.fields_of["guillermo del toro"] == (("cast", "Guillermo del Toro"),)
