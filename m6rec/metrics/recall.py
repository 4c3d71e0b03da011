"""Recall: how much of what is right was found?"""

import math
from collections.abc import Collection

from m6rec.metrics.hits import Rows, hits


def recall(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """Relevant items among the first k / all relevant items.

    recall@k = |top-k and relevant| / |relevant| (Manning et al. 2008, "Introduction to information
    retrieval", 8.3). Below 1 for any list when more than k items are relevant. NaN when nothing is.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    return float(found.sum()) / len(set(relevant)) if len(relevant) else math.nan
