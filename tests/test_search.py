"""Exact top-k against the brute-force ranking of the whole catalog."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding.frontier import SearchResult
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.neutral import DividedOut, NeutralTable
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.score import score
from m6rec.decoding.search import top_k
from m6rec.decoding.voices import Chorus, Voice
from tests.tiny import (
    ARCHITECTURES,
    END,
    TOLERANCE,
    Speakers,
    Toy,
    best_of_items,
    path_log_probs,
    shared_lm,
    toys,
)

WIDTHS = st.sampled_from([1, 2, 3, 16])


@st.composite
def speakers(draw: st.DrawFn, n_items: int) -> Speakers:
    weights = st.lists(st.integers(1, 50), min_size=n_items, max_size=n_items)
    voices = [
        Voice(name, draw(st.sampled_from([-0.5, 0.4, 1.0])), np.array(draw(weights), np.float64))
        for name in ("popularity", "crowd")[: draw(st.integers(0, 2))]
    ]
    return Speakers(
        draw(st.sampled_from([0.0, 0.5, 1.0, 1.5])),
        tuple(voices),
        draw(st.sampled_from([0.0, 0.8, 1.0])),
    )


def stand(toy: Toy, speaking: Speakers, architecture: str = "llama", seed: int = 0) -> TreeReader:
    tree, model = toy.tree, LanguageModel(shared_lm(architecture, seed))
    neutral = None
    if speaking.neutral_weight:
        table = NeutralTable(tree, model, speaking.neutral_prompt)
        neutral = DividedOut(table, speaking.neutral_weight)
    return TreeReader(
        tree,
        model,
        model.read(toy.prompt),
        prior=Chorus(tree, speaking.voices),
        correction=neutral,
        lm_weight=speaking.lm_weight,
    )


def check(result: SearchResult, best: np.ndarray, allowed: np.ndarray, k: int) -> None:
    """The list is the brute-force one; items within rounding of each other may swap."""
    expected = np.sort(best[allowed])[::-1][:k]
    rows = [found.row for found in result.found]
    assert len(set(rows)) == len(rows) == min(k, int(allowed.sum()))
    assert allowed[rows].all()
    log_probs = [found.log_prob for found in result.found]
    np.testing.assert_allclose(log_probs, expected, atol=TOLERANCE)
    np.testing.assert_allclose(log_probs, best[rows], atol=TOLERANCE)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(deadline=None, max_examples=30)
@given(toy=toys(), seed=st.integers(0, 2), width=WIDTHS, k=st.integers(1, 12), data=st.data())
def test_top_k_is_the_brute_force_ranking(architecture, toy, seed, width, k, data):
    speaking = data.draw(speakers(toy.n_items))
    mask = st.lists(st.booleans(), min_size=toy.n_items, max_size=toy.n_items)
    allowed = data.draw(st.one_of(st.none(), mask.map(np.array)))
    result = top_k(stand(toy, speaking, architecture, seed), k, allowed=allowed, width=width)
    best = best_of_items(toy, path_log_probs(shared_lm(architecture, seed), toy, speaking))
    check(result, best, np.ones(toy.n_items, bool) if allowed is None else allowed, k)
    assert result.exact


@settings(deadline=None, max_examples=30)
@given(toys(), WIDTHS, st.integers(1, 8), st.data())
def test_top_k_is_score_over_all_items_to_the_last_bit(toy, width, k, data):
    reader = stand(toy, data.draw(speakers(toy.n_items)))
    result = top_k(reader, k, width=width)
    # Nodes that the search has opened are not read again, so the numbers are the same objects.
    everything = score(reader, range(toy.n_items))
    everything.sort(key=lambda scored: (-scored.best, scored.path))
    assert [(f.row, f.log_prob, f.path) for f in result.found] == [
        (s.row, s.best, s.path) for s in everything[:k]
    ]


@settings(deadline=None, max_examples=30)
@given(toys(min_size=4), st.integers(1, 6), st.integers(1, 3), st.integers(1, 6), st.data())
def test_a_list_cut_short_is_full_and_says_whether_it_is_exact(toy, k, width, budget, data):
    mask = st.lists(st.booleans(), min_size=toy.n_items, max_size=toy.n_items)
    allowed = np.array(data.draw(mask))
    result = top_k(stand(toy, Speakers()), k, allowed=allowed, width=width, max_tokens=budget)
    assert len(result.found) == min(k, int(allowed.sum()))
    best = best_of_items(toy, path_log_probs(shared_lm(), toy))
    if result.exact:
        check(result, best, allowed, k)
    else:
        assert result.tokens >= budget
        # Whatever is missing is no better than the bound, or than the last item shown.
        left = np.delete(np.where(allowed, best, -np.inf), [f.row for f in result.found])
        last = result.found[-1].log_prob
        assert (left <= max(result.bound, last) + TOLERANCE).all()


def test_a_list_without_its_proof_says_so():
    # Eight subtrees behind one forced token: one of them fills the list, the proof needs others.
    paths = tuple((1, a, b, END) for a in range(1, 9) for b in range(1, 9))
    toy = Toy(paths, tuple(range(64)))
    full = top_k(stand(toy, Speakers()), 3, width=1)
    short = top_k(stand(toy, Speakers()), 3, width=1, max_tokens=1)
    assert full.exact
    assert full.tokens > short.tokens
    assert not short.exact
    assert short.bound >= short.found[-1].log_prob


def test_k_larger_than_the_catalog_gives_every_item_once():
    toy = Toy(((1, END), (2, END), (3, 1, END), (3, 2, END)), (0, 1, 2, 0))
    result = top_k(stand(toy, Speakers()), 50)
    assert sorted(found.row for found in result.found) == [0, 1, 2]
    assert result.exact
    assert result.bound == -np.inf


def test_an_item_comes_with_its_best_path():
    toy = Toy(((1, 1, END), (1, 2, END), (2, END), (3, END)), (0, 0, 0, 1))
    result = top_k(stand(toy, Speakers()), 2)
    log_probs = path_log_probs(shared_lm(), toy)
    found = next(f for f in result.found if f.row == 0)
    assert toy.tree.origin[found.path] == int(log_probs[:3].argmax())


@pytest.mark.parametrize("k", [1, 5])
def test_a_catalog_of_one_item_is_certain(k):
    result = top_k(stand(Toy(((5, 6, END),), (0,)), Speakers()), k)
    assert [(f.row, f.log_prob, f.path) for f in result.found] == [(0, 0.0, 0)]
    assert (result.exact, result.tokens, result.calls) == (True, 0, 0)


def test_one_item_with_two_paths():
    toy = Toy(((5, END), (6, END)), (0, 0))
    result = top_k(stand(toy, Speakers()), 3)
    expected = path_log_probs(shared_lm(), toy).max()
    assert [found.row for found in result.found] == [0]
    assert result.found[0].log_prob == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize(
    "paths", [((1, END),), ((1, END), (2, END))], ids=["no choice", "a choice"]
)
def test_a_filter_that_leaves_nothing_gives_an_empty_list(paths):
    toy = Toy(paths, tuple(range(len(paths))))
    result = top_k(stand(toy, Speakers()), 3, allowed=np.zeros(len(paths), bool))
    assert result.found == ()
    assert result.exact


def test_a_filter_keeps_the_probabilities_of_the_whole_catalog():
    toy = Toy(tuple((a, b, END) for a in (1, 2, 3) for b in (1, 2, 3)), tuple(range(9)))
    everything = {f.row: f.log_prob for f in top_k(stand(toy, Speakers()), 9).found}
    for row in range(9):
        result = top_k(stand(toy, Speakers()), 4, allowed=np.arange(9) == row)
        assert [found.row for found in result.found] == [row]
        assert result.found[0].log_prob == pytest.approx(everything[row], abs=TOLERANCE)
        # Only what leads to the item is read: the root is free, its subtree one token.
        assert result.tokens == 1


def test_ties_come_in_path_order():
    toy = Toy(tuple((a, END) for a in (4, 2, 3, 1)), (0, 1, 2, 3))
    result = top_k(stand(toy, Speakers(lm_weight=0.0)), 3)
    assert [found.row for found in result.found] == [3, 1, 2]


def test_a_wide_search_reads_more_in_fewer_calls():
    toy = Toy(tuple((a, b, END) for a in range(1, 9) for b in range(1, 4)), tuple(range(24)))
    narrow, wide = (top_k(stand(toy, Speakers()), 24, width=w) for w in (1, 8))
    assert (narrow.tokens, narrow.calls) == (8, 8)
    assert (wide.tokens, wide.calls) == (8, 1)
    assert [f.row for f in narrow.found] == [f.row for f in wide.found]
