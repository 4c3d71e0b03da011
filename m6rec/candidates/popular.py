"""What everybody chooses: the crowd's simplest voice."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import ConfigError
from m6rec.interactions import Interactions


@dataclass(frozen=True, eq=False, slots=True)
class Popular:
    """Counts of choices, the same for every history.

    Attributes:
        counts: How often each item was chosen, shape (n_items,); read-only.
    """

    counts: NDArray[np.float64]

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """The counts, shape (n_items,), read-only; `history` does not matter."""
        del history
        return self.counts

    def mass(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """(count + 1) / (total + n_items), shape (n_items,): positive, sums to 1.

        The added one (Laplace) lets an item that nobody chose yet be found.
        """
        del history
        share: NDArray[np.float64] = (self.counts + 1) / (self.counts.sum() + len(self.counts))
        return share


def fit(interactions: Interactions, n_items: int) -> Popular:
    """Count the choices of each row below `n_items`.

    Raises:
        ConfigError: An interaction names a row that is not below `n_items`.
    """
    check_rows(interactions.row, n_items)
    counts = np.bincount(interactions.row, minlength=n_items).astype(np.float64)
    counts.flags.writeable = False
    return Popular(counts)


def check_rows(rows: NDArray[np.int32], n_items: int) -> None:
    """Refuse rows that are not those of a catalog of `n_items` items.

    Raises:
        ConfigError: A row is negative or not below `n_items`.
    """
    if len(rows) and not (rows.min() >= 0 and rows.max() < n_items):
        wrong = int(rows.min() if rows.min() < 0 else rows.max())
        raise ConfigError(
            f"row {wrong} is not in a catalog of {n_items} items; fit again on this catalog"
        )
