"""The neutral request, divided out.

Popular or plain titles are likely after any request. What a request adds is
log P(child | request) - a * log P(child | neutral request), at every node (the idea of pointwise
mutual information decoding, and of prior correction in classification). The neutral prompt never
changes, so its log-probabilities are a table over the tree's children: filled as nodes are opened,
stored per model and catalog, never computed twice.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import replaced_file
from m6rec.decoding.language_model import LanguageModel, PromptState
from m6rec.decoding.reader import TreeReader
from m6rec.tree import PrefixTree

MOST_BRANCH_TOKENS = 1024
"""Branch tokens kept for the neutral prompt before its branches are started anew: every token read
attends to all of them, so a long memory costs more than reading a few ancestors again."""
NODES_PER_READ = 128
"""Nodes read together when many are missing; neighbours in the tree share their ancestors."""


class NeutralTable:
    """log P(child | neutral request) for every child of the tree, filled on demand.

    Args:
        tree: The catalog's prefix tree.
        model: The language model.
        prompt_ids: Token ids of the neutral prompt.
        values: Known log-probabilities, float32 (n_children,), NaN where not yet known.
    """

    def __init__(
        self,
        tree: PrefixTree,
        model: LanguageModel,
        prompt_ids: Sequence[int],
        values: NDArray[np.float32] | None = None,
    ) -> None:
        self._tree = tree
        self._model = model
        self._prompt_ids = list(prompt_ids)
        self._prompt: PromptState | None = None
        self._reader: TreeReader | None = None
        n_children = len(tree.child_token)
        self.values = np.full(n_children, np.nan, np.float32) if values is None else values
        self.filled = 0

    @classmethod
    def carried(cls, old: "NeutralTable", tree: PrefixTree) -> "NeutralTable":
        """The table for a tree that gained or lost paths; what can be known is kept.

        Where children were lost the others share what is left. Where children joined the node must
        be read anew.

        Args:
            old: The table of the tree before.
            tree: Made from that tree by `m6rec.tree.with_paths` or `m6rec.tree.without_rows`.
        """
        table = cls(tree, old._model, old._prompt_ids)
        table._prompt = old._prompt
        if not tree.n_nodes or not old._tree.n_nodes:
            return table
        owner = np.repeat(np.arange(tree.n_nodes), np.diff(tree.child_begin))
        before = _same_node(old._tree, tree)[owner]
        source = _same_child(old._tree, before, tree.child_token)
        values = np.where(source >= 0, old.values[source], np.nan).astype(np.float64)
        # What the surviving children had between them becomes everything; NaN if one is new.
        begins = tree.child_begin[:-1]
        left = np.log(np.add.reduceat(np.exp(values), begins))
        complete = np.diff(tree.child_begin) == np.diff(old._tree.child_begin)[before[begins]]
        values -= np.repeat(np.where(complete, 0.0 * left, left), np.diff(tree.child_begin))
        table.values[:] = values
        return table

    def at(self, nodes: Sequence[int]) -> NDArray[np.float64]:
        """Log P of the children of `nodes`, one node after the other."""
        self.fill(nodes)
        slices = [self._tree.children(node) for node in nodes]
        return np.concatenate([self.values[s] for s in slices]).astype(np.float64)

    def fill(self, nodes: Sequence[int]) -> None:
        """Read what is not yet known about these nodes."""
        begins = self._tree.child_begin
        missing = [n for n in nodes if np.isnan(self.values[begins[n]])]
        missing.sort(key=lambda node: int(self._tree.node_lo[node]))
        for begin in range(0, len(missing), NODES_PER_READ):
            self._read(missing[begin : begin + NODES_PER_READ])

    def _read(self, nodes: list[int]) -> None:
        if self._reader is None or self._reader.read_tokens > MOST_BRANCH_TOKENS:
            self._prompt = self._prompt or self._model.read(self._prompt_ids)
            self._reader = TreeReader(self._tree, self._model, self._prompt)
        self._reader.open(nodes)
        for node in nodes:
            self.values[self._tree.children(node)] = self._reader.children(node)
        self.filled += len(nodes)

    def save(self, path: Path) -> None:
        """Write the table as float16, half a megabyte per 250,000 children."""
        with replaced_file(path) as part:
            self.values.astype(np.float16).tofile(part)

    @staticmethod
    def read_values(path: Path, n_children: int) -> NDArray[np.float32] | None:
        """The values `save` wrote; None when they belong to a tree of another size."""
        if not path.is_file() or path.stat().st_size != 2 * n_children:
            return None
        return np.fromfile(path, dtype=np.float16).astype(np.float32)


def _same_node(before: PrefixTree, tree: PrefixTree) -> NDArray[np.int64]:
    """For each node of a tree the node of the tree before that has the same prefix, or -1."""
    old = np.full(int(max(before.origin.max(), tree.origin.max())) + 1, -1, dtype=np.int64)
    old[before.origin] = np.arange(before.n_paths)
    stood = old[tree.origin]
    # The first path of a node that was there before, wherever new ones stand in front of it.
    known = np.flatnonzero(stood >= 0)
    first = np.searchsorted(known, tree.node_lo)
    path = known[np.minimum(first, len(known) - 1)]
    inside = (first < len(known)) & (path < tree.node_hi)
    # Nodes are sorted by depth and first path, and those of one depth do not overlap.
    width = before.n_paths + 1
    place = before.node_depth.astype(np.int64) * width + before.node_lo
    wanted = tree.node_depth.astype(np.int64) * width + stood[path]
    node = np.maximum(np.searchsorted(place, wanted, side="right") - 1, 0)
    same = (before.node_depth[node] == tree.node_depth) & (stood[path] < before.node_hi[node])
    found: NDArray[np.int64] = np.where(inside & same, node, -1)
    return found


def _same_child(
    before: PrefixTree, nodes: NDArray[np.int64], tokens: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Where children lay in the tree before: of node `nodes[i]` the one with `tokens[i]`, or -1."""
    owner = np.repeat(np.arange(before.n_nodes), np.diff(before.child_begin))
    place = (owner << 32) | before.child_token
    wanted = (nodes << 32) | tokens
    at = np.minimum(np.searchsorted(place, wanted), len(place) - 1)
    found: NDArray[np.int64] = np.where(place[at] == wanted, at, -1)
    return found


class DividedOut:
    """The table as a `m6rec.decoding.reader.Correction` with weight -a."""

    def __init__(self, table: NeutralTable, weight: float) -> None:
        self._table = table
        self._weight = weight

    def at(self, nodes: Sequence[int]) -> NDArray[np.float64]:
        """Minus a times the table, for the children of `nodes`."""
        return -self._weight * self._table.at(nodes)
