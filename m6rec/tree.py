"""The prefix tree of the catalog's paths, in flat arrays.

Paths (token ids of " description: title" plus a terminator) are sorted, so every node covers one
interval ``[lo, hi)`` of paths and the mass of any item scorer below a node is a difference of one
cumulative sum. Only branching nodes are stored; a run of forced tokens is the edge between two.

The tree knows token ids and catalog rows, nothing about text or models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError

LEAF = -1
"""In `PrefixTree.child_node`: the child is a single path, not a branching node."""


@dataclass(frozen=True, eq=False)
class PrefixTree:
    """Sorted paths and the branching nodes above them.

    Attributes:
        tokens: int32 (n_tokens,), all paths one after the other, in path order.
        offsets: int64 (n_paths + 1,), where each path begins in `tokens`.
        rows: int32 (n_paths,), the catalog row each path names.
        origin: int64 (n_paths,), the position each path had in the input of `build`.
        node_lo: int64 (n_nodes,), first path below each branching node; node 0 is the root.
        node_hi: int64 (n_nodes,), one past the last path below each branching node.
        node_depth: int32 (n_nodes,), how many tokens the paths below the node share.
        child_begin: int64 (n_nodes + 1,), where each node's children begin in the child arrays.
        child_lo: int64 (n_children,), first path below each child.
        child_hi: int64 (n_children,), one past the last path below each child.
        child_token: int32 (n_children,), the token that chooses the child.
        child_node: int64 (n_children,), the branching node the child leads to, or `LEAF`.
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    rows: NDArray[np.int32]
    origin: NDArray[np.int64]
    node_lo: NDArray[np.int64]
    node_hi: NDArray[np.int64]
    node_depth: NDArray[np.int32]
    child_begin: NDArray[np.int64]
    child_lo: NDArray[np.int64]
    child_hi: NDArray[np.int64]
    child_token: NDArray[np.int32]
    child_node: NDArray[np.int64]

    @property
    def n_paths(self) -> int:
        """Number of paths, at least as many as items."""
        return len(self.rows)

    @property
    def n_nodes(self) -> int:
        """Number of branching nodes; 0 when there is a single path."""
        return len(self.node_lo)

    @cached_property
    def parents(self) -> NDArray[np.int64]:
        """The branching node above each branching node, shape (n_nodes,); the root's is 0."""
        parents = np.zeros(self.n_nodes, dtype=np.int64)
        inner = self.child_node != LEAF
        owner = np.repeat(np.arange(self.n_nodes), np.diff(self.child_begin))
        parents[self.child_node[inner]] = owner[inner]
        return parents

    def children(self, node: int) -> slice:
        """Where the node's children lie in the child arrays."""
        return slice(int(self.child_begin[node]), int(self.child_begin[node + 1]))

    def path(self, index: int) -> NDArray[np.int32]:
        """Token ids of one path, terminator included."""
        return self.tokens[self.offsets[index] : self.offsets[index + 1]]

    def edge(self, parent_depth: int, node: int) -> NDArray[np.int32]:
        """Tokens from `parent_depth` down to a branching node, the choosing token first."""
        start = self.offsets[self.node_lo[node]]
        return self.tokens[start + parent_depth : start + self.node_depth[node]]

    def masses(self, item_weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mass below every child when each path carries its item's weight.

        Args:
            item_weights: Non-negative, shape (n_items,).

        Returns:
            float64 (n_children,).
        """
        total = np.concatenate([[0.0], np.cumsum(item_weights[self.rows], dtype=np.float64)])
        below: NDArray[np.float64] = total[self.child_hi] - total[self.child_lo]
        return below

    def reachable(self, items: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which children still lead to an allowed item; shape (n_children,)."""
        total = np.concatenate([[0], np.cumsum(items[self.rows], dtype=np.int64)])
        below: NDArray[np.bool_] = total[self.child_hi] > total[self.child_lo]
        return below

    def with_paths(self, paths: Sequence[Sequence[int]], rows: Sequence[int]) -> "PrefixTree":
        """A tree that also holds new paths; `origin` counts on from the paths there are."""
        old = [self.path(i) for i in np.argsort(self.origin, kind="stable")]
        order = np.argsort(self.origin, kind="stable")
        return build(
            [*old, *[np.asarray(p, dtype=np.int32) for p in paths]],
            np.concatenate([self.rows[order], np.asarray(rows, dtype=np.int32)]),
        )

    def save(self, path: Path) -> None:
        """Write every array into one ``.npz`` file."""
        with path.open("wb") as file:
            np.savez(file, **{name: getattr(self, name) for name in self.__dataclass_fields__})

    @classmethod
    def load(cls, path: Path) -> "PrefixTree":
        """Read what `save` wrote; arrays of objects are refused."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})


def build(
    paths: Sequence[Sequence[int] | NDArray[np.int32]], rows: Sequence[int] | NDArray[np.int32]
) -> PrefixTree:
    """Sort paths and find the branching nodes, without a Python loop over paths.

    Args:
        paths: Token ids of each path; none may be empty or the beginning of another.
        rows: The catalog row each path names, as many as paths.

    Raises:
        CatalogError: There is no path, or two paths are the same or one begins another.
    """
    if not len(paths):
        raise CatalogError("the catalog gave no path; it needs at least one item with a title")
    lengths = np.fromiter((len(p) for p in paths), dtype=np.int64, count=len(paths))
    flat = np.fromiter((t for p in paths for t in p), dtype=np.int32, count=int(lengths.sum()))
    order, padded = _sort(flat, lengths)
    shared = _shared_prefix(padded)
    lengths = lengths[order]
    _refuse_nested(shared, lengths, np.asarray(rows)[order])
    keep = np.arange(padded.shape[1])[None, :] < lengths[:, None]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = padded[keep].astype(np.int32)
    return PrefixTree(
        tokens,
        offsets,
        np.asarray(rows, dtype=np.int32)[order],
        order.astype(np.int64),
        *_nodes(shared, tokens, offsets),
    )


def _sort(
    flat: NDArray[np.int32], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order of the paths and the paths padded with -1, sorted: (n,), (n, longest)."""
    longest = int(lengths.max())
    padded = np.full((len(lengths), longest), -1, dtype=np.int64)
    padded[np.arange(longest)[None, :] < lengths[:, None]] = flat
    # Big-endian bytes compare like the tuples of ids: one sort by memory instead of one per column.
    # Ids are shifted by one so that padding (0) sorts first and never equals a token.
    keys = np.ascontiguousarray((padded + 1).astype(">u4")).view(f"S{4 * longest}")[:, 0]
    order = np.argsort(keys, kind="stable")
    return order, padded[order]


def _shared_prefix(padded: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many leading tokens each path shares with the one before it; the first shares 0."""
    differs = padded[1:] != padded[:-1]
    found = differs.any(axis=1)
    shared = np.where(found, differs.argmax(axis=1), padded.shape[1])
    return np.concatenate([[0], shared]).astype(np.int64)


def _refuse_nested(
    shared: NDArray[np.int64], lengths: NDArray[np.int64], rows: NDArray[np.int64]
) -> None:
    nested = np.flatnonzero(shared[1:] >= np.minimum(lengths[1:], lengths[:-1])) + 1
    if len(nested):
        first = int(nested[0])
        raise CatalogError(
            f"rows {int(rows[first - 1])} and {int(rows[first])} have the same text for the "
            "language model, so it could not tell them apart; make their titles differ"
        )


def _nodes(
    shared: NDArray[np.int64], tokens: NDArray[np.int32], offsets: NDArray[np.int64]
) -> tuple[NDArray, ...]:  # type: ignore[type-arg]
    """Branching nodes and their children, shallow nodes first.

    At depth d the paths fall into groups that share d tokens; a group branches there if some path
    in it shares exactly d with its neighbour. One pass per depth, vectorised over the paths.
    """
    n = len(offsets) - 1
    los, his, depths, counts, child_los = [], [], [], [], []
    for depth in range(int(shared.max(initial=0)) + 1):
        splits = np.flatnonzero(shared[1:] == depth) + 1
        if not len(splits):
            continue
        borders = np.concatenate([[0], np.flatnonzero(shared[1:] < depth) + 1, [n]])
        group = np.searchsorted(borders, splits, side="right") - 1
        groups, first, count = np.unique(group, return_index=True, return_counts=True)
        los.append(borders[groups])
        his.append(borders[groups + 1])
        depths.append(np.full(len(groups), depth))
        counts.append(count + 1)
        child_los.append(np.insert(splits, first, borders[groups]))
    if not los:
        empty = np.zeros(0, dtype=np.int64)
        return (empty, empty, empty.astype(np.int32), np.zeros(1, dtype=np.int64), empty, empty,
                empty.astype(np.int32), empty)  # fmt: skip
    lo, hi = np.concatenate(los), np.concatenate(his)
    depth_of = np.concatenate(depths).astype(np.int32)
    begin = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
    child_lo = np.concatenate(child_los)
    child_hi = np.append(child_lo[1:], 0)
    child_hi[begin[1:] - 1] = hi
    parent = np.repeat(np.arange(len(lo)), np.diff(begin))
    child_token = tokens[offsets[child_lo] + depth_of[parent]]
    keys = lo * (n + 1) + hi
    ranked = np.argsort(keys)
    found = np.searchsorted(keys, child_lo * (n + 1) + child_hi, sorter=ranked)
    child_node = np.where(child_hi - child_lo > 1, ranked[np.minimum(found, len(lo) - 1)], LEAF)
    return lo, hi, depth_of, begin, child_lo, child_hi, child_token, child_node
