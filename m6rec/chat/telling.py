"""Reasons, comparisons and portraits in words; every figure is the answer's own."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from m6rec.records import FieldValue, Item, Portrait, Recommendation

TERMS = {
    "language_model": "your words",
    "kinds": "your words",
    "neutral": "your words",
    "mentioned": "what you named",
    "popularity": "popularity",
    "taste": "likeness to what you like",
    "crowd": "people with your taste",
    "graph": "people with your taste",
    "content": "likeness to what you like",
    "novelty": "novelty",
    "freshness": "freshness",
}
"""Score terms as people would say them; another is told by its own name."""
SILENT = "normaliser"
"""The term that makes the others one distribution; it speaks for nothing."""
_LEAST = 0.005
_MOST_VALUES = 6


def why_lines(item: Recommendation, items: Sequence[Recommendation]) -> list[str]:
    """Why an item is listed: its reason, its score, and what moved it within its list.

    Args:
        item: One of `items`.
        items: The whole list; with one item there is nothing to compare with.
    """
    lines = [f"{item.rank}. {item.title}: {item.why or 'no reason recorded'}"]
    if item.terms:
        terms = " ".join(f"{name} {value:+.2f}" for name, value in item.terms.items())
        lines.append(f"   score {item.score:.2f} = {terms}")
    moved = moved_sentence(item, items)
    return [*lines, f"   {moved}"] if moved else lines


def moved_sentence(item: Recommendation, items: Sequence[Recommendation]) -> str:
    """What raised or lowered an item against the mean of its list, in shares of all that did."""
    others = [other for other in items if other.item_id != item.item_id]
    if not others or not item.terms:
        return ""
    mean = {name: fmean(o.terms.get(name, 0.0) for o in others) for name in item.terms}
    moved = _grouped({name: value - mean[name] for name, value in item.terms.items()})
    total = sum(abs(value) for value in moved.values())
    if total < _LEAST:
        return "Its terms are those of the others here."
    told = {name: value / total for name, value in moved.items() if abs(value) / total >= _LEAST}
    ups = sorted((n for n in told if told[n] > 0), key=lambda n: -told[n])
    downs = sorted((n for n in told if told[n] < 0), key=lambda n: told[n])
    parts = [
        f"{verb} {', '.join(f'{name} ({abs(told[name]):.0%})' for name in names)}"
        for verb, names in (("raised by", ups), ("held back by", downs))
        if names
    ]
    return f"Against the others here: {'; '.join(parts)}."


def compare_lines(
    one: Recommendation, other: Recommendation, items: Mapping[str, Item]
) -> list[str]:
    """What two items share, what only one has, and which score terms part them."""
    first, second = items[one.item_id], items[other.item_id]
    ours, theirs = _values(first), _values(second)
    both = [value for value in ours if value in theirs]
    lines = [f"{one.rank}. {one.title} and {other.rank}. {other.title}"]
    for name, values in (
        ("both", both),
        (f"only {one.rank}", [value for value in ours if value not in both]),
        (f"only {other.rank}", [value for value in theirs if value not in both]),
    ):
        if values:
            lines.append(f"  {name + ':':<8} {_list(values)}")
    apart = _grouped({n: v - other.terms.get(n, 0.0) for n, v in one.terms.items()})
    told = [f"{name} {value:+.2f}" for name, value in apart.items() if abs(value) >= _LEAST]
    if told:
        ahead, by = (one, one.score - other.score)
        ahead, by = (ahead, by) if by >= 0 else (other, -by)
        lines.append(
            f"  {ahead.rank} is ahead by {by:.2f}; {one.rank} against {other.rank}: {', '.join(told)}"
        )
    return lines


def portrait_lines(
    portrait: Portrait, tastes: Sequence[str], unlearned: Sequence[str]
) -> list[str]:
    """A taste in a few words, with counts."""
    n = len(portrait.liked)
    lines = []
    if portrait.tastes:
        fields = dict.fromkeys(taste.field for taste in portrait.tastes)
        told = [
            ", ".join(f"{t.label} ({len(t.item_ids)})" for t in portrait.tastes if t.field == field)
            for field in fields
        ]
        lines.append(f"You like {'; '.join(told)}: counted over {n} likes.")
    elif n:
        few = (
            "One like makes no pattern yet."
            if n == 1
            else f"Your {n} likes have nothing in common."
        )
        lines.append(few)
    else:
        lines.append("I know nothing about your taste yet; /like a title, or say what you loved.")
    if tastes:
        lines.append(f"added by you: {', '.join(tastes)}")
    if unlearned:
        lines.append(f"left out by you: {', '.join(unlearned)}")
    return lines


def _grouped(terms: Mapping[str, float]) -> dict[str, float]:
    """Terms under the names people are told, those with one name added up."""
    found: dict[str, float] = {}
    for name, value in terms.items():
        if name != SILENT:
            told = TERMS.get(name, name.replace("_", " "))
            found[told] = found.get(told, 0.0) + value
    return found


def _values(item: Item) -> list[str]:
    """What an item's fields say, short texts and numbers, each once."""
    found: dict[str, None] = {}
    for name, value in item.fields.items():
        if name not in {"also_known_as", "item_id", "title"}:
            found |= dict.fromkeys(_said(name, value))
    if item.popularity:
        found[f"chosen by {item.popularity:,.0f}"] = None
    return list(found)


def _said(name: str, value: FieldValue) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value[:_MOST_VALUES]
    if isinstance(value, str):
        return (value,) if len(value) <= 40 else ()
    return (f"{value:g}" if name == "year" else f"{name} {value:g}",)


def _list(values: Sequence[str]) -> str:
    shown = ", ".join(values[: 2 * _MOST_VALUES])
    return shown + (", ..." if len(values) > 2 * _MOST_VALUES else "")
