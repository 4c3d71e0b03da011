"""Exact top-k over the catalog distribution: best-first search that reads several levels a call.

A call of the model costs as much as some thirty tokens, so nodes are read before it is certain that they are
needed. Which ones is planned: the search is played through with the voices' guess wherever the model has
not spoken, and what that play opens is read in one call. A guess that was wrong costs tokens or
one more call, never the proof.

(The sum over an item's paths is available from `m6rec.decoding.score`; ranking by the best path
keeps the proof cheap, and the path that won is the reason shown to the person.)
"""

import heapq

import numpy as np
from numpy.typing import NDArray

from m6rec.decoding.frontier import Frontier, SearchResult
from m6rec.decoding.reader import TreeReader
from m6rec.tree import LEAF


def top_k(
    reader: TreeReader,
    k: int,
    *,
    allowed: NDArray[np.bool_] | None = None,
    width: int = 16,
    max_tokens: int | None = None,
) -> SearchResult:
    """The k most likely items.

    Args:
        reader: The tree after a prompt.
        k: At least 1; fewer items come back only when fewer are allowed.
        allowed: Items that may be named, shape (n_items,); None allows all. The probabilities are
            not changed by it, so the result is the full ranking without the forbidden items.
        width: How many nodes are opened in one call of the model.
        max_tokens: Once this many branch tokens were read and k items are known, stop without the
            proof; None always proves.
    """
    frontier = Frontier(reader, k, allowed)
    prove(frontier, width, max_tokens)
    return frontier.result()


def prove(frontier: Frontier, width: int, max_tokens: int | None = None) -> None:
    """Open nodes until nothing unopened can matter.

    Args:
        frontier: Where the search stands.
        width: How many nodes are opened in one call of the model.
        max_tokens: See `top_k`.
    """
    while not frontier.settled(max_tokens):
        frontier.open(plan(frontier, width))


def plan(frontier: Frontier, width: int) -> list[int]:
    """Up to `width` unopened nodes that the search would open if the guess were right.

    The first is always the best unopened node, so every call makes progress.
    """
    known = {row: value for row, (value, _) in frontier.best.items()}
    threshold = frontier.threshold()
    waiting = list(frontier.heap)
    nodes: list[int] = []
    while waiting and len(nodes) < width and -waiting[0][0] >= threshold:
        negative, node = heapq.heappop(waiting)
        nodes.append(node)
        threshold = _play(frontier, node, -negative, waiting, known, threshold)
    return nodes


def _play(
    frontier: Frontier,
    node: int,
    key: float,
    waiting: list[tuple[float, int]],
    known: dict[int, float],
    threshold: float,
) -> float:
    """Go on below an unopened node as if the guess were right; return the new threshold."""
    tree = frontier.tree
    children = tree.children(node)
    keys = key + frontier.reader.guess(node)
    chosen = frontier.keep(children, keys)
    chosen = chosen[keys[chosen] >= threshold]
    nodes = tree.child_node[children][chosen]
    values = keys[chosen]
    named = nodes == LEAF
    rows = tree.rows[tree.child_lo[children][chosen][named]]
    for row, value in zip(rows.tolist(), values[named].tolist(), strict=True):
        known[row] = max(value, known.get(row, -np.inf))
    for child, value in zip(nodes[~named].tolist(), values[~named].tolist(), strict=True):
        heapq.heappush(waiting, (-value, child))
    if len(known) < frontier.k or not named.any():
        return threshold
    return heapq.nlargest(frontier.k, known.values())[-1]
