"""The catalog loss: equal to a slow sum over nodes, nothing when the model is right.

Run: pytest tests/test_objective.py -n 0
"""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from m6rec.decoding.language_model import LanguageModel
from m6rec.errors import ConfigError
from m6rec.tuning.adapters import AdapterSettings, attach
from m6rec.tuning.examples import Example
from m6rec.tuning.module import Tuned
from m6rec.tuning.objective import (
    OBJECTIVES,
    CatalogLoss,
    Head,
    objective_of,
    ragged_log_softmax,
)
from tests.tiny import ARCHITECTURES, causal_lm, full_logits, log_softmax, shared_lm
from tests.tiny_catalogs import film_examples, film_index, film_prior

TREE = film_index().tree
PRIOR = film_prior()


def loss_of(
    model: Any, examples: list[Example], prior: NDArray[np.float64] = PRIOR
) -> torch.Tensor:
    loss = CatalogLoss(TREE, prior)
    n_choices = sum(loss.n_choices(example) for example in examples)
    total: torch.Tensor = Tuned(model, loss)(loss.collate(examples))
    return total / n_choices


def said(
    model: Any, example: Example, node: int, prior: NDArray[np.float64] = PRIOR
) -> NDArray[np.float64]:
    """The model's distribution over a node's children, by one plain pass with the whole head."""
    path = TREE.path(int(TREE.node_lo[node]))[: int(TREE.node_depth[node])]
    children = TREE.children(node)
    logits = full_logits(model, [*example.prompt, *(int(t) for t in path)])[-1]
    log_probs = log_softmax(logits[TREE.child_token[children]] + prior[children])
    return np.exp(log_probs)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_loss_is_the_mean_divergence_over_the_nodes(architecture: str) -> None:
    model = shared_lm(architecture)
    examples = film_examples(8)
    divergences = []
    for example in examples:
        for node, target in zip(example.nodes, example.targets, strict=True):
            model_says, wanted = said(model, example, node), target.astype(np.float64)
            some = wanted > 0
            divergences.append(np.sum(wanted[some] * np.log(wanted[some] / model_says[some])))
    with torch.inference_mode():
        value = float(loss_of(model, examples))
    assert value == pytest.approx(np.mean(divergences), rel=1e-4)
    assert value > 0.1


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_model_that_is_right_everywhere_has_no_loss_and_no_gradient(architecture: str) -> None:
    model = causal_lm(architecture)
    right = [
        Example(e.task, e.prompt, e.nodes, [said(model, e, n).astype(np.float32) for n in e.nodes])
        for e in film_examples(6)
    ]
    value = loss_of(model, right)
    value.backward()
    assert float(value.detach()) == pytest.approx(0, abs=1e-5)
    steepest = max(float(p.grad.abs().max()) for p in model.parameters() if p.grad is not None)
    assert steepest < 1e-3


def test_a_child_that_is_ruled_out_costs_nothing_and_leaves_the_gradient_finite() -> None:
    model = causal_lm("llama")
    prior = PRIOR.copy()
    examples = film_examples(6)
    root = TREE.children(0)
    ruled_out = root.start
    prior[ruled_out] = -np.inf
    emptied = []
    for example in examples:
        targets = [target.copy() for target in example.targets]
        targets[0][0] = 0
        targets[0] = (targets[0] / max(targets[0].sum(), 1e-9)).astype(np.float32)
        if targets[0].sum() > 0.5:
            emptied.append(Example(example.task, example.prompt, [0], [targets[0]]))
    assert emptied
    value = loss_of(model, emptied, prior)
    value.backward()
    expected = []
    for example in emptied:
        model_says, wanted = said(model, example, 0, prior), example.targets[0].astype(np.float64)
        some = wanted > 0
        expected.append(np.sum(wanted[some] * np.log(wanted[some] / model_says[some])))
    assert float(value.detach()) == pytest.approx(np.mean(expected), rel=1e-4)
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_the_loss_is_the_same_for_any_constant_added_to_the_prior() -> None:
    model = shared_lm("llama")
    examples = film_examples(4)
    with torch.inference_mode():
        plain, shifted = loss_of(model, examples), loss_of(model, examples, PRIOR + 7.0)
    assert float(plain) == pytest.approx(float(shifted), rel=1e-4)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_the_gradient_flows_into_the_adapter_only(architecture: str, method: str) -> None:
    model = attach(causal_lm(architecture), AdapterSettings(method, rank=4))
    loss_of(model, film_examples(4)).backward()
    moved = [n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()]
    assert moved
    assert all(f"{method}_" in name for name in moved)
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad == (f"{method}_" in name), name
        if not parameter.requires_grad:
            assert parameter.grad is None


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_lm_loss_is_that_of_every_token_of_the_drawn_paths(architecture: str) -> None:
    model = shared_lm(architecture)
    examples = film_examples(5)
    assert len({len(e.prompt) for e in examples}) > 1, "some rows must be padded"
    assert any(len(set(e.paths)) < len(e.paths) for e in film_examples(60)), "a path may come twice"
    loss = objective_of("lm", TREE, PRIOR)
    expected = 0.0
    for example in examples:
        for path in example.paths:
            tokens = TREE.path(path).tolist()
            said = full_logits(model, [*example.prompt, *tokens])[len(example.prompt) - 1 :]
            expected -= sum(log_softmax(row)[t] for row, t in zip(said, tokens, strict=False))
    with torch.inference_mode():
        total = float(Tuned(model, loss)(loss.collate(examples)))
    assert total == pytest.approx(expected, rel=1e-4)
    n_tokens = sum(len(TREE.path(path)) for e in examples for path in e.paths)
    assert sum(loss.n_choices(e) for e in examples) == n_tokens
    assert loss.collate(examples).n_tokens == sum(loss.length(e) for e in examples)


def test_the_drawn_paths_lead_through_the_nodes_of_their_example() -> None:
    for example in film_examples(12):
        passed = {
            node
            for path in example.paths
            for node in range(TREE.n_nodes)
            if TREE.node_lo[node] <= path < TREE.node_hi[node]
        }
        assert passed == set(example.nodes)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_head_with_bias_and_softcap_is_learned_as_decoding_reads_it(name: str) -> None:
    model = causal_lm("llama")
    model.lm_head.bias = torch.nn.Parameter(torch.linspace(-3, 3, model.config.vocab_size))
    model.config.final_logit_softcapping = 2.0
    hidden, tokens = torch.randn(4, 32), torch.tensor([3, 1, 4, 1])
    head, decoder = Head.of(model), LanguageModel(model)
    for row, found in zip(hidden, head.logits(hidden, tokens), strict=True):
        torch.testing.assert_close(found, decoder.logits(row, tokens))
    torch.testing.assert_close(head.logits(hidden)[:, tokens], head.logits(hidden, tokens))
    examples = film_examples(3)
    loss = objective_of(name, TREE, PRIOR)
    plain = Tuned(causal_lm("llama"), loss)(loss.collate(examples))
    bent = Tuned(model, loss)(loss.collate(examples))
    assert abs(float((plain - bent).detach())) > 0.1


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(ConfigError, match="'other' is not known; choose one of: catalog, lm"):
        objective_of("other", TREE, PRIOR)


segments = st.lists(
    st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=6), min_size=1, max_size=6
)


@settings(deadline=None)
@given(segments)
def test_ragged_log_softmax_is_log_softmax_of_each_segment(made: list[list[float]]) -> None:
    flat = torch.tensor([value for segment in made for value in segment])
    counts = torch.tensor([len(segment) for segment in made])
    expected = torch.cat([torch.log_softmax(torch.tensor(segment), 0) for segment in made])
    torch.testing.assert_close(ragged_log_softmax(flat, counts), expected, atol=1e-5, rtol=1e-5)


def test_ragged_log_softmax_keeps_what_is_ruled_out_and_survives_large_numbers() -> None:
    logits = torch.tensor([1e4, -torch.inf, 1e4, -torch.inf, 3.0])
    found = ragged_log_softmax(logits, torch.tensor([3, 2]))
    expected = torch.tensor([-np.log(2.0), -np.inf, -np.log(2.0), -np.inf, 0.0]).float()
    torch.testing.assert_close(found, expected)
