"""Draws without replacement follow the distribution, whatever the order of reading."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding.sample import sample
from m6rec.decoding.score import score
from tests.test_search import speakers, stand
from tests.tiny import END, Speakers, Toy, toys

# Row 0 has two paths in different subtrees, row 3 lies two choices deep.
TOY = Toy(((1, 1, END), (1, 2, END), (2, 1, END), (2, 3, 1, END), (2, 3, 2, END)), (0, 1, 0, 2, 3))
DRAWS = 4000


def probabilities(reader) -> np.ndarray:
    return np.exp([one.total for one in score(reader, range(reader.tree.rows.max() + 1))])


@pytest.mark.parametrize(
    ("allowed", "critical"),
    # The 1 % point of chi-square with as many degrees of freedom as ordered pairs, less one.
    [(None, 24.7), ([True, False, True, True], 15.1)],
    ids=["all", "some"],
)
def test_ordered_draws_have_the_probabilities_of_drawing_one_after_the_other(allowed, critical):
    reader = stand(TOY, Speakers(lm_weight=0.3))
    mask = None if allowed is None else np.array(allowed)
    p = probabilities(reader) * (1.0 if mask is None else mask)
    rows = np.flatnonzero(p)
    expected = {
        pair: p[pair[0]] / p.sum() * p[pair[1]] / (p.sum() - p[pair[0]])
        for pair in permutations(rows.tolist(), 2)
    }
    drawn = dict.fromkeys(expected, 0)
    for seed in range(DRAWS):
        first, second = sample(reader, 2, seed=seed, allowed=mask).found
        drawn[first.row, second.row] += 1
    wanted = DRAWS * np.array(list(expected.values()))
    # Fixed seeds: this either holds or does not; a wrong sampler is off by far more.
    assert ((np.array(list(drawn.values())) - wanted) ** 2 / wanted).sum() < critical


@settings(deadline=None, max_examples=40)
@given(toys(), st.integers(1, 10), st.integers(0, 5), st.data())
def test_draws_are_different_items_that_are_allowed_with_their_own_log_probs(toy, k, seed, data):
    speaking = data.draw(speakers(toy.n_items))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=toy.n_items, max_size=toy.n_items)))
    reader = stand(toy, speaking)
    result = sample(reader, k, seed=seed, allowed=mask, width=data.draw(st.sampled_from([1, 16])))
    rows = [found.row for found in result.found]
    assert len(set(rows)) == len(rows) == min(k, int(mask.sum()))
    assert mask[rows].all()
    assert result.exact
    best = {one.row: one for one in score(reader, range(toy.n_items))}
    for found in result.found:
        assert found.log_prob <= best[found.row].best + 1e-9


@settings(deadline=None, max_examples=30)
@given(toys(), st.integers(0, 3))
def test_the_seed_decides_and_not_the_order_of_reading(toy, seed):
    narrow = sample(stand(toy, Speakers()), 4, seed=seed, width=1)
    wide = sample(stand(toy, Speakers()), 4, seed=seed, width=16)
    assert [f.path for f in narrow.found] == [f.path for f in wide.found]


def test_an_impossible_item_is_never_drawn():
    from m6rec.decoding.voices import Voice

    toy = Toy(((1, END), (2, END), (3, END)), (0, 1, 2))
    silenced = Voice("crowd", 1.0, np.array([1.0, 0.0, 1.0]))
    for seed in range(20):
        found = sample(stand(toy, Speakers(voices=(silenced,))), 3, seed=seed).found
        assert {f.row for f in found} == {0, 2}
