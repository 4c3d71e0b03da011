"""Names in a sentence: where one stands, which of somebody's roles is meant, and which of their years."""

import re
from collections import defaultdict

from m6rec.catalog import Catalog
from m6rec.vocabulary import Said, SaidValues
from m6rec.wishes.conditions import has_value

NAME_WORD = re.compile(
    r"[^\W\d_\u4e00-\u9fff][^\W\u4e00-\u9fff]*(?:['’.-]+[^\W\u4e00-\u9fff]+)*\.?"
)
"""One word of a name, Chinese behind it excluded."""
_LONGEST = 4
_SIDE_ROLE = 0.5
_FEWEST_YEARS = 4
_EARLY = frozenset({"early", "earlier", "earliest", "first"})
_LATE = frozenset({"later", "late"})
_PART = 3


def name_before(
    text: str, end: int, values: SaidValues, *, slips: bool
) -> tuple[tuple[Said, ...], int] | None:
    """Whom the longest name that ends at `end` means, and where it begins.

    Args:
        text: The sentence.
        end: Where the name ends; blanks before it are passed over.
        values: The people of the catalog.
        slips: Whether a name of several words may be misspelt.
    """
    words = list(NAME_WORD.finditer(text, max(0, end - 60), end))[-_LONGEST:]
    if not words or text[words[-1].end() : end].strip():
        return None
    for first in words:
        name = text[first.start() : words[-1].end()].removesuffix("'s").rstrip(".'’")
        said = _meant(name, values, at_start=first.start() == 0, slips=slips)
        if said:
            return said, first.start()
    return None


def _meant(name: str, values: SaidValues, *, at_start: bool, slips: bool) -> tuple[Said, ...]:
    if " " in name:
        return values.somebody(name) if slips else values.person(name)
    if values.refused_kind(name):
        return ()
    # The first word of a sentence has a capital whatever it is.
    surname = values.people.surname(name.lower() if at_start else name)
    return values.person(surname) if surname else ()


def principal(said: tuple[Said, ...], catalog: Catalog) -> tuple[Said, ...]:
    """What somebody is known for: of "Scorsese" the films he directed, not those he is seen in.

    A role stays when it has at least half the weight of the largest; whoever is named n-th of an item has
    1/n of it.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    for one in said:
        for row in catalog.rows_with(one.field, one.value).tolist():
            weights[one.field] += 1 / (1 + catalog.at(row).values(one.field).index(one.value))
    most = max(weights.values(), default=0.0)
    return tuple(one for one in said if weights[one.field] >= _SIDE_ROLE * most)


def period_of(said: tuple[Said, ...], words: str, catalog: Catalog) -> str | None:
    """The condition on years that "early" or "later" before somebody's items means; None for other words.

    Early are the first third of what there is by somebody, later ones the last third.
    """
    asked = set(words.casefold().split())
    early, late = bool(asked & _EARLY), bool(asked & _LATE)
    rows = {int(row) for one in said for row in catalog.rows_with(one.field, one.value)}
    found = (catalog.at(row).fields.get("year") for row in rows)
    years = sorted(year for year in found if isinstance(year, int))
    if early == late or len(years) < _FEWEST_YEARS:
        return None
    at = -(-len(years) // _PART)
    return f"year <= {years[at - 1]}" if early else f"year >= {years[-at]}"


def any_of(said: tuple[Said, ...], catalog: Catalog) -> str:
    """The filter that asks for any of several values."""
    return " or ".join(has_value(one, catalog) for one in said)
