"""Raw cells to field values: numbers stay numbers, lists become tuples, gaps become None."""

import ast
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from m6rec.records import FieldValue

_GAPS = frozenset({"", "nan", "null", "none", "n/a", "#n/a", "\\n"})
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PRICE = re.compile(r"[$€£¥]?\s?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?[$€£¥]?")
_CODE = re.compile(r"[+-]?0\d|\+?\d{16}")
_LIST_NAMES = re.compile(
    r"(?:^|_)(?:genres?|tags?|categor(?:y|ies)|keywords?|authors?|actors?|cast|stars|directors?"
    r"|writers?|artists?|countr(?:y|ies)|languages?|amenit(?:y|ies)|features?|ingredients?"
    r"|colou?rs?|moods?|styles?|themes?|topics?|shelves|labels?|platforms?|developers?)$"
)
_SUFFIX = re.compile(r",\s+(?=(?:Jr|Sr)\.?(?:\s*[,;|]|$)|(?:II|III|IV)(?:\s*[,;|]|$))")
_MAX_PART = 60
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")


def is_gap(cell: Any) -> bool:
    """Tell whether a cell holds nothing: None, NaN, blanks, or a word for nothing."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return True
    return isinstance(cell, str) and cell.strip().lower() in _GAPS


def field_values(name: str, cells: Sequence[Any]) -> list[FieldValue | None]:
    """Return one value a cell; None for gaps.

    A column of numbers becomes numbers, whole ones where all are whole; "$1,299.00" is a number
    too, while codes such as "007" stay text. A column that holds lists becomes tuples: JSON or
    Python lists, and text parted by "|", ";" or "," when the parts are short and recur or the
    column's name says so. Other text is kept as it is, stripped.
    """
    present = [place for place, cell in enumerate(cells) if not is_gap(cell)]
    kept = [_plain(cells[place]) for place in present]
    values = _typed(name, kept)
    found: list[FieldValue | None] = [None] * len(cells)
    for place, value in zip(present, values, strict=True):
        found[place] = value if value != () else None
    return found


def split_list(text: str, delimiter: str) -> tuple[str, ...]:
    """Split a cell into its parts, each once; "Downey, Jr." is one part."""
    if delimiter == ",":
        text = _SUFFIX.sub(" ", text)
    parts = (" ".join(part.split()) for part in text.split(delimiter))
    return tuple(dict.fromkeys(part for part in parts if part))


def numbers(cells: Sequence[Any]) -> list[float | None] | None:
    """Return the column as numbers, None for gaps; None when a cell is something else."""
    values = field_values("", cells)
    if any(isinstance(value, str | tuple) for value in values):
        return None
    return [None if value is None else float(value) for value in values]  # type: ignore[arg-type]


def year_of(value: FieldValue | None) -> int | None:
    """Return the year a value names: a whole number, or four digits inside a date; else None."""
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() and -3000 <= value <= 2100 else None
    match = _YEAR.search(value) if isinstance(value, str) else None
    return int(match[1]) if match else None


def _plain(cell: Any) -> Any:
    """Reduce what files and libraries hold to text, number, or tuple of texts."""
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        return cell
    if isinstance(cell, Mapping):
        return _name_in(cell)
    if isinstance(cell, Sequence | set | frozenset):
        parts = [str(_plain(part)) for part in cell if not is_gap(part)]
        return tuple(dict.fromkeys(part for part in parts if part))
    # Dates and times read best in their own text form.
    return str(cell)


def _name_in(record: Mapping[Any, Any]) -> str:
    """Return what an object inside a cell is called: {"id": 18, "name": "Drama"} is "Drama"."""
    for key in ("name", "title", "label", "value"):
        if isinstance(record.get(key), str):
            return str(record[key]).strip()
    return json.dumps(dict(record), ensure_ascii=False, default=str)


def _typed(name: str, kept: list[Any]) -> list[FieldValue]:
    """Give the plain values of a column one type: tuples, numbers or text."""
    if any(isinstance(value, tuple) for value in kept):
        return [value if isinstance(value, tuple) else (str(value),) for value in kept]
    texts = [value for value in kept if isinstance(value, str)]
    if not texts:
        return _whole(kept)
    if len(texts) < len(kept):
        return [str(value) for value in kept]
    return _bracketed(texts) or _from_text(name, texts)


def _from_text(name: str, texts: list[str]) -> list[FieldValue]:
    read = _read_numbers(texts)
    if read is not None:
        return _whole(read)
    delimiter = _list_delimiter(name, texts)
    if delimiter is not None:
        return [split_list(text, delimiter) for text in texts]
    return list(texts)


def _whole(kept: Sequence[float]) -> list[FieldValue]:
    """Turn a column of whole floats into ints; pandas writes ints as floats beside gaps."""
    if all(float(value).is_integer() for value in kept):
        return [int(value) for value in kept]
    return [float(value) for value in kept]


def _read_numbers(texts: Sequence[str]) -> list[float] | None:
    if any(_CODE.match(text) for text in texts):
        return None
    if all(_NUMBER.fullmatch(text) for text in texts):
        read = [float(text) for text in texts]
        return read if all(map(math.isfinite, read)) else None
    prices = [_PRICE.fullmatch(text) for text in texts]
    if all(prices):
        return [float(price[1].replace(",", "")) for price in prices if price]
    return None


def _bracketed(texts: Sequence[str]) -> list[FieldValue] | None:
    """Read a column of "['a', 'b']" or '["a", "b"]'; None when it is not one."""
    if not all(text[:1] == "[" and text[-1:] == "]" for text in texts):
        return None
    read = [_literal(text) for text in texts]
    if not all(isinstance(value, list) for value in read):
        return None
    return [_plain(value) for value in read]


def _literal(text: str) -> Any:
    readers: tuple[Callable[[str], Any], ...] = (json.loads, ast.literal_eval)
    for read in readers:
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _list_delimiter(name: str, texts: Sequence[str]) -> str | None:
    """Return what parts the values of a list column; None for plain text."""
    named = _LIST_NAMES.search(re.sub(r"[\s-]+", "_", name.strip().lower())) is not None
    for delimiter in ("|", ";", ","):
        holding = sum(delimiter in text for text in texts)
        if not holding or (holding < 0.02 * len(texts) and not named):
            continue
        parts = [part for text in texts for part in split_list(text, delimiter)]
        short = sum(len(part) <= _MAX_PART and part.count(" ") <= 4 for part in parts)
        if short < 0.95 * len(parts):
            continue
        if named or (delimiter == "|" and "||" not in "".join(texts)) or _recur(parts):
            return delimiter
    return None


def _recur(parts: Sequence[str]) -> bool:
    """Tell whether most parts stand in more than one row, as tags do and prose does not."""
    counts = Counter(parts)
    return sum(count for count in counts.values() if count > 1) >= 0.6 * len(parts)
