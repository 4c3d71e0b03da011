"""Voices: masses at nodes, alone and against nonsense."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding.frontier import SearchResult
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.search import top_k
from m6rec.decoding.voices import Chorus, Voice
from m6rec.errors import ConfigError
from tests.tiny import END, Toy, path_sets, shared_lm

FLAT = Toy(((1, 1, END), (1, 2, END), (2, END), (3, 1, 1, END)), (0, 1, 2, 3))


def voice(weight: float, *weights: float, name: str = "popularity") -> Voice:
    return Voice(name, weight, np.array(weights, dtype=np.float64))


def ranked(toy: Toy, *voices: Voice, k: int = 50) -> SearchResult:
    model = LanguageModel(shared_lm())
    prior = Chorus(toy.tree, voices)
    return top_k(TreeReader(toy.tree, model, model.read((7,)), prior=prior, lm_weight=0.0), k)


@settings(deadline=None, max_examples=50)
@given(path_sets(min_size=2, max_size=12), st.integers(1, 12), st.data())
def test_popularity_alone_ranks_by_popularity(paths, k, data):
    counts = st.lists(st.integers(1, 10_000), min_size=len(paths), max_size=len(paths))
    weights = np.array(data.draw(counts), dtype=np.float64)
    toy = Toy(tuple(paths), tuple(range(len(paths))))
    found = ranked(toy, Voice("popularity", 1.0, weights), k=k).found
    assert [weights[f.row] for f in found] == sorted(weights, reverse=True)[:k]
    share = np.log(weights / weights.sum())
    assert [f.log_prob for f in found] == pytest.approx([share[f.row] for f in found], abs=1e-9)


def test_an_item_that_nobody_chose_is_silenced_and_the_rest_sum_to_one():
    found = ranked(FLAT, voice(1.0, 0, 3, 1, 0)).found
    assert [f.row for f in found] == [1, 2]
    assert np.exp([f.log_prob for f in found]).tolist() == pytest.approx([0.75, 0.25])


def test_a_voice_against_turns_the_order_round():
    toy = Toy(tuple((a, END) for a in (1, 2, 3)), (0, 1, 2))
    assert [f.row for f in ranked(toy, voice(-1.0, 5, 1, 3)).found] == [1, 2, 0]


def test_voices_add_up():
    one, other = voice(0.5, 1, 2, 3, 4), voice(-0.25, 4, 3, 2, 1, name="crowd")
    both, first, second = (
        Chorus(FLAT.tree, v).everywhere() for v in ([one, other], [one], [other])
    )
    assert both.tolist() == (first + second).tolist()


def test_silent_voices_say_nothing():
    assert not Chorus(FLAT.tree, []).everywhere().any()
    # A silent voice is not even looked at: the crowd may know nothing about anybody.
    assert not Chorus(FLAT.tree, [voice(0.0, 0, 0, 0, 0)]).everywhere().any()


def test_a_voice_may_be_louder_below_the_first_choice():
    one = Voice("popularity", 0.5, np.array([1.0, 2, 3, 4]), within=2.0)
    chorus, quiet, loud = (
        Chorus(FLAT.tree, [v]) for v in (one, voice(0.5, 1, 2, 3, 4), voice(2.0, 1, 2, 3, 4))
    )
    assert chorus.at([0]).tolist() == quiet.at([0]).tolist()
    assert chorus.at([1]).tolist() == loud.at([1]).tolist()


@settings(deadline=None, max_examples=50)
@given(path_sets(min_size=2, max_size=12), st.data())
def test_what_is_looked_up_at_nodes_is_what_is_said_everywhere(paths, data):
    toy = Toy(tuple(paths), tuple(range(len(paths))))
    counts = st.lists(st.integers(1, 99), min_size=len(paths), max_size=len(paths))
    weights = np.array(data.draw(counts), dtype=np.float64)
    chorus = Chorus(toy.tree, [Voice("popularity", 0.3, weights, within=1.4)])
    nodes = range(toy.tree.n_nodes)
    np.testing.assert_array_equal(chorus.at(nodes), chorus.everywhere())


def test_a_voice_among_others_speaks_through_its_share_of_them():
    fits, famous = np.array([0.5, 0.1, 0.2, 0.3]), np.array([10.0, 1, 1, 5])
    shared = Voice("kinds", 2.0, fits * famous, among=famous)
    below = Chorus(FLAT.tree, [voice(2.0, *(fits * famous))]).everywhere()
    all_of_it = Chorus(FLAT.tree, [voice(2.0, *famous)]).everywhere()
    assert Chorus(FLAT.tree, [shared]).everywhere() == pytest.approx(below - all_of_it)


def test_many_items_alike_are_no_louder_than_one():
    toy = Toy(((1, 1, END), (1, 2, END), (1, 3, END), (2, END)), (0, 1, 2, 3))
    alike = Voice("kinds", 1.0, np.full(4, 0.3), among=np.ones(4))
    assert np.allclose(Chorus(toy.tree, [alike]).at([0]), np.log(0.3))


@pytest.mark.parametrize("among", [(1, 0, 1, 1), (1, np.nan, 1, 1), (1, -1, 1, 1)])
def test_a_voice_cannot_speak_among_nothing(among):
    one = Voice("kinds", 1.0, np.ones(4), among=np.array(among, np.float64))
    with pytest.raises(ConfigError, match="above 0"):
        Chorus(FLAT.tree, [one])


@pytest.mark.parametrize(
    "weights",
    [(1, -1, 1, 1), (1, np.nan, 1, 1), (1, np.inf, 1, 1), (0, 0, 0, 0)],
    ids=["negative", "not a number", "infinite", "all zero"],
)
def test_nonsense_weights_are_refused_by_name(weights):
    with pytest.raises(ConfigError, match="voice 'crowd' needs finite item weights"):
        Chorus(FLAT.tree, [voice(0.5, *weights, name="crowd")])


def test_a_voice_against_needs_something_to_divide_by():
    with pytest.raises(ConfigError, match=r"voice 'crowd' speaks against .*smooth them"):
        Chorus(FLAT.tree, [voice(-0.5, 1, 0, 1, 1, name="crowd")])


def test_each_path_carries_its_items_whole_weight():
    toy = Toy(((1, END), (2, END), (3, END)), (0, 0, 1))
    prior = Chorus(toy.tree, [voice(1.0, 3, 5)]).everywhere()
    assert prior.tolist() == np.log([3.0, 3.0, 5.0]).tolist()
