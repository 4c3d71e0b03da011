"""Tuning methods: they attach to both architectures, start as the base model, and merge exactly.

Run: pytest tests/test_adapters.py -n 0
"""

from pathlib import Path
from typing import Any

import pytest
import torch

from m6rec.errors import ConfigError
from m6rec.tuning.adapters import METHODS, AdapterSettings, attach, bare, merge
from tests.tiny import ARCHITECTURES, causal_lm, full_logits, shared_lm

IDS = (7, 8, 9, 40, 41)


def count(model: Any, *, tuned: bool) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not tuned)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", ["lora", "ia3", "full"])
def test_a_fresh_adapter_changes_nothing_yet(method: str, architecture: str) -> None:
    before = full_logits(shared_lm(architecture), IDS)
    after = full_logits(attach(causal_lm(architecture), AdapterSettings(method)), IDS)
    assert after == pytest.approx(before, abs=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_adapter_tunes_few_weights_and_full_tuning_all(architecture: str) -> None:
    whole = count(shared_lm(architecture), tuned=False)
    settings = AdapterSettings("lora", rank=1)
    assert 0 < count(attach(causal_lm(architecture), settings), tuned=True) < whole / 10
    assert (
        0 < count(attach(causal_lm(architecture), AdapterSettings("ia3")), tuned=True) < whole / 50
    )
    assert count(attach(causal_lm(architecture), AdapterSettings("full")), tuned=True) == whole


def test_full_tuning_opens_a_model_that_was_closed() -> None:
    model = causal_lm("llama").requires_grad_(False)
    assert count(attach(model, AdapterSettings("full")), tuned=True) == count(model, tuned=False)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("share", "expected"), [(0.0, {"0", "1"}), (0.5, {"1"})])
def test_the_lowest_layers_stay_as_they_are(
    architecture: str, share: float, expected: set[str]
) -> None:
    model = attach(causal_lm(architecture), AdapterSettings("lora", rank=2, lowest_layer=share))
    names = [name for name, p in model.named_parameters() if p.requires_grad]
    layers = {next(part for part in name.split(".") if part.isdigit()) for name in names}
    assert layers == expected


@pytest.mark.parametrize(
    ("architecture", "linear"),
    [
        ("llama", {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}),
        ("gpt2", {"c_attn", "c_proj", "c_fc"}),
    ],
)
def test_lora_sits_on_every_linear_layer_but_the_head(architecture: str, linear: set[str]) -> None:
    model = attach(causal_lm(architecture), AdapterSettings("lora", rank=2))
    tuned = {name.split(".lora_")[0] for name, p in model.named_parameters() if p.requires_grad}
    assert {name.rsplit(".", 1)[-1] for name in tuned} == linear


def test_the_rank_is_the_one_asked_for() -> None:
    model = attach(causal_lm("llama"), AdapterSettings("lora", rank=3))
    ranks = {p.shape[0] for name, p in model.named_parameters() if "lora_A" in name}
    assert ranks == {3}


@pytest.mark.parametrize("method", ["suffix", "", "LoRA"])
def test_an_unknown_method_is_refused_and_the_known_ones_are_listed(method: str) -> None:
    with pytest.raises(
        ConfigError,
        match=f"method '{method}' is not known.*lora, prefix, prompt, option, ia3, full",
    ):
        attach(causal_lm("llama"), AdapterSettings(method))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_a_merged_model_says_what_the_adapter_said(
    method: str, architecture: str, tmp_path: Path
) -> None:
    tuned = attach(causal_lm(architecture), AdapterSettings(method, rank=4)).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in tuned.parameters():
            if parameter.requires_grad:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
    said = full_logits(tuned, IDS)
    assert abs(said - full_logits(shared_lm(architecture), IDS)).max() > 0.1, (
        "it must have an effect"
    )
    tuned.save_pretrained(tmp_path / "adapter")
    merged, start = merge(causal_lm(architecture), tmp_path / "adapter")
    assert start is None
    assert full_logits(merged, IDS) == pytest.approx(said, abs=1e-3)
    assert type(merged) is type(causal_lm(architecture))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", METHODS)
def test_the_causal_lm_inside_is_found(method: str, architecture: str) -> None:
    model = causal_lm(architecture)
    assert bare(attach(model, AdapterSettings(method))) is model
    assert bare(model) is model
