"""When no item satisfies everything that was asked: which conditions to give up, and how little.

People ask for more than there is. The fewest conditions are given up; among as few, those that cost
least: a span of years is widened before a language is dropped, and a refusal is kept longest, because
what somebody does not want hurts more than what is missing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.filters import field_name, item_mask

Mask = NDArray[np.bool_]

MOST_WEIGHED = 10
"""Conditions among which every choice is tried; of more, the cheapest are given up one by one."""
WIDENINGS = (0.02, 0.05, 0.1, 0.2)
"""By how much a span of numbers is widened before it is dropped, as a share of the field's range: for
films of 120 years some 2, 6, 12 and 24 years."""
ENOUGH = 20
"""Items a widened span should leave, so that there is a choice for the rest of the wish."""
_SPAN_COST, _VALUE_COST, _REFUSAL_COST = 1, 2, 4
_NUMBER = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w'])")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold.

    Attributes:
        expression: In the language of `m6rec.filters`.
        phrase: The same for people.
    """

    expression: str
    phrase: str

    @property
    def cost(self) -> int:
        """How much it hurts to give it up."""
        if self.expression.startswith("not "):
            return _REFUSAL_COST
        return _SPAN_COST if _NUMBER.search(self.expression) else _VALUE_COST


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What is left of the conditions.

    Attributes:
        allowed: Which items may be named, shape (n_items,); at least one.
        kept: Phrases of the conditions that hold for all of them.
        notes: For each condition given up, a sentence that says so and what was done instead.
    """

    allowed: Mask
    kept: tuple[str, ...]
    notes: tuple[str, ...]


def relax(
    conditions: Sequence[Condition], catalog: Catalog, allowed: Mask, known: Mask | None = None
) -> Relaxed:
    """The items that satisfy the conditions, or as many of the conditions as can be.

    Args:
        conditions: What must hold.
        catalog: The items.
        allowed: Items that may be named at all, at least one.
        known: Items left out of `allowed` because the person knows them; they decide how it is told.

    Raises:
        FilterError: An expression cannot be read.
    """
    masks = [item_mask(condition.expression, catalog) for condition in conditions]
    fits = _all_of(masks, allowed)
    if fits.any():
        return Relaxed(fits, tuple(c.phrase for c in conditions), ())
    given_up = _cheapest(conditions, masks, allowed)
    kept = [c for n, c in enumerate(conditions) if n not in given_up]
    fits = _all_of([mask for n, mask in enumerate(masks) if n not in given_up], allowed)
    exhausted = known is not None and bool(_all_of(masks, allowed | known).any())
    notes = []
    for n in sorted(given_up):
        fits, instead = _nearest(conditions[n], catalog, fits)
        notes.append(_note(conditions[n].phrase, bool(kept), exhausted, instead))
    return Relaxed(fits, tuple(c.phrase for c in kept), tuple(notes))


def _all_of(masks: Sequence[Mask], allowed: Mask) -> Mask:
    fits = allowed.copy()
    for mask in masks:
        fits &= mask
    return fits


def _cheapest(
    conditions: Sequence[Condition], masks: Sequence[Mask], allowed: Mask
) -> frozenset[int]:
    """The conditions to give up: as few as can be, then the cheapest, then what leaves most items."""
    for group in _groups(conditions):
        best: tuple[int, int] | None = None
        chosen: frozenset[int] = frozenset()
        for given_up in group:
            left = int(
                _all_of([m for n, m in enumerate(masks) if n not in given_up], allowed).sum()
            )
            rank = (sum(conditions[n].cost for n in given_up), -left)
            if left and (best is None or rank < best):
                best, chosen = rank, given_up
        if best is not None:
            return chosen
    return frozenset(range(len(conditions)))


def _groups(conditions: Sequence[Condition]) -> Iterator[Iterator[frozenset[int]]]:
    """Choices of conditions to give up, by how many they are."""
    every = range(len(conditions))
    if len(conditions) <= MOST_WEIGHED:
        for size in range(1, len(conditions) + 1):
            yield (frozenset(chosen) for chosen in combinations(every, size))
        return
    order = sorted(every, key=lambda n: (conditions[n].cost, -n))
    for size in range(1, len(conditions) + 1):
        yield iter([frozenset(order[:size])])


def _nearest(condition: Condition, catalog: Catalog, fits: Mask) -> tuple[Mask, str]:
    """Of the items that fit the rest, those nearest to a span of numbers; and what span that is."""
    bounds = [float(number) for number in _NUMBER.findall(condition.expression)]
    field = _numeric_field(condition.expression, catalog)
    if field is None or not bounds or condition.expression.startswith("not "):
        return fits, ""
    values = catalog.numeric(field)
    spread = float(np.nanmax(values) - np.nanmin(values))
    distance = np.min([np.abs(values - bound) for bound in bounds], axis=0)
    wider = [fits & (distance <= share * spread) for share in WIDENINGS]
    some = [near for near in wider if near.any()]
    if not some:
        return fits, ""
    # The narrowest with enough to choose from; where none has, the widest there is.
    near = next((near for near in some if near.sum() >= ENOUGH), some[-1])
    low, high = values[near].min(), values[near].max()
    span = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    return near, f"{field} {span}"


def _numeric_field(expression: str, catalog: Catalog) -> str | None:
    for name in catalog.field_names:
        written = re.escape(field_name(name))
        if re.search(rf"(?<![\w'`]){written}(?![\w'`])", expression):
            return name if np.isfinite(catalog.numeric(name)).any() else None
    return None


def _note(phrase: str, others: bool, exhausted: bool, instead: str) -> str:
    too = " as well" if others else ""
    why = f"you know all that fits {phrase}{too}" if exhausted else f"nothing fits {phrase}{too}"
    return f"{why}; the nearest is {instead}" if instead else f"{why}; that was left out"
