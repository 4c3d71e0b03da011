"""What a shown list is like whatever was asked: popularity, novelty, diversity.

Computed from the shown ids when results are written, so that a finished part needs no new run.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.evaluation.task import Row
from m6rec.metrics.intra_list_diversity import intra_list_diversity
from m6rec.metrics.novelty import novelty
from m6rec.metrics.popularity import popularity
from m6rec.metrics.text_diversity import text_diversity

FIELD = "genres"
"""The field whose values tell items apart, where a catalog has it."""


def described(
    rows: Iterable[Row], catalog: Catalog, vectors: NDArray[np.float32] | None
) -> list[Mapping[str, Any]]:
    """The rows with popularity, novelty, diversity and diversity_text of what they show.

    Args:
        rows: Rows that say what was `shown`; others come back as they are.
        catalog: The catalog; items from outside it are left out of all four.
        vectors: Unit vectors of the items; None leaves diversity_text undefined.
    """
    field = diversity_field(catalog)
    return [{**row, **_description(row, catalog, vectors, field)} for row in rows]


def diversity_field(catalog: Catalog) -> str | None:
    """`FIELD`, or the first many-valued field; None when no item has any."""
    if FIELD in catalog.field_names:
        return FIELD
    many = (name for item in catalog for name, value in item.fields.items() if _many(value))
    return next(many, None)


def _many(value: object) -> bool:
    return isinstance(value, tuple)


def _description(
    row: Row, catalog: Catalog, vectors: NDArray[np.float32] | None, field: str | None
) -> dict[str, float]:
    if "shown" not in row:
        return {}
    at = [catalog.row(item) for item in row["shown"] if item in catalog]
    nothing = float("nan")
    return {
        "popularity": popularity(at, catalog),
        "novelty": novelty(at, catalog),
        "diversity": intra_list_diversity(at, catalog, field) if field else nothing,
        "diversity_text": text_diversity(at, vectors) if vectors is not None else nothing,
    }
