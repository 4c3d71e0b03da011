"""Reciprocal rank: how far down is the first right item?"""

import math
from collections.abc import Collection

import numpy as np

from m6rec.metrics.hits import Rows, hits


def mrr(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """1 / place of the first relevant item among the first k; 0 when there is none.

    Its mean over requests is the mean reciprocal rank (Voorhees 1999, "The TREC-8 question answering
    track report"). NaN when nothing is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    if not len(relevant):
        return math.nan
    return 1 / (int(np.argmax(found)) + 1) if found.any() else 0.0
