"""Exact probabilities of given items: one pass over the union of their paths."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.decoding.reader import TreeReader
from m6rec.tree import LEAF


@dataclass(frozen=True, slots=True)
class Scored:
    """Exact log-probabilities of one item.

    Attributes:
        row: The item's row.
        best: log P of its best path, what `m6rec.decoding.search` ranks by.
        total: log P(item), the sum over its paths; over a whole catalog exp(total) sums to one.
        path: Index of the best path in the tree; -1 when the item has none, and then both
            log-probabilities are -inf.
    """

    row: int
    best: float
    total: float
    path: int


def score(reader: TreeReader, rows: Sequence[int]) -> list[Scored]:
    """Exact log-probabilities of items, wherever they were proposed.

    Args:
        reader: The tree after a prompt; nodes it has already opened are not read again.
        rows: Catalog rows.

    Returns:
        One `Scored` per row, in the order given.
    """
    tree = reader.tree
    wanted = np.flatnonzero(np.isin(tree.rows, np.asarray(rows, dtype=np.int32)))
    paths_of: dict[int, list[int]] = {}
    for path in wanted:
        paths_of.setdefault(int(tree.rows[path]), []).append(int(path))
    log_probs = dict(zip(wanted.tolist(), _path_log_probs(reader, wanted), strict=True))
    scored = []
    for row in rows:
        if int(row) not in paths_of:
            scored.append(Scored(int(row), -np.inf, -np.inf, -1))
            continue
        values = np.array([log_probs[path] for path in paths_of[int(row)]])
        best = int(values.argmax())
        total = float(np.logaddexp.reduce(values))
        scored.append(Scored(int(row), float(values[best]), total, paths_of[int(row)][best]))
    return scored


def _path_log_probs(reader: TreeReader, wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log P of each path in `wanted` (sorted), shape (len(wanted),)."""
    tree = reader.tree
    log_probs = np.zeros(len(wanted))
    if not tree.n_nodes:
        return log_probs
    level = {0: np.arange(len(wanted))}
    while level:
        reader.open(list(level))
        below: dict[int, NDArray[np.int64]] = {}
        for node, members in level.items():
            children = tree.children(node)
            chosen = np.searchsorted(tree.child_lo[children], wanted[members], side="right") - 1
            log_probs[members] += reader.children(node)[chosen]
            deeper = tree.child_node[children][chosen]
            for child in np.unique(deeper[deeper != LEAF]):
                below[int(child)] = members[deeper == child]
        level = below
    return log_probs
