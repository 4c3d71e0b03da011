"""Who chose what, and when: columns over a catalog's rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import replaced_file
from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, RequestError
from m6rec.records import Interaction

_Number = TypeVar("_Number", bound=np.generic)
COLUMNS = ("user_id", "item_id", "rating", "timestamp")


@dataclass(frozen=True, eq=False)
class Interactions:
    """Choices of many users, sorted by user, then time, then source order.

    Attributes:
        user_ids: Outside name of each user, in the order of first appearance in the source.
        item_ids: Outside name of each row of the catalog the columns refer to.
        user: Index into `user_ids`, shape (n,), never falling.
        row: Row of the catalog, shape (n,).
        rating: On the source's own scale, shape (n,); NaN where the choice was implicit.
        timestamp: Seconds since 1970, shape (n,); 0 when unknown.
        notes: What was left out while reading, for people to read.
    """

    user_ids: tuple[str, ...] = field(repr=False)
    item_ids: tuple[str, ...] = field(repr=False)
    user: NDArray[np.int32] = field(repr=False)
    row: NDArray[np.int32] = field(repr=False)
    rating: NDArray[np.float32] = field(repr=False)
    timestamp: NDArray[np.int64] = field(repr=False)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row)

    @property
    def n_users(self) -> int:
        """How many users have at least one interaction."""
        return len(self.user_ids)

    @cached_property
    def _users(self) -> dict[str, int]:
        return {user_id: user for user, user_id in enumerate(self.user_ids)}

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where each user's rows start, shape (n_users + 1,); user u has [offsets[u], offsets[u+1])."""
        return np.searchsorted(self.user, np.arange(self.n_users + 1)).astype(np.int64)

    def history(self, user_id: str) -> NDArray[np.int32]:
        """Return the rows one user chose, oldest first.

        Raises:
            RequestError: No interaction has this user.
        """
        user = self._users.get(user_id)
        if user is None:
            raise RequestError(
                f"no user {user_id!r} among the {self.n_users} users of the interactions; "
                f"leave the user out or name one with a history"
            )
        return self.row[self.offsets[user] : self.offsets[user + 1]]

    @classmethod
    def from_records(cls, records: Iterable[Interaction], catalog: Catalog) -> "Interactions":
        """Build the columns from records in any order.

        Interactions with items that are not in the catalog are left out and counted in `notes`.

        Raises:
            CatalogError: More than half of the interactions name items the catalog does not have.
        """
        kept = list(records)
        return cls.from_columns(
            [record.user_id for record in kept],
            [record.item_id for record in kept],
            np.array([np.nan if r.rating is None else r.rating for r in kept], np.float32),
            np.array([r.timestamp or 0 for r in kept], np.int64),
            catalog,
        )

    @classmethod
    def from_columns(
        cls,
        users: Sequence[str],
        items: Sequence[str],
        rating: NDArray[np.float32],
        timestamp: NDArray[np.int64],
        catalog: Catalog,
        *,
        source: str = "the interactions",
        notes: Sequence[str] = (),
    ) -> "Interactions":
        """Build from parallel columns of length n, in any order; `source` is named in messages.

        Raises:
            CatalogError: More than half of the items are not in the catalog.
        """
        item_ids = tuple(item.item_id for item in catalog)
        rows = {item_id: row for row, item_id in enumerate(item_ids)}
        row = np.fromiter((rows.get(item, -1) for item in items), np.int32, count=len(items))
        known = row >= 0
        notes = (*notes, *_unknown_items(items, known, catalog, source))
        index: dict[str, int] = {}
        user = np.fromiter(
            (
                index.setdefault(name, len(index)) if keep else 0
                for name, keep in zip(users, known, strict=True)
            ),
            np.int32,
            count=len(users),
        )
        # lexsort is stable, so equal times keep the source order.
        order = np.flatnonzero(known)
        order = order[np.lexsort((timestamp[order], user[order]))]
        return cls(
            tuple(index),
            item_ids,
            user[order],
            row[order],
            np.asarray(rating, np.float32)[order],
            np.asarray(timestamp, np.int64)[order],
            notes,
        )

    def save(self, path: str | Path) -> None:
        """Write a Parquet file, atomically, with columns user_id, item_id, rating, timestamp."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        def text(index: NDArray[np.int32], names: tuple[str, ...]) -> pa.DictionaryArray:
            return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(names, pa.string()))

        columns = (
            text(self.user, self.user_ids),
            text(self.row, self.item_ids),
            pa.array(self.rating),
            pa.array(self.timestamp),
        )
        with replaced_file(Path(path)) as part:
            pq.write_table(pa.table(dict(zip(COLUMNS, columns, strict=True))), part)

    @classmethod
    def load(cls, path: str | Path, catalog: Catalog) -> "Interactions":
        """Read what `save` wrote, for the same catalog or one that has most of its items.

        Raises:
            CatalogError: The file is missing or damaged, lacks a column, or more than half of its
                items are not in the catalog.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            # Unlike read_table, this does not load pandas.
            with pq.ParquetFile(path) as file:
                table = file.read()
        except (OSError, pa.ArrowInvalid) as error:
            first = str(error).partition("\n")[0]
            raise CatalogError(f"cannot read interactions {path}: {first}") from error
        missing = [name for name in COLUMNS if name not in table.column_names]
        if missing:
            raise CatalogError(
                f"{path} is no saved interactions file: it lacks {', '.join(missing)}; "
                "read other files with m6rec.sources.read_interactions"
            )
        try:
            rating = _numbers(table["rating"].cast(pa.float32()), np.float32, np.nan)
            timestamp = _numbers(table["timestamp"].cast(pa.int64()), np.int64, 0)
        except pa.ArrowException as error:
            raise CatalogError(
                f"{path} is no saved interactions file: rating and timestamp are not plain numbers "
                f"({error}); read other files with m6rec.sources.read_interactions"
            ) from error
        return cls.from_columns(
            table["user_id"].cast(pa.string()).to_pylist(),
            table["item_id"].cast(pa.string()).to_pylist(),
            rating,
            timestamp,
            catalog,
            source=str(path),
        )


def _numbers(column: Any, dtype: type[_Number], gap: float) -> NDArray[_Number]:
    """Copy an Arrow column, gaps filled; buffers, since Arrow's own conversions load pandas."""
    if column.null_count:
        column = column.fill_null(gap)
    chunks = [
        np.frombuffer(chunk.buffers()[1], dtype)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(chunks) if chunks else np.empty(0, dtype)


def _unknown_items(
    items: Sequence[str], known: NDArray[np.bool_], catalog: Catalog, source: str
) -> tuple[str, ...]:
    """Count the interactions whose item the catalog lacks; refuse when they are the most."""
    n = len(items)
    n_unknown = n - int(known.sum())
    if not n_unknown:
        return ()
    unknown = list(dict.fromkeys(items[i] for i in np.flatnonzero(~known).tolist()))
    shown = ", ".join(repr(item) for item in unknown[:3])
    things = "1 item" if len(unknown) == 1 else f"{len(unknown)} items"
    what = f"{n_unknown} of {n} interactions in {source} name {things}"
    if 2 * n_unknown > n:
        raise CatalogError(
            f'{what} that catalog "{catalog.name}" does not have (such as {shown}; its ids look '
            f"like {catalog.items[0].item_id!r}); check that both files use the same item ids"
        )
    return (f'{what} that catalog "{catalog.name}" does not have (such as {shown}): left out',)
