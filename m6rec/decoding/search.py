"""Exact top-k over the catalog distribution by best-first search.

An item is as likely as its best description makes it: its log-probability is that of its best
path. A child's log-probability only falls along a path, so the best unopened node bounds everything
below it, and the search stops when k items beat that bound: the list is proven, not approximated.

(The sum over an item's paths is available from `m6rec.decoding.score`; ranking by the best path
keeps the proof cheap, and the path that won is the reason shown to the person.)
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.decoding.reader import TreeReader
from m6rec.tree import LEAF


@dataclass(frozen=True, slots=True)
class Found:
    """An item and its best path.

    Attributes:
        row: The item's row in the catalog.
        log_prob: log P of the path, in nats.
        path: Index of the path in the tree.
    """

    row: int
    log_prob: float
    path: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    Attributes:
        found: Best first; ties in path order.
        exact: True when nothing outside `found` can be better.
        bound: Upper bound on the log-probability of anything that was not opened.
        tokens: Branch tokens the language model read.
        calls: Rounds of reading, the prompt not counted.
    """

    found: tuple[Found, ...]
    exact: bool
    bound: float
    tokens: int
    calls: int


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
    frontier.prove(width, max_tokens)
    return frontier.result()


class Frontier:
    """The state of a search: nodes not yet opened, and the best path known per item.

    Args:
        reader: The tree after a prompt.
        k: How many items are wanted.
        allowed: Items that may be named; None allows all.
    """

    def __init__(self, reader: TreeReader, k: int, allowed: NDArray[np.bool_] | None) -> None:
        self.reader = reader
        self.tree = reader.tree
        self.k = k
        self.reachable = None if allowed is None else self.tree.reachable(allowed)
        self.heap: list[tuple[float, int]] = []
        self.best: dict[int, tuple[float, int]] = {}
        self.calls = 0
        self.dropped = -np.inf
        self.first_token = reader.read_tokens
        if self.tree.n_nodes:
            self._expand(0, 0.0)
        elif allowed is None or allowed[self.tree.rows[0]]:
            self.best[int(self.tree.rows[0])] = (0.0, 0)

    def prove(self, width: int, max_tokens: int | None) -> None:
        """Open the best nodes, `width` at a time, until nothing unopened can matter."""
        threshold = self.threshold()
        while self.heap and -self.heap[0][0] >= threshold:
            spent = self.reader.read_tokens - self.first_token
            if max_tokens is not None and spent >= max_tokens and len(self.best) >= self.k:
                break
            self.open_best(width)
            threshold = self.threshold()

    def drop_rest(self, width: int) -> None:
        """Keep the `width` best unopened nodes; the others are given up, and remembered as a bound."""
        self.heap.sort()
        if len(self.heap) > width:
            self.dropped = max(self.dropped, -self.heap[width][0])
            del self.heap[width:]

    def open_best(self, width: int) -> None:
        """Open up to `width` of the best nodes in one call of the model."""
        threshold = self.threshold()
        batch: list[tuple[int, float]] = []
        while self.heap and len(batch) < width and -self.heap[0][0] >= threshold:
            negative, node = heapq.heappop(self.heap)
            batch.append((node, -negative))
        before = self.reader.read_tokens
        self.reader.open([node for node, _ in batch])
        self.calls += self.reader.read_tokens > before
        for node, log_prob in batch:
            self._expand(node, log_prob)

    def _expand(self, node: int, log_prob: float) -> None:
        """Put a node's children where they belong: inner nodes on the heap, paths in `best`."""
        children = self.tree.children(node)
        log_probs = log_prob + self.reader.children(node)
        keep = np.isfinite(log_probs)
        if self.reachable is not None:
            keep &= self.reachable[children]
        if len(self.best) >= self.k:
            keep &= log_probs >= self.threshold()
        chosen = np.flatnonzero(keep)
        nodes = self.tree.child_node[children][chosen]
        for child, value in zip(
            nodes[nodes != LEAF], log_probs[chosen][nodes != LEAF], strict=True
        ):
            heapq.heappush(self.heap, (-float(value), int(child)))
        paths = self.tree.child_lo[children][chosen][nodes == LEAF]
        for path, value in zip(paths, log_probs[chosen][nodes == LEAF], strict=True):
            row = int(self.tree.rows[path])
            known = self.best.get(row)
            if known is None or (float(value), -int(path)) > (known[0], -known[1]):
                self.best[row] = (float(value), int(path))

    def threshold(self) -> float:
        """The k-th best log-probability known; -inf while fewer than k items are known."""
        if len(self.best) < self.k:
            return -np.inf
        values = np.fromiter((v for v, _ in self.best.values()), np.float64, len(self.best))
        return float(np.partition(values, -self.k)[-self.k])

    def result(self) -> SearchResult:
        """What is known now, and whether it is proven."""
        ordered = sorted(self.best.items(), key=lambda entry: (-entry[1][0], entry[1][1]))
        bound = max(self.dropped, -self.heap[0][0] if self.heap else -np.inf)
        return SearchResult(
            tuple(Found(row, value, path) for row, (value, path) in ordered[: self.k]),
            exact=bound < self.threshold() or bound == -np.inf,
            bound=bound,
            tokens=self.reader.read_tokens - self.first_token,
            calls=self.calls,
        )
