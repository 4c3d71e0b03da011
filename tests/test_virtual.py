"""Virtual tokens: begun as a text, read as PEFT reads them, and at the start of decoding's cache.

Run: pytest tests/test_virtual.py -n 0
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.score import score
from m6rec.start import Start, load_start, save_start
from m6rec.tree import LEAF
from m6rec.tuning.adapters import METHODS, AdapterSettings, attach, merge
from m6rec.tuning.batches import collate
from m6rec.tuning.examples import Example
from m6rec.tuning.objective import Head, ragged_log_softmax
from m6rec.tuning.virtual import hidden_states, is_virtual, start_of
from tests.tiny import ARCHITECTURES, TOLERANCE, causal_lm, full_logits, shared_lm
from tests.tiny_catalogs import film_index

TREE = film_index().tree
TEXT = (11, 12, 13, 14)
IDS = (7, 8, 9, 40, 41)
VIRTUAL = ("prefix", "prompt", "option")


def attached(method: str, architecture: str, **options: Any) -> Any:
    torch.manual_seed(0)
    settings = AdapterSettings(method, rank=4, initial=TEXT, answers=(20, 21), **options)
    return attach(causal_lm(architecture), settings).eval()


def disturbed(method: str, architecture: str) -> Any:
    """A model whose adapter has an effect, as after tuning."""
    model = attached(method, architecture)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model


@torch.no_grad()
def logits(model: Any, ids: tuple[int, ...]) -> NDArray[np.float64]:
    """After every token of a text, by tuning's own pass."""
    length = len(ids)
    seen = torch.ones(length, length).tril().bool()[None, None]
    positions = torch.arange(length)[None]
    hidden = hidden_states(model, start_of(model), torch.tensor([ids]), positions, seen)
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    return Head.of(causal).logits(hidden[0]).double().numpy()


@torch.no_grad()
def path_log_probs(model: Any, prompt: tuple[int, ...]) -> NDArray[np.float64]:
    """log P of every path, from tuning's pass over a row of all nodes at once."""
    nodes = list(range(TREE.n_nodes))
    sizes = [TREE.children(node).stop - TREE.children(node).start for node in nodes]
    targets = [np.zeros(size, np.float32) for size in sizes]
    batch = collate([Example("all", list(prompt), nodes, targets)], TREE)
    hidden = hidden_states(model, start_of(model), batch.ids, batch.positions, batch.seen)
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    chosen = hidden.reshape(-1, hidden.shape[-1])[batch.label_at]
    said = Head.of(causal).logits(chosen)
    tokens = torch.from_numpy(TREE.child_token[batch.children.numpy()].astype(np.int64))
    rows = torch.repeat_interleave(batch.counts)
    log_probs = ragged_log_softmax(said[rows, tokens], batch.counts).double().numpy()
    found = np.zeros(TREE.n_paths)
    for child, value in zip(batch.children.tolist(), log_probs.tolist(), strict=True):
        found[TREE.child_lo[child] : TREE.child_hi[child]] += value
    assert (TREE.child_node == LEAF).sum() == TREE.n_paths
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", VIRTUAL)
def test_fresh_virtual_tokens_say_what_their_text_says(method: str, architecture: str) -> None:
    before = (*TEXT, 20, 21) if method == "option" else TEXT
    expected = full_logits(shared_lm(architecture), (*before, *IDS))[len(before) :]
    assert logits(attached(method, architecture), IDS) == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("method", VIRTUAL)
def test_without_a_text_they_are_drawn_with_the_seed(method: str) -> None:
    def drawn(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        model = attach(causal_lm("llama"), AdapterSettings(method, n_virtual=5))
        (parameter,) = [p for p in model.parameters() if p.requires_grad]
        assert len(parameter) == (7 if method == "option" else 5)
        found: torch.Tensor = parameter.detach()
        return found

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", VIRTUAL)
def test_a_saved_adapter_says_the_same_in_peft_by_itself(
    method: str, architecture: str, tmp_path: Path
) -> None:
    from peft import PeftModel

    tuned = disturbed(method, architecture)
    tuned.save_pretrained(tmp_path)
    loaded = PeftModel.from_pretrained(causal_lm(architecture), tmp_path).eval()
    ids = torch.tensor([IDS])
    with torch.inference_mode():
        said = loaded(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0, -len(IDS) :]
    assert logits(tuned, IDS) == pytest.approx(said.double().numpy(), abs=TOLERANCE)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", METHODS)
def test_decoding_a_saved_model_says_what_tuning_said(
    method: str, architecture: str, tmp_path: Path
) -> None:
    tuned = disturbed(method, architecture)
    expected = path_log_probs(tuned, IDS)
    assert abs(expected - path_log_probs(shared_lm(architecture), IDS)).max() > 0.1
    if method == "full":
        model = LanguageModel(tuned)
    else:
        tuned.save_pretrained(tmp_path / "adapter")
        plain, start = merge(causal_lm(architecture), tmp_path / "adapter")
        assert (start is not None) == is_virtual(tuned) == (method in VIRTUAL)
        if start is not None:
            save_start(start, tmp_path)
        model = LanguageModel(plain, load_start(tmp_path, torch.float32))
    rows = list(range(int(TREE.rows.max()) + 1))
    total = np.array([np.logaddexp.reduce(expected[row == TREE.rows]) for row in rows])
    alone = model.read(IDS)
    grown = model.read(IDS, reuse=model.read((*IDS[:3], 99, 98)))
    among = model.read_many([(5, 6), IDS, (1,)])[1]
    for prompt in (alone, grown, among):
        found = score(TreeReader(TREE, model, prompt), rows)
        assert np.array([s.total for s in found]) == pytest.approx(total, abs=2e-3)


def test_virtual_tokens_take_their_share_of_the_longest_prompt() -> None:
    plain = LanguageModel(shared_lm("gpt2"))
    with torch.no_grad():
        start = start_of(attached("prompt", "gpt2"))
    model = LanguageModel(shared_lm("gpt2"), start)
    assert model.longest_prompt == plain.longest_prompt - len(TEXT)
    assert len(model.read([1] * model.longest_prompt).ids) == model.longest_prompt


def test_a_start_is_kept_whole(tmp_path: Path) -> None:
    assert load_start(tmp_path, torch.float32) is None
    layers = [(torch.randn(1, 2, 3, 4), torch.randn(1, 2, 3, 4)) for _ in range(11)]
    options = torch.randn(2, 8)
    save_start(Start(layers, options), tmp_path)
    found = load_start(tmp_path, torch.bfloat16)
    assert found is not None
    assert found.options is not None
    assert torch.equal(found.options, options)
    for (keys, values), (kept_keys, kept_values) in zip(layers, found.keys_values, strict=True):
        assert torch.equal(kept_keys, keys.bfloat16())
        assert torch.equal(kept_values, values.bfloat16())
