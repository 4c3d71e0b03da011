"""Popularity lift: is what is shown more popular than what the person asked for or chose?"""

import math

import numpy as np

from m6rec.catalog import Catalog
from m6rec.metrics.hits import Rows


def popularity_lift(rows: Rows, reference: Rows, catalog: Catalog) -> float:
    """Mean popularity of the list / mean popularity of the reference - 1.

    Popularity bias as Abdollahpouri et al. 2020, "The connection between popularity bias, calibration,
    and fairness in recommendation", measure it, for one person. The reference is the person's
    history, or all items that satisfy the request. 0 is no bias, 1 twice as popular, -1 unheard-of.
    NaN for an empty list, an empty reference, or a reference nobody chose.
    """
    if not len(rows) or not len(reference):
        return math.nan
    usual = float(catalog.popularity[np.asarray(reference, np.int64)].mean())
    shown = float(catalog.popularity[np.asarray(rows, np.int64)].mean())
    return shown / usual - 1 if usual > 0 else math.nan
