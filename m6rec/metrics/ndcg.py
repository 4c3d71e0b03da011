"""NDCG: right items count more the higher they stand."""

import math
from collections.abc import Collection

import numpy as np

from m6rec.metrics.hits import Rows, hits


def ndcg(ranked: Rows, relevant: Collection[int], k: int) -> float:
    """Discounted gain of the first k / the gain of an ideal list.

    DCG@k = sum over hits at place i (from 1) of 1 / log2(i + 1); the ideal list has min(k, |relevant|)
    hits at its head. Binary gains (Jarvelin & Kekalainen 2002, "Cumulated gain-based evaluation of IR
    techniques"). NaN when nothing is relevant.

    Raises:
        ConfigError: k is below 1.
    """
    found = hits(ranked, relevant, k)
    if not len(relevant):
        return math.nan
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = discounts[: len(set(relevant))].sum()
    return float(discounts[found].sum() / ideal)
