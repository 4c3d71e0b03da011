"""Many questions at once are answered as one by one."""

import numpy as np
import pytest

from m6rec.codec import Codec
from m6rec.decoding import batch as batch_module
from m6rec.decoding.batch import top_k_many
from m6rec.decoding.distribution import CatalogDistribution, Question
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.search import top_k
from m6rec.decoding.voices import Voice
from m6rec.errors import RequestError
from tests.tiny import ARCHITECTURES, TOLERANCE, shared_lm, tokenizer
from tests.tiny_catalogs import film_index

TEXTS = [
    *("I want some comedy movies", "a scary western", "x", "starring Keanu Reeves", "90s drama"),
    *("User: Alien\nUser: something else", "a movie", "romance in Paris", "heist", "a" * 60),
]
CODEC = Codec(tokenizer())


def distribution(architecture: str = "llama") -> CatalogDistribution:
    index, model = film_index(), LanguageModel(shared_lm(architecture))
    neutral = NeutralTable(index.tree, model, CODEC.prompt("User: recommend\nMovie:"))
    return CatalogDistribution(index.tree, model, CODEC, neutral, index.described)


def questions() -> list[Question]:
    popularity = film_index().catalog.popularity + 1.0
    return [
        Question(
            f"User: {text}\nMovie:",
            (Voice("popularity", 0.1 * i, popularity),) if i % 3 else (),
            lm_weight=0.0 if i == 4 else 1.0,
            neutral_weight=0.5 * (i % 2),
            title_weight=0.7,
        )
        for i, text in enumerate(TEXTS)
    ]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_lists_are_those_of_asking_one_by_one(architecture):
    one_by_one, together = distribution(architecture), distribution(architecture)
    rng = np.random.default_rng(0)
    n = len(film_index().catalog)
    masks = [None if i % 2 else rng.random(n) < 0.5 for i in range(len(TEXTS))]
    k = [1 + i % 6 for i in range(len(TEXTS))]
    answers = top_k_many(together, questions(), k, allowed=masks, width=4)
    assert len(answers) == len(TEXTS)
    for question, (reader, many), wanted, mask in zip(questions(), answers, k, masks, strict=True):
        single = top_k(one_by_one.ask(question), wanted, allowed=mask, width=4)
        assert [f.row for f in many.found] == [f.row for f in single.found]
        assert [f.log_prob for f in many.found] == pytest.approx(
            [f.log_prob for f in single.found], abs=TOLERANCE
        )
        assert (many.exact, many.tokens) == (single.exact, single.tokens)
        # The reader explains the list: every node on a path that won is open.
        parts = together.parts(reader, question, [f.path for f in many.found])
        assert [sum(p.values()) for p in parts] == pytest.approx([f.log_prob for f in many.found])


def test_fewer_calls_than_one_by_one():
    one_by_one, together = distribution(), distribution()
    for made in (one_by_one, together):
        made.neutral.fill(range(made.tree.n_nodes))
        made.model.calls = made.model.tokens = 0
    top_k_many(together, questions(), [5] * len(TEXTS))
    for question in questions():
        top_k(one_by_one.ask(question), 5)
    assert together.model.calls < one_by_one.model.calls / 2


def test_budgets_hold_for_each_search():
    answers = top_k_many(distribution(), questions(), [3] * len(TEXTS), width=1, max_tokens=1)
    assert all(len(result.found) == 3 for _, result in answers)
    assert any(not result.exact for _, result in answers)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_size_of_a_batch_does_not_matter(size, monkeypatch):
    expected = top_k_many(distribution(), questions(), [4] * len(TEXTS))
    monkeypatch.setattr(batch_module, "TOGETHER", size)
    found = top_k_many(distribution(), questions(), [4] * len(TEXTS))
    assert [[f.row for f in r.found] for _, r in found] == [
        [f.row for f in r.found] for _, r in expected
    ]


def test_no_question_no_answer():
    assert top_k_many(distribution(), [], []) == []


def test_a_prompt_that_is_too_long_is_refused():
    made = distribution()
    made.model.longest_prompt = 10
    with pytest.raises(RequestError, match="shorten it"):
        top_k_many(made, questions(), [1] * len(TEXTS))
