"""How the learning rate of a network falls while it is trained."""

import math

from torch.optim import Optimizer

LOWEST = 0.05
"""The rate falls to this share of its first value."""


def set_rate(optimiser: Optimizer, first: float, epoch: int, epochs: int) -> None:
    """Set the rate of an epoch, counted from 0, along a half cosine.

    A group with a ``rate`` learns with that share of the others' rate.
    """
    fallen = 0.5 + 0.5 * math.cos(math.pi * epoch / epochs)
    for group in optimiser.param_groups:
        group["lr"] = first * group.get("rate", 1.0) * (LOWEST + (1 - LOWEST) * fallen)
