"""Why an item is in the list: its own fields and the person's own history, nothing else."""

from collections.abc import Sequence

from m6rec.records import Item

MOST_SHARED = 2
"""Shared values named in one reason; more make it unreadable."""


def reason(item: Item, description: str, liked: Sequence[Item], lead: str | None) -> str:
    """One sentence.

    Args:
        item: The recommended item.
        description: The facets on its winning path, drawn from its own fields.
        liked: What the person likes, oldest first.
        lead: The field that says what an item is (genres); None when the catalog has none.
    """
    year = item.fields.get("year")
    shown = description if description and description != "other" else "by its title"
    parts = [f"{shown} ({year})" if isinstance(year, int) else shown]
    shared = _shared_with(item, liked, lead)
    if shared:
        parts.append(shared)
    if item.popularity:
        parts.append(f"chosen by {item.popularity:,.0f}")
    return "; ".join(parts)


def _shared_with(item: Item, liked: Sequence[Item], lead: str | None) -> str:
    """The liked item with most in common, the latest of several, and what is common."""
    names = [lead, *[n for n in item.fields if n != lead]] if lead else list(item.fields)
    best: tuple[int, str] = (0, "")
    for other in reversed(liked):
        common = [
            value
            for name in names
            if isinstance(item.fields.get(name), tuple)
            for value in item.values(name)
            if value in other.values(name)
        ]
        if len(common) > best[0]:
            best = (len(common), f"{', '.join(common[:MOST_SHARED])} like {other.title}")
    return best[1]
