"""Beam search over the catalog distribution: one call of the model per level of the tree.

Faster than the proof when many items are wanted. What falls out of the beam is remembered as a bound,
so the result still says whether it is exact.
"""

import numpy as np
from numpy.typing import NDArray

from m6rec.decoding.frontier import Frontier, SearchResult
from m6rec.decoding.reader import TreeReader


def beam(
    reader: TreeReader, k: int, *, allowed: NDArray[np.bool_] | None = None, width: int = 32
) -> SearchResult:
    """Up to k likely items, keeping `width` nodes a level.

    Args:
        reader: The tree after a prompt.
        k: At least 1. Fewer items come back when fewer are allowed, or when the beam is so narrow
            that it ends before naming k.
        allowed: Items that may be named, shape (n_items,); None allows all. Only nodes that lead to
            an allowed item take a place in the beam.
        width: Nodes opened per level; as wide as the tree, the result is exact.
    """
    frontier = Frontier(reader, k, allowed)
    frontier.drop_rest(width)
    while not frontier.proven:
        threshold = frontier.threshold()
        frontier.open([node for negative, node in frontier.heap if -negative >= threshold])
        frontier.drop_rest(width)
    return frontier.result()
