"""Popularity: have people heard of what is shown?"""

import math

import numpy as np

from m6rec.catalog import Catalog
from m6rec.metrics.hits import Rows


def popularity(rows: Rows, catalog: Catalog) -> float:
    """The median popularity (number of ratings) of the items of one list.

    The median, because one famous film would lift the mean of nine obscure ones. NaN for an empty
    list.
    """
    if not len(rows):
        return math.nan
    return float(np.median(catalog.popularity[np.asarray(rows, np.int64)]))
