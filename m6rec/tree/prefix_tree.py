"""The prefix tree of the catalog's paths, in flat arrays.

Paths (token ids of " description: title" plus a terminator) are sorted, so every node covers one
interval ``[lo, hi)`` of paths and the mass of any item scorer below a node is a difference of one
cumulative sum. Only branching nodes are stored; a run of forced tokens is the edge between two.

The tree knows token ids and catalog rows, nothing about text or models.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAF = -1
"""In `PrefixTree.child_node`: the child is a single path, not a branching node."""


@dataclass(frozen=True, eq=False)
class PrefixTree:
    """Sorted paths and the branching nodes above them.

    Arrays are int32 but for `offsets`; a million paths of ten tokens take some 100 MB.

    Attributes:
        tokens: int32 (n_tokens,), all paths one after the other, in path order.
        offsets: int64 (n_paths + 1,), where each path begins in `tokens`.
        rows: int32 (n_paths,), the catalog row each path names.
        origin: int32 (n_paths,), the number each path had when it came: its position in the input of
            `build`, counted on for paths that joined later.
        shared: int32 (n_paths,), how many leading tokens each path shares with the one before it.
        node_lo: int32 (n_nodes,), first path below each branching node; node 0 is the root.
        node_hi: int32 (n_nodes,), one past the last path below each branching node.
        node_depth: int32 (n_nodes,), how many tokens the paths below the node share. Nodes are sorted
            by depth, then by `node_lo`.
        child_begin: int32 (n_nodes + 1,), where each node's children begin in the child arrays.
        child_lo: int32 (n_children,), first path below each child.
        child_hi: int32 (n_children,), one past the last path below each child.
        child_token: int32 (n_children,), the token that chooses the child; ascending within a node.
        child_node: int32 (n_children,), the branching node the child leads to, or `LEAF`.
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    rows: NDArray[np.int32]
    origin: NDArray[np.int32]
    shared: NDArray[np.int32]
    node_lo: NDArray[np.int32]
    node_hi: NDArray[np.int32]
    node_depth: NDArray[np.int32]
    child_begin: NDArray[np.int32]
    child_lo: NDArray[np.int32]
    child_hi: NDArray[np.int32]
    child_token: NDArray[np.int32]
    child_node: NDArray[np.int32]

    @property
    def n_paths(self) -> int:
        """Number of paths, at least as many as items."""
        return len(self.rows)

    @property
    def n_nodes(self) -> int:
        """Number of branching nodes; 0 when there is a single path."""
        return len(self.node_lo)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(getattr(self, name).nbytes for name in self.__dataclass_fields__)

    @cached_property
    def parents(self) -> NDArray[np.int32]:
        """The branching node above each branching node, shape (n_nodes,); the root's is 0."""
        parents = np.zeros(self.n_nodes, dtype=np.int32)
        inner = self.child_node != LEAF
        owner = np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.child_begin))
        parents[self.child_node[inner]] = owner[inner]
        return parents

    @cached_property
    def fingerprint(self) -> str:
        """Changes with any path or item; 20 hexadecimal digits."""
        digest = hashlib.sha256()
        for array in (self.tokens, self.offsets, self.rows):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:20]

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

    def cumulated(self, item_weights: NDArray[Any]) -> NDArray[Any]:
        """Running sum over the paths when each carries its item's weight, shape (n_paths + 1,).

        Args:
            item_weights: Shape (n_items,); booleans are counted, the rest is summed as float64.
        """
        kind = np.int64 if item_weights.dtype == np.bool_ else np.float64
        total = np.zeros(self.n_paths + 1, dtype=kind)
        np.cumsum(item_weights[self.rows], dtype=kind, out=total[1:])
        return total

    def below(
        self, cumulated: NDArray[Any], children: slice | NDArray[np.int64] = slice(None)
    ) -> NDArray[Any]:
        """Mass below some children, given a running sum of `cumulated`; all children by default."""
        mass: NDArray[Any] = cumulated[self.child_hi[children]] - cumulated[self.child_lo[children]]
        return mass

    def save(self, folder: Path) -> None:
        """Write each array into a file of its own, so that `load` can map them."""
        folder.mkdir()
        for name in self.__dataclass_fields__:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "PrefixTree":
        """Map what `save` wrote: pages are read when they are first touched, and shared.

        Arrays of objects are refused.
        """
        # A view as a plain array: slicing a memmap object costs several times as much.
        return cls(
            **{
                name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
                for name in cls.__dataclass_fields__
            }
        )
