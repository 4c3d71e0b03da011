"""Node log-probabilities against plain forward passes."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding import reader as reader_module
from m6rec.decoding.distribution import steps
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.reader import TreeReader, segment_log_softmax
from tests.tiny import (
    ARCHITECTURES,
    END,
    TOLERANCE,
    Speakers,
    Toy,
    log_softmax,
    path_log_probs,
    shared_lm,
    toys,
)

SCORES = st.one_of(st.floats(-50, 50), st.just(-np.inf))


class Told:
    """A prior as it was told, child by child."""

    def __init__(self, tree, values):
        self._tree, self._values = tree, values

    def at(self, nodes):
        return np.concatenate([self._values[self._tree.children(node)] for node in nodes])


def stand(toy: Toy, architecture: str = "llama", **options) -> TreeReader:
    model = LanguageModel(shared_lm(architecture))
    return TreeReader(toy.tree, model, model.read(toy.prompt), **options)


def read_paths(reader: TreeReader) -> np.ndarray:
    """log P of every path in tree order, each node opened by itself."""
    found = []
    for path in range(reader.tree.n_paths):
        taken = steps(reader.tree, path)
        reader.open([node for node, _ in taken])
        found.append(sum(float(reader.children(node)[chosen]) for node, chosen in taken))
    return np.array(found)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(deadline=None, max_examples=30)
@given(toy=toys(), lm_weight=st.sampled_from([0.0, 0.5, 1.0, 2.0]), data=st.data())
def test_paths_have_the_probabilities_of_plain_forward_passes(architecture, toy, lm_weight, data):
    reader = stand(toy, architecture, lm_weight=lm_weight)
    nodes = list(range(reader.tree.n_nodes))
    # Whatever is opened first, together or not, the numbers are the same.
    for node in data.draw(st.permutations(nodes))[: data.draw(st.integers(0, 4))]:
        reader.open([node])
    reader.open(nodes)
    expected = path_log_probs(shared_lm(architecture), toy, Speakers(lm_weight=lm_weight))
    np.testing.assert_allclose(read_paths(reader), expected[reader.tree.origin], atol=TOLERANCE)


@settings(deadline=None, max_examples=30)
@given(toys(), st.data())
def test_a_prior_is_added_and_cannot_be_left(toy, data):
    n = len(toy.tree.child_token)
    prior = np.array(data.draw(st.lists(SCORES, min_size=n, max_size=n)), dtype=np.float64)
    reader, plain = stand(toy, prior=Told(toy.tree, prior)), stand(toy)
    for one in (reader, plain):
        one.open(range(one.tree.n_nodes))
    for node in range(reader.tree.n_nodes):
        here = prior[reader.tree.children(node)]
        assert np.isneginf(reader.children(node))[np.isneginf(here)].all()
        if np.isfinite(here).any():
            expected = log_softmax(plain.children(node) + here)
            np.testing.assert_allclose(reader.children(node), expected, atol=TOLERANCE)
        np.testing.assert_allclose(reader.lm(node), plain.children(node), atol=TOLERANCE)


def test_opening_a_node_twice_costs_nothing():
    toy = Toy(((1, 1, END), (1, 2, END), (2, 1, 3, END), (2, 1, 4, END)), (0, 1, 2, 3))
    model = LanguageModel(shared_lm())
    reader = TreeReader(toy.tree, model, model.read(toy.prompt))
    assert (reader.read_tokens, model.calls) == (0, 1)
    reader.open([1, 2, 1])
    spent = (reader.read_tokens, model.tokens, model.calls)
    assert spent == (3, len(toy.prompt) + 3, 2)
    before = [reader.children(node).copy() for node in range(3)]
    reader.open([0, 1, 2])
    reader.open([])
    assert (reader.read_tokens, model.tokens, model.calls) == spent
    for node in range(3):
        assert reader.is_open(node)
        assert reader.children(node).tolist() == before[node].tolist()


def test_opening_a_deep_node_opens_what_lies_above():
    toy = Toy(((1, END), (1, 1, END), (1, 1, 1, END), (1, 1, 1, 1, END)), (0, 1, 2, 3))
    reader = stand(toy)
    deepest = int(toy.tree.node_depth.argmax())
    reader.open([deepest])
    assert all(reader.is_open(node) for node in range(toy.tree.n_nodes))
    # The first token is forced: the root stands after it.
    assert reader.read_tokens == 3


def test_a_forced_path_reads_nothing():
    model = LanguageModel(shared_lm())
    reader = TreeReader(Toy(((1, 2, END),), (0,)).tree, model, model.read((7,)))
    reader.open([])
    assert (reader.read_tokens, model.calls) == (0, 1)


@pytest.mark.parametrize("longest", [1, 4, 7])
def test_a_long_branch_is_read_in_parts(monkeypatch, longest):
    monkeypatch.setattr(reader_module, "TOKENS_PER_CALL", longest)
    # Four levels of choices, so that a node has ancestors beyond its parent.
    toy = Toy(tuple((*path, END) for path in product((1, 2), repeat=4)), tuple(range(16)))
    reader = stand(toy)
    reader.open(range(toy.tree.n_nodes))
    expected = path_log_probs(shared_lm(), toy)[toy.tree.origin]
    np.testing.assert_allclose(read_paths(reader), expected, atol=TOLERANCE)


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 2), st.integers(126, 300))
def test_long_titles(differing, length):
    toy = Toy(((*(9,) * length, differing, END), (*(9,) * length, 3, END), (8, END)), (0, 1, 2))
    reader = stand(toy)
    expected = path_log_probs(shared_lm(), toy)[toy.tree.origin]
    np.testing.assert_allclose(read_paths(reader), expected, atol=TOLERANCE)


@settings(deadline=None)
@given(st.lists(st.lists(SCORES, min_size=1, max_size=6), min_size=1, max_size=6))
def test_each_segment_is_normalised_by_itself(segments):
    begins = np.concatenate([[0], np.cumsum([len(s) for s in segments])])
    found = segment_log_softmax(np.concatenate([np.array(s) for s in segments]), begins)
    for segment, begin, end in zip(segments, begins[:-1], begins[1:], strict=True):
        mine = found[begin:end]
        assert np.isneginf(mine).tolist() == [s == -np.inf for s in segment]
        assert not np.isnan(mine).any()
        if np.isfinite(segment).any():
            assert np.exp(mine).sum() == pytest.approx(1, abs=1e-12)
            np.testing.assert_allclose(mine, log_softmax(np.array(segment)), atol=1e-12)


def test_a_constant_changes_nothing_and_huge_scores_do_not_overflow():
    begins = np.array([0, 3])
    scores = np.array([1.0, 2.0, -np.inf])
    plain = segment_log_softmax(scores, begins)
    np.testing.assert_allclose(segment_log_softmax(scores + 1e6, begins), plain, atol=1e-9)
    assert segment_log_softmax(np.array([1e300, 0.0]), np.array([0, 2])).tolist() == [0.0, -1e300]
