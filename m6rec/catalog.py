"""The items that can be recommended: unique ids, unique display titles, fields, rows."""

import gc
import hashlib
import json
import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import replaced_file
from m6rec.errors import CatalogError
from m6rec.records import FieldValue, Item

_NO_ROWS = np.zeros(0, dtype=np.int64)
FORMAT = "m6rec_catalog"
VERSION = 1


class Catalog:
    """An immutable, ordered set of items.

    Display titles are made unique (compared after NFC and casefold): where several items share a
    title, each gets its `year` in parentheses if it has one and that tells it apart, and otherwise
    its item id. White space inside a title becomes single blanks.

    Args:
        items: The items, in row order; at least one.
        name: What the catalog is called in messages.
        notes: What was left out or joined while reading, for people to read.

    Raises:
        CatalogError: No item, an empty id or title, an id used twice, or a popularity that is
            negative or not finite; names the row, counted from 1.
    """

    def __init__(
        self, items: Iterable[Item], *, name: str = "catalog", notes: Sequence[str] = ()
    ) -> None:
        self._fill((), tuple(items), name, tuple(notes))

    def _fill(
        self, old: tuple[Item, ...], new: tuple[Item, ...], name: str, notes: tuple[str, ...]
    ) -> None:
        if not old and not new:
            raise CatalogError(f'catalog "{name}" has no items; give at least one')
        self.name = name
        self.notes = notes
        self._rows: dict[str, int] = {item.item_id: row for row, item in enumerate(old)}
        for row, item in enumerate(new, start=len(old)):
            _check(item, row, name)
            first = self._rows.setdefault(item.item_id, row)
            if first != row:
                raise CatalogError(
                    f'item id "{item.item_id}" is used by rows {first + 1} and {row + 1} of '
                    f'catalog "{name}"; give each item its own id'
                )
        titles = _unique_titles(new, {_title_key(item.title) for item in old})
        self.items: tuple[Item, ...] = old + tuple(map(_frozen, new, titles))

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._rows

    def __getitem__(self, item_id: str) -> Item:
        return self.items[self.row(item_id)]

    def __repr__(self) -> str:
        return f"Catalog({self.name!r}, {len(self)} items)"

    def row(self, item_id: str) -> int:
        """Return the row of an item id.

        Raises:
            CatalogError: The catalog has no such id.
        """
        row = self._rows.get(item_id)
        if row is None:
            raise CatalogError(
                f'no item with id {item_id!r} in catalog "{self.name}" ({len(self)} items); '
                f"ids look like {self.items[0].item_id!r}"
            )
        return row

    def at(self, row: int) -> Item:
        """Return the item in a row, counted from 0."""
        return self.items[row]

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """How many people chose each item, shape (n_items,), read-only; 0 when unknown."""
        values = np.array([item.popularity for item in self.items], dtype=np.float64)
        values.flags.writeable = False
        return values

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """All field names, in the order in which they first appear."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.fields))

    def numeric(self, field: str) -> NDArray[np.float64]:
        """Return a field as numbers, shape (n_items,); NaN where it is absent or not a number."""
        return np.array([_number(item.fields.get(field)) for item in self.items], dtype=np.float64)

    def rows_with(self, field: str, value: str) -> NDArray[np.int64]:
        """Rows of the items that have a value in a field, ascending; every field is indexed once."""
        index = self._indexed.get(field)
        if index is None:
            rows: defaultdict[str, list[int]] = defaultdict(list)
            for row, item in enumerate(self.items):
                for one in dict.fromkeys(item.values(field)):
                    rows[one].append(row)
            index = self._indexed[field] = {one: np.array(some) for one, some in rows.items()}
        return index.get(value, _NO_ROWS)

    @cached_property
    def _indexed(self) -> dict[str, dict[str, NDArray[np.int64]]]:
        return {}

    @cached_property
    def content_hash(self) -> str:
        """The sha256 over ids, titles and fields in row order, without popularity.

        The same in every process, and unchanged by `save` and `load`.
        """
        digest = hashlib.sha256()
        encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
        for item in self.items:
            digest.update(encode([item.item_id, item.title, dict(item.fields)]).encode())
            digest.update(b"\n")
        return digest.hexdigest()

    def with_items(self, new: Iterable[Item]) -> "Catalog":
        """Return a catalog with `new` items after the present ones, which keep row and title.

        Raises:
            CatalogError: As for a new catalog; also when an id is already taken.
        """
        grown = object.__new__(type(self))
        grown._fill(self.items, tuple(new), self.name, self.notes)
        return grown

    def save(self, path: str | Path) -> None:
        """Write the catalog as JSON lines, atomically: one head line, then one item a line."""
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        with replaced_file(Path(path)) as part, part.open("w", encoding="utf-8") as lines:
            lines.write(encode({FORMAT: VERSION, "name": self.name, "notes": self.notes}) + "\n")
            for item in self.items:
                record: dict[str, Any] = {"item_id": item.item_id, "title": item.title}
                if item.popularity:
                    record["popularity"] = item.popularity
                record["fields"] = dict(item.fields)
                lines.write(encode(record) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> "Catalog":
        """Read what `save` wrote.

        Raises:
            CatalogError: The file is missing, was not written by `save`, or a line is damaged.
        """
        path = Path(path)
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogError(f"cannot read catalog {path}: {error}") from error
        head = saved_head(lines[0])
        if head is None:
            raise CatalogError(
                f"{path} is not a saved catalog (its first line lacks {FORMAT!r}); "
                "read other files with m6rec.sources.read_catalog"
            )
        with _no_garbage_collection():
            items = [
                _read_line(line, path, number)
                for number, line in enumerate(lines[1:], start=2)
                if line
            ]
        return cls(items, name=head["name"], notes=head["notes"])


def saved_head(line: str) -> dict[str, Any] | None:
    """Return the head of a saved catalog from its first line; None when it is another file."""
    if f'"{FORMAT}"' not in line:
        return None
    try:
        head = json.loads(line)
    except ValueError:
        return None
    if not isinstance(head, dict) or head.get(FORMAT) != VERSION:
        return None
    return {"name": str(head.get("name", "catalog")), "notes": tuple(head.get("notes", ()))}


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Pause the collector: nothing a catalog holds is cyclic, and its scans double the load time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_line(line: str, path: Path, number: int) -> Item:
    try:
        record = json.loads(line)
        fields = record["fields"]
        for name, value in fields.items():
            if isinstance(value, list):
                fields[name] = tuple(value)
        popularity = record.get("popularity", 0.0)
        return Item(record["item_id"], record["title"], MappingProxyType(fields), popularity)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogError(
            f"{path} line {number} is damaged ({error!r}); save the catalog again"
        ) from error


def _check(item: Item, row: int, name: str) -> None:
    """Refuse an item that could not be named or told apart."""
    where = f'row {row + 1} of catalog "{name}"'
    if not _is_text(item.item_id):
        raise CatalogError(f"{where} has the id {item.item_id!r}; ids are non-empty strings")
    if not _is_text(item.title):
        raise CatalogError(
            f'{where} (id "{item.item_id}") has no title; give it one or leave the row out'
        )
    if not (math.isfinite(item.popularity) and item.popularity >= 0):
        raise CatalogError(
            f'{where} (id "{item.item_id}") has popularity {item.popularity!r}; '
            "it is a count, 0 when unknown"
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _frozen(item: Item, title: str) -> Item:
    if isinstance(item.fields, MappingProxyType) and item.title == title:
        return item
    return Item(item.item_id, title, MappingProxyType(dict(item.fields)), item.popularity)


def _title_key(title: str) -> str:
    if title.isascii():
        return title.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", title).casefold())


def _unique_titles(items: Sequence[Item], taken: set[str]) -> list[str]:
    """Return display titles that differ from each other and from the `taken` keys."""
    titles = [" ".join(item.title.split()) for item in items]
    keys = [_title_key(title) for title in titles]
    counts = Counter(keys)
    shared = [row for row, key in enumerate(keys) if counts[key] > 1 or key in taken]
    taken = taken | {key for key, count in counts.items() if count == 1}
    dated = {row: _dated(titles[row], items[row].fields.get("year")) for row in shared}
    dated_counts = Counter(_title_key(title) for title in dated.values() if title is not None)
    for row in shared:
        title = dated[row]
        if title is None or dated_counts[_title_key(title)] > 1 or _title_key(title) in taken:
            title = f"{titles[row]} ({items[row].item_id})"
            while _title_key(title) in taken:
                title += f" ({items[row].item_id})"
        taken.add(_title_key(title))
        titles[row] = title
    return titles


def _dated(title: str, year: FieldValue | None) -> str | None:
    if isinstance(year, int) and not isinstance(year, bool):
        return f"{title} ({year})"
    return None


def _number(value: FieldValue | None) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
