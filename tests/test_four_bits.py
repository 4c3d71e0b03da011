"""Tuning over a base in 4 bits, as far as bitsandbytes goes on a CPU; what it cannot do is said.

Run: pytest tests/test_four_bits.py -n 0
"""

from pathlib import Path
from typing import Any

import pytest
import torch

from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.loading import load_causal_lm
from m6rec.errors import ConfigError, MissingExtraError, ModelError
from m6rec.tuning.adapters import METHODS, AdapterSettings, attach, merge
from m6rec.tuning.loop import Loop, LoopSettings
from m6rec.tuning.objective import CatalogLoss
from tests.tiny import causal_lm, full_logits
from tests.tiny_catalogs import base_folder, film_examples, film_index, film_prior

TREE = film_index().tree
POOL = film_examples(20)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base_folder(tmp_path_factory.mktemp("base"))


def in_four_bits(base: Path) -> Any:
    pytest.importorskip("bitsandbytes")
    model, _ = load_causal_lm(base, torch.float32, load_in_4bit=True)
    return model


@pytest.mark.parametrize("method", [m for m in METHODS if m != "full"])
def test_a_method_learns_over_weights_in_four_bits(base: Path, tmp_path: Path, method: str) -> None:
    torch.manual_seed(0)
    model = attach(in_four_bits(base), AdapterSettings(method, rank=4, lowest_layer=0))
    settings = LoopSettings(
        steps=12, batch_size=4, learning_rate=1e-2, validate_every=12, pool=4, seed=1
    )
    loop = Loop(
        model, TREE, CatalogLoss(TREE, film_prior()), lambda rng: POOL[int(rng.integers(20))],
        settings, tmp_path,
    )  # fmt: skip
    frozen = [p.clone() for p in model.parameters() if not p.requires_grad]
    assert any(p.dtype == torch.uint8 for p in frozen)
    before = loop.evaluate(POOL)["loss"]
    loop.run(POOL)
    assert loop.evaluate(POOL)["loss"] < before
    after = [p for p in model.parameters() if not p.requires_grad]
    assert all(torch.equal(a, b) for a, b in zip(frozen, after, strict=True))
    plain, start = merge(causal_lm(), tmp_path / "best")
    prompt = LanguageModel(plain, start).read((7, 8, 9))
    assert torch.isfinite(prompt.hidden).all(), "what was learned is used over the whole weights"


def test_four_bits_are_near_the_whole_weights(base: Path) -> None:
    coarse = full_logits(in_four_bits(base).train(), (7, 8, 9, 40))
    whole = full_logits(causal_lm(), (7, 8, 9, 40))
    assert 1e-3 < abs(coarse - whole).mean() < 0.5 * whole.std()


def test_full_tuning_of_four_bits_is_refused(base: Path) -> None:
    with pytest.raises(ConfigError, match="cannot move weights that are kept in 4 bits"):
        attach(in_four_bits(base), AdapterSettings("full"))


def test_without_bitsandbytes_the_pip_line_is_given(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("m6rec.decoding.loading.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'm6rec\[4bit\]'"):
        load_causal_lm(base, torch.float32, load_in_4bit=True)


def test_where_it_cannot_be_had_one_line_says_so(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("bitsandbytes")

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no kernel for this processor\nand a long story")

    monkeypatch.setattr("transformers.AutoModelForCausalLM.from_pretrained", broken)
    with pytest.raises(ModelError, match=r"in 4 bits on this machine \(no kernel") as caught:
        load_causal_lm(base, torch.float32, load_in_4bit=True)
    assert "\n" not in str(caught.value)
