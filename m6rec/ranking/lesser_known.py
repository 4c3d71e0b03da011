"""A cap on popularity: a share of the list is kept for what is not among the best-known items."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.ranking.pool import Gain, Pool

BEST_KNOWN = 0.2
"""The best-known items are the fewest that got this share of all choices (the short head): of the 9,061
films of MovieLens 126, each with more than 100 ratings."""


def gain(pool: Pool, weight: float) -> Gain:
    """0 for what may come next, -inf for a best-known item once the list has its share of them.

    A list is filled rather than left short: where the pool has too few others, as many more of the
    best-known come in as are missing.

    Args:
        pool: The candidates.
        weight: The share that is kept, in [0, 1]; places are rounded up.
    """
    known = pool.catalog.popularity[pool.rows] >= border(pool.catalog)
    places = min(pool.k, len(known))
    # Less a trifle: 0.1 of 30 places are 3, in binary a little more.
    kept = math.ceil(min(weight, 1.0) * places - 1e-9)
    most = places - min(kept, int((~known).sum()))
    nothing = np.zeros(len(known))
    closed: NDArray[np.float64] = np.where(known, -np.inf, 0.0)

    def of(chosen: Sequence[int]) -> NDArray[np.float64]:
        return nothing if int(known[list(chosen)].sum()) < most else closed

    return of


@lru_cache(maxsize=1)
def border(catalog: Catalog) -> float:
    """The popularity from which an item is best known; infinite where no popularity is known."""
    ordered = np.sort(catalog.popularity)[::-1]
    total = float(ordered.sum())
    if not total:
        return math.inf
    return float(ordered[np.searchsorted(np.cumsum(ordered), BEST_KNOWN * total)])
