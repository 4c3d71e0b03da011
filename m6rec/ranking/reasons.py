"""Why an item is in the list: its own fields and the person's own history, nothing else."""

from collections.abc import Callable, Sequence

from m6rec.records import Item

MOST_SHARED = 2
"""Shared values named in one reason; more make it unreadable."""


Tells = Callable[[str, str], bool]
"""Whether a field's value says something about an item: ("cast", "Keanu Reeves") does, what most
items have ("languages", "English") does not."""


def reason(item: Item, description: str, liked: Sequence[Item], tells: Tells) -> str:
    """One sentence.

    Args:
        item: The recommended item.
        description: The facets on its winning path, drawn from its own fields.
        liked: What the person likes, oldest first.
        tells: Which values are worth naming as shared with something liked.
    """
    year = item.fields.get("year")
    shown = description if description and description != "other" else "by its title"
    parts = [f"{shown} ({year})" if isinstance(year, int) else shown]
    shared = _shared_with(item, liked, tells)
    if shared:
        parts.append(shared)
    if item.popularity:
        parts.append(f"chosen by {item.popularity:,.0f}")
    return "; ".join(parts)


def _shared_with(item: Item, liked: Sequence[Item], tells: Tells) -> str:
    """The liked item with most in common, the latest of several, and what is common."""
    telling = [
        (name, value)
        for name, field in item.fields.items()
        if isinstance(field, tuple)
        for value in field
        if tells(name, value)
    ]
    best: tuple[int, str] = (0, "")
    for other in reversed(liked):
        common = [value for name, value in telling if value in other.values(name)]
        if len(common) > best[0]:
            best = (len(common), f"{', '.join(common[:MOST_SHARED])} like {other.title}")
    return best[1]
