"""A catalog from a table: CSV, Parquet, JSON lines, or anything with named columns."""

from pathlib import Path
from typing import Any

from m6rec.catalog import Catalog, saved_head
from m6rec.errors import CatalogError
from m6rec.records import FieldValue, Item
from m6rec.sources.cells import field_values, is_gap, numbers, year_of
from m6rec.sources.choosing import (
    DATES,
    POPULARITIES,
    YEARS,
    first_ending,
    first_named,
    id_column,
    title_column,
)
from m6rec.sources.rows import Table, read_table


def catalog_from_file(
    path: Path, *, id_column: str | None = None, title_column: str | None = None
) -> Catalog:
    """Read a catalog from a CSV, Parquet or JSON lines file, or one that `Catalog.save` wrote.

    Raises:
        CatalogError: The file cannot be used; one line names file, row and remedy.
    """
    if path.is_file() and path.suffix.lower() == ".jsonl" and _is_saved(path):
        return Catalog.load(path)
    return catalog_from_table(
        read_table(path), name=path.stem, id_column=id_column, title_column=title_column
    )


def catalog_from_table(
    table: Table, *, name: str, id_column: str | None = None, title_column: str | None = None
) -> Catalog:
    """Make a catalog of a table; every column but id and title becomes a field.

    Args:
        table: At least one row.
        name: What the catalog is called.
        id_column: None takes "item_id", "id", or the first column ending in "id" whose cells are
            unique; without one the rows are numbered from "1".
        title_column: None takes "title", "name", "product" and the like.

    The catalog's `notes` say which columns were taken for id, title, popularity and year. The year
    is also put into the field ``year``.

    Raises:
        CatalogError: A column that is not there, an id used twice, or an empty id or title.
    """
    id_name, title_name = _id_and_title(table, id_column, title_column)
    ids, notes = _ids(table, id_name)
    titles = _titles(table, title_name)
    notes.append(f"titles from column {title_name!r}")
    taken = {id_name, title_name}
    fields: dict[str, list[FieldValue | None]] = {
        column: field_values(column, cells)
        for column, cells in table.columns.items()
        if column not in taken
    }
    popularity = _popularity(table, taken, notes)
    _add_year(table, fields, taken, notes)
    items = [
        Item(
            ids[row],
            titles[row],
            {column: values[row] for column, values in fields.items() if values[row] is not None},  # type: ignore[misc]
            popularity[row],
        )
        for row in range(len(table))
    ]
    return Catalog(items, name=name, notes=(*table.notes, *notes))


def _is_saved(path: Path) -> bool:
    with path.open("rb") as lines:
        return saved_head(lines.readline().decode("utf-8", errors="replace")) is not None


def _id_and_title(
    table: Table, wanted_id: str | None, wanted_title: str | None
) -> tuple[str | None, str]:
    found = id_column(table, wanted_id)
    return found, title_column(table, wanted_title, found)


def cell_text(cell: Any) -> str:
    """Return a cell as an outside name; 1.0, as pandas writes ints beside gaps, is "1"."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def _ids(table: Table, column: str | None) -> tuple[list[str], list[str]]:
    if column is None:
        ids = [str(row + 1) for row in range(len(table))]
        return ids, ["no id column: items are numbered by row"]
    ids = []
    rows: dict[str, int] = {}
    for row, cell in enumerate(table.columns[column]):
        text = "" if is_gap(cell) else cell_text(cell)
        if not text:
            raise CatalogError(
                f"{table.source} {table.where(row)} has no id in column {column!r}; fill it in or "
                "choose another id column"
            )
        first = rows.setdefault(text, row)
        if first != row:
            raise CatalogError(
                f"{table.source} has the id {text!r} twice in column {column!r}, in "
                f"{table.where(first)} and {table.where(row)}; remove one or choose another id "
                "column"
            )
        ids.append(text)
    return ids, [f"ids from column {column!r}"]


def _titles(table: Table, column: str) -> list[str]:
    titles = []
    for row, cell in enumerate(table.columns[column]):
        # Only real gaps count: a film may well be called "None".
        text = "" if cell is None or cell != cell else cell_text(cell)  # noqa: PLR0124 - NaN
        if not text:
            raise CatalogError(
                f"{table.source} {table.where(row)} has no title in column {column!r}; fill it in "
                "or remove the row"
            )
        titles.append(text)
    return titles


def _popularity(table: Table, taken: set[str | None], notes: list[str]) -> list[float]:
    """Return the popularity of each row from the first usual column of counts; else zeros."""
    names = [name for name in table.columns if name not in taken]
    for usual in POPULARITIES:
        column = first_named(table, (usual,), but=taken - {None})  # type: ignore[arg-type]
        read = None if column is None else numbers(table.columns[column])
        if read is not None and all(value is None or value >= 0 for value in read) and any(read):
            notes.append(f"popularity from column {column!r}")
            return [value or 0.0 for value in read]
    if names:
        notes.append("no popularity column: all items count as equally known")
    return [0.0] * len(table)


def _add_year(
    table: Table,
    fields: dict[str, list[FieldValue | None]],
    taken: set[str | None],
    notes: list[str],
) -> None:
    """Put the year of the first usual column into the field ``year``, as ints."""
    column = first_named(table, YEARS) or first_ending(table, ("_year",), lambda _: True)
    column = column or first_named(table, DATES)
    if column is None or column in taken:
        return
    years = [year_of(value) for value in fields[column]]
    if not any(year is not None for year in years):
        return
    if column != "year":
        notes.append(f"year from column {column!r}")
    fields["year"] = list(years)
