"""Which places of a ranked list are hits: the one reading of a list that all ranking metrics share."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import ConfigError

Rows = Sequence[int] | NDArray[np.int32] | NDArray[np.int64]


def hits(ranked: Rows, relevant: Collection[int], k: int) -> NDArray[np.bool_]:
    """Mark the relevant items among the first k.

    Args:
        ranked: Rows, best first; may be shorter than k.
        relevant: Rows that count as right.
        k: The cut-off, at least 1.

    Returns:
        Shape (k,). Places beyond the end of a short list are misses, and an item that comes a second
        time is a miss, so that repeating the right answer earns nothing.

    Raises:
        ConfigError: k is below 1.
    """
    if k < 1:
        raise ConfigError(f"the cut-off k is {k}; choose at least 1")
    marks = np.zeros(k, np.bool_)
    right = {int(row) for row in relevant}
    for place, row in enumerate(ranked[:k]):
        if int(row) in right:
            marks[place] = True
            right.remove(int(row))
    return marks
