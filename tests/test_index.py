"""Catalog, descriptions and tree together, built once and kept."""

import numpy as np
import pytest

from m6rec import index as index_module
from m6rec.catalog import Catalog
from m6rec.codec import Codec, path_text
from m6rec.errors import CatalogError
from m6rec.facets import FacetPlan
from m6rec.index import CatalogIndex, index_catalog
from m6rec.records import Item
from m6rec.tree import PrefixTree
from m6rec.vocabulary import Vocabulary
from tests.fakes import toy_catalog
from tests.tiny import tokenizer

CODEC = Codec(tokenizer())
VOCABULARY = Vocabulary.load()
NEW = (
    Item("20", "Alien", {"genres": ("Horror",), "year": 2026}),
    Item("21", "Alien 3", {"genres": ("Horror", "Sci-Fi"), "year": 1992}),
    Item("22", "不要回答", {}),
)


def index_of(catalog: Catalog, **options) -> CatalogIndex:
    return index_catalog(catalog, CODEC, VOCABULARY, **options)


def path_says(index: CatalogIndex, path: int) -> str:
    ids = index.tree.path(path).tolist()
    assert ids[-1] == CODEC.terminator
    return str(tokenizer().decode(ids[:-1]))


def check_paths(index: CatalogIndex) -> None:
    """Every path's tokens spell its description and title, and every item has all its paths."""
    texts = []
    for path in range(index.tree.n_paths):
        description = index.description(path)
        title = index.catalog.at(description.row).title
        assert description.row == index.tree.rows[path]
        assert path_says(index, path) == path_text(description.text, title)
        texts.append((description.row, description.text))
    expected = [(d.row, d.text) for d in index.describer.describe(index.catalog)]
    assert sorted(texts) == sorted(expected)


def arrays(tree: PrefixTree) -> dict[str, list[int]]:
    return {name: getattr(tree, name).tolist() for name in PrefixTree.__dataclass_fields__}


def test_a_path_says_its_description_and_title():
    check_paths(index_of(toy_catalog()))


def test_a_catalog_of_one_bare_item():
    index = index_of(Catalog([Item("1", "Alien")]))
    assert index.tree.n_paths == 1
    assert path_says(index, 0) == " other: Alien"
    assert index.description(0).text == "other"


def test_new_items_join_and_the_old_ones_stay():
    old = index_of(toy_catalog())
    grown = old.with_items(NEW, CODEC)
    check_paths(grown)
    assert len(grown.catalog) == len(old.catalog) + 3
    assert [grown.catalog.row(item.item_id) for item in NEW] == [14, 15, 16]
    assert grown.catalog.at(14).title == "Alien (2026)"
    before = {path_says(old, path): int(old.tree.rows[path]) for path in range(old.tree.n_paths)}
    after = {
        path_says(grown, path): int(grown.tree.rows[path]) for path in range(grown.tree.n_paths)
    }
    assert before.items() <= after.items()
    assert {row for text, row in after.items() if text not in before} == {14, 15, 16}
    assert grown.key != old.key
    check_paths(old)


def test_new_items_can_be_added_twice():
    twice = index_of(toy_catalog()).with_items(NEW[:1], CODEC).with_items(NEW[1:], CODEC)
    check_paths(twice)
    assert arrays(twice.tree) == arrays(index_of(toy_catalog()).with_items(NEW, CODEC).tree)


def test_what_is_stored_is_loaded_and_not_built_again(tmp_path, monkeypatch):
    built = index_of(toy_catalog(), store=tmp_path)
    monkeypatch.setattr(index_module, "build_from", None)
    loaded = index_of(toy_catalog(), store=tmp_path)
    assert arrays(loaded.tree) == arrays(built.tree)
    assert loaded.key == built.key
    check_paths(loaded)
    check_paths(loaded.with_items(NEW, CODEC))


def test_an_index_without_its_manifest_is_built_again(tmp_path):
    built = index_of(toy_catalog(), store=tmp_path)
    folder = next(tmp_path.iterdir())
    (folder / "manifest.json").unlink()
    (folder / "tree" / "tokens.npy").write_bytes(b"half a file")
    again = index_of(toy_catalog(), store=tmp_path)
    assert arrays(again.tree) == arrays(built.tree)
    assert (folder / "manifest.json").is_file()


def test_a_failed_build_leaves_nothing(tmp_path, monkeypatch):
    def full(tree: PrefixTree, path: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(PrefixTree, "save", full)
    with pytest.raises(OSError, match="no space left"):
        index_of(toy_catalog(), store=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_key_names_catalog_plan_and_tokenizer():
    items = toy_catalog()
    other = Catalog([*items.items[:-1], Item("14", "Spirited Away")])
    keys = [
        index_of(items).key,
        index_of(other).key,
        index_of(items, plan=FacetPlan(None, True)).key,
        index_catalog(items, Codec(tokenizer(262)), VOCABULARY).key,
    ]
    assert len(set(keys)) == 4
    assert index_of(toy_catalog()).key == keys[0]


def test_a_plan_can_be_given():
    index = index_of(toy_catalog(), plan=FacetPlan(None, True))
    check_paths(index)
    assert index.tree.n_paths == len(index.catalog)
    assert path_says(index, int(np.flatnonzero(index.tree.rows == 0)[0])) == " 1990s: Toy Story"


def test_items_whose_paths_read_the_same_are_refused():
    # Both would be " x: a: B".
    twins = Catalog([Item("1", "a: B", {"genre": "x"}), Item("2", "B", {"genre": "x: a"})])
    with pytest.raises(CatalogError, match=r"rows 0 and 1 have the same text"):
        index_of(twins)
