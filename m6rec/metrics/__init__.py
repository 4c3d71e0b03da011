"""Metrics by name: one file each, one value per request first, then the mean.

A new metric is one file and one line in one of the tables below.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from m6rec.catalog import Catalog
from m6rec.metrics.average_precision import average_precision
from m6rec.metrics.f1 import f1
from m6rec.metrics.hit_rate import hit_rate
from m6rec.metrics.hits import Rows
from m6rec.metrics.intra_list_diversity import intra_list_diversity
from m6rec.metrics.mrr import mrr
from m6rec.metrics.ndcg import ndcg
from m6rec.metrics.novelty import novelty
from m6rec.metrics.popularity import popularity
from m6rec.metrics.precision import precision
from m6rec.metrics.recall import recall
from m6rec.metrics.satisfaction import satisfaction

RANKING: Mapping[str, Callable[[Rows, Collection[int], int], float]] = MappingProxyType(
    {
        "hit_rate": hit_rate,
        "recall": recall,
        "precision": precision,
        "f1": f1,
        "ndcg": ndcg,
        "mrr": mrr,
        "average_precision": average_precision,
        "satisfaction": satisfaction,
    }
)
"""Judge a ranked list of rows against the relevant rows at a cut-off k; all lie in [0, 1]."""

LIST: Mapping[str, Callable[[Rows, Catalog], float]] = MappingProxyType(
    {
        "popularity": popularity,
        "novelty": novelty,
        "intra_list_diversity": intra_list_diversity,
    }
)
"""Describe the rows of one list by the catalog alone; no relevant items needed."""
