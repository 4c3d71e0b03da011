"""The prefix tree against a dictionary of prefixes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.errors import CatalogError
from m6rec.tree import LEAF, PrefixTree, build, with_paths, without_rows
from tests.tiny import END, branchings, path_sets

# Tokens whose four bytes hold zeros, and neighbours of the sizes where narrow integers overflow.
TOKENS = st.sampled_from([1, 2, 127, 128, 254, 255, 256, 32767, 32768, 65535, 65536, 128_255])
PATHS = path_sets(max_size=20, tokens=TOKENS)
FREQUENT = settings(deadline=None, max_examples=100)


def as_tuple(tree: PrefixTree, index: int) -> tuple[int, ...]:
    return tuple(tree.path(index).tolist())


def same(left: PrefixTree, right: PrefixTree) -> None:
    for name in PrefixTree.__dataclass_fields__:
        one, other = getattr(left, name), getattr(right, name)
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)


@FREQUENT
@given(PATHS)
def test_paths_are_sorted_and_remember_where_they_came_from(paths):
    tree = build(paths, [7 * i for i in range(len(paths))])
    found = [as_tuple(tree, i) for i in range(tree.n_paths)]
    assert found == sorted(paths)
    assert [paths[i] for i in tree.origin] == found
    assert [7 * i for i in tree.origin] == tree.rows.tolist()


@FREQUENT
@given(PATHS)
def test_nodes_are_exactly_the_choices(paths):
    tree = build(paths, range(len(paths)))
    ordered, choices = sorted(paths), branchings(paths)
    prefixes = [
        as_tuple(tree, int(lo))[:depth]
        for lo, depth in zip(tree.node_lo, tree.node_depth, strict=True)
    ]
    assert len(prefixes) == len(set(prefixes))
    assert set(prefixes) == set(choices)
    for node, prefix in enumerate(prefixes):
        below = [i for i, path in enumerate(ordered) if path[: len(prefix)] == prefix]
        assert (tree.node_lo[node], tree.node_hi[node]) == (below[0], below[-1] + 1)
        assert tree.child_token[tree.children(node)].tolist() == choices[prefix]


@FREQUENT
@given(PATHS)
def test_children_partition_their_parent(paths):
    tree = build(paths, range(len(paths)))
    for node in range(tree.n_nodes):
        children = tree.children(node)
        los, his = tree.child_lo[children], tree.child_hi[children]
        assert los[0] == tree.node_lo[node]
        assert his[-1] == tree.node_hi[node]
        assert his[:-1].tolist() == los[1:].tolist()
        assert (his > los).all()
        for lo, hi, child in zip(los, his, tree.child_node[children], strict=True):
            if child == LEAF:
                assert hi - lo == 1
            else:
                assert (tree.node_lo[child], tree.node_hi[child]) == (lo, hi)
                assert tree.parents[child] == node
                assert tree.node_depth[child] > tree.node_depth[node]


@FREQUENT
@given(PATHS)
def test_every_path_is_spelt_by_its_edges(paths):
    tree = build(paths, range(len(paths)))
    for index in range(tree.n_paths):
        path, spelt, node, depth = as_tuple(tree, index), [], 0 if tree.n_nodes else LEAF, 0
        while node != LEAF:
            spelt += tree.edge(depth, node).tolist()
            depth = int(tree.node_depth[node])
            children = tree.children(node)
            below = (tree.child_lo[children] <= index) & (index < tree.child_hi[children])
            assert below.sum() == 1
            assert tree.child_token[children][below] == path[depth]
            node = int(tree.child_node[children][below][0])
        assert (*spelt, *path[depth:]) == path


@FREQUENT
@given(PATHS, st.data())
def test_masses_and_masks_are_sums_over_paths(paths, data):
    n_items = max(1, len(paths) // 2)
    rows = [i % n_items for i in range(len(paths))]
    weights = data.draw(st.lists(st.integers(0, 1000), min_size=n_items, max_size=n_items))
    tree = build(paths, rows)
    below = [
        [weights[row] for row in tree.rows[lo:hi]]
        for lo, hi in zip(tree.child_lo, tree.child_hi, strict=True)
    ]
    # Whole numbers add up without rounding, so the cumulative sums must be exact.
    assert tree.below(tree.cumulated(np.array(weights, dtype=np.float64))).tolist() == [
        sum(w) for w in below
    ]
    allowed = np.array(weights) > 500
    counts = [sum(w > 500 for w in ws) for ws in below]
    assert tree.below(tree.cumulated(allowed)).tolist() == counts


@FREQUENT
@given(PATHS, st.data())
def test_with_paths_equals_a_fresh_build(paths, data):
    cut = data.draw(st.integers(1, len(paths)))
    rows = data.draw(st.permutations(range(len(paths))))
    grown = with_paths(build(paths[:cut], rows[:cut]), paths[cut:], rows[cut:])
    same(grown, build(paths, rows))


@settings(deadline=None, max_examples=20)
@given(PATHS)
def test_save_and_load_keep_every_array(tmp_path_factory, paths):
    folder = tmp_path_factory.mktemp("tree") / "tree"
    tree = build(paths, range(len(paths)))
    tree.save(folder)
    same(PrefixTree.load(folder), tree)
    assert not PrefixTree.load(folder).tokens.flags.writeable


@FREQUENT
@given(PATHS, st.data())
def test_without_rows_equals_a_build_without_them(paths, data):
    rows = data.draw(st.lists(st.integers(0, 4), min_size=len(paths), max_size=len(paths)))
    gone = data.draw(st.sets(st.integers(0, 4)))
    stays = [i for i, row in enumerate(rows) if row not in gone]
    tree = build(paths, rows)
    if not stays:
        with pytest.raises(CatalogError, match="no item would be left"):
            without_rows(tree, gone)
        return
    fewer = without_rows(tree, gone)
    fresh = build([paths[i] for i in stays], [rows[i] for i in stays])
    assert [stays.index(i) for i in fewer.origin.tolist()] == fresh.origin.tolist()
    same(replace(fewer, origin=fresh.origin), fresh)


def test_the_fingerprint_is_of_paths_and_items():
    paths = [(1, END), (2, 1, END)]
    one, same_again = build(paths, [0, 1]), build(paths[::-1], [1, 0])
    assert one.fingerprint == same_again.fingerprint
    assert one.fingerprint != build(paths, [1, 0]).fingerprint
    assert one.fingerprint != build([(1, 2, END), (1, END)], [0, 1]).fingerprint


def test_a_title_that_begins_another_survives():
    alien, alien_3 = (5, 6, END), (5, 6, 3, END)
    tree = build([alien_3, alien], [0, 1])
    assert [as_tuple(tree, i) for i in range(2)] == [alien, alien_3]
    assert tree.n_nodes == 1
    assert tree.child_token.tolist() == [END, 3]
    assert tree.child_node.tolist() == [LEAF, LEAF]


def test_a_single_path_has_no_choice():
    tree = build([(4, 5, END)], [0])
    assert (tree.n_paths, tree.n_nodes) == (1, 0)
    assert tree.below(tree.cumulated(np.ones(1))).tolist() == []
    assert tree.parents.tolist() == []
    same(with_paths(tree, [(4, 6, END)], [1]), build([(4, 5, END), (4, 6, END)], [0, 1]))


@pytest.mark.parametrize("length", [127, 128, 255, 256, 300])
def test_long_titles_that_differ_at_the_end(length):
    paths = [(*(9,) * length, last, END) for last in (2, 1)]
    tree = build([*paths, (8, END)], [0, 1, 2])
    assert tree.node_depth.tolist() == [0, length]
    assert [as_tuple(tree, i) for i in range(3)] == sorted([*paths, (8, END)])
    assert tree.edge(0, 1).tolist() == [9] * length


@pytest.mark.parametrize(
    "paths",
    [
        [(1, 2, END), (3, END), (1, 2, END)],
        [(1, 2), (1, 2, 3)],
        [(1, 2), (1, 2, 3), (1, 2, 2)],
    ],
    ids=["the same", "a beginning", "a beginning of two"],
)
def test_paths_that_cannot_be_told_apart_are_refused(paths):
    with pytest.raises(CatalogError, match=r"rows \d+ and \d+ have the same text"):
        build(paths, range(10, 10 + len(paths)))


def test_the_refusal_names_the_rows():
    with pytest.raises(CatalogError, match="rows 40 and 42 have"):
        build([(1, END), (2, END), (1, END)], [40, 41, 42])


def test_with_paths_refuses_what_is_there():
    with pytest.raises(CatalogError, match="rows 0 and 1"):
        with_paths(build([(1, END)], [0]), [(1, END)], [1])


def test_no_path_is_refused():
    with pytest.raises(CatalogError, match="no path"):
        build([], [])
