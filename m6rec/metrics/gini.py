"""Gini index of exposure: is everything shown equally often, or always the same?"""

import math
from collections.abc import Iterable

import numpy as np

from m6rec.errors import ConfigError
from m6rec.metrics.hits import Rows


def gini(lists: Iterable[Rows], n_items: int) -> float:
    """Inequality of how often each item of the catalog is shown, over all lists of a run.

    G = sum over items, by rising exposure x_i, of (2 i - n - 1) x_i / (n sum x), i from 1 to n (Fleder &
    Hosanagar 2009, "Blockbuster culture's next rise or fall"). Items that are never shown count
    with 0. G is 0 when all are shown equally often and (n - 1) / n when one item takes every place. Like
    coverage it depends on the number of lists: compare runs of the same requests only. NaN
    when nothing is shown.

    Raises:
        ConfigError: n_items is below 1, or a row is not below it.
    """
    if n_items < 1:
        raise ConfigError(f"n_items is {n_items}; a catalog has at least one item")
    shown = [int(row) for rows in lists for row in rows]
    if not shown:
        return math.nan
    if not 0 <= min(shown) <= max(shown) < n_items:
        raise ConfigError(f"row {max(shown)} is shown of a catalog of {n_items}; check n_items")
    exposure = np.sort(np.bincount(shown, minlength=n_items)).astype(np.float64)
    weights = 2 * np.arange(1, n_items + 1) - n_items - 1
    return float(weights @ exposure / (n_items * exposure.sum()))
