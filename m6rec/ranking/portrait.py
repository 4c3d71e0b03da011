"""A person's taste in a few words, made from the fields of what they like."""

from collections.abc import Iterator, Sequence

from m6rec.facets import Describer
from m6rec.ranking.reasons import DECADE
from m6rec.records import Item, Portrait, Taste

MOST_OF_LEAD = 5
"""Leading values (genres) in a portrait."""
MOST_OF_OTHERS = 3
"""Decades, people, countries, each."""
FEWEST_LIKES = 2
"""Liked items that make a value a taste; one film makes nobody a fan of its second actor."""


def portrait(liked: Sequence[Item], describer: Describer) -> Portrait:
    """What the liked items have in common.

    Args:
        liked: Oldest first.
        describer: Which fields describe the catalog's items, and how their values are said.

    Returns:
        Field by field, the leading one first; values by how many liked items have them, then by how
        early. What most items of the catalog have tells nothing and is left out.
    """
    having: dict[tuple[str, str], list[str]] = {}
    for item in liked:
        for facet in dict.fromkeys(_facets(item, describer)):
            having.setdefault(facet, []).append(item.item_id)
    fields = dict.fromkeys(name for name, _ in having)
    order = [
        name for name in (describer.plan.lead, DECADE, *describer.plan.others) if name in fields
    ]
    tastes: list[Taste] = []
    for name in order:
        found = sorted(
            ((value, ids) for (field, value), ids in having.items() if field == name),
            key=lambda entry: -len(entry[1]),
        )
        most = MOST_OF_LEAD if name == describer.plan.lead else MOST_OF_OTHERS
        tastes += [
            Taste(name, value, describer.say(((name, value),)), tuple(ids))
            for value, ids in found[:most]
            if len(ids) >= FEWEST_LIKES
        ]
    return Portrait(tuple(item.item_id for item in liked), tuple(tastes))


def _facets(item: Item, describer: Describer) -> Iterator[tuple[str, str]]:
    plan = describer.plan
    if plan.lead is not None:
        yield from ((plan.lead, value) for value in item.values(plan.lead))
    year = item.fields.get("year")
    if plan.decades and isinstance(year, int):
        yield DECADE, f"{year // 10 * 10}s"
    for name in plan.others:
        yield from ((name, value) for value in item.values(name) if describer.tells(name, value))
