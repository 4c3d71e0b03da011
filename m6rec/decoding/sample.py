"""Sampling without replacement from the catalog distribution, with exact probabilities.

Add independent Gumbel noise to every item's log-probability: the k largest are a sample without replacement
(Kool, van Hoof & Welling 2019, arXiv 1903.06059). The noise need not be drawn for a million items: the
largest perturbed value below a node is itself Gumbel, so it is drawn at the node and handed down, and
the exact best-first search finds the k largest while opening a few nodes.

An item with several paths keeps the largest of theirs, and the largest of Gumbels at log p1, log p2, ... is
a Gumbel at log(p1 + p2 + ...): items are drawn by their whole probability.
"""

import numpy as np
from numpy.typing import NDArray

from m6rec.decoding.distribution import steps
from m6rec.decoding.frontier import Found, Frontier, SearchResult
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.search import prove


def sample(
    reader: TreeReader,
    k: int,
    *,
    seed: int,
    allowed: NDArray[np.bool_] | None = None,
    width: int = 16,
) -> SearchResult:
    """Draw k different items.

    Args:
        reader: The tree after a prompt.
        k: At least 1; fewer items come back only when fewer are allowed.
        seed: The same seed draws the same items, in whatever order nodes are opened.
        allowed: Items that may be named, shape (n_items,); None allows all. The draw is then from
            the distribution given that the item is allowed.
        width: How many nodes are opened in one call of the model.

    Returns:
        The items in the order they were drawn, each with the path that won and that path's own
        log-probability. `bound` is of perturbed values and `exact` always True.
    """
    noise = _Gumbel(reader, seed)
    frontier = Frontier(reader, k, allowed, noise)
    prove(frontier, width)
    drawn = frontier.result()
    found = tuple(Found(f.row, _log_prob(reader, f.path), f.path) for f in drawn.found)
    return SearchResult(found, drawn.exact, drawn.bound, drawn.tokens, drawn.calls)


class _Gumbel:
    """Perturbed log-probabilities as keys, handed down from node to child."""

    def __init__(self, reader: TreeReader, seed: int) -> None:
        self._reader = reader
        self._seed = seed
        self._log_probs: dict[int, float] = {0: 0.0}

    def of_children(self, node: int, key: float) -> NDArray[np.float64]:
        """Gumbel noise at each child's log-probability, given that the largest is the node's key."""
        tree = self._reader.tree
        log_probs = self._log_probs[node] + self._reader.children(node)
        # The node's own generator: the order in which nodes are opened must not matter.
        rng = np.random.default_rng((self._seed, node))
        free = log_probs + rng.gumbel(size=len(log_probs))
        top = key if node else rng.gumbel()
        inner = tree.child_node[tree.children(node)]
        self._log_probs.update(zip(inner.tolist(), log_probs.tolist(), strict=True))
        return _given_the_largest(free, top)


def _given_the_largest(free: NDArray[np.float64], top: float) -> NDArray[np.float64]:
    """Shift independent Gumbels so that the largest is `top`, in the stable form of the paper."""
    possible = np.isfinite(free)
    gap = np.where(possible, free - free.max(), -1.0)
    with np.errstate(divide="ignore"):
        # 0 at the largest itself, where the logarithm is -inf and the result `top`.
        v = top - np.where(possible, free, 0.0) + np.log1p(-np.exp(gap))
    shifted = top - np.maximum(0.0, v) - np.log1p(np.exp(-np.abs(v)))
    perturbed: NDArray[np.float64] = np.where(possible, shifted, -np.inf)
    return perturbed


def _log_prob(reader: TreeReader, path: int) -> float:
    return sum(float(reader.children(node)[chosen]) for node, chosen in steps(reader.tree, path))
