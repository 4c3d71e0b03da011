"""The sampled cross-entropy against the full one.

Run: pytest tests/test_sampled_softmax.py -n 0
"""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from m6rec.candidates.sampled_softmax import SampledSoftmax

COUNTS = np.array([50.0, 20.0, 5.0, 1.0, 0.0, 9.0])


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(3)
    states = torch.randn(4, 3, generator=random)
    vectors = torch.randn(6, 3, generator=random)
    return states, torch.tensor([0, 5, 4, 0]), vectors, torch.randn(6, generator=random)


def test_without_negatives_it_is_the_full_loss() -> None:
    states, targets, vectors, biases = batch()
    full = cross_entropy(states @ vectors.T + biases, targets)
    assert SampledSoftmax(COUNTS, 0).loss(*batch()).item() == pytest.approx(full.item())


def test_many_corrected_negatives_come_near_the_full_loss() -> None:
    states, targets, vectors, biases = batch()
    full = cross_entropy(states @ vectors.T + biases, targets).item()
    torch.manual_seed(0)
    assert SampledSoftmax(COUNTS, 200_000).loss(*batch()).item() == pytest.approx(full, abs=0.01)
    uncorrected = SampledSoftmax(COUNTS, 200_000, correction=0.0).loss(*batch()).item()
    assert uncorrected > full + 1


def test_a_sample_of_targets_alone_teaches_nothing_and_breaks_nothing() -> None:
    one_item = SampledSoftmax(np.array([5.0]), 3)
    states = torch.ones(2, 3, requires_grad=True)
    loss = one_item.loss(states, torch.tensor([0, 0]), torch.ones(1, 3), torch.zeros(1))
    loss.backward()
    assert loss.item() == 0
    assert states.grad is not None
    assert states.grad.tolist() == [[0.0] * 3] * 2
