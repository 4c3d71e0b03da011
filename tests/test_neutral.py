"""The neutral request divided out, and the table that remembers it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding import neutral as neutral_module
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.neutral import DividedOut, NeutralTable
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.voices import Chorus, Voice
from m6rec.tree import PrefixTree, build, with_paths, without_rows
from tests.tiny import ARCHITECTURES, END, TOLERANCE, Toy, shared_lm, toys

PROMPT = (3, 4, 5)
TOY = Toy(tuple((a, b, END) for a in (1, 2, 3) for b in (1, 2, 3)), tuple(range(9)))


def table(tree: PrefixTree, architecture: str = "llama") -> NeutralTable:
    return NeutralTable(tree, LanguageModel(shared_lm(architecture)), PROMPT)


def filled(tree: PrefixTree) -> NeutralTable:
    made = table(tree)
    made.fill(range(tree.n_nodes))
    return made


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(deadline=None, max_examples=30)
@given(toy=toys(), data=st.data())
def test_the_neutral_request_itself_leaves_the_prior_alone(architecture, toy, data):
    tree, model = toy.tree, LanguageModel(shared_lm(architecture))
    weights = data.draw(st.lists(st.integers(1, 9), min_size=toy.n_items, max_size=toy.n_items))
    prior = Chorus(tree, [Voice("popularity", 1.0, np.array(weights, dtype=np.float64))])
    divided = DividedOut(NeutralTable(tree, model, PROMPT), 1.0)
    prompt = model.read(PROMPT)
    reader = TreeReader(tree, model, prompt, prior=prior, correction=divided)
    silent = TreeReader(tree, model, prompt, prior=prior, lm_weight=0.0)
    for node in range(tree.n_nodes):
        reader.open([node])
        silent.open([node])
        np.testing.assert_allclose(reader.children(node), silent.children(node), atol=TOLERANCE)


@settings(deadline=None, max_examples=30)
@given(toys(), st.data())
def test_filling_all_nodes_equals_filling_them_one_by_one(toy, data):
    tree = toy.tree
    singly = table(tree)
    for node in data.draw(st.permutations(range(tree.n_nodes))):
        singly.fill([node])
    assert singly.filled == tree.n_nodes
    np.testing.assert_allclose(filled(tree).values, singly.values, atol=TOLERANCE)


def test_the_table_holds_the_readers_own_numbers():
    made = table(TOY.tree)
    assert np.isnan(made.values).all()
    model = LanguageModel(shared_lm())
    reader = TreeReader(TOY.tree, model, model.read(PROMPT))
    reader.open([2, 1])
    expected = np.concatenate([reader.children(2), reader.children(1)])
    np.testing.assert_allclose(made.at([2, 1]), expected, atol=TOLERANCE)
    np.testing.assert_allclose(DividedOut(made, 0.8).at([2, 1]), -0.8 * expected, atol=TOLERANCE)
    assert np.isnan(made.values[TOY.tree.children(3)]).all()


def test_nothing_is_read_twice():
    model = LanguageModel(shared_lm())
    made = NeutralTable(TOY.tree, model, PROMPT)
    made.fill([1, 2])
    spent, known = model.tokens, made.filled
    made.fill([2, 1])
    made.at([1])
    assert (model.tokens, made.filled) == (spent, known)


@pytest.mark.parametrize("most", [0, 2])
def test_branches_started_anew_give_the_same_numbers(monkeypatch, most):
    monkeypatch.setattr(neutral_module, "MOST_BRANCH_TOKENS", most)
    monkeypatch.setattr(neutral_module, "NODES_PER_READ", 1)
    anew = filled(TOY.tree).values
    monkeypatch.undo()
    np.testing.assert_allclose(anew, filled(TOY.tree).values, atol=TOLERANCE)


def test_save_and_read_keep_what_is_known_and_what_is_not(tmp_path):
    made = table(TOY.tree)
    made.fill([0, 2])
    made.save(tmp_path / "neutral.f16")
    values = NeutralTable.read_values(tmp_path / "neutral.f16", len(made.values))
    assert values is not None
    assert values.dtype == np.float32
    assert np.isnan(values).tolist() == np.isnan(made.values).tolist()
    # float16 keeps eleven bits: one part in 2048.
    np.testing.assert_allclose(values, made.values, rtol=2**-11)
    again = NeutralTable(TOY.tree, LanguageModel(shared_lm()), PROMPT, values)
    again.fill([0, 2])
    assert again.filled == 0
    again.fill([1])
    np.testing.assert_allclose(again.at([1]), table(TOY.tree).at([1]), atol=TOLERANCE)


def test_a_table_of_another_tree_is_not_read(tmp_path):
    filled(TOY.tree).save(tmp_path / "neutral.f16")
    n_children = len(TOY.tree.child_token)
    assert NeutralTable.read_values(tmp_path / "neutral.f16", n_children + 1) is None
    assert NeutralTable.read_values(tmp_path / "missing.f16", n_children) is None


def choices_of(tree: PrefixTree) -> dict[tuple[int, ...], tuple[list[int], int]]:
    """Each node's prefix, the tokens after it, and the node."""
    return {
        tuple(tree.path(int(tree.node_lo[n]))[: tree.node_depth[n]].tolist()): (
            tree.child_token[tree.children(n)].tolist(),
            n,
        )
        for n in range(tree.n_nodes)
    }


@settings(deadline=None, max_examples=60)
@given(toys(min_size=2), st.data())
def test_a_grown_table_keeps_what_did_not_change_and_nothing_else(toy, data):
    cut = data.draw(st.integers(1, len(toy.paths) - 1))
    before = build(toy.paths[:cut], toy.rows[:cut])
    tree = with_paths(before, toy.paths[cut:], toy.rows[cut:])
    old = filled(before)
    grown = NeutralTable.carried(old, tree)
    kept, old_choices = 0, choices_of(before)
    for prefix, (tokens, node) in choices_of(tree).items():
        values = grown.values[tree.children(node)]
        there = old_choices.get(prefix)
        if there and there[0] == tokens:
            assert values.tolist() == old.values[before.children(there[1])].tolist()
            kept += 1
        else:
            assert np.isnan(values).all()
    grown.fill(range(tree.n_nodes))
    assert grown.filled == tree.n_nodes - kept
    np.testing.assert_allclose(grown.values, filled(tree).values, atol=TOLERANCE)


def test_a_node_of_new_paths_only_takes_nothing_from_its_neighbour():
    # The new subtree of token 4 has the depth and the choices of the old subtree of token 5.
    before = build([(5, 1, END), (5, 2, END), (9, END)], [0, 1, 2])
    tree = with_paths(before, [(4, 1, END), (4, 2, END)], [3, 4])
    grown = NeutralTable.carried(filled(before), tree)
    new = choices_of(tree)[4,][1]
    assert np.isnan(grown.values[tree.children(new)]).all()


def test_growing_leaves_the_old_table_alone():
    old = filled(TOY.tree)
    values = old.values.copy()
    grown = NeutralTable.carried(old, with_paths(TOY.tree, [(9, END)], [9]))
    grown.fill([0])
    assert old.values.tolist() == values.tolist()


@settings(deadline=None, max_examples=60)
@given(toys(min_size=2), st.data())
def test_what_is_left_after_a_removal_shares_what_is_gone(toy, data):
    gone = data.draw(st.sets(st.sampled_from(sorted(set(toy.rows))), max_size=toy.n_items - 1))
    old = filled(toy.tree)
    tree = without_rows(toy.tree, gone)
    carried = NeutralTable.carried(old, tree)
    assert not np.isnan(carried.values).any(), "every node that is left was read before"
    carried.fill(range(tree.n_nodes))
    assert carried.filled == 0
    np.testing.assert_allclose(carried.values, filled(tree).values, atol=TOLERANCE)
