"""P(yes): the class weights it is read from, and option tuning learning a question it can answer.

Run: pytest tests/test_likelihood.py -n 0
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.likelihood import answer_ids, likelihood
from m6rec.errors import ModelError
from m6rec.records import TextPair
from m6rec.start import load_start, save_start
from m6rec.tuning.adapters import AdapterSettings, attach, merge
from m6rec.tuning.examples import Example
from m6rec.tuning.loop import Loop, LoopSettings
from m6rec.tuning.objective import CatalogLoss
from tests.tiny import ARCHITECTURES, causal_lm, full_logits, log_softmax, shared_lm
from tests.tiny_catalogs import film_codec, film_examples, film_index, film_maker, film_prior

TREE = film_index().tree
CODEC = film_codec()
ANSWERS = answer_ids(CODEC)
SETTINGS = LoopSettings(
    steps=60, batch_size=8, learning_rate=2e-2, validate_every=60, pool=4, seed=3
)


def questions(n: int, seed: int) -> list[Example]:
    """Would someone who likes comedies like X? A comedy is liked and nothing else."""
    maker, rng = film_maker(), np.random.default_rng(seed)
    made = []
    for _ in range(n):
        liked = bool(rng.random() < 0.5)
        kind = "comedy" if liked else str(rng.choice(["western", "horror", "thriller"]))
        text = f"Would I like a {kind} from {1950 + int(rng.integers(60))}?"
        example = maker.make(TextPair("like", text, answer=liked), rng)
        assert example is not None
        made.append(example)
    return made


def auc(model: LanguageModel, judged: list[Example]) -> float:
    """Share of pairs of a yes and a no in which the yes is likelier."""
    said = np.array([likelihood(model, CODEC, model.read(e.prompt)) for e in judged])
    yes = np.array([bool(e.answer) for e in judged])
    return float((said[yes][:, None] > said[~yes][None]).mean())


@pytest.mark.parametrize("method", ["option", "lora"])
def test_a_question_that_can_be_answered_is_learned_and_survives_saving(
    tmp_path: Path, method: str
) -> None:
    torch.manual_seed(0)
    settings = AdapterSettings(method, rank=4, lowest_layer=0, n_virtual=4, answers=ANSWERS)
    model = attach(causal_lm("llama"), settings)
    mixed = questions(60, seed=1) + film_examples(20, seed=1)
    loop = Loop(
        model, TREE, CatalogLoss(TREE, film_prior()), lambda rng: mixed[int(rng.integers(80))],
        SETTINGS, tmp_path, answers=ANSWERS,
    )  # fmt: skip
    judged = questions(40, seed=2)
    before = loop.evaluate(judged)
    loop.run(judged)
    assert loop.evaluate(judged)["like"] < 0.6 * before["like"]
    plain, start = merge(causal_lm("llama"), tmp_path / "best")
    if start is not None:
        save_start(start, tmp_path)
    found = LanguageModel(plain, load_start(tmp_path, torch.float32))
    assert (found.options is not None) == (method == "option")
    assert auc(found, judged) > 0.9
    losses = [
        -np.log(p if e.answer else 1 - p)
        for e in judged
        for p in [likelihood(found, CODEC, found.read(e.prompt))]
    ]
    assert np.mean(losses) == pytest.approx(loop.evaluate(judged)["like"], abs=2e-3)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_untuned_model_answers_with_its_own_words(architecture: str) -> None:
    model = LanguageModel(shared_lm(architecture))
    ids = CODEC.prompt("User: is it?\nMovie:")
    expected = np.exp(log_softmax(full_logits(shared_lm(architecture), ids)[-1][list(ANSWERS)]))[1]
    assert likelihood(model, CODEC, model.read(ids)) == pytest.approx(expected, rel=1e-4)


def test_no_and_yes_are_different_tokens_even_where_the_blank_is_one_of_its_own() -> None:
    assert CODEC.prompt(" no")[0] == CODEC.prompt(" yes")[0], "or the test says nothing"
    assert (CODEC.prompt("no")[0], CODEC.prompt("yes")[0]) == ANSWERS
    assert ANSWERS[0] != ANSWERS[1]


def test_questions_need_words_or_options(tmp_path: Path) -> None:
    model = attach(causal_lm("llama"), AdapterSettings("lora", rank=2))
    settings = replace(SETTINGS, steps=1)
    loop = Loop(model, TREE, CatalogLoss(TREE, film_prior()), lambda _: 0, settings, tmp_path)  # type: ignore[arg-type, return-value]
    with pytest.raises(ModelError, match="pass `answers`"):
        loop.evaluate(questions(2, seed=1))
