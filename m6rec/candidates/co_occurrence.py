"""Items as short vectors, by what is chosen around them: where the neural sources start from.

With a hundred thousand choices a network cannot find these vectors by itself: SASRec started from them
reaches NDCG@10 0.080 on validation choices, started at random 0.069 with nearly twice the epochs.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from m6rec.interactions import Interactions

WINDOW = 10
"""How far apart two choices of a person may be to count as neighbours."""
DISTANCE_DECAY = 0.8
"""Neighbours at distance d count this to the power d."""
SHRINKAGE = 5.0
"""Added to how often an item is anybody's neighbour, so that rare pairs are not overrated."""
_OVERSAMPLING = 10
_ROUNDS = 4
"""Power iterations of the randomised decomposition; the spectrum falls slowly."""


def vectors(
    interactions: Interactions, n_items: int, width: int, *, seed: int = 0
) -> NDArray[np.float32]:
    """Factorise log(1 + c_ij * total / ((c_i + shrinkage) * (c_j + shrinkage))).

    c counts pairs of choices of one person within a window, nearer ones more. It is the shifted
    pointwise mutual information that skip-gram factorises implicitly (Levy & Goldberg 2014, "Neural word
    embedding as implicit matrix factorization"), here by a randomised SVD (Halko et al. 2011).

    Args:
        interactions: Rows must be below `n_items`; the caller checks.
        n_items: Size of the catalog.
        width: Length of a vector.
        seed: Of the decomposition.

    Returns:
        Shape (n_items, width), root mean square width**-0.5 over all entries; zeros for items without
        neighbours, and in the columns that a small catalog has no use for.
    """
    found = np.zeros((n_items, width), np.float32)
    places, weights = _pairs(interactions, n_items)
    kept = min(width, n_items)
    if not len(weights):
        return found
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        matrix = torch.sparse_coo_tensor(
            torch.from_numpy(places),
            torch.from_numpy(weights),
            (n_items, n_items),
            check_invariants=False,
        )
        rank = min(width + _OVERSAMPLING, n_items)
        left, values, _ = torch.svd_lowrank(matrix, q=rank, niter=_ROUNDS)
    found[:, :kept] = (left[:, :kept] * values[:kept].sqrt()).numpy()
    # The root mean square, not the deviation: columns have no sign of their own, and so no mean.
    found /= np.sqrt(np.mean(found**2) * width)
    return found


def _pairs(
    interactions: Interactions, n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Neighbours as places in the matrix, shape (2, n_pairs), and their weights, both ways round."""
    row, user = interactions.row.astype(np.int64), interactions.user
    keys, counted = [np.empty(0, np.int64)], [np.empty(0)]
    for distance in range(1, WINDOW + 1):
        near = (user[:-distance] == user[distance:]) & (row[:-distance] != row[distance:])
        one, other = row[:-distance][near], row[distance:][near]
        keys += [one * n_items + other, other * n_items + one]
        counted.append(np.full(2 * len(one), DISTANCE_DECAY**distance))
    pairs, where = np.unique(np.concatenate(keys), return_inverse=True)
    weight = np.bincount(where, np.concatenate(counted), len(pairs))
    one, other = np.divmod(pairs, n_items)
    total = np.bincount(one, weight, n_items)
    expected = (total[one] + SHRINKAGE) * (total[other] + SHRINKAGE)
    return np.stack((one, other)), np.log1p(weight * total.sum() / expected).astype(np.float32)
