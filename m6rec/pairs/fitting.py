"""Which items of a catalog fit what is asked, facet by facet."""

from collections import defaultdict
from collections.abc import Iterable

from m6rec.facets import Description, FacetPlan

Facet = tuple[str, str]


class Fitting:
    """Items and descriptions by facet.

    Args:
        descriptions: All that is said of each item.
        plan: Which fields make paths.
        n_items: How many items the catalog has.

    Attributes:
        rows: The items that have a facet.
        texts: The descriptions that say a facet; a leading value's without those of two kinds.
        of_row: Of each item the descriptions.
        leads: Of each item the facets of the leading field.
        others: Of each item the facets of other fields, without the decade.
    """

    def __init__(self, descriptions: Iterable[Description], plan: FacetPlan, n_items: int) -> None:
        rows: dict[Facet, set[int]] = defaultdict(set)
        texts: dict[Facet, set[str]] = defaultdict(set)
        self.of_row: list[list[str]] = [[] for _ in range(n_items)]
        self.leads: list[list[Facet]] = [[] for _ in range(n_items)]
        self.others: list[list[Facet]] = [[] for _ in range(n_items)]
        self.decades: dict[int, Facet] = {}
        for found in descriptions:
            self.of_row[found.row].append(found.text)
            mixed = sum(name == plan.lead for name, _ in found.facets) > 1
            for facet in found.facets:
                rows[facet].add(found.row)
                if not mixed:
                    texts[facet].add(found.text)
                self._note(found.row, facet, plan)
        self.rows = {facet: frozenset(some) for facet, some in rows.items()}
        self.texts = {facet: frozenset(some) for facet, some in texts.items()}

    def _note(self, row: int, facet: Facet, plan: FacetPlan) -> None:
        if facet[0] == "decade":
            self.decades[row] = facet
            return
        known = self.leads[row] if facet[0] == plan.lead else self.others[row]
        if facet not in known:
            known.append(facet)
