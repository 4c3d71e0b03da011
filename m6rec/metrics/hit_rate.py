"""Hit rate: was anything right in the first k?"""

import math
from collections.abc import Collection

from m6rec.metrics.hits import Rows, hits


def hit_rate(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """1 if at least one of the first k is relevant, else 0.

    HR@k as in Deshpande & Karypis 2004, "Item-based top-N recommendation algorithms". With a single
    relevant item it equals recall@k. NaN when nothing is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    return float(found.any()) if len(relevant) else math.nan
