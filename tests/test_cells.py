import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.records import Item
from m6rec.sources.cells import field_values


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("n", ["1", " 2", ""], [1, 2, None]),
        ("n", ["1997.0", "2001.0", "nan"], [1997, 2001, None]),
        ("n", ["1.5", "2", "1e3"], [1.5, 2.0, 1000.0]),
        ("n", ["007", "12"], ["007", "12"]),
        ("n", ["12345678901234567", "1"], ["12345678901234567", "1"]),
        ("n", ["$1,299.00", "$5", None], [1299, 5, None]),
        ("n", ["1", "two"], ["1", "two"]),
        ("n", ["inf", "1e999"], ["inf", "1e999"]),
        ("n", [1.0, math.nan, 3.0], [1, None, 3]),
        ("n", [True, None], ["true", None]),
        ("n", [np.float64(2.5), np.int64(3)], [2.5, 3.0]),
        ("n", [dt.date(2020, 1, 2)], ["2020-01-02"]),
        ("t", ["a|b", "c"], [("a", "b"), ("c",)]),
        ("t", ["a; b", "b;c", "a"], [("a", "b"), ("b", "c"), ("a",)]),
        ("t", ["a, b", "b, a", "a"], [("a", "b"), ("b", "a"), ("a",)]),
        ("t", ["Hello, you", "Well, then"], ["Hello, you", "Well, then"]),
        ("cast", ["Ed Ames, Jr., Bo Li", "Cy Ny"], [("Ed Ames Jr.", "Bo Li"), ("Cy Ny",)]),
        ("t", ["['a', \"b's\"]", "[]"], [("a", "b's"), None]),
        ("t", ['["a", null, 3]', "['x']"], [("a", "3"), ("x",)]),
        ("t", ["[{'id': 1, 'name': 'Drama'}]"], [("Drama",)]),
        ("t", ["[exit()]"], ["[exit()]"]),
        ("t", [["a", "a", ""], "b", None], [("a",), ("b",), None]),
        ("t", [{"name": "Ann"}, {"x": 1}], ["Ann", '{"x": 1}']),
    ],
)
def test_cells_become_values(name, cells, expected):
    found = field_values(name, cells)
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


cells = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.text(max_size=3), max_size=3),
)


@settings(deadline=None)
@given(st.text(max_size=6), st.lists(cells, max_size=6))
def test_any_cells_become_values_a_catalog_can_save(tmp_path_factory, name, drawn):
    found = field_values(name, drawn)
    assert len(found) == len(drawn)
    items = [
        Item(str(row), "t", {"x": value}) for row, value in enumerate(found) if value is not None
    ]
    for item in items:
        value = item.fields["x"]
        assert isinstance(value, str | int | float | tuple)
        assert value != ()
    if items:
        path = tmp_path_factory.mktemp("cells") / "c.jsonl"
        catalog = Catalog(items)
        catalog.save(path)
        assert Catalog.load(path).items == catalog.items
