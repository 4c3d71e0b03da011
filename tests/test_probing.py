"""Fitting probes: what can be told apart is, and the penalty is chosen on what was held back."""

import numpy as np
import pytest

from m6rec.tuning.probing import fit_probe


def wishes(n: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States around one point per kind, what they ask for, and which judge."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(3, size=n)
    states = np.eye(8, dtype=np.float32)[kinds] * 5 + rng.normal(0, noise, (n, 8))
    return states.astype(np.float32), np.eye(3, dtype=np.float32)[kinds], np.arange(n) % 4 == 0


def right(states: np.ndarray, shares: np.ndarray, weights: np.ndarray, biases: np.ndarray) -> float:
    return float(((states @ weights.T + biases).argmax(1) == shares.argmax(1)).mean())


def test_kinds_that_lie_apart_are_told_apart():
    states, shares, held_back = wishes(200, noise=0.5)
    weights, biases, loss = fit_probe(states, shares, held_back)
    assert (weights.shape, biases.shape) == ((3, 8), (3,))
    assert weights.dtype == biases.dtype == np.float32
    assert right(states[held_back], shares[held_back], weights, biases) == 1
    assert 0 < loss < 0.1


def test_noise_asks_for_a_stronger_penalty():
    states, shares, held_back = wishes(60, noise=8.0)
    chosen = fit_probe(states, shares, held_back)[2]
    weakest = fit_probe(states, shares, held_back, strengths=(1e-6,))[2]
    assert chosen < weakest


def test_the_loss_is_that_of_the_folded_weights():
    states, shares, held_back = wishes(80, noise=3.0)
    weights, biases, loss = fit_probe(states, shares, held_back)
    logits = (states @ weights.T + biases)[held_back]
    logits -= np.log(np.exp(logits).sum(1, keepdims=True))
    assert loss == pytest.approx(float(-(shares[held_back] * logits).sum(1).mean()), abs=1e-4)


def test_with_nothing_held_back_there_is_no_loss():
    states, shares, held_back = wishes(40, noise=0.5)
    weights, biases, loss = fit_probe(states, shares, np.zeros_like(held_back))
    assert np.isnan(loss)
    assert right(states, shares, weights, biases) == 1
