"""Beam search: a subset of the catalog, exact when it is as wide as the tree, honest when not."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding.beam import beam
from m6rec.decoding.score import score
from m6rec.decoding.search import top_k
from tests.test_search import speakers, stand
from tests.tiny import toys


@settings(deadline=None, max_examples=30)
@given(toys(), st.integers(1, 8), st.data())
def test_a_beam_as_wide_as_the_tree_is_exact(toy, k, data):
    speaking = data.draw(speakers(toy.n_items))
    wide = beam(stand(toy, speaking), k, width=toy.tree.n_nodes + 1)
    proven = top_k(stand(toy, speaking), k, width=3)
    assert wide.exact
    assert [found.row for found in wide.found] == [found.row for found in proven.found]


@settings(deadline=None, max_examples=40)
@given(toys(), st.integers(1, 8), st.integers(1, 3), st.data())
def test_a_narrow_beam_never_leaves_the_catalog_and_never_lies(toy, k, width, data):
    reader = stand(toy, data.draw(speakers(toy.n_items)))
    mask = data.draw(st.lists(st.booleans(), min_size=toy.n_items, max_size=toy.n_items))
    allowed = np.array(mask)
    result = beam(reader, k, allowed=allowed, width=width)
    rows = [found.row for found in result.found]
    assert len(set(rows)) == len(rows) <= min(k, int(allowed.sum()))
    assert allowed[rows].all()
    everything = sorted(score(reader, range(toy.n_items)), key=lambda s: (-s.best, s.path))
    best = [s.row for s in everything if allowed[s.row] and np.isfinite(s.best)][:k]
    if result.exact:
        assert rows == best
    for found in result.found:
        assert found.log_prob <= next(s.best for s in everything if s.row == found.row) + 1e-9
