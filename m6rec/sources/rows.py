"""Read a table file into raw columns, or say in one line why that cannot be done."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from m6rec.errors import CatalogError

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson", ".json")
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Table:
    """Raw columns of equal length, and where each row stood.

    Attributes:
        source: What messages call the table, usually its file.
        columns: Raw values by column name, in the order of the source.
        lines: Line of each row in a text file, counted from 1; None for other files.
        notes: What was left out, for people to read.
    """

    source: str
    columns: dict[str, list[Any]]
    lines: list[int] | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def where(self, row: int) -> str:
        """Name a row, counted from 0, as people count: "row 3 (line 4)"."""
        line = "" if self.lines is None else f" (line {self.lines[row]})"
        return f"row {row + 1}{line}"


def read_table(path: Path) -> Table:
    """Read a CSV, Parquet or JSON lines file; its ending decides.

    CSV may be parted by comma, semicolon or tab, and is UTF-8 with or without a byte order mark.

    Raises:
        CatalogError: No such file, an ending that is not known, another encoding, a row with too
            many or too few cells, a damaged line, or no row at all.
    """
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "does not exist"
        raise CatalogError(f"{path} {what}; give a file that ends in {', '.join(ENDINGS)}")
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise CatalogError(
            f"{path} has the ending {ending!r}, which cannot be read; save it as one of "
            f"{', '.join(ENDINGS)}"
        )
    if ending == ".parquet":
        table = _read_parquet(path)
    elif ending in {".jsonl", ".ndjson", ".json"}:
        table = _read_json(path, _text(path))
    else:
        table = _read_csv(path, _text(path))
    return _checked(table)


def table_of_records(records: Iterable[dict[str, Any]], source: str) -> Table:
    """Make a table of mappings; a key that a record lacks is None there."""
    rows = list(records)
    names = dict.fromkeys(str(name) for row in rows for name in row)
    return Table(source, {name: [row.get(name) for row in rows] for name in names})


def _checked(table: Table) -> Table:
    """Drop nameless columns and refuse a table without columns or rows."""
    names = {name: name.strip() for name in table.columns}
    if "" in names.values():
        note = "a column without a name left out (a row index?)"
        table = replace(table, notes=(*table.notes, note))
    columns = {names[name]: values for name, values in table.columns.items() if names[name]}
    table = replace(table, columns=columns)
    if not columns or not len(table):
        raise CatalogError(f"{table.source} has no rows; it needs a head line and one row an item")
    return table


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"cannot read {path}: {error.strerror or error}") from error
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise CatalogError(f"{path} is UTF-16, not UTF-8, from byte 0 (row 1); save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CatalogError(
            f"{path} is not UTF-8: byte 0x{content[error.start]:02x} at offset {error.start}, "
            f"line {line}; save it as UTF-8"
        ) from error


def _read_csv(path: Path, text: str) -> Table:
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        names = next((row for row in reader if any(row)), [])
        start = reader.line_num + 1
        for row in reader:
            if row:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise CatalogError(
            f"{path} line {reader.line_num} (row {len(rows) + 1}) is no valid CSV ({error}); "
            'put cells in double quotes and double the quotes inside them: "say ""hi"""'
        ) from error
    table = Table(str(path), {}, lines)
    _refuse_twice(path, names)
    for index, row in enumerate(rows):
        if len(row) != len(names):
            raise CatalogError(
                f"{path} {table.where(index)} has {len(row)} cells, the head line has "
                f"{len(names)}; put a cell that contains the delimiter in double quotes"
            )
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return replace(table, columns=columns)


def _refuse_twice(path: Path, names: Sequence[str]) -> None:
    counts = Counter(name.strip() for name in names)
    twice = [name for name, count in counts.items() if name and count > 1]
    if twice:
        raise CatalogError(f"{path} has two columns named {twice[0]!r}; rename one of them")


def _delimiter(text: str) -> str:
    """Return the delimiter that is most frequent in the head line, outside quotes."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(head.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _read_json(path: Path, text: str) -> Table:
    """Read one object a line; a file that is one array of objects is read too."""
    lines: list[int] | None = None
    if text.lstrip().startswith("["):
        records = _parse(path, text, 1)
    else:
        numbered = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        lines = [number for number, _ in numbered]
        records = [_parse(path, line, number) for number, line in numbered]
    for row, record in enumerate(records):
        if not isinstance(record, dict):
            raise CatalogError(
                f"{path} {Table('', {}, lines).where(row)} is {record!r:.40}, not an object; write "
                'one {"title": ...} a line'
            )
    return replace(table_of_records(records, str(path)), lines=lines)


def _parse(path: Path, text: str, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CatalogError(
            f"{path} line {line} is no valid JSON ({error}); write one object a line"
        ) from error


def _read_parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (OSError, pa.ArrowException) as error:
        first = str(error).partition("\n")[0]
        raise CatalogError(
            f"{path} is no readable Parquet file: {first}; write it again"
        ) from error
    _refuse_twice(path, table.column_names)
    # pandas keeps its row index as a column of this name.
    names = [name for name in table.column_names if not name.startswith("__index_level_")]
    return Table(str(path), {name: table[name].to_pylist() for name in names})
