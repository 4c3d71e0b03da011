"""Learns item vectors from choices with the library `implicit`; what ALS and BPR share."""

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.popular import check_rows
from m6rec.candidates.user_neighbours import distinct_pairs
from m6rec.errors import MissingExtraError
from m6rec.interactions import Interactions

LEAST_WEIGHT = 1e-4
"""Choices of a history that weigh less are not folded in."""


def implicit_module(name: str) -> Any:
    """The library's module ``als`` or ``bpr`` for the processor.

    Raises:
        MissingExtraError: `implicit` is not installed.
    """
    try:
        return importlib.import_module(f"implicit.cpu.{name}")
    except ImportError as error:
        raise MissingExtraError(
            f"{name.upper()} needs the package implicit; install it with: pip install 'm6rec[eval]'"
        ) from error


def train(
    model: tuple[str, str],
    settings: Mapping[str, Any],
    interactions: Interactions,
    n_items: int,
    width: int,
) -> NDArray[np.float64]:
    """Train on the distinct choices as ones, on one thread, and return the item side of the model.

    Args:
        model: Module and class of `implicit`.
        settings: What the class is made with; `random_state` decides the outcome.
        interactions: Who chose what; ratings are not read.
        n_items: Size of the catalog.
        width: Length of the model's item vectors.

    Returns:
        Shape (n_items, width); zeros when nobody chose anything.

    Raises:
        ConfigError: An interaction names a row not below `n_items`.
        MissingExtraError: `implicit` is not installed.
    """
    module, name = model
    make = getattr(implicit_module(module), name)
    import scipy.sparse
    import threadpoolctl

    check_rows(interactions.row, n_items)
    if not len(interactions):
        return np.zeros((n_items, width))
    users, rows = distinct_pairs(interactions, n_items)
    choices = scipy.sparse.csr_matrix(
        (np.ones(len(rows), np.float32), (users, rows)), (interactions.n_users, n_items)
    )
    # The library looks when a model is made, and warns when BLAS has threads beside its own; one thread
    # also keeps the sums in order.
    with threadpoolctl.threadpool_limits(1, "blas"):
        fitted = make(num_threads=1, **settings)
        fitted.fit(choices, show_progress=False)
    return np.asarray(fitted.item_factors, np.float64)
