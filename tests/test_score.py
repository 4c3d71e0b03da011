"""Exact probabilities of given items against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.score import score
from m6rec.decoding.voices import Chorus, Voice
from tests.tiny import (
    ARCHITECTURES,
    END,
    TOLERANCE,
    Speakers,
    Toy,
    path_log_probs,
    shared_lm,
    toys,
)


def stand(toy: Toy, architecture: str = "llama", voices: tuple[Voice, ...] = ()) -> TreeReader:
    model = LanguageModel(shared_lm(architecture))
    return TreeReader(toy.tree, model, model.read(toy.prompt), prior=Chorus(toy.tree, voices))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(deadline=None, max_examples=30)
@given(toy=toys(), data=st.data())
def test_best_and_total_are_those_of_brute_force(architecture, toy, data):
    weights = data.draw(st.lists(st.integers(1, 9), min_size=toy.n_items, max_size=toy.n_items))
    voice = Voice("popularity", data.draw(st.sampled_from([0.0, 0.5])), np.array(weights, float))
    rows = data.draw(st.lists(st.integers(0, toy.n_items - 1), max_size=6))
    expected = path_log_probs(shared_lm(architecture), toy, Speakers(voices=(voice,)))
    scored = score(stand(toy, architecture, (voice,)), rows)
    assert [s.row for s in scored] == rows
    for one in scored:
        mine = expected[np.array(toy.rows) == one.row]
        assert one.best == pytest.approx(mine.max(), abs=TOLERANCE)
        assert one.total == pytest.approx(np.logaddexp.reduce(mine), abs=TOLERANCE)
        assert expected[toy.tree.origin[one.path]] == pytest.approx(one.best, abs=TOLERANCE)
        assert toy.tree.rows[one.path] == one.row


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(deadline=None, max_examples=30)
@given(toy=toys())
def test_the_catalog_sums_to_one(architecture, toy):
    totals = [s.total for s in score(stand(toy, architecture), range(toy.n_items))]
    assert np.exp(totals).sum() == pytest.approx(1, abs=TOLERANCE)


def test_only_the_items_asked_for_are_read():
    paths = tuple((a, b, END) for a in (1, 2, 3) for b in (1, 2))
    reader = stand(Toy(paths, tuple(range(6))))
    score(reader, [0, 1])
    assert reader.read_tokens == 1
    score(reader, [1, 0, 1])
    assert reader.read_tokens == 1
    score(reader, [4])
    assert reader.read_tokens == 2


def test_a_single_path_is_certain():
    [one] = score(stand(Toy(((1, 2, END),), (0,))), [0])
    assert (one.best, one.total, one.path) == (0.0, 0.0, 0)


def test_nothing_asked_costs_nothing():
    reader = stand(Toy(((1, END), (2, END)), (0, 1)))
    assert score(reader, []) == []
    assert reader.read_tokens == 0
