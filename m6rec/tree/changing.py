"""Trees that take in or give up paths without being sorted anew."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError
from m6rec.tree.building import assembled, shared_with_previous
from m6rec.tree.prefix_tree import PrefixTree


class _Paths(Sequence[list[int]]):
    """The paths of a tree as a sequence that bisection can search."""

    def __init__(self, tree: PrefixTree) -> None:
        self._tree = tree

    def __len__(self) -> int:
        return self._tree.n_paths

    def __getitem__(self, index: int) -> list[int]:  # type: ignore[override]
        path: list[int] = self._tree.path(index).tolist()
        return path


def with_paths(tree: PrefixTree, paths: Sequence[Sequence[int]], rows: Sequence[int]) -> PrefixTree:
    """A tree that also holds new paths; `origin` counts on from the paths there were.

    The new paths are found their places by bisection; what lies between is copied.

    Args:
        tree: The tree as it is; it is not changed.
        paths: Token ids of the new paths.
        rows: The catalog row each names.

    Raises:
        CatalogError: A new path is the same as another, or one begins the other.
    """
    if not paths:
        return tree
    known = _Paths(tree)
    order = sorted(range(len(paths)), key=lambda i: list(paths[i]))
    places = np.array([bisect_right(known, list(paths[i])) for i in order], dtype=np.int64)
    lengths = np.array([len(paths[i]) for i in order], dtype=np.int64)
    flat = np.array([token for i in order for token in paths[i]], dtype=np.int32)
    first = int(tree.origin.max()) + 1
    tokens = np.insert(tree.tokens, np.repeat(tree.offsets[places], lengths), flat)
    all_lengths = np.insert(np.diff(tree.offsets), places, lengths)
    offsets = np.concatenate([[0], np.cumsum(all_lengths)])
    now = places + np.arange(len(places))
    shared = np.insert(tree.shared, places, 0)
    touched = np.unique(np.concatenate([now, now + 1]))
    touched = touched[touched < len(shared)]
    shared[touched] = shared_with_previous(tokens, offsets, touched)
    return assembled(
        tokens,
        offsets,
        np.insert(tree.rows, places, np.array([rows[i] for i in order], dtype=np.int32)),
        np.insert(tree.origin, places, (first + np.array(order)).astype(np.int32)),
        shared,
    )


def without_rows(tree: PrefixTree, rows: Iterable[int]) -> PrefixTree:
    """A tree without the paths of some items; rows and origins of the others stay as they are.

    Args:
        tree: The tree as it is; it is not changed.
        rows: Catalog rows; those without a path are passed over.

    Raises:
        CatalogError: No path would be left.
    """
    stays = ~np.isin(tree.rows, np.array(sorted(rows), dtype=np.int32))
    if not stays.any():
        raise CatalogError("no item would be left; a catalog needs at least one")
    lengths = np.diff(tree.offsets)
    kept = np.flatnonzero(stays)
    # A path shares with its new neighbour the least that any two between them shared.
    spans = np.concatenate([[0], kept[:-1] + 1])
    shared: NDArray[np.int32] = np.minimum.reduceat(tree.shared[: kept[-1] + 1], spans)
    shared[0] = 0
    return assembled(
        tree.tokens[np.repeat(stays, lengths)],
        np.concatenate([[0], np.cumsum(lengths[stays])]),
        tree.rows[stays],
        tree.origin[stays],
        shared,
    )
