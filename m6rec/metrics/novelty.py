"""Novelty: how surprising is it that a person is shown this?"""

import math

import numpy as np

from m6rec.catalog import Catalog
from m6rec.metrics.hits import Rows


def novelty(rows: Rows, catalog: Catalog) -> float:
    """Mean self-information of the items of one list, in bits.

    mean over items of -log2 p(item), p(item) = (popularity + 1) / (total popularity + n_items) (Zhou et
    al. 2010, "Solving the apparent diversity-accuracy dilemma of recommender systems"). The added
    one keeps an item that nobody chose yet finite. NaN for an empty list.
    """
    if not len(rows):
        return math.nan
    chosen = catalog.popularity + 1
    share = chosen[np.asarray(rows, np.int64)] / chosen.sum()
    return float(-np.log2(share).mean())
