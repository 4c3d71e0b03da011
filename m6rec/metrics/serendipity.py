"""Serendipity: right, and not what anybody would have named."""

import math
from collections.abc import Collection

from m6rec.metrics.hits import Rows, hits


def serendipity(
    ranked: Rows, relevant: Collection[int], expected: Collection[int], k: int
) -> float:
    """Relevant items among the first k that a primitive recommender would not have shown / k.

    serendipity@k = |top-k and relevant and not expected| / k (Ge et al. 2010, "Beyond accuracy:
    evaluating recommender systems by coverage and serendipity"; `expected` is what their primitive
    recommender shows, here the most popular items). Never above precision@k, and equal to it when
    nothing is expected. A repeat earns nothing. NaN when nothing is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    known = {int(row) for row in expected}
    surprising = [int(row) for row in relevant if int(row) not in known]
    found = hits(ranked, surprising, k)
    return float(found.sum()) / k if len(relevant) else math.nan
