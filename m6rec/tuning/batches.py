"""Examples to padded tensors: each row a prompt and the tree nodes, or whole paths, read after it.

A node's tokens see the prompt, their ancestors' tokens and themselves, nothing of their siblings:
the same mask and positions as in decoding, so what is learned is what is asked later.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from m6rec.tree import PrefixTree
from m6rec.tuning.examples import Example


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One pass's worth of examples.

    Attributes:
        ids: Token ids, *Shape:* (rows, length), padded with 0.
        positions: Position of each token in its own branch, *Shape:* (rows, length).
        seen: Which tokens each token attends to, bool, *Shape:* (rows, 1, length, length).
        label_at: Flat indices into (rows * length) of the hidden state before each choice.
        n_tokens: Tokens that are not padding.
        asked_at: Flat indices of the hidden state after each question of yes or no.
        answers: 1 for yes, 0 for no, *Shape:* (n_questions,).
    """

    ids: Tensor
    positions: Tensor
    seen: Tensor
    label_at: Tensor
    n_tokens: int
    asked_at: Tensor
    answers: Tensor

    def to(self, device: torch.device) -> Self:
        """The same on a device; itself where it is there already."""
        if self.ids.device == device:
            return self
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        moved: dict[str, Any] = {
            name: value.to(device) for name, value in values.items() if isinstance(value, Tensor)
        }
        return replace(self, **moved)


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceBatch(Batch):
    """Choices between children of tree nodes.

    Attributes:
        counts: Number of children at each choice, *Shape:* (n_labels,).
        children: Indices into the tree's children of all choices, one after the other.
        targets: Probability of each of `children`.
    """

    counts: Tensor
    children: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class PathBatch(Batch):
    """Whole paths, token by token.

    Attributes:
        labels: The token at each choice, *Shape:* (n_labels,).
    """

    labels: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    ids: list[int]
    positions: list[int]
    seen: NDArray[np.bool_]
    label_at: list[int]


def collate(examples: Sequence[Example], tree: PrefixTree) -> ChoiceBatch:
    """Lay examples out as one batch of choices at tree nodes."""
    padded = _padded(examples, [_nodes(example, tree) for example in examples])
    slices = [tree.children(node) for example in examples for node in example.nodes]
    children = [np.arange(s.start, s.stop) for s in slices]
    targets = [target for example in examples for target in example.targets]
    return ChoiceBatch(
        **padded,
        counts=torch.tensor([s.stop - s.start for s in slices], dtype=torch.long),
        children=torch.from_numpy(np.concatenate(children or [np.zeros(0, np.int64)])),
        targets=torch.from_numpy(np.concatenate(targets or [np.zeros(0, np.float32)])),
    )


def collate_paths(examples: Sequence[Example], tree: PrefixTree) -> PathBatch:
    """Lay examples out as one batch of whole paths, each blind to the others of its row."""
    padded = _padded(examples, [_paths(example, tree) for example in examples])
    paths = [tree.path(path) for example in examples for path in example.paths]
    labels = np.concatenate([np.zeros(0, np.int64), *paths]).astype(np.int64)
    return PathBatch(**padded, labels=torch.from_numpy(labels))


def by_length(
    examples: Sequence[Example], size: int, length: Callable[[Example], int]
) -> Iterator[list[Example]]:
    """Batches of examples of similar length, so that little is padded."""
    ordered = sorted(examples, key=length)
    for begin in range(0, len(ordered), size):
        yield ordered[begin : begin + size]


def within(
    examples: Sequence[Example], most_tokens: int, length: Callable[[Example], int]
) -> Iterator[list[Example]]:
    """Pieces of consecutive examples, each of at most so many tokens with its padding.

    Args:
        examples: Shortest first, so that little is padded.
        most_tokens: Rows times their longest; a longer example is a piece by itself.
        length: Tokens of an example's row.
    """
    piece: list[Example] = []
    longest = 0
    for example in examples:
        longest = max(longest, length(example))
        if piece and (len(piece) + 1) * longest > most_tokens:
            yield piece
            piece, longest = [], length(example)
        piece.append(example)
    if piece:
        yield piece


def nodes_length(example: Example, tree: PrefixTree) -> int:
    """Tokens of the row that `collate` makes of an example."""
    nodes = np.array(example.nodes, dtype=np.int64)
    edges = tree.node_depth[nodes] - np.where(nodes, tree.node_depth[tree.parents[nodes]], 0)
    return len(example.prompt) + int(edges.sum())


def paths_length(example: Example, tree: PrefixTree) -> int:
    """Tokens of the row that `collate_paths` makes of an example."""
    return len(example.prompt) + sum(len(tree.path(path)) - 1 for path in example.paths)


def _padded(examples: Sequence[Example], rows: Sequence[_Row]) -> dict[str, Any]:
    """The fields that every batch has."""
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
    asked = [(i, e) for i, e in enumerate(examples) if e.answer is not None]
    return {
        "ids": torch.from_numpy(ids),
        "positions": torch.from_numpy(positions),
        "seen": torch.from_numpy(seen)[:, None],
        "label_at": torch.tensor(label_at, dtype=torch.long),
        "n_tokens": sum(len(row.ids) for row in rows),
        "asked_at": torch.tensor(
            [i * length + len(e.prompt) - 1 for i, e in asked], dtype=torch.long
        ),
        "answers": torch.tensor([int(bool(e.answer)) for _, e in asked], dtype=torch.long),
    }


def _nodes(example: Example, tree: PrefixTree) -> _Row:
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


def _paths(example: Example, tree: PrefixTree) -> _Row:
    n_prompt = len(example.prompt)
    ids, positions = list(example.prompt), list(range(n_prompt))
    spans: list[tuple[int, int]] = []
    label_at: list[int] = []
    for path in example.paths:
        # The last token is only ever foretold, so nobody needs to read it.
        read = tree.path(path)[:-1].tolist()
        begin = len(ids)
        ids += read
        positions += range(n_prompt, n_prompt + len(read))
        spans.append((begin, len(ids)))
        label_at += [n_prompt - 1, *range(begin, len(ids))]
    seen = np.zeros((len(ids), len(ids)), dtype=bool)
    seen[:, :n_prompt] = True
    for low, high in spans:
        seen[low:high, low:high] = True
    return _Row(ids, positions, np.tril(seen), label_at)
