"""Why an item is in the list: its own fields and the person's own history, nothing else.

A reason is made of claims, and every claim is checked against the item and the history before it is
said. One that does not hold is left out, wherever it came from.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from m6rec.facets import Description
from m6rec.records import Item

MOST_SHARED = 2
"""Shared values named in one reason; more make it unreadable."""

DECADE = "decade"
"""The field of a claim about the decade of the item's year."""

Tells = Callable[[str, str], bool]
"""Whether a field's value says something about an item: ("cast", "Keanu Reeves") does, what most
items have ("languages", "English") does not."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact a reason rests on.

    Attributes:
        field: A field of the item, or `DECADE`.
        value: The value it is said to have.
        like: Id of a liked item that is said to have it too; None when only the item is spoken of.
    """

    field: str
    value: str
    like: str | None = None


def holds(claim: Claim, item: Item, liked: Iterable[Item]) -> bool:
    """Whether the item, and the liked item that is named, really have the value.

    False as well when the item that is named is not among those the person likes.
    """
    if not _has(item, claim):
        return False
    if claim.like is None:
        return True
    return any(other.item_id == claim.like and _has(other, claim) for other in liked)


def reason(item: Item, description: Description, liked: Sequence[Item], tells: Tells) -> str:
    """One sentence.

    Args:
        item: The recommended item.
        description: What its winning path says; not repeated unless the item's fields bear it out.
        liked: What the person likes, oldest first.
        tells: Which values are worth naming as shared with something liked.
    """
    said = [Claim(name, value) for name, value in description.facets]
    described = bool(said) and all(holds(claim, item, ()) for claim in said)
    shown = description.text if described and description.text else "by its title"
    year = item.fields.get("year")
    parts = [f"{shown} ({year})" if isinstance(year, int) else shown]
    shared = [claim for claim in _shared(item, liked, tells) if holds(claim, item, liked)]
    if shared:
        title = next(other.title for other in liked if other.item_id == shared[0].like)
        parts.append(f"{', '.join(claim.value for claim in shared[:MOST_SHARED])} like {title}")
    if item.popularity:
        parts.append(f"chosen by {item.popularity:,.0f}")
    return "; ".join(parts)


def _has(item: Item, claim: Claim) -> bool:
    if claim.field == DECADE:
        year = item.fields.get("year")
        return isinstance(year, int) and claim.value == f"{year // 10 * 10}s"
    return claim.value in item.values(claim.field)


def _shared(item: Item, liked: Sequence[Item], tells: Tells) -> list[Claim]:
    """What is common with the liked item that has most in common, the latest of several."""
    telling = [
        (name, value)
        for name, field in item.fields.items()
        if isinstance(field, tuple)
        for value in field
        if tells(name, value)
    ]
    best: list[Claim] = []
    for other in reversed(liked):
        common = [
            Claim(name, value, other.item_id)
            for name, value in telling
            if value in other.values(name)
        ]
        if len(common) > len(best):
            best = common
    return best
