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
    def grown(cls, old: "NeutralTable", tree: PrefixTree) -> "NeutralTable":
        """The table for a tree that has more paths: nodes whose children are the same keep values.

        Args:
            old: The table of the tree before.
            tree: Made by `PrefixTree.with_paths` from that tree.
        """
        before = old._tree
        table = cls(tree, old._model, old._prompt_ids)
        table._prompt = old._prompt
        place = np.empty(tree.n_paths, dtype=np.int64)
        place[tree.origin] = np.arange(tree.n_paths)
        # Where each old path stands now; its order among the old ones is unchanged.
        now = place[before.origin]
        known = {
            (int(depth), int(now[lo])): node
            for node, (depth, lo) in enumerate(zip(before.node_depth, before.node_lo, strict=True))
        }
        first_old = np.searchsorted(now, tree.node_lo)
        for node in range(tree.n_nodes):
            first = int(first_old[node])
            # A node that only new paths reach has no values, whatever stands to its right.
            if first == len(now) or now[first] >= tree.node_hi[node]:
                continue
            same = known.get((int(tree.node_depth[node]), int(now[first])))
            if same is None:
                continue
            source, target = before.children(same), tree.children(node)
            if np.array_equal(before.child_token[source], tree.child_token[target]):
                table.values[target] = old.values[source]
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


class DividedOut:
    """The table as a `m6rec.decoding.reader.Correction` with weight -a."""

    def __init__(self, table: NeutralTable, weight: float) -> None:
        self._table = table
        self._weight = weight

    def at(self, nodes: Sequence[int]) -> NDArray[np.float64]:
        """Minus a times the table, for the children of `nodes`."""
        return -self._weight * self._table.at(nodes)
