"""An item field as columns, so that a filter over many items is a few array operations.

Each distinct value is compared once and the result is spread to the items that have it. Columns are
built when a filter first names their field and live as long as their catalog.
"""

import operator
import unicodedata
from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import FilterError
from m6rec.records import Item

Mask = NDArray[np.bool_]
Literal = str | float | bool

_ATTRIBUTES: dict[str, Callable[[Item], str | float]] = {
    "title": operator.attrgetter("title"),
    "item_id": operator.attrgetter("item_id"),
    "popularity": operator.attrgetter("popularity"),
}
_BOOLEANS = {True: frozenset({"true", "yes", "1"}), False: frozenset({"false", "no", "0"})}


class Column:
    """One field of all items, as distinct values and who has them.

    Attributes:
        name: The field's name.
        present: Which items have the field, shape ``(n_items,)``.
    """

    def __init__(self, name: str, rows: Iterable[Iterable[object]], n_items: int) -> None:
        codes: dict[str, int] = {}
        owners: list[int] = []
        values: list[int] = []
        self._many = False
        for row, row_values in enumerate(rows):
            for count, value in enumerate(row_values):
                self._many |= count > 0
                owners.append(row)
                values.append(codes.setdefault(_folded(str(value)), len(codes)))
        self.name = name
        self._n_items = n_items
        self._texts = list(codes)
        self._codes = codes
        self._owners = np.asarray(owners, dtype=np.intp)
        self._values = np.asarray(values, dtype=np.intp)
        self._numbers = np.array([_number(text) for text in codes], dtype=np.float64)
        self.present: Mask = np.zeros(n_items, dtype=np.bool_)
        self.present[self._owners] = True

    def equal(self, value: Literal) -> Mask:
        """The items that have `value`, as a number when it reads as one."""
        return self._spread(self._equal(value))

    def contains(self, value: Literal) -> Mask:
        """The items that have `value`; in a single-valued text field, as a part of the text."""
        hits = self._equal(value)
        if isinstance(value, str) and not self._many and not self._numeric():
            part = _folded(value)
            hits = hits | np.array([part in text for text in self._texts], dtype=np.bool_)
        return self._spread(hits)

    def ordered(self, compare: Callable[[object, object], object], value: Literal) -> Mask:
        """The items with a value that compares so with `value`.

        Raises:
            FilterError: The field holds numbers and `value` is a word.
        """
        number = float(value) if not isinstance(value, str) else _number(value)
        if not np.isnan(number) and not np.isnan(self._numbers).all():
            return self._spread(np.asarray(compare(self._numbers, number), dtype=np.bool_))
        self._refuse_word(value)
        if not isinstance(value, str):
            return self._spread(np.zeros(len(self._texts), dtype=np.bool_))
        word = _folded(value)
        return self._spread(np.array([compare(t, word) for t in self._texts], dtype=np.bool_))

    def truthy(self) -> Mask:
        """The items where the field is there and neither 0 nor ``false``."""
        return self._spread(
            np.array([t.strip() not in ("", "false", "no", "0", "0.0") for t in self._texts])
        )

    def _equal(self, value: Literal) -> Mask:
        hits = np.zeros(len(self._texts), dtype=np.bool_)
        if isinstance(value, bool):
            return np.array([t in _BOOLEANS[value] for t in self._texts], dtype=np.bool_)
        number = _number(value) if isinstance(value, str) else float(value)
        if not np.isnan(number):
            hits = self._numbers == number
        else:
            self._refuse_word(value)
        if isinstance(value, str) and (code := self._codes.get(_folded(value))) is not None:
            hits[code] = True
        return hits

    def _numeric(self) -> bool:
        return bool(len(self._texts)) and not bool(np.isnan(self._numbers).any())

    def _refuse_word(self, value: Literal) -> None:
        # Only for text-free fields beyond a handful of values: a title may well be a number.
        if isinstance(value, str) and self._numeric() and self.name not in ("title", "item_id"):
            raise FilterError(
                f"the field {self.name} holds numbers, not {value!r}; "
                f"write for example: {self.name} >= {self._texts[0]}"
            )

    def _spread(self, hits: Mask) -> Mask:
        mask = np.zeros(self._n_items, dtype=np.bool_)
        mask[self._owners[hits.astype(np.bool_)[self._values]]] = True
        return mask


class Columns:
    """The columns of one catalog, each built when first asked for."""

    def __init__(self, catalog: Catalog) -> None:
        self._items = catalog.items
        self._built: dict[str, Column] = {}
        self.names = tuple(dict.fromkeys([*_ATTRIBUTES, *catalog.field_names]))

    def known(self, name: str) -> str | None:
        """The field that `name` means, whatever its capitals; None when there is no such field."""
        if name in self.names:
            return name
        folded = name.casefold()
        return next((known for known in self.names if known.casefold() == folded), None)

    def __getitem__(self, name: str) -> Column:
        """The column of a known field."""
        column = self._built.get(name)
        if column is None:
            column = Column(name, map(self._values(name), self._items), len(self._items))
            self._built[name] = column
        return column

    @staticmethod
    def _values(name: str) -> Callable[[Item], Iterable[object]]:
        get = _ATTRIBUTES.get(name)
        if get is not None:
            return lambda item: (get(item),)
        return lambda item: item.values(name)


_COLUMNS: "WeakKeyDictionary[Catalog, Columns]" = WeakKeyDictionary()


def columns_of(catalog: Catalog) -> Columns:
    """The columns of a catalog, the same object for as long as the catalog lives."""
    columns = _COLUMNS.get(catalog)
    if columns is None:
        columns = _COLUMNS[catalog] = Columns(catalog)
    return columns


def _folded(text: str) -> str:
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
