"""The state of a search over the tree: nodes not yet opened, and the best path known per item.

An item is as likely as its best description makes it: its log-probability is that of its best
path. A child's log-probability only falls along a path, so the best unopened node bounds everything
below it, and a list is proven once k items beat that bound.
"""

import heapq
from dataclasses import dataclass
from typing import Protocol

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


class Keys(Protocol):
    """What a search orders by; a child's key is never above its parent's."""

    def of_children(self, node: int, key: float) -> NDArray[np.float64]:
        """Keys of an open node's children, given the node's own; -inf for the impossible."""
        ...


class LogProbs:
    """Log-probabilities as keys: the most likely comes first."""

    def __init__(self, reader: TreeReader) -> None:
        self._reader = reader

    def of_children(self, node: int, key: float) -> NDArray[np.float64]:
        """Log P of each child of an open node."""
        return key + self._reader.children(node)


class Frontier:
    """Unopened nodes by key, and the best path known per item.

    Args:
        reader: The tree after a prompt.
        k: How many items are wanted.
        allowed: Items that may be named; None allows all.
        keys: What is ordered by; None takes log-probabilities.
    """

    def __init__(
        self,
        reader: TreeReader,
        k: int,
        allowed: NDArray[np.bool_] | None,
        keys: Keys | None = None,
    ) -> None:
        self.reader = reader
        self.tree = reader.tree
        self.k = k
        self._allowed = None if allowed is None else self.tree.cumulated(allowed)
        self.heap: list[tuple[float, int]] = []
        self.best: dict[int, tuple[float, int]] = {}
        self.calls = 0
        self.dropped = -np.inf
        self._keys = keys or LogProbs(reader)
        self._first_token = reader.read_tokens
        self._threshold: float | None = None
        if self.tree.n_nodes:
            self._expand(0, 0.0)
        elif allowed is None or allowed[self.tree.rows[0]]:
            self.best[int(self.tree.rows[0])] = (0.0, 0)

    @property
    def tokens(self) -> int:
        """Branch tokens read for this search so far."""
        return self.reader.read_tokens - self._first_token

    @property
    def proven(self) -> bool:
        """Whether nothing unopened can still matter."""
        return not self.heap or -self.heap[0][0] < self.threshold()

    @property
    def full(self) -> bool:
        """Whether as many items are known as are wanted."""
        return len(self.best) >= self.k

    def settled(self, max_tokens: int | None) -> bool:
        """Whether the search is over: proven, or full after reading `max_tokens` tokens."""
        spent = max_tokens is not None and self.tokens >= max_tokens
        return self.proven or (spent and self.full)

    def drop_rest(self, width: int) -> None:
        """Keep the `width` best unopened nodes; the others are given up, and remembered as a bound."""
        self.heap.sort()
        if len(self.heap) > width:
            self.dropped = max(self.dropped, -self.heap[width][0])
            del self.heap[width:]

    def open(self, nodes: list[int]) -> None:
        """Read nodes in one call of the model and go on below those that stand at the frontier.

        Args:
            nodes: Nodes of the frontier, or nodes further down that are read ahead of their turn.
        """
        before = self.reader.read_tokens
        self.reader.open(nodes)
        self.calls += self.reader.read_tokens > before
        self.advance()

    def advance(self) -> None:
        """Go on below the nodes of the frontier that have been opened."""
        ready = [entry for entry in self.heap if self.reader.is_open(entry[1])]
        self.heap = [entry for entry in self.heap if not self.reader.is_open(entry[1])]
        heapq.heapify(self.heap)
        for negative, node in sorted(ready):
            self._expand(node, -negative)

    def keep(self, children: slice, keys: NDArray[np.float64]) -> NDArray[np.int64]:
        """Which children of a node can still matter, given their keys; positions among them."""
        wanted = np.isfinite(keys)
        if self._allowed is not None:
            wanted &= self.tree.below(self._allowed, children) > 0
        if self.full:
            wanted &= keys >= self.threshold()
        return np.flatnonzero(wanted)

    def _expand(self, node: int, key: float) -> None:
        """Put an open node's children where they belong: on the heap, in `best`, or further down."""
        children = self.tree.children(node)
        keys = self._keys.of_children(node, key)
        chosen = self.keep(children, keys)
        nodes = self.tree.child_node[children][chosen]
        named = nodes == LEAF
        paths = self.tree.child_lo[children][chosen][named]
        for path, value in zip(paths.tolist(), keys[chosen][named].tolist(), strict=True):
            row = int(self.tree.rows[path])
            known = self.best.get(row)
            if known is None or (value, -path) > (known[0], -known[1]):
                self.best[row] = (value, path)
                self._threshold = None
        below = zip(nodes[~named].tolist(), keys[chosen][~named].tolist(), strict=True)
        for child, value in below:
            if self.reader.is_open(child):
                self._expand(child, value)
            else:
                heapq.heappush(self.heap, (-value, child))

    def threshold(self) -> float:
        """The k-th best key known; -inf while fewer than k items are known."""
        if not self.full:
            return -np.inf
        if self._threshold is None:
            values = np.fromiter((v for v, _ in self.best.values()), np.float64, len(self.best))
            self._threshold = float(np.partition(values, -self.k)[-self.k])
        return self._threshold

    def result(self) -> SearchResult:
        """What is known now, and whether it is proven."""
        ordered = sorted(self.best.items(), key=lambda entry: (-entry[1][0], entry[1][1]))
        bound = max(self.dropped, -self.heap[0][0] if self.heap else -np.inf)
        return SearchResult(
            tuple(Found(row, value, path) for row, (value, path) in ordered[: self.k]),
            exact=bound < self.threshold() or bound == -np.inf,
            bound=bound,
            tokens=self.tokens,
            calls=self.calls,
        )
