"""Interactions from a table: who chose what, how much they liked it, and when."""

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.interactions import Interactions
from m6rec.sources.cells import is_gap
from m6rec.sources.choosing import first_ending, first_named
from m6rec.sources.rows import Table, read_table
from m6rec.sources.table import cell_text

USERS = ("user_id", "userid", "user", "reviewer_id", "customer_id", "account_id", "member_id")
ITEMS = (
    *("item_id", "itemid", "movie_id", "movieid", "book_id", "product_id", "track_id", "song_id"),
    *("hotel_id", "item", "movie", "book", "product", "asin", "id"),
)
RATINGS = ("rating", "ratings", "score", "stars", "overall", "value")
TIMES = (
    "timestamp",
    "time",
    "ts",
    "date",
    "datetime",
    "created_at",
    "unix_review_time",
    "rated_at",
)

# Seconds of the year 5138 and milliseconds of 1973: nothing between is met as the other.
_MILLISECONDS = 1e11


def read_interactions(path: str | Path, catalog: Catalog) -> Interactions:
    """Read interactions from a CSV, Parquet or JSON lines file.

    A user and an item column are needed; rating and time are optional. Columns are found by name
    (user_id or userId, item_id or movieId, rating, timestamp or date, ...). Times are seconds or
    milliseconds since 1970, or ISO dates, taken as UTC where they name no zone. Interactions with
    items the catalog does not have are left out and counted in `notes`.

    Raises:
        CatalogError: The file cannot be used, a cell cannot be read, or more than half of the
            interactions name items the catalog does not have; one line names file, row, remedy.
    """
    table = read_table(Path(path))
    user = first_named(table, USERS)
    item = first_named(table, ITEMS) or first_ending(table, ("_id",), lambda _: True)
    if user is None or item is None or user == item:
        lacking = "user (user_id, userId, ...)" if user is None else "item (item_id, movieId, ...)"
        raise CatalogError(
            f"{table.source} has no {lacking} column; its columns are {', '.join(table.columns)}: "
            "rename one"
        )
    return Interactions.from_columns(
        _names(table, user),
        _names(table, item),
        np.array(_ratings(table, first_named(table, RATINGS)), np.float32),
        np.array(_times(table, first_named(table, TIMES)), np.int64),
        catalog,
        source=table.source,
        notes=table.notes,
    )


def _names(table: Table, column: str) -> list[str]:
    cells = table.columns[column]
    for row, cell in enumerate(cells):
        if is_gap(cell):
            raise CatalogError(
                f"{table.source} {table.where(row)} has nothing in column {column!r}; fill it in "
                "or remove the row"
            )
    return [cell_text(cell) for cell in cells]


def _ratings(table: Table, column: str | None) -> Sequence[float]:
    if column is None:
        return [math.nan] * len(table)
    ratings = []
    for row, cell in enumerate(table.columns[column]):
        try:
            ratings.append(math.nan if is_gap(cell) else float(cell))
        except (TypeError, ValueError) as error:
            raise CatalogError(
                f"{table.source} {table.where(row)} has the rating {cell!r}; ratings are numbers"
            ) from error
    return ratings


def _times(table: Table, column: str | None) -> Sequence[int]:
    if column is None:
        return [0] * len(table)
    times = []
    for row, cell in enumerate(table.columns[column]):
        try:
            times.append(0 if is_gap(cell) else _seconds(cell))
        except (TypeError, ValueError, OverflowError) as error:
            raise CatalogError(
                f"{table.source} {table.where(row)} has the time {cell!r}; write seconds since "
                "1970 or a date such as 2024-05-31"
            ) from error
    return times


def _seconds(cell: Any) -> int:
    """Return a time as seconds since 1970."""
    if isinstance(cell, str):
        try:
            cell = float(cell)
        except ValueError:
            cell = dt.datetime.fromisoformat(cell.strip())
    if isinstance(cell, dt.date):
        if not isinstance(cell, dt.datetime):
            cell = dt.datetime.combine(cell, dt.time())
        if cell.tzinfo is None:
            cell = cell.replace(tzinfo=dt.UTC)
        return int(cell.timestamp())
    return int(cell / 1000 if cell > _MILLISECONDS else cell)
