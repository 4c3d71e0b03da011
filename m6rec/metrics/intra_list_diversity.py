"""Intra-list diversity: how different are the items of one list from each other?"""

import math
from itertools import combinations

from m6rec.catalog import Catalog
from m6rec.metrics.hits import Rows


def intra_list_diversity(rows: Rows, catalog: Catalog, field: str = "genres") -> float:
    """Mean Jaccard distance over all pairs of one list, on the values of a field.

    distance(a, b) = 1 - |a and b| / |a or b| (pairwise form of Ziegler et al. 2005, "Improving
    recommendation lists through topic diversification"). Two items without the field are alike
    (distance 0). NaN for a list of fewer than two items.
    """
    values = [frozenset(catalog.at(int(row)).values(field)) for row in rows]
    if len(values) < 2:
        return math.nan
    distances = [
        1 - len(one & other) / len(one | other) if one | other else 0.0
        for one, other in combinations(values, 2)
    ]
    return sum(distances) / len(distances)
