"""A history as weights over the catalog: the recent past counts more."""

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.popular import check_rows
from m6rec.errors import ConfigError


def weigh(history: NDArray[np.int32], n_items: int, decay: float) -> NDArray[np.float64]:
    """decay**age at the rows of the history, 0 elsewhere, shape (n_items,).

    Args:
        history: Rows the person chose, oldest first; the latest of repeated choices counts.
        n_items: Size of the catalog.
        decay: How much one step back counts less; 1 forgets the order.

    Raises:
        ConfigError: The history names a row that is not below `n_items`.
    """
    rows = np.asarray(history)
    check_rows(rows, n_items)
    given = np.zeros(n_items)
    # Later assignments overwrite earlier ones, so a repeat takes the age of its last time.
    given[rows] = decay ** np.arange(len(rows))[::-1]
    return given


def check_decay(decay: float) -> None:
    """Refuse a decay that would forget everything or count the oldest most.

    Raises:
        ConfigError: `decay` is not in (0, 1].
    """
    if not 0 < decay <= 1:
        raise ConfigError(f"history_decay is {decay}; choose above 0 and at most 1")
