"""Packed layers give the same numbers as plain ones."""

import pytest
import torch

from m6rec.decoding import packing
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.packing import PackedLinear, pack
from tests.tiny import causal_lm

pytestmark = pytest.mark.skipif(not packing._able(), reason="no bfloat16 packing on this machine")
IDS = (7, 8, 9, 10, 11)


def layers(model, kind):
    return [layer for layer in model.modules() if isinstance(layer, kind)]


def test_a_packed_model_says_the_same_to_the_last_bit():
    model = causal_lm().to(torch.bfloat16)
    before = LanguageModel(model).read(IDS).hidden.clone()
    assert pack(model) == 14, "2 layers of q, k, v, o, gate, up, down"
    assert len(layers(model.base_model, PackedLinear)) == 14
    assert not layers(model.base_model, torch.nn.Linear)
    assert torch.equal(LanguageModel(model).read(IDS).hidden, before)


@pytest.mark.parametrize("n", [1, 3, 40])
def test_any_number_of_tokens_and_a_bias(n):
    layer = torch.nn.Linear(24, 40).to(torch.bfloat16)
    x = torch.randn(1, n, 24, dtype=torch.bfloat16)
    with torch.inference_mode():
        assert torch.equal(PackedLinear(layer)(x), layer(x))


def test_other_formats_and_the_head_are_left_alone():
    model = causal_lm()
    assert pack(model) == 0
    assert isinstance(model.to(torch.bfloat16).lm_head, torch.nn.Linear)
    pack(model)
    assert type(model.lm_head) is torch.nn.Linear


def test_a_build_that_cannot_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(packing, "_able", lambda: False)
    model = causal_lm().to(torch.bfloat16)
    assert pack(model) == 0
    assert not layers(model, PackedLinear)
