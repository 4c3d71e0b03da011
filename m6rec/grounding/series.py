"""Films of a series by their place in it: "harry potter 3", "the second godfather", "the first rocky".

Where titles say their number, the number counts. Where they do not ("Die Hard: With a Vengeance"), the
order of the years does, as long as it contradicts no number and nothing else may stand between.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_NUMBERED = re.compile(r"(.+?) (\d{1,2})(?= |$)")
_LAST = 12
_PART_OF_FAME = 40.0
"""What is so much less popular than the best-known film of a series is a spin-off or a short."""
_NAMESAKE = 3.0
_SIBLING = 10.0
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")

Rows = Sequence[int]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the order of a series is read from."""

    titles: Mapping[str, Rows]
    heads: Mapping[str, Rows]
    years: Sequence[int | None]
    popularity: Sequence[float]

    def best(self, rows: Rows) -> int:
        return max(rows, key=lambda row: (self.popularity[row], -row))


def places(
    titles: Mapping[str, Rows],
    others: Mapping[str, Rows],
    heads: Mapping[str, Rows],
    years: Sequence[int | None],
    popularity: Sequence[float],
) -> Iterator[tuple[str, int]]:
    """Keys that name a film by its place in a series, and its row.

    Args:
        titles: Rows by the key of the whole title.
        others: Rows by the key of another title.
        heads: Rows by the key of a beginning.
        years: Year of each row, None when unknown.
        popularity: Popularity of each row.
    """
    known = _Known(titles, heads, years, popularity)
    siblings = _by_beginning(titles, heads)
    stated = _stated(titles, others, heads)
    for base in dict.fromkeys((*heads, *stated)):
        numbers = stated.get(base, {})
        order = _order(base, numbers, known, siblings.get(base, ()))
        for number, row in (order or numbers).items():
            yield f"{base} {number}", row
        for number, row in order.items():
            if number <= len(_ORDINALS):
                yield f"{_ORDINALS[number - 1]} {base}", row
        if 1 in order:
            yield f"original {base}", order[1]


def _stated(*indexes: Mapping[str, Rows]) -> dict[str, dict[int, int]]:
    """Rows by the name of a series and the number that their titles say."""
    titles, _, heads = indexes
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for index in indexes:
        for key, rows in index.items():
            numbered = _NUMBERED.match(key)
            if numbered and len(rows) == 1 and 0 < int(numbered[2]) <= _LAST:
                base = numbered[1]
                if base in titles or base in heads:
                    found[base].setdefault(int(numbered[2]), rows[0])
    return found


def _by_beginning(titles: Mapping[str, Rows], heads: Mapping[str, Rows]) -> dict[str, list[int]]:
    """Rows of the titles that begin with the words of a series."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for key, rows in titles.items():
        words = key.split(" ")
        for n in range(1, len(words)):
            base = " ".join(words[:n])
            if base in heads or base in titles:
                found[base].extend(rows)
    return found


def _order(base: str, stated: Mapping[int, int], known: _Known, siblings: Rows) -> dict[int, int]:
    """Rows by place; empty when the years do not tell it."""
    members = {*known.heads.get(base, ()), *stated.values()}
    named = known.titles.get(base, ())
    if not members or len(members) + bool(named) < 2:
        return {}
    leader = known.best([*members, *named])
    fame = known.popularity[leader]
    if named:
        first = known.best(named)
        clear = all(
            known.popularity[first] > _NAMESAKE * known.popularity[r] for r in named if r != first
        )
        if not clear and leader in named:
            return {}
        members -= set(named)
        if clear and known.popularity[first] * _SIBLING >= fame:
            members.add(first)
    said = {row: number for number, row in stated.items()}
    members = {row for row in members if known.popularity[row] * _PART_OF_FAME >= fame}
    begun = min((known.years[row] or 0 for row in members), default=0)
    between = [
        year
        for row in siblings
        if row not in members and known.popularity[row] * _PART_OF_FAME >= fame
        if (year := known.years[row]) is not None and year > begun
    ]
    return _ranked(members, said, known, min(between, default=9999))


def _ranked(
    members: set[int], said: Mapping[int, int], known: _Known, until: int
) -> dict[int, int]:
    dated = sorted((known.years[row] or 0, row) for row in members)
    if dated and not dated[0][0]:
        return {}
    order: dict[int, int] = {}
    for place, (year, row) in enumerate(dated, start=1):
        twins = sum(year == other for other, _ in dated) > 1
        if place > _LAST or year >= until or (twins and row not in said):
            break
        order[place] = row
    contradicted = any(number != order.get(place) for place, number in _said_places(order, said))
    return {} if contradicted or len(order) < 2 else order


def _said_places(order: Mapping[int, int], said: Mapping[int, int]) -> list[tuple[int, int]]:
    """The places that titles claim, for those that were ordered."""
    return [(said[row], row) for row in order.values() if row in said]
