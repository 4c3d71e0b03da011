"""Voices: any item scorer speaks at a tree node through the mass below it.

With sorted paths the mass below a child is a difference of one cumulative sum, so popularity, the
crowd or freshness join the distribution at the cost of one look-up, and the search stays exact.
Mixing a collaborative model into the decoding follows D3 (arXiv 2406.14900), here normalised at
every node instead of over the vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import ConfigError
from m6rec.tree import PrefixTree


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """One speaker besides the language model.

    Attributes:
        name: As it appears in score terms and config.
        weight: Exponent of its mass; negative speaks against, 0 is silent.
        item_weights: Non-negative, shape (n_items,); an item with 0 is silenced below a positive
            weight, so smooth it if it should stay reachable; below a negative one it is an error.
    """

    name: str
    weight: float
    item_weights: NDArray[np.float64]
    within: float | None = None

    def weight_at(self, node: int) -> float:
        """Its weight at a node; node 0 is the root."""
        return self.weight if node == 0 or self.within is None else self.within


def prior_of(tree: PrefixTree, voices: Sequence[Voice]) -> NDArray[np.float64] | None:
    """What the voices add to each child's logit, shape (n_children,); None when all are silent.

    Raises:
        ConfigError: A voice has a negative or non-finite item weight, no mass at all, or a
            negative weight and an item weight of 0.
    """
    prior: NDArray[np.float64] | None = None
    for voice in voices:
        if not voice.weight and not voice.within:
            continue
        weights = voice.item_weights
        if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
            raise ConfigError(
                f"voice '{voice.name}' needs finite item weights of at least 0 and some above 0"
            )
        if voice.weight < 0 and not weights.all():
            raise ConfigError(
                f"voice '{voice.name}' speaks against (weight {voice.weight}) and needs item weights "
                "above 0: nothing can be divided by 0; smooth them"
            )
        with np.errstate(divide="ignore"):
            log_mass = np.log(tree.masses(weights))
        spoken = voice.weight_at(1) * log_mass
        if tree.n_nodes:
            spoken[tree.children(0)] = voice.weight_at(0) * log_mass[tree.children(0)]
        prior = spoken if prior is None else prior + spoken
    return prior
