"""Read a person's history from a file: titles or item ids, oldest first."""

import csv
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

from m6rec.errors import RequestError

NAME_COLUMNS = ("item_id", "movieid", "id", "title", "name", "item")
RATING_COLUMNS = ("rating", "score", "stars")


class History(NamedTuple):
    """What a person liked and did not like, as written, oldest first."""

    liked: tuple[str, ...]
    disliked: tuple[str, ...]


def read_history(path: str | Path) -> History:
    """Read plain lines, CSV, TSV or JSONL; the ending of the name decides which.

    A CSV may have a header with one of `NAME_COLUMNS`; without one its first column counts. JSONL
    lines are strings or objects. Where ratings stand beside the titles, those below half of the best
    rating in the file count as disliked.

    Raises:
        RequestError: The file is missing, empty, no UTF-8, or a line of it cannot be used.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise RequestError(f"cannot read history {path}: {error.strerror or error}") from None
    suffix = path.suffix.casefold()
    if suffix in {".csv", ".tsv"}:
        entries = _from_table(text, "\t" if suffix == ".tsv" else ",", path)
    elif suffix in {".jsonl", ".ndjson", ".json"}:
        entries = _from_json(text, path)
    else:
        entries = [(line.strip(), None) for line in text.splitlines() if line.strip()]
    if not entries:
        raise RequestError(f"history {path} names no item; write one title or id a line")
    best = max((rating for _, rating in entries if rating is not None), default=0.0)
    low = {name for name, rating in entries if rating is not None and rating < best / 2}
    names = list(dict.fromkeys(name for name, _ in entries))
    return History(
        tuple(name for name in names if name not in low),
        tuple(name for name in names if name in low),
    )


def _from_table(text: str, delimiter: str, path: Path) -> list[tuple[str, float | None]]:
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    name = next((header.index(column) for column in NAME_COLUMNS if column in header), None)
    rating = next((header.index(column) for column in RATING_COLUMNS if column in header), None)
    entries = []
    for number, row in enumerate(rows if name is None else rows[1:], start=1 + (name is not None)):
        cell = row[name or 0].strip() if len(row) > (name or 0) else ""
        if not cell:
            raise RequestError(f"{path} row {number} names no item; give its title or id")
        rated = row[rating] if name is not None and rating is not None and len(row) > rating else ""
        entries.append((cell, _rating(rated, path, number)))
    return entries


def _from_json(text: str, path: Path) -> list[tuple[str, float | None]]:
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                value = json.loads(line)
            except (json.JSONDecodeError, RecursionError):
                raise RequestError(
                    f"{path} line {number} is no JSON; write one string or object a line"
                ) from None
            entries.append(_json_entry(value, path, number))
    return entries


def _json_entry(value: Any, path: Path, number: int) -> tuple[str, float | None]:
    rating = None
    if isinstance(value, dict):
        known = {str(key).casefold(): cell for key, cell in value.items()}
        rated = next((known[column] for column in RATING_COLUMNS if column in known), None)
        rating = _rating("" if rated is None else str(rated), path, number)
        value = next((known[column] for column in NAME_COLUMNS if column in known), None)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise RequestError(
            f"{path} line {number} names no item; give a string, or an object with item_id or title"
        )
    return str(value).strip(), rating


def _rating(text: str, path: Path, number: int) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise RequestError(f"{path} line {number}: rating {text!r} is not a number") from None
