"""Validity: does everything shown exist, once, and unseen?"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from m6rec.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with one list; each place is counted under the first that applies.

    Attributes:
        outside: Ids that the catalog does not have.
        repeats: Ids that already stood higher in the list.
        seen: Ids the person had already seen.
    """

    outside: int
    repeats: int
    seen: int


def faults(item_ids: Sequence[str], catalog: Catalog, seen: Collection[str] = ()) -> Faults:
    """Count the places of a list that should not be there."""
    outside = repeats = already = 0
    shown: set[str] = set()
    for item_id in item_ids:
        if item_id not in catalog:
            outside += 1
        elif item_id in shown:
            repeats += 1
        elif item_id in seen:
            already += 1
        shown.add(item_id)
    return Faults(outside, repeats, already)


def validity(item_ids: Sequence[str], catalog: Catalog, seen: Collection[str] = ()) -> float:
    """Share of the list that exists in the catalog, is shown once, and was not seen before.

    validity = 1 - (outside + repeats + seen) / length. NaN for an empty list.
    """
    if not item_ids:
        return math.nan
    found = faults(item_ids, catalog, seen)
    return 1 - (found.outside + found.repeats + found.seen) / len(item_ids)
