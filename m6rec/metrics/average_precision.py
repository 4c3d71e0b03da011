"""Average precision: precision read off at each right item."""

import math
from collections.abc import Collection

import numpy as np

from m6rec.metrics.hits import Rows, hits


def average_precision(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """Sum of precision@i over the hits at places i <= k / min(k, |relevant|).

    Divided by what a list of k could reach, so that a perfect list scores 1 however many items are
    relevant; its mean over requests is MAP@k (Manning et al. 2008, "Introduction to information
    retrieval", 8.4). NaN when nothing is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    if not len(relevant):
        return math.nan
    at = np.cumsum(found) / np.arange(1, k + 1)
    return float(at[found].sum()) / min(k, len(set(relevant)))
