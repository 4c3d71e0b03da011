"""Freshness: newer items come up."""

import numpy as np

from m6rec.errors import ConfigError
from m6rec.ranking.pool import Gain, Pool, always

FIELD = "year"
"""The field that dates an item; readers of tables put the year of a usual date column there."""
SINCE = 2000
"""The year whose items neither gain nor lose; only differences between items order a list."""


def gain(pool: Pool, weight: float) -> Gain:
    """Decades since 2000 times the weight, in nats; at weight 1 a decade is worth a factor of e.

    An item without a year stands at the median year of the pool: neither favoured nor held back.

    Raises:
        ConfigError: No item of the catalog has a year.
    """
    if FIELD not in pool.catalog.field_names:
        raise ConfigError(
            f"ranking.freshness is {weight:g}, but no item of {pool.catalog.name} has a '{FIELD}'; "
            "set it to 0"
        )
    found = (pool.catalog.at(row).fields.get(FIELD) for row in pool.rows.tolist())
    years = np.array([year if isinstance(year, int) else np.nan for year in found])
    dated = years[~np.isnan(years)]
    middle = float(np.median(dated)) if len(dated) else float(SINCE)
    return always(weight * (np.where(np.isnan(years), middle, years) - SINCE) / 10)
