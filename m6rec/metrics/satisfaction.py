"""Satisfaction: is the whole list what was asked for?"""

import math
from collections.abc import Collection

from m6rec.metrics.hits import Rows, hits


def satisfaction(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """1 when every one of the first k places is right, else 0.

    The strict reading of a request: one musical in a list of "no musicals" is one too many (success in
    all-or-nothing form; the share of right places is precision@k). When fewer than k items are
    relevant, all of them have to stand at the head and nothing else may follow. A list that ends
    early is not satisfying. NaN when nothing is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    if not len(relevant):
        return math.nan
    wanted = min(k, len(set(relevant)))
    return float(found[:wanted].all() and len(ranked[:k]) == wanted)
