"""Fitting a probe: softmax regression on the states a model is in after wishes."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
"""Squared-norm penalties that are tried; the held-back wishes choose."""
ITERATIONS = 200


def fit_probe(
    states: NDArray[np.float32],
    shares: NDArray[np.float32],
    held_back: NDArray[np.bool_],
    strengths: Sequence[float] = STRENGTHS,
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Fit to the wishes that are not held back, with the penalty under which the others cost least.

    Args:
        states: What the model has understood of each prompt, *Shape:* (n, n_states).
        shares: What each asks for; rows sum to 1, *Shape:* (n, n_kinds).
        held_back: Which wishes only judge, *Shape:* (n,); with none the middle penalty is taken.
        strengths: Penalties to try.

    Returns:
        Weights (n_kinds, n_states), biases (n_kinds,), and the cross-entropy of the held-back
        wishes in nats (NaN without any).
    """
    mean, spread = states.mean(0), states.std(0) + 1e-6
    inputs, targets = torch.from_numpy((states - mean) / spread), torch.from_numpy(shares)
    judged = torch.from_numpy(held_back)
    if not held_back.any():
        weights, biases = _fit(inputs, targets, strengths[len(strengths) // 2])
        loss = float("nan")
    else:
        fits = [_fit(inputs[~judged], targets[~judged], strength) for strength in strengths]
        losses = [float(_cross_entropy(inputs[judged], targets[judged], *fit)) for fit in fits]
        loss = min(losses)
        weights, biases = fits[losses.index(loss)]
    # The standardisation is folded in, so that states can be read as they come.
    plain = weights.numpy() / spread
    return plain.astype(np.float32), (biases.numpy() - plain @ mean).astype(np.float32), loss


def _fit(
    inputs: torch.Tensor, targets: torch.Tensor, strength: float
) -> tuple[torch.Tensor, torch.Tensor]:
    weights = torch.zeros(targets.shape[1], inputs.shape[1], requires_grad=True)
    biases = torch.zeros(targets.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, biases], max_iter=ITERATIONS)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = _cross_entropy(inputs, targets, weights, biases) + strength * weights.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach(), biases.detach()


def _cross_entropy(
    inputs: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor, biases: torch.Tensor
) -> torch.Tensor:
    return -(targets * torch.log_softmax(inputs @ weights.T + biases, dim=1)).sum(1).mean()
