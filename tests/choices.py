"""Choices over a catalog of seven items, made from plain lists of rows."""

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item

N_ITEMS = 7
CATALOG = Catalog(Item(str(row), f"Film {row}") for row in range(N_ITEMS))
TOGETHER = ([0, 1], [0, 1], [0, 1], [2, 3], [2, 3], [2, 3, 4])
"""Rows 0 and 1 belong together, and so do 2 and 3; nobody chose 5 or 6."""


def chosen(*histories: list[int]) -> Interactions:
    """One user for each list of rows, oldest first."""
    return Interactions.from_records(
        (
            Interaction(f"user {user}", str(row), None, time)
            for user, history in enumerate(histories)
            for time, row in enumerate(history)
        ),
        CATALOG,
    )


def rows(*history: int) -> NDArray[np.int32]:
    """A history."""
    return np.array(history, np.int32)
