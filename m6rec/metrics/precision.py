"""Precision: how much of what is shown is right?"""

import math
from collections.abc import Collection

from m6rec.metrics.hits import Rows, hits


def precision(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """Relevant items among the first k / k.

    precision@k = |top-k and relevant| / k (Manning et al. 2008, "Introduction to information
    retrieval", 8.4). A list shorter than k is not excused: absent items are misses. NaN when nothing
    is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    return float(found.sum()) / k if len(relevant) else math.nan
