"""Coverage: how much of the catalog is ever shown?"""

from collections.abc import Iterable

from m6rec.errors import ConfigError
from m6rec.metrics.hits import Rows


def coverage(lists: Iterable[Rows], n_items: int) -> float:
    """Different items over all lists / items of the catalog.

    Catalog coverage of Ge et al. 2010, "Beyond accuracy: evaluating recommender systems by coverage and
    serendipity". The one metric of a whole run instead of a request: it grows with the number of
    lists, so compare runs of the same requests only. 0 when no list shows anything.

    Raises:
        ConfigError: n_items is below 1.
    """
    if n_items < 1:
        raise ConfigError(f"n_items is {n_items}; a catalog has at least one item")
    return len({int(row) for rows in lists for row in rows}) / n_items
