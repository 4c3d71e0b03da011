"""Filters over item fields: ``year >= 1990 and 'Comedy' in genres``.

The text is cut into tokens here, names and literals are put aside under placeholder names, and only
the skeleton of ``and / or / not / comparison / tuple`` goes through `ast`; nothing is ever evaluated
as Python. People's habits are accepted: ``=`` for ``==``, ``&&``, ``||``, ``<>``, keywords in capitals,
and `` `field with spaces` `` in backticks.

Meaning:
    - Strings compare without case. A string that is a number equals that number.
    - On a many-valued field a comparison holds when any value satisfies it; ``!=`` holds when the
      item has the field and no value equals.
    - ``in`` asks for a whole value of a many-valued field and for a part of a plain string
      (``'star' in title``); ``year in (1994, 1995)`` asks for one of several.
    - An item without the field fails every comparison, ``!=`` and ``not in`` included; ``not (...)`` of
      a failed comparison holds.
    - A field alone (``awards``) holds where it is present and is neither 0 nor ``false``.
    - ``title``, ``item_id`` and ``popularity`` are fields of every item.
"""

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce

import numpy as np

from m6rec.catalog import Catalog
from m6rec.columns import Column, Literal, Mask, columns_of
from m6rec.errors import FilterError

MAX_LENGTH = 10_000
"""Longest filter that is read, in characters."""
MAX_DEPTH = 50
"""Deepest nesting of parentheses and ``not`` that is read."""

_EXAMPLE = "write it like: year >= 1990 and 'Comedy' in genres"
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<quoted>`[^`]+`)
    |(?P<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?![\w.]))|(?P<name>[^\W\d]\w*)
    |(?P<op><=|>=|==|!=|<>|&&|\|\||[<>=(),\[\]{}]))""",
    re.VERBOSE | re.DOTALL,
)
_SPELLINGS = {"=": "==", "<>": "!=", "&&": "and", "||": "or"}
_FIELDS_SHOWN = 30
_KEYWORDS = frozenset({"and", "or", "not", "in"})
_ORDER: dict[type[ast.cmpop], Callable[..., object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}


@dataclass(frozen=True, slots=True)
class _Word:
    """A name or literal of the filter and where it stood."""

    kind: str
    value: Literal
    position: int


def quoted(value: str) -> str:
    """`value` as a string literal of the filter language, whatever quotes it contains."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def field_name(name: str) -> str:
    """`name` as it has to be written in a filter: bare, or in backticks when it is no plain word."""
    plain = re.fullmatch(r"[^\W\d]\w*", name) and name.casefold() not in _KEYWORDS
    return name if plain and name.casefold() not in {"true", "false"} else f"`{name}`"


def item_mask(expression: str, catalog: Catalog) -> Mask:
    """Which items satisfy a filter.

    Args:
        expression: The filter, at most `MAX_LENGTH` characters.
        catalog: The items; the columns that are used are kept for as long as it lives.

    Returns:
        Shape ``(n_items,)`` in row order. All False is a valid result.

    Raises:
        FilterError: The filter cannot be read (with the position), is too long or too deep, names an
            unknown field (with the nearest one), or compares numbers with a word.
    """
    if len(expression) > MAX_LENGTH:
        raise FilterError(
            f"the filter has {len(expression)} characters; at most {MAX_LENGTH} are read: shorten it"
        )
    return _Reader(expression, catalog).mask()


class _Reader:
    """Reads one filter against one catalog."""

    def __init__(self, expression: str, catalog: Catalog) -> None:
        self._text = expression
        self._columns = columns_of(catalog)
        self._n_items = len(catalog)
        self._words: dict[str, _Word] = {}
        self._starts: list[tuple[int, int]] = []

    def mask(self) -> Mask:
        """The items for which the whole filter holds."""
        return self._condition(self._parse())

    def _parse(self) -> ast.expr:
        source = self._skeleton()
        if not source:
            raise FilterError(f"the filter is empty; {_EXAMPLE}")
        try:
            return ast.parse(source, mode="eval").body
        except SyntaxError as error:
            at_end = error.lineno != 1 or not 0 < (error.offset or 0) <= len(source)
            place = len(self._text) if at_end else self._position((error.offset or 1) - 1)
            raise self._unreadable(place) from None
        except (RecursionError, MemoryError, ValueError):
            raise self._unreadable(0) from None

    def _skeleton(self) -> str:
        """The filter with each name and literal replaced by a placeholder, tokens one space apart."""
        parts: list[str] = []
        length, depth, nots, at = 0, 0, 0, 0
        end = len(self._text.rstrip())
        while at < end:
            found = _TOKEN.match(self._text, at)
            if found is None or found.lastgroup is None:
                at += len(self._text[at:]) - len(self._text[at:].lstrip())
                raise self._unreadable(at)
            start, at = found.start(found.lastgroup), found.end()
            part = self._token(found.lastgroup, found[found.lastgroup], start)
            depth += (part in "([{") - (part in ")]}")
            nots = nots + 1 if part == "not" else 0
            if depth + nots > MAX_DEPTH:
                raise FilterError(
                    f"the filter is nested deeper than {MAX_DEPTH} levels at character {start + 1}: "
                    "take some parentheses out"
                )
            self._starts.append((length, start))
            parts.append(part)
            length += len(part) + 1
        return " ".join(parts)

    def _token(self, kind: str, raw: str, position: int) -> str:
        lowered = raw.casefold()
        if kind == "op":
            return _SPELLINGS.get(raw, raw)
        if kind == "name" and lowered in _KEYWORDS:
            return lowered
        word = _Word("field", raw, position)
        if kind == "name" and lowered in {"true", "false"}:
            word = _Word("literal", lowered == "true", position)
        elif kind == "quoted":
            word = _Word("field", raw[1:-1], position)
        elif kind == "number":
            word = _Word("literal", float(raw), position)
        elif kind == "string":
            word = _Word("literal", re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL), position)
        placeholder = f"w{len(self._words)}"
        self._words[placeholder] = word
        return placeholder

    def _position(self, offset: int) -> int:
        """Where a character of the skeleton came from in the filter as written."""
        return max((start for out, start in self._starts if out <= offset), default=0)

    def _unreadable(self, position: int) -> FilterError:
        if position >= len(self._text.rstrip()):
            near = "its end"
        else:
            near = repr(self._text[position : position + 20])
        return FilterError(
            f"cannot read the filter at character {position + 1}, near {near}; {_EXAMPLE}"
        )

    def _condition(self, node: ast.expr) -> Mask:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return reduce(np.logical_and, map(self._condition, values))
            case ast.BoolOp(values=values):
                return reduce(np.logical_or, map(self._condition, values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self._condition(operand)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [left, *comparators]
                pairs = zip(sides, ops, sides[1:], strict=False)
                return reduce(np.logical_and, [self._compare(a, op, b) for a, op, b in pairs])
            case ast.Name(id=name):
                word = self._words[name]
                if word.kind == "field":
                    return self._column(word).truthy()
                if isinstance(word.value, bool):
                    return np.full(self._n_items, word.value)
        raise self._unreadable(self._position(node.col_offset))

    def _compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Mask:
        a, b = self._operand(left), self._operand(right)
        kind = type(op)
        member = kind in (ast.In, ast.NotIn)
        if self._is_field(a):
            column, values = self._column(a[0]), self._literals(b)
            found = column.equal
        elif self._is_field(b):
            column, values = self._column(b[0]), self._literals(a)
            found = column.contains if member else column.equal
            kind = _MIRRORED.get(kind, kind)
        else:
            raise self._no_field([*a, *b])
        if kind in _ORDER:
            return column.ordered(_ORDER[kind], self._single(values, column))
        if not member and kind not in (ast.Eq, ast.NotEq):
            raise self._unreadable(self._position(left.col_offset))
        wanted = values if member else (self._single(values, column),)
        hits = reduce(np.logical_or, map(found, wanted), np.zeros(self._n_items, dtype=np.bool_))
        return column.present & ~hits if kind in (ast.NotIn, ast.NotEq) else hits

    def _operand(self, node: ast.expr) -> tuple[_Word, ...]:
        """The words of one side: one, or those of a list in brackets."""
        elements = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
        words = tuple(self._words[e.id] for e in elements if isinstance(e, ast.Name))
        if len(words) != len(elements):
            raise self._unreadable(self._position(node.col_offset))
        return words

    def _is_field(self, words: tuple[_Word, ...]) -> bool:
        return len(words) == 1 and self._known(words[0]) is not None

    def _known(self, word: _Word) -> str | None:
        return self._columns.known(str(word.value)) if word.kind == "field" else None

    def _column(self, word: _Word) -> Column:
        known = self._known(word)
        if known is None:
            raise self._unknown(word)
        return self._columns[known]

    def _literals(self, words: tuple[_Word, ...]) -> tuple[Literal, ...]:
        for word in words:
            if word.kind == "field":
                known = self._known(word)
                meant = "compare each field with a value" if known else _quote_it(word)
                raise FilterError(
                    f"{word.value} at character {word.position + 1} is not a value: {meant}"
                )
        return tuple(word.value for word in words)

    def _single(self, values: tuple[Literal, ...], column: Column) -> Literal:
        if len(values) != 1:
            raise FilterError(
                f"a list of values goes with in: {field_name(column.name)} in ('A', 'B')"
            )
        return values[0]

    def _no_field(self, words: list[_Word]) -> FilterError:
        names = [word for word in words if word.kind == "field" and self._known(word) is None]
        if names:
            return self._unknown(names[0])
        return FilterError(f"a comparison needs a field on one side; {_EXAMPLE}")

    def _unknown(self, word: _Word) -> FilterError:
        names = self._columns.names
        folded = {name.casefold(): name for name in names}
        near = get_close_matches(str(word.value).casefold()[:100], folded, n=1)
        meant = f"; did you mean {folded[near[0]]}?" if near else ";"
        shown = ", ".join(names[:_FIELDS_SHOWN]) + (", ..." if len(names) > _FIELDS_SHOWN else "")
        return FilterError(
            f"no item has a field {str(word.value)[:60]!r} (character {word.position + 1} of the "
            f"filter){meant} fields: {shown}"
        )


def _quote_it(word: _Word) -> str:
    return f"put the word in quotes: {quoted(str(word.value))}"
