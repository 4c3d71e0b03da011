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
        within: Its weight below the root, where that differs; None keeps `weight`.
        among: Positive, shape (n_items,): it speaks through its share of this mass below a child, so
            that a child with many items is not louder for that; None speaks through its own mass.
    """

    name: str
    weight: float
    item_weights: NDArray[np.float64]
    within: float | None = None
    among: NDArray[np.float64] | None = None

    def weight_at(self, node: int) -> float:
        """Its weight at a node; node 0 is the root."""
        return self.weight if node == 0 or self.within is None else self.within


class Chorus:
    """Voices over one tree: what they add to the logits of children, looked up where it is needed.

    A running sum per voice is all that is made beforehand, so a catalog of a million items costs a
    request one pass over its paths per voice.

    Args:
        tree: The catalog's prefix tree.
        voices: Speakers; silent ones are passed over.

    Raises:
        ConfigError: A voice has a negative or non-finite item weight, no mass at all, or a
            negative weight and an item weight of 0.
    """

    def __init__(self, tree: PrefixTree, voices: Sequence[Voice]) -> None:
        self._tree = tree
        self._speaking = [voice for voice in voices if voice.weight or voice.within]
        for voice in self._speaking:
            _check(voice)
        self._cumulated = [tree.cumulated(voice.item_weights) for voice in self._speaking]
        self._among = [
            None if voice.among is None else tree.cumulated(voice.among) for voice in self._speaking
        ]

    def at(self, nodes: Sequence[int]) -> NDArray[np.float64]:
        """What is added for the children of `nodes`, one node after the other."""
        return np.concatenate([self._at(node) for node in nodes])

    def _at(self, node: int) -> NDArray[np.float64]:
        children = self._tree.children(node)
        added = np.zeros(children.stop - children.start)
        for at, voice in enumerate(self._speaking):
            if weight := voice.weight_at(node):  # 0 times the log of no mass is no number
                added += weight * self._spoken(at, children)
        return added

    def _spoken(self, at: int, children: slice = slice(None)) -> NDArray[np.float64]:
        """Log mass of a speaker below children, or its share of the mass it speaks among."""
        spoken = _log(self._tree.below(self._cumulated[at], children))
        among = self._among[at]
        return spoken if among is None else spoken - _log(self._tree.below(among, children))

    def everywhere(self) -> NDArray[np.float64]:
        """What is added for every child of the tree, shape (n_children,)."""
        added = np.zeros(len(self._tree.child_token))
        if not self._tree.n_nodes:
            return added
        root = self._tree.children(0)
        for at, voice in enumerate(self._speaking):
            spoken = self._spoken(at)
            for node, spoken_at in ((0, root), (1, slice(root.stop, None))):
                if weight := voice.weight_at(node):
                    added[spoken_at] += weight * spoken[spoken_at]
        return added


def _log(mass: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        logs: NDArray[np.float64] = np.log(mass)
    return logs


def _check(voice: Voice) -> None:
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
    if voice.among is not None and not (np.isfinite(voice.among) & (voice.among > 0)).all():
        raise ConfigError(f"voice '{voice.name}' can only speak among finite weights above 0")
