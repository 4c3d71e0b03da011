"""Text diversity: how far apart are the items of one list by what their texts say?"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.metrics.hits import Rows


def text_diversity(rows: Rows, vectors: NDArray[np.floating[Any]]) -> float:
    """Mean cosine distance over all pairs of one list, on text embeddings.

    mean over pairs of 1 - cos(v_a, v_b) (Smyth & McClave 2001, "Similarity vs. diversity", with cosine as
    the similarity). 0 for copies, 1 for unrelated texts, 2 at most. A vector of zeros is unrelated to
    everything. NaN for a list of fewer than two items.

    Args:
        rows: The list.
        vectors: One vector per item of the catalog, of any length, shape (n_items, width).
    """
    if len(rows) < 2:
        return math.nan
    chosen = np.asarray(vectors, np.float64)[np.asarray(rows, np.int64)]
    lengths = np.linalg.norm(chosen, axis=1, keepdims=True)
    unit = np.divide(chosen, lengths, out=np.zeros_like(chosen), where=lengths > 0)
    n = len(unit)
    # The sum of all pairs' cosines from the vector sum: |sum u|^2 = sum |u|^2 + 2 * pairs.
    total = unit.sum(axis=0)
    pairs = (float(total @ total) - float((unit * unit).sum())) / 2
    return 1 - pairs / (n * (n - 1) / 2)
