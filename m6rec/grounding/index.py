"""All the keys under which the titles of a catalog can be found."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from m6rec.catalog import Catalog
from m6rec.grounding.keys import compact, nfc, parts, slim, split_year, title_key
from m6rec.grounding.series import places
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary, is_cjk

ALTERNATES = "also_known_as"
"""The field that holds an item's other titles."""
_SHORTEST_TAIL = 8
_SHORTEST_HEAD = 4
_TELLING_WORD = 6
_EPISODE = re.compile(r"\bepisode (?:[ivx]+|\d+)\b", re.IGNORECASE)
_JOINTS = (" and the ", " and ")

Rows = Sequence[int]
_Series = tuple[str, list[int], list[tuple[str, int]]]


@dataclass(frozen=True)
class TitleIndex:
    """Keys of titles, and the rows of the items that have them.

    Attributes:
        titles: Keys of whole titles.
        alternates: Keys of other titles (`also_known_as`).
        compacts: Both of these without blanks.
        slims: Whole titles, other titles and beginnings without their little words.
        heads: Keys of beginnings, which name a series: ``star wars``, ``harry potter``.
        tails: Keys of endings: ``empire strikes back``.
        pool: All keys long enough to be found with a typing error.
        words: All words of all keys.
        years: Year of each row, None when unknown.
    """

    titles: Mapping[str, Rows]
    alternates: Mapping[str, Rows]
    compacts: Mapping[str, Rows]
    slims: Mapping[str, Rows]
    heads: Mapping[str, Rows]
    tails: Mapping[str, Rows]
    pool: tuple[str, ...]
    words: frozenset[str]
    years: tuple[int | None, ...]

    @cached_property
    def han(self) -> frozenset[str]:
        """Titles and other titles that have Chinese characters."""
        return frozenset(
            key for keys in (self.titles, self.alternates) for key in keys if is_cjk(key)
        )

    @cached_property
    def longest_han(self) -> int:
        """Characters of the longest of them; 0 where there is none."""
        return max(map(len, self.han), default=0)

    def named(self, key: str) -> Rows:
        """Rows whose whole title, else whose other title, has this key."""
        return (
            self.titles.get(key) or self.alternates.get(key) or self.compacts.get(compact(key), ())
        )


def build_index(catalog: Catalog) -> TitleIndex:
    """The index of a catalog's titles and other titles."""
    titles: defaultdict[str, list[int]] = defaultdict(list)
    alternates: defaultdict[str, list[int]] = defaultdict(list)
    compacts: defaultdict[str, list[int]] = defaultdict(list)
    heads: defaultdict[str, list[int]] = defaultdict(list)
    tails: defaultdict[str, list[int]] = defaultdict(list)
    years: list[int | None] = []
    table = Vocabulary.load().table("titles")
    nicknames = {title_key(title): tuple(names) for title, names in table.items()}
    for row, item in enumerate(catalog):
        bare, year = _bare_title(item)
        years.append(year)
        key = title_key(bare)
        titles[key].append(row)
        compacts[compact(key)].append(row)
        for name in (bare, *item.values(ALTERNATES), *nicknames.get(key, ())):
            other = key if name is bare else title_key(name)
            if other != key:
                alternates[other].append(row)
                compacts[compact(other)].append(row)
            _add_parts(name, row, heads, tails)
            if (episode := _EPISODE.search(name)) is not None:
                alternates[title_key(episode[0])].append(row)
    for head, rows, endings in _series(titles, alternates):
        heads[head].extend(row for row in rows if row not in heads[head])
        for ending, row in endings:
            tails[ending].append(row)
    for other, row in _short_forms(titles, alternates, heads, tails):
        alternates[other].append(row)
    popularity = list(map(float, catalog.popularity))
    for other, row in list(places(titles, alternates, heads, years, popularity)):
        if other not in titles and other not in alternates and other not in heads:
            alternates[other].append(row)
    _drop_shared(heads, titles, popularity)
    slims = _slims(titles, alternates, heads)
    pool = tuple(filter(None, dict.fromkeys([*titles, *alternates, *heads, *tails])))
    words = frozenset(word for key in pool for word in key.split())
    return TitleIndex(titles, alternates, compacts, slims, heads, tails, pool, words, tuple(years))


def _bare_title(item: Item) -> tuple[str, int | None]:
    """The title without the year or id that made it unique, and the year."""
    title = item.title.removesuffix(f" ({item.item_id})")
    year = item.fields.get("year")
    known = year if isinstance(year, int) else None
    rest, written = split_year(title) if title.endswith(")") else (title, None)
    if written is not None and known in (None, written):
        return rest, written
    return title, known


def _add_parts(
    name: str, row: int, heads: defaultdict[str, list[int]], tails: defaultdict[str, list[int]]
) -> None:
    found_heads, found_tails = parts(name)
    for head in found_heads:
        if len(head) >= _SHORTEST_HEAD and row not in heads.get(head, ()):
            heads[head].append(row)
    for tail in found_tails:
        if len(tail) >= _SHORTEST_TAIL and " " in tail:
            tails[tail].append(row)


def _drop_shared(
    heads: dict[str, list[int]], titles: Mapping[str, list[int]], popularity: Sequence[float]
) -> None:
    """Take away beginnings that better-known titles share without being of the series.

    "Once Upon a Time ... When We Were Colored" is not what "once upon a time" means.
    """
    best = {head: max(popularity[row] for row in rows) for head, rows in heads.items()}
    for key, rows in titles.items():
        words = key.split(" ")
        for n in range(2, len(words)):
            head = " ".join(words[:n])
            other = head in heads and head not in titles and rows[0] not in heads[head]
            if other and popularity[rows[0]] >= best[head]:
                del heads[head]


def _slims(*indexes: Mapping[str, list[int]]) -> dict[str, list[int]]:
    slims: defaultdict[str, list[int]] = defaultdict(list)
    for index in indexes:
        for key, rows in index.items():
            short = slim(key)
            if short and short != key:
                slims[short].extend(rows)
    return slims


def _series(*indexes: Mapping[str, list[int]]) -> Iterator[_Series]:
    """Beginnings before "and the" that several titles share: Harry Potter, Indiana Jones.

    With each come its rows and what stands behind the "and the", with and without an apostrophe's blank.
    """
    shared: defaultdict[str, dict[int, None]] = defaultdict(dict)
    endings: defaultdict[str, dict[tuple[str, int], None]] = defaultdict(dict)
    for index in indexes:
        for key, rows in index.items():
            for joint in _JOINTS:
                head, found, ending = key.partition(joint)
                if not found:
                    continue
                if " " in head:
                    shared[head].update(dict.fromkeys(rows))
                    for form in (ending, ending.replace(" s ", "s ")):
                        if len(form) >= _SHORTEST_TAIL and " " in form:
                            endings[head][form, rows[0]] = None
                break
    for head, members in shared.items():
        if len(members) > 1:
            yield head, list(members), list(endings[head])


def _short_forms(
    titles: Mapping[str, list[int]],
    alternates: Mapping[str, list[int]],
    heads: defaultdict[str, list[int]],
    tails: Mapping[str, list[int]],
) -> list[tuple[str, int]]:
    """A series before an ending ("star wars return of the jedi"), and short names for it ("lotr 2").

    The short names become beginnings like the long ones.
    """
    ended: defaultdict[int, list[str]] = defaultdict(list)
    for tail, rows in tails.items():
        for row in rows:
            ended[row].append(tail)
    found: dict[tuple[str, int], None] = {}
    for head, rows in heads.items():
        if " " in head:
            found |= {(f"{head} {tail}", row): None for row in rows for tail in ended[row]}
            found |= {(f"{head} {word}", row): None for word, row in _told_apart(rows, ended)}
    for series, names in Vocabulary.load().table("series").items():
        base = title_key(series)
        if base not in heads:
            continue
        whole = [(key, row) for keys in (titles, alternates) for key in keys for row in keys[key]]
        for name in map(title_key, names):
            heads[name] = list(heads[base])
            for key, row in [*whole, *found]:
                if key.startswith(f"{base} "):
                    found[name + key.removeprefix(base), row] = None
    return [(key, row) for key, row in found if key not in titles and key not in alternates]


def _told_apart(rows: Rows, ended: Mapping[int, list[str]]) -> Iterator[tuple[str, int]]:
    """Words that tell the films of a series apart: "azkaban" of Harry Potter, "fellowship"."""
    bearers: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        for tail in ended[row]:
            for word in tail.split(" "):
                bearers[word].add(row)
    for word, some in bearers.items():
        if len(some) == 1 and len(word) >= _TELLING_WORD:
            yield word, next(iter(some))


def openings(catalog: Catalog) -> list[str]:
    """`opening` of every title and other title, sorted."""
    others = (name for item in catalog for name in item.values(ALTERNATES))
    return sorted([*(opening(item.title) for item in catalog), *map(opening, others)])


def opening(text: str) -> str:
    """Lower case without an English article: enough to see that no title begins like this."""
    return nfc(text).casefold().removeprefix("the ").removeprefix("a ").strip(" .!?")
