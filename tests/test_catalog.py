import math
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.records import Item


def titles(*items: Item) -> list[str]:
    return [item.title for item in Catalog(items)]


def small() -> Catalog:
    return Catalog(
        [
            Item("a", "Alien", {"year": 1979, "genres": ("Horror", "Sci-Fi")}, 3.0),
            Item("b", "Été", {"price": 2.5, "note": "x"}),
        ],
        name="small",
        notes=["one left out"],
    )


def test_items_are_found_by_id_and_by_row():
    catalog = small()
    assert (len(catalog), catalog.name, catalog.notes) == (2, "small", ("one left out",))
    assert catalog["b"] is catalog.at(1) is catalog.items[1]
    assert catalog.row("b") == 1
    assert [item.item_id for item in catalog] == ["a", "b"]
    assert "a" in catalog
    assert "c" not in catalog
    assert 1 not in catalog
    assert catalog.field_names == ("year", "genres", "price", "note")
    with pytest.raises(CatalogError, match="no item with id 'c' in catalog \"small\""):
        catalog["c"]


def test_fields_cannot_be_changed_from_outside():
    fields = {"year": 1979}
    catalog = Catalog([Item("a", "Alien", fields)])
    fields["year"] = 1
    assert catalog["a"].fields["year"] == 1979
    with pytest.raises(TypeError):
        catalog["a"].fields["year"] = 1  # type: ignore[index]


def test_numbers_are_nan_where_there_is_none():
    catalog = small()
    np.testing.assert_array_equal(catalog.numeric("year"), [1979.0, math.nan])
    np.testing.assert_array_equal(catalog.numeric("note"), [math.nan, math.nan])
    np.testing.assert_array_equal(catalog.popularity, [3.0, 0.0])
    with pytest.raises(ValueError, match="read-only"):
        catalog.popularity[0] = 9


def test_shared_titles_are_told_apart_by_year_then_by_id():
    assert titles(
        Item("1", "Hamlet", {"year": 1990}),
        Item("2", "HAMLET", {"year": 1996}),
        Item("3", "Psycho", {"year": 1960}),
    ) == ["Hamlet (1990)", "HAMLET (1996)", "Psycho"]
    assert titles(
        Item("1", "Hamlet", {"year": 1990}),
        Item("2", "Hamlet", {"year": 1990}),
        Item("3", "Hamlet", {"year": "1996"}),
        Item("4", "Hamlet", {"year": 1948}),
    ) == ["Hamlet (1)", "Hamlet (2)", "Hamlet (3)", "Hamlet (1948)"]


def test_a_year_or_id_that_makes_another_title_is_not_used():
    assert titles(
        Item("1", "Alien", {"year": 1979}),
        Item("2", "Alien", {"year": 1986}),
        Item("3", "Alien (1979)"),
    ) == ["Alien (1)", "Alien (1986)", "Alien (1979)"]
    assert titles(Item("1", "X"), Item("2", "X"), Item("3", "X (1)")) == [
        "X (1) (1)",
        "X (2)",
        "X (1)",
    ]


def test_accents_composed_in_two_ways_are_one_title():
    decomposed = unicodedata.normalize("NFD", "Été")
    assert titles(Item("1", "Été"), Item("2", decomposed)) == ["Été (1)", f"{decomposed} (2)"]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "has no items"),
        ([Item("a", "A"), Item("a", "B")], '"a" is used by rows 1 and 2 of catalog "c"'),
        ([Item(" ", "A")], "row 1 of catalog \"c\" has the id ' '"),
        ([Item(1, "A")], "ids are non-empty strings"),  # type: ignore[arg-type]
        ([Item("a", "A"), Item("b", " \n")], r'row 2 of catalog "c" \(id "b"\) has no title'),
        ([Item("a", "A", {}, math.nan)], "has popularity nan"),
        ([Item("a", "A", {}, -1.0)], "has popularity -1.0"),
    ],
)
def test_items_that_cannot_be_named_are_refused(items, message):
    with pytest.raises(CatalogError, match=message) as caught:
        Catalog(items, name="c")
    assert "\n" not in str(caught.value)


def test_new_items_come_after_the_old_which_keep_row_and_title():
    grown = small().with_items([Item("c", "Alien", {"year": 2026}), Item("d", "Blade")])
    assert [item.title for item in grown] == ["Alien", "Été", "Alien (2026)", "Blade"]
    assert (grown.row("a"), grown.row("d"), grown.notes) == (0, 3, ("one left out",))
    assert len(grown.popularity) == 4
    with pytest.raises(CatalogError, match='"b" is used by rows 2 and 3'):
        small().with_items([Item("b", "Again")])


def test_what_is_saved_is_loaded(tmp_path):
    catalog = small()
    catalog.save(tmp_path / "c.jsonl")
    loaded = Catalog.load(tmp_path / "c.jsonl")
    assert loaded.items == catalog.items
    assert (loaded.name, loaded.notes) == (catalog.name, catalog.notes)
    assert loaded.content_hash == catalog.content_hash
    assert isinstance(loaded["a"].fields["genres"], tuple)
    with pytest.raises(TypeError):
        loaded["a"].fields["year"] = 1  # type: ignore[index]


def test_the_hash_is_of_ids_titles_and_fields():
    base = Catalog([Item("a", "A", {"x": 1, "y": ("p",)})]).content_hash
    assert Catalog([Item("a", "A", {"y": ("p",), "x": 1}, 5.0)]).content_hash == base
    for other in (
        Item("b", "A", {"x": 1, "y": ("p",)}),
        Item("a", "B", {"x": 1, "y": ("p",)}),
        Item("a", "A", {"x": 2, "y": ("p",)}),
        Item("a", "A", {"x": 1, "y": "p"}),
    ):
        assert Catalog([other]).content_hash != base


def test_the_hash_is_the_same_in_another_process():
    program = (
        "from m6rec.catalog import Catalog; from m6rec.records import Item;"
        "print(Catalog([Item('é', 'A', {'y': ('p', 'q'), 'x': 1.5})]).content_hash)"
    )
    command = [sys.executable, "-c", program]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert there == Catalog([Item("é", "A", {"x": 1.5, "y": ("p", "q")})]).content_hash


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a saved catalog"),
        ('{"title": "x"}\n', "is not a saved catalog"),
        ('{"m6rec_catalog": 1, "name": "c"}\n{"item_id": "a"}\n', "line 2 is damaged"),
        ('{"m6rec_catalog": 1, "name": "c"}\n{"item_', "line 2 is damaged"),
        ('{"m6rec_catalog": 1, "name": "c"}\n', "has no items"),
    ],
)
def test_damaged_files_are_refused(tmp_path, content, message):
    path = tmp_path / "c.jsonl"
    path.write_text(content)
    with pytest.raises(CatalogError, match=message):
        Catalog.load(path)
    with pytest.raises(CatalogError, match="cannot read catalog"):
        Catalog.load(tmp_path / "missing.jsonl")


values = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.text(), st.lists(st.text()).map(tuple)
)
words = st.text(min_size=1).filter(str.strip)
items = st.builds(Item, st.text(), words, st.dictionaries(st.sampled_from(["year", "x"]), values))


@settings(deadline=None)
@given(st.lists(items, min_size=1, max_size=8))
def test_any_catalog_has_unique_titles_and_survives_the_disk(tmp_path_factory, drawn):
    unique = [Item(f"{row}", item.title, item.fields) for row, item in enumerate(drawn)]
    catalog = Catalog(unique)
    keys = {unicodedata.normalize("NFC", item.title).casefold() for item in catalog}
    assert len(keys) == len(catalog)
    path = tmp_path_factory.mktemp("catalog") / "c.jsonl"
    catalog.save(path)
    assert Catalog.load(path).items == catalog.items


@settings(deadline=None)
@given(st.lists(st.sampled_from(["A", "a", "A (1)", "A (1990)", "B"]), min_size=1, max_size=8))
def test_titles_made_unique_stay_as_they_are(drawn):
    once = Catalog(Item(f"{row}", title, {"year": 1990}) for row, title in enumerate(drawn))
    assert Catalog(once.items).items == once.items
    assert once.with_items([Item("new", drawn[0])]).items[:-1] == once.items


def test_rows_with_a_value():
    films = Catalog(
        [
            Item("1", "A", {"genres": ("War", "War", "Drama"), "year": 1990}),
            Item("2", "B", {"genres": ("Drama",)}),
            Item("3", "C", {"year": 1990}),
        ]
    )
    assert films.rows_with("genres", "War").tolist() == [0]
    assert films.rows_with("genres", "Drama").tolist() == [0, 1]
    assert films.rows_with("year", "1990").tolist() == [0, 2]
    assert films.rows_with("genres", "Comedy").tolist() == []
    assert films.rows_with("no field", "x").tolist() == []
