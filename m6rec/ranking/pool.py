"""What an objective of the list looks at: the candidates, and how many of them are wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog

Gain = Callable[[Sequence[int]], NDArray[np.float64]]
"""Called with the positions in the pool that are in the list so far; returns what each candidate would add
to its score if it came next, shape (n_candidates,). -inf keeps it out. No value ever rises as the list
grows: so the scores of a finished list fall from place to place."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Candidates of one list.

    Attributes:
        catalog: The items.
        rows: The candidates' rows, shape (n_candidates,), each at most once.
        k: How many are wanted.
        fields: The fields that say what kind of thing an item is.
    """

    catalog: Catalog
    rows: NDArray[np.int64]
    k: int
    fields: tuple[str, ...] = ()


def always(values: NDArray[np.float64]) -> Gain:
    """The gain of what an item is by itself, whatever else is in the list."""
    return lambda _: values
