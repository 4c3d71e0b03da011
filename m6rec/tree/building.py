"""Building the tree: sort the paths, find where neighbours part, group into branching nodes.

No Python loop runs over paths. Loops run over token positions, each over the paths that are not
settled yet, so a few very long titles cost what they are long and not that times the catalog.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError
from m6rec.tree.prefix_tree import LEAF, PrefixTree

_TOKENS_PER_KEY = 3
_TOKEN_BITS = 21
"""Three tokens fit one 64-bit sort key; 2 million token ids are more than any vocabulary has."""
_CHUNK = 1 << 17
"""Paths moved at a time, so that a big catalog needs no second copy of index arrays."""


def build(
    paths: Sequence[Sequence[int] | NDArray[np.int32]], rows: Sequence[int] | NDArray[np.int32]
) -> PrefixTree:
    """The tree of some paths.

    Args:
        paths: Token ids of each path; none may be empty or the beginning of another.
        rows: The catalog row each path names, as many as paths.

    Raises:
        CatalogError: There is no path, or two paths are the same or one begins another.
    """
    lengths = np.fromiter((len(p) for p in paths), dtype=np.int64, count=len(paths))
    flat = np.fromiter((t for p in paths for t in p), dtype=np.int32, count=int(lengths.sum()))
    return build_from(flat, lengths, np.asarray(rows, dtype=np.int32))


def build_from(
    tokens: NDArray[np.int32], lengths: NDArray[np.int64], rows: NDArray[np.int32]
) -> PrefixTree:
    """The tree of paths that lie one after the other in one array.

    Args:
        tokens: int32 (n_tokens,).
        lengths: Of each path, shape (n_paths,).
        rows: The catalog row each path names, shape (n_paths,).

    Raises:
        CatalogError: As for `build`.
    """
    if not len(lengths):
        raise CatalogError("the catalog gave no path; it needs at least one item with a title")
    begins = np.concatenate([[0], np.cumsum(lengths)])
    order = _order(tokens, begins)
    offsets = np.concatenate([[0], np.cumsum(lengths[order])])
    sorted_tokens = _gathered(tokens, begins, order, offsets)
    shared = shared_with_previous(sorted_tokens, offsets)
    return assembled(sorted_tokens, offsets, rows[order], order.astype(np.int32), shared)


def assembled(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int32],
    origin: NDArray[np.int32],
    shared: NDArray[np.int32],
) -> PrefixTree:
    """The tree of sorted paths; arguments as in `PrefixTree`.

    Raises:
        CatalogError: Two neighbours are the same, or one begins the other.
    """
    lengths = np.diff(offsets)
    nested = np.flatnonzero(shared[1:] >= np.minimum(lengths[1:], lengths[:-1])) + 1
    if len(nested):
        first = int(nested[0])
        raise CatalogError(
            f"rows {int(rows[first - 1])} and {int(rows[first])} have the same text for the "
            "language model, so it could not tell them apart; make their titles differ"
        )
    return PrefixTree(tokens, offsets, rows, origin, shared, *_branching(shared, tokens, offsets))


def _order(tokens: NDArray[np.int32], begins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the paths in lexicographic order, ties as they came; shape (n_paths,).

    Most significant digits first, three tokens a round: whoever stands alone in its group is settled.
    """
    n = len(begins) - 1
    order = np.arange(n)
    group = np.zeros(n, dtype=np.int64)
    active = np.arange(n)
    depth = 0
    while len(active):
        ids = order[active]
        key = _key(tokens, begins[ids] + depth, begins[ids + 1])
        ranked = np.lexsort((key, group[active]))
        ids, key = ids[ranked], key[ranked]
        order[active] = ids
        parts = np.empty(len(active), dtype=np.bool_)
        parts[0] = True
        parts[1:] = (key[1:] != key[:-1]) | (np.diff(group[active]) != 0)
        starts = np.flatnonzero(parts)
        sizes = np.diff(np.append(starts, len(active)))
        group[active] = np.repeat(active[starts], sizes)
        depth += _TOKENS_PER_KEY
        # Equal paths that have ended stay together; they are refused later, by name.
        unsettled = np.repeat(sizes > 1, sizes) & (begins[ids] + depth < begins[ids + 1])
        active = active[unsettled]
    return order


def _key(
    tokens: NDArray[np.int32], at: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The next three tokens of each path as one number; a path that has ended sorts first."""
    key = np.zeros(len(at), dtype=np.int64)
    for step in range(_TOKENS_PER_KEY):
        inside = at + step < end
        token = tokens[np.where(inside, at + step, 0)].astype(np.int64) + 1
        key = (key << _TOKEN_BITS) | np.where(inside, token, 0)
    return key


def _gathered(
    tokens: NDArray[np.int32],
    begins: NDArray[np.int64],
    order: NDArray[np.int64],
    offsets: NDArray[np.int64],
) -> NDArray[np.int32]:
    """The tokens of all paths in the new order."""
    found = np.empty(len(tokens), dtype=np.int32)
    for low in range(0, len(order), _CHUNK):
        some = order[low : low + _CHUNK]
        first, last = offsets[low], offsets[low + len(some)]
        lengths = begins[some + 1] - begins[some]
        shift = np.repeat(begins[some] - offsets[low : low + len(some)], lengths)
        found[first:last] = tokens[np.arange(first, last) + shift]
    return found


def shared_with_previous(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    which: NDArray[np.int64] | None = None,
) -> NDArray[np.int32]:
    """How many leading tokens paths share with the one before them; the first shares 0.

    Args:
        tokens: Of sorted paths.
        offsets: Where each path begins, shape (n_paths + 1,).
        which: Paths to look at; None looks at all.

    Returns:
        int32 (len(which),).
    """
    which = np.arange(len(offsets) - 1) if which is None else which
    shared = np.zeros(len(which), dtype=np.int32)
    active = np.flatnonzero(which > 0)
    depth = 0
    while len(active):
        path = which[active]
        before, after = offsets[path - 1] + depth, offsets[path] + depth
        inside = (before < offsets[path]) & (after < offsets[path + 1])
        active, before, after = active[inside], before[inside], after[inside]
        active = active[tokens[before] == tokens[after]]
        shared[active] += 1
        depth += 1
    return shared


def _branching(
    shared: NDArray[np.int32], tokens: NDArray[np.int32], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int32], ...]:
    """Branching nodes and their children, shallow nodes first; the last eight fields of the tree.

    At depth d the paths fall into groups that share d tokens; a group branches there if some path
    in it shares exactly d with its neighbour. One pass per depth, vectorised over the paths.
    """
    n = len(offsets) - 1
    los, his, depths, counts, child_los = [], [], [], [], []
    for depth in np.unique(shared[1:]).tolist():
        splits = np.flatnonzero(shared[1:] == depth) + 1
        borders = np.concatenate([[0], np.flatnonzero(shared[1:] < depth) + 1, [n]])
        group = np.searchsorted(borders, splits, side="right") - 1
        groups, first, count = np.unique(group, return_index=True, return_counts=True)
        los.append(borders[groups].astype(np.int32))
        his.append(borders[groups + 1].astype(np.int32))
        depths.append(np.full(len(groups), depth, dtype=np.int32))
        counts.append((count + 1).astype(np.int32))
        child_los.append(np.insert(splits, first, borders[groups]).astype(np.int32))
    if not los:
        none = np.zeros(0, dtype=np.int32)
        return (none, none, none, np.zeros(1, dtype=np.int32), none, none, none, none)
    lo, hi, depth_of = np.concatenate(los), np.concatenate(his), np.concatenate(depths)
    begin = np.zeros(len(lo) + 1, dtype=np.int32)
    np.cumsum(np.concatenate(counts), out=begin[1:])
    child_lo = np.concatenate(child_los)
    child_hi = np.append(child_lo[1:], np.int32(0))
    child_hi[begin[1:] - 1] = hi
    parent = np.repeat(np.arange(len(lo)), np.diff(begin))
    child_token = tokens[offsets[child_lo] + depth_of[parent]]
    return lo, hi, depth_of, begin, child_lo, child_hi, child_token, _nodes_of(
        lo, hi, child_lo, child_hi
    )  # fmt: skip


def _nodes_of(
    lo: NDArray[np.int32],
    hi: NDArray[np.int32],
    child_lo: NDArray[np.int32],
    child_hi: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The branching node each child leads to: the one that covers the same paths."""
    inner = np.flatnonzero(child_hi - child_lo > 1)
    # A node is known by its interval: the first is followed by all below it, so none has two.
    ranked = np.lexsort((hi, lo)).astype(np.int32)
    wanted = np.lexsort((child_hi[inner], child_lo[inner]))
    node = np.full(len(child_lo), LEAF, dtype=np.int32)
    # Every node but the root is some child's, so both sides sorted alike match one to one.
    node[inner[wanted]] = ranked[ranked != 0]
    return node
