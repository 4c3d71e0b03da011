"""Examples to padded tensors: each row a prompt and the tree nodes read after it.

A node's tokens see the prompt, their ancestors' tokens and themselves, nothing of their siblings:
the same mask and positions as in decoding, so what is learned is what is asked later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from m6rec.tree import PrefixTree
from m6rec.tuning.examples import Example


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's worth of examples.

    Attributes:
        ids: Token ids, *Shape:* (rows, length), padded with 0.
        positions: Position of each token in its own branch, *Shape:* (rows, length).
        seen: Which tokens each token attends to, bool, *Shape:* (rows, 1, length, length).
        label_at: Flat indices into (rows * length) of the hidden state before each choice.
        counts: Number of children at each choice, *Shape:* (n_labels,).
        children: Indices into the tree's children of all choices, one after the other.
        targets: Probability of each of `children`.
        n_tokens: Tokens that are not padding.
    """

    ids: Tensor
    positions: Tensor
    seen: Tensor
    label_at: Tensor
    counts: Tensor
    children: NDArray[np.int64]
    targets: Tensor
    n_tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    ids: list[int]
    positions: list[int]
    seen: NDArray[np.bool_]
    label_at: list[int]


def collate(examples: Sequence[Example], tree: PrefixTree) -> Batch:
    """Lay examples out as one batch."""
    rows = [_lay_out(example, tree) for example in examples]
    length = max(len(row.ids) for row in rows)
    ids = np.zeros((len(rows), length), dtype=np.int64)
    positions = np.zeros((len(rows), length), dtype=np.int64)
    # Padding sees itself: a row of the mask that is empty would turn into NaN.
    seen = np.broadcast_to(np.eye(length, dtype=bool), (len(rows), length, length)).copy()
    label_at: list[int] = []
    for i, row in enumerate(rows):
        n = len(row.ids)
        ids[i, :n], positions[i, :n] = row.ids, row.positions
        seen[i, :n, :n] = row.seen
        label_at.extend(i * length + at for at in row.label_at)
    nodes = [node for example in examples for node in example.nodes]
    slices = [tree.children(node) for node in nodes]
    return Batch(
        ids=torch.from_numpy(ids),
        positions=torch.from_numpy(positions),
        seen=torch.from_numpy(seen)[:, None],
        label_at=torch.tensor(label_at),
        counts=torch.tensor([s.stop - s.start for s in slices]),
        children=np.concatenate([np.arange(s.start, s.stop) for s in slices]),
        targets=torch.from_numpy(np.concatenate([t for e in examples for t in e.targets])),
        n_tokens=sum(len(row.ids) for row in rows),
    )


def by_length(examples: Sequence[Example], size: int, tree: PrefixTree) -> Iterator[list[Example]]:
    """Batches of examples of similar length, so that little is padded."""

    def length(example: Example) -> int:
        nodes = np.array(example.nodes, dtype=np.int64)
        edges = tree.node_depth[nodes] - tree.node_depth[tree.parents[nodes]]
        return len(example.prompt) + int(edges.sum())

    ordered = sorted(examples, key=length)
    for begin in range(0, len(ordered), size):
        yield ordered[begin : begin + size]


def _lay_out(example: Example, tree: PrefixTree) -> _Row:
    n_prompt = len(example.prompt)
    ids, positions = list(example.prompt), list(range(n_prompt))
    spans: dict[int, list[tuple[int, int]]] = {}
    label_at: list[int] = []
    for node in example.nodes:
        parent = int(tree.parents[node])
        above = spans[parent] if node else []
        depth = int(tree.node_depth[parent]) if node else 0
        edge = tree.edge(depth, node).tolist()
        begin = len(ids)
        ids += edge
        positions += range(n_prompt + depth, n_prompt + depth + len(edge))
        spans[node] = [*above, (begin, len(ids))]
        label_at.append(len(ids) - 1)
    seen = np.zeros((len(ids), len(ids)), dtype=bool)
    seen[:, :n_prompt] = True
    for node_spans in spans.values():
        low, high = node_spans[-1]
        for above_low, above_high in node_spans:
            seen[low:high, above_low:above_high] = True
    return _Row(ids, positions, np.tril(seen), label_at)
