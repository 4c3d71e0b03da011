"""One question to model and tree: prompts taken over, and probabilities taken apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.codec import Codec
from m6rec.decoding.distribution import CatalogDistribution, Question, steps
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.score import score
from m6rec.decoding.search import top_k
from m6rec.decoding.voices import Voice
from m6rec.tree import build
from tests.tiny import END, TOLERANCE, Speakers, Toy, path_log_probs, shared_lm, tokenizer, toys

TITLES = ["Alien", "Alien 3", "The Matrix", "The Mask", "Amélie", "千与千寻"]
WORDS = ["horror", "horror", "action", "comedy", "comedy", "animation"]
CODEC = Codec(tokenizer())
NEUTRAL = "User: recommend me something\nMovie:"
ASKED = "User: something scary\nMovie:"


def voice(weight: float, *weights: float, name: str = "popularity") -> Voice:
    return Voice(name, weight, np.array(weights, dtype=np.float64))


def films() -> Toy:
    """The six titles, each also without its description, as one toy of token ids."""
    paths = CODEC.paths([*WORDS, *[""] * 6], [*TITLES, *TITLES])
    return Toy(tuple(map(tuple, paths)), (*range(6), *range(6)), tuple(CODEC.prompt(ASKED)))


def distribution() -> CatalogDistribution:
    tree, model = films().tree, LanguageModel(shared_lm())
    neutral = NeutralTable(tree, model, CODEC.prompt(NEUTRAL))
    return CatalogDistribution(tree, model, CODEC, neutral, np.arange(tree.n_nodes) % 2 == 1)


QUESTIONS = st.builds(
    lambda lm, neutral, popularity, crowd: Question(
        ASKED,
        (
            voice(popularity, 60, 50, 40, 30, 20, 10),
            voice(crowd, 1, 2, 1, 2, 1, 2, name="crowd"),
        ),
        lm,
        neutral,
    ),
    st.sampled_from([0.0, 0.7, 1.0]),
    st.sampled_from([0.0, 0.8]),
    st.sampled_from([-0.3, 0.0, 0.4]),
    st.sampled_from([0.0, 1.0]),
)


@settings(deadline=None, max_examples=20)
@given(QUESTIONS)
def test_a_question_is_answered_as_by_brute_force(question):
    asked, toy = distribution(), films()
    reader = asked.ask(question)
    found = top_k(reader, 6).found
    speakers = Speakers(
        question.lm_weight,
        question.voices,
        question.neutral_weight if question.lm_weight else 0.0,
        tuple(CODEC.prompt(NEUTRAL)),
    )
    expected = path_log_probs(shared_lm(), toy, speakers)
    best = expected.reshape(2, 6).max(axis=0)
    assert len(found) == 6
    np.testing.assert_allclose([f.log_prob for f in found], np.sort(best)[::-1], atol=TOLERANCE)
    assert [expected[asked.tree.origin[f.path]] for f in found] == pytest.approx(
        [f.log_prob for f in found], abs=TOLERANCE
    )


@settings(deadline=None, max_examples=20)
@given(QUESTIONS)
def test_parts_add_up_to_the_log_probability(question):
    asked = distribution()
    reader = asked.ask(question)
    scored = score(reader, range(6))
    for one, parts in zip(
        scored, asked.parts(reader, question, [s.path for s in scored]), strict=True
    ):
        assert set(parts) == {"language_model", "neutral", "popularity", "crowd", "normaliser"}
        assert sum(parts.values()) == pytest.approx(one.best, abs=1e-9)
        if not question.lm_weight:
            assert parts["language_model"] == parts["neutral"] == 0.0
        for silent in (v for v in question.voices if not v.weight):
            assert parts[silent.name] == 0.0


def test_the_language_model_alone_has_no_other_part():
    asked, question = distribution(), Question(ASKED)
    reader = asked.ask(question)
    one = score(reader, [2])[0]
    [parts] = asked.parts(reader, question, [one.path])
    assert set(parts) == {"language_model", "neutral", "normaliser"}
    assert parts["language_model"] == pytest.approx(one.best, abs=1e-9)
    assert parts["normaliser"] == pytest.approx(0.0, abs=1e-9)


def test_a_voices_part_is_its_own_log_probability():
    # Only titles, so that the voice's path probability is the item's share.
    tree, model = build(CODEC.paths([""] * 6, TITLES), range(6)), LanguageModel(shared_lm())
    neutral = NeutralTable(tree, model, [1])
    asked = CatalogDistribution(tree, model, CODEC, neutral, np.zeros(tree.n_nodes, np.bool_))
    question = Question(ASKED, (voice(0.5, 60, 50, 40, 30, 20, 10),))
    reader = asked.ask(question)
    for one in score(reader, range(6)):
        [parts] = asked.parts(reader, question, [one.path])
        share = question.voices[0].item_weights[one.row] / 210
        assert parts["popularity"] == pytest.approx(0.5 * np.log(share), abs=1e-9)


def test_a_silent_voice_that_knows_nothing_has_the_part_zero():
    asked, question = distribution(), Question(ASKED, (voice(0.0, 0, 0, 0, 0, 0, 0),))
    reader = asked.ask(question)
    path = score(reader, [0])[0].path
    assert asked.parts(reader, question, [path])[0]["popularity"] == 0.0


def test_the_next_question_reads_only_what_changed():
    asked = distribution()
    asked.ask(Question(ASKED))
    first = asked.model.tokens
    assert first == len(CODEC.prompt(ASKED))
    asked.ask(Question(ASKED))
    assert asked.model.tokens == first
    longer = ASKED + " comedy"
    asked.ask(Question(longer))
    assert asked.model.tokens - first == len(CODEC.prompt(longer)) - len(CODEC.prompt(ASKED))


def test_an_answer_does_not_depend_on_what_was_asked_before():
    fresh, used = distribution(), distribution()
    for prompt in (NEUTRAL, "User: something", ASKED + " action"):
        top_k(used.ask(Question(prompt, neutral_weight=0.5)), 3)
    question = Question(ASKED, neutral_weight=0.5)
    one, other = (top_k(d.ask(question), 6).found for d in (fresh, used))
    assert [f.row for f in one] == [f.row for f in other]
    np.testing.assert_allclose(
        [f.log_prob for f in one], [f.log_prob for f in other], atol=TOLERANCE
    )


@settings(deadline=None, max_examples=50)
@given(toys())
def test_steps_are_the_choices_on_the_way(toy):
    tree = toy.tree
    for path in range(tree.n_paths):
        tokens = tree.path(path)
        taken = steps(tree, path)
        depths = [int(tree.node_depth[node]) for node, _ in taken]
        assert depths == sorted(set(depths))
        for (node, chosen), depth in zip(taken, depths, strict=True):
            assert tree.node_lo[node] <= path < tree.node_hi[node]
            assert tree.child_token[tree.children(node)][chosen] == tokens[depth]
        above = [n for n in range(tree.n_nodes) if tree.node_lo[n] <= path < tree.node_hi[n]]
        assert sorted(node for node, _ in taken) == above


def test_a_single_path_takes_no_step():
    assert steps(build([(1, END)], [0]), 0) == []
