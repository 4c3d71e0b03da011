"""The wrapped model against the plain Hugging Face model; prompts that are read once."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding.language_model import LanguageModel, PromptState
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.search import top_k
from m6rec.errors import ModelError, RequestError
from tests.tiny import ARCHITECTURES, END, TOLERANCE, VOCABULARY, Toy, causal_lm, full_logits
from tests.tiny import shared_lm as shared

IDS = st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=12)
EVERY_TOKEN = torch.arange(VOCABULARY)
TOY = Toy(tuple((a, b, END) for a in (1, 2, 3) for b in (1, 2, 3)), tuple(range(9)))


def bits(state: PromptState) -> list[torch.Tensor]:
    return [state.hidden.clone(), *(t.clone() for pair in state.keys_values for t in pair)]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(deadline=None, max_examples=20)
@given(ids=IDS)
def test_logits_are_those_of_the_whole_model(architecture, ids):
    model = LanguageModel(shared(architecture))
    logits = model.logits(model.read(ids).hidden, EVERY_TOKEN)
    assert logits.dtype == torch.float32
    np.testing.assert_allclose(logits, full_logits(shared(architecture), ids)[-1], atol=TOLERANCE)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(deadline=None, max_examples=30)
@given(first=IDS, keep=st.integers(0, 12), more=st.lists(st.integers(0, 99), max_size=6))
def test_a_prompt_is_taken_over_up_to_the_first_new_token(architecture, first, keep, more):
    second = [*first[:keep], *more] or first
    model = LanguageModel(shared(architecture))
    old = model.read(first)
    before, spent = bits(old), model.tokens
    reused = model.read(second, old)
    same = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    # Even a prompt that only lost its end needs the hidden state of its last token.
    new = 0 if first == second else len(second) - min(same, len(second) - 1)
    assert model.tokens - spent == new
    anew = LanguageModel(shared(architecture)).read(second)
    assert reused.ids == anew.ids == tuple(second)
    for one, other in zip(bits(reused), bits(anew), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
    assert all(torch.equal(a, b) for a, b in zip(before, bits(old), strict=True))


def test_a_chat_reads_only_what_is_new():
    model = LanguageModel(shared())
    state, counts = None, []
    for ids in ([5, 6, 7], [5, 6, 7, 8, 9], [5, 6, 7, 8, 9], [5, 6, 1]):
        spent = model.tokens
        state = model.read(ids, state)
        counts.append(model.tokens - spent)
    assert counts == [3, 2, 0, 1]
    assert model.calls == 3


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_branches_leave_the_prompt_alone(architecture):
    model = LanguageModel(shared(architecture))
    prompt = model.read([5, 6, 7])
    before = bits(prompt)
    one, other = model.branch(prompt), model.branch(prompt)
    hidden, spans = one.read([[1, 2], [3]], [(), ()])
    assert spans == [(0, 2), (2, 3)]
    deeper, [span] = one.read([[4]], [spans[:1]])
    assert span == (3, 4)
    alone, _ = other.read([[1, 2, 4]], [()])
    torch.testing.assert_close(deeper, alone, atol=1e-4, rtol=1e-4)
    assert all(torch.equal(a, b) for a, b in zip(before, bits(prompt), strict=True))
    # The second segment saw the prompt but nothing of the first.
    logits = full_logits(shared(architecture), [5, 6, 7, 3])[-1]
    np.testing.assert_allclose(model.logits(hidden[1], EVERY_TOKEN), logits, atol=TOLERANCE)


def test_a_segment_may_follow_another_of_the_same_call():
    model = LanguageModel(shared())
    together, _ = model.branch(model.read([5])).read([[1], [2, 3]], [(), [(0, 1)]])
    logits = full_logits(shared(), [5, 1, 2, 3])[-1]
    np.testing.assert_allclose(model.logits(together[1], EVERY_TOKEN), logits, atol=TOLERANCE)


def test_rows_of_hidden_states_pair_with_tokens():
    model = LanguageModel(shared())
    hidden = torch.stack([model.read(ids).hidden for ids in ([5], [6], [7])])
    paired = model.logits(hidden, torch.tensor([10, 20, 30]))
    singly = [model.logits(h, torch.tensor([t]))[0] for h, t in zip(hidden, (10, 20, 30))]  # noqa: B905
    torch.testing.assert_close(paired, torch.stack(singly), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_damaged_weights_are_an_error_not_an_answer(bad):
    broken = causal_lm()
    with torch.no_grad():
        broken.model.layers[1].mlp.down_proj.weight[0, 0] = bad
    model = LanguageModel(broken)
    with pytest.raises(ModelError, match="not finite"):
        TreeReader(TOY.tree, model, model.read(TOY.prompt))


def test_damage_below_the_root_is_an_error_too():
    broken = causal_lm()
    with torch.no_grad():
        broken.get_input_embeddings().weight[2] = float("nan")
    toy = Toy(((1, 5, END), (1, 6, END), (2, 5, END), (2, 6, END)), (0, 1, 2, 3))
    broken.lm_head.weight = torch.nn.Parameter(causal_lm().lm_head.weight.detach().clone())
    model = LanguageModel(broken)
    reader = TreeReader(toy.tree, model, model.read(toy.prompt))
    with pytest.raises(ModelError, match="not finite"):
        top_k(reader, 4)


def test_an_empty_or_endless_prompt_is_refused():
    model = LanguageModel(shared())
    with pytest.raises(RequestError, match="has 0 tokens"):
        model.read([])
    with pytest.raises(RequestError, match=f"reads 1 to {model.longest_prompt}; shorten it"):
        model.read([1] * (model.longest_prompt + 1))
    assert model.tokens == 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_longest_prompt_still_leaves_room_for_a_title(architecture):
    model = LanguageModel(shared(architecture))
    prompt = model.read([1] * model.longest_prompt)
    hidden, _ = model.branch(prompt).read([[2] * 64], [()])
    assert torch.isfinite(hidden).all()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_hostile_generation_config_changes_nothing(architecture):
    hostile = causal_lm(architecture)
    hostile.generation_config.update(
        temperature=0.01,
        top_k=1,
        top_p=0.01,
        do_sample=True,
        repetition_penalty=9.0,
        bad_words_ids=[[1], [2], [END]],
        suppress_tokens=[1, 2, 3],
        begin_suppress_tokens=[1, 2, 3],
        forced_bos_token_id=300,
        forced_eos_token_id=300,
        max_new_tokens=1,
        num_beams=7,
    )
    answers = []
    for model in (LanguageModel(hostile), LanguageModel(shared(architecture))):
        reader = TreeReader(TOY.tree, model, model.read(TOY.prompt))
        answers.append([(f.row, f.log_prob) for f in top_k(reader, 9).found])
    assert answers[0] == answers[1]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_bfloat16_stays_inside_the_catalog(architecture):
    narrow = LanguageModel(causal_lm(architecture).to(torch.bfloat16))
    assert narrow.dtype == torch.bfloat16
    reader = TreeReader(TOY.tree, narrow, narrow.read(TOY.prompt))
    result = top_k(reader, 20)
    assert result.exact
    assert sorted(found.row for found in result.found) == list(range(9))
    # Rounding moves probability between items but none of it out of the catalog.
    assert np.exp([f.log_prob for f in result.found]).sum() == pytest.approx(1, abs=TOLERANCE)


def test_soft_capped_logits():
    capped = causal_lm()
    capped.config.final_logit_softcapping = 0.5
    plain, model = LanguageModel(shared()), LanguageModel(capped)
    expected = 0.5 * torch.tanh(plain.logits(plain.read([5]).hidden, EVERY_TOKEN) / 0.5)
    torch.testing.assert_close(model.logits(model.read([5]).hidden, EVERY_TOKEN), expected)


def test_a_head_with_a_bias():
    biased = causal_lm("gpt2")
    biased.lm_head.bias = torch.nn.Parameter(torch.arange(VOCABULARY).float())
    model = LanguageModel(biased)
    logits = model.logits(model.read([5, 6]).hidden, EVERY_TOKEN)
    np.testing.assert_allclose(logits, full_logits(biased, [5, 6])[-1], atol=TOLERANCE)
