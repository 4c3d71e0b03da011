"""F1: one number for precision and recall."""

import math
from collections.abc import Collection

from m6rec.metrics.hits import Rows, hits


def f1(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """Harmonic mean of precision and recall of the first k.

    F1@k = 2 P R / (P + R) = 2 |top-k and relevant| / (k + |relevant|) (van Rijsbergen 1979,
    "Information retrieval", ch. 7). 0 without a hit; at most 2 / (k + 1) for a single relevant item.
    NaN when nothing is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    if not len(relevant):
        return math.nan
    return 2 * float(found.sum()) / (k + len(set(relevant)))
