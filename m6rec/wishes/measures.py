"""Quantities: "under two hours", "at least 90 minutes", "something short", 不超过90分钟.

Which field holds a quantity, its units and its words for few and much are data (`[measures]` of the
lists); a catalog without the field reads none of them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from m6rec.catalog import Catalog
from m6rec.filters import field_name
from m6rec.vocabulary import Vocabulary
from m6rec.wishes.asked import ITEMS, alternatives
from m6rec.wishes.negation import refused_from

_DIGITS = r"\d{1,4}(?:[.,]\d+)?"
_VERB = re.compile(
    r"\b(?:(?:that|which|it|that's|it's)\s+)*(?:won|with|rated|has|having|have|lasts?|lasting|runs?|running|is|of)\s+$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:(?:somewhere|anywhere)\s+)?(?:between|from)\s+$", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:and|to|-|–|~|到|至)\s*", re.IGNORECASE)
_LASTING = re.compile(rf"[\s-]*(?:long\b|in length\b|的|{ITEMS}|\W*$)", re.IGNORECASE)
"""Behind an amount without a comparison that is meant to be the item's."""
_HALF = 0.5
_OPPOSITE = {"under": "least", "most": "over", "over": "most", "least": "under"}
_SIGNS = {"under": "<", "most": "<=", "over": ">", "least": ">="}
_SAID = {"under": "under", "most": "at most", "over": "over", "least": "at least"}


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition and the words that made it.

    Attributes:
        start: Where the words begin.
        end: Where they end.
        test: A filter expression.
        phrase: The condition for people.
        refused: Whether the words say only what is not wanted.
    """

    start: int
    end: int
    test: str
    phrase: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class _Measure:
    """One quantity of a catalog: its field and what the lists say about it."""

    name: str
    field: str
    units: Mapping[str, float]
    slack: float
    few: Mapping[str, Any]
    much: Mapping[str, Any]


def read_measures(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[Demand]:
    """Conditions on quantities, in the order of the sentence; at most one for each place."""
    found: list[Demand] = []
    for measure in _measures(catalog, vocabulary):
        found += _amounts(text, measure, vocabulary)
        found += _words(text, measure)
    result: list[Demand] = []
    for demand in sorted(found, key=lambda d: (d.start, -d.end)):
        if not result or demand.start >= result[-1].end:
            verb = _VERB.search(text, 0, demand.start)
            result.append(replace(demand, start=verb.start()) if verb else demand)
    return result


def _measures(catalog: Catalog, vocabulary: Vocabulary) -> Iterator[_Measure]:
    for name, data in vocabulary.table("measures").items():
        fields = {field.casefold(): field for field in catalog.field_names}
        field = next((fields[f] for f in data["fields"] if f in fields), None)
        if field is not None:
            units = data.get("units", {})
            few, much = data.get("few", {}), data.get("much", {})
            yield _Measure(name, field, units, data.get("slack", 0), few, much)


def _amounts(text: str, measure: _Measure, vocabulary: Vocabulary) -> Iterator[Demand]:
    """Amounts with a unit, and what the words around them make of each."""
    if not measure.units:
        return
    amount, before, behind, joint = _grammar(tuple(measure.units), vocabulary)
    spans = [(f.start(), f.end(), _value(f, measure, vocabulary)) for f in amount.finditer(text)]
    skipped = -1
    for number, (start, end, value) in enumerate(spans):
        if value is None or number == skipped:
            continue
        if number + 1 < len(spans) and (pair := _pair(text, spans[number], spans[number + 1])):
            skipped = number + 1
            yield _both(pair[0], pair[1], value, spans[skipped][2] or value, measure)
            continue
        first = joint.search(text, max(0, start - 40), start)
        low = _first(first, measure, vocabulary, text[start:end]) if first else None
        if first is not None and low is not None:
            yield _both(first.start(), end, low, value, measure)
            continue
        lead, tail = before.search(text, max(0, start - 30), start), behind.match(text, end)
        demand = _compared(text, (start, end), value, lead, tail, measure)
        if demand is not None:
            yield demand


_Span = tuple[int, int, float | None]


def _pair(text: str, first: _Span, second: _Span) -> tuple[int, int] | None:
    """Where "between one hour and two hours" begins and ends; None when they are no pair."""
    between = _BETWEEN.search(text, 0, first[0])
    joint = _RANGE.fullmatch(text, first[1], second[0])
    if joint is None or (joint[0].strip().casefold() == "and" and between is None):
        return None
    return (between.start() if between else first[0]), second[1]


def _compared(
    text: str,
    place: tuple[int, int],
    value: float,
    lead: re.Match[str] | None,
    tail: re.Match[str] | None,
    measure: _Measure,
) -> Demand | None:
    """What an amount demands; None where it is only told ("I watched 20 minutes of it")."""
    found = lead or tail
    kind = found.lastgroup if found and found.lastgroup else "about"
    start = lead.start() if lead else place[0]
    end = tail.end() if tail else place[1]
    if found is None and not (_LASTING.match(text, end) or _VERB.search(text, 0, start)):
        return None
    if kind == "about" and not measure.slack:
        kind = "least"
    if kind == "about":
        return _both(start, end, value - measure.slack, value + measure.slack, measure)
    refused = refused_from(text, start)
    if refused is not None:
        kind, start = _OPPOSITE[kind], refused
    return _one(start, end, kind, value, measure)


def _one(start: int, end: int, kind: str, value: float, measure: _Measure) -> Demand:
    number = f"{value:g}"
    test = f"{field_name(measure.field)} {_SIGNS[kind]} {number}"
    return Demand(start, end, test, f"{measure.name} {_SAID[kind]} {number}")


def _both(start: int, end: int, low: float, high: float, measure: _Measure) -> Demand:
    low, high = min(low, high), max(low, high)
    test = f"{low:g} <= {field_name(measure.field)} <= {high:g}"
    shown = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    return Demand(start, end, test, f"{measure.name} {shown}")


def _words(text: str, measure: _Measure) -> Iterator[Demand]:
    """Few and much without a number: "something short", "not too long"."""
    for data, kind in ((measure.few, "most"), (measure.much, "least")):
        if kind not in data:
            continue
        pattern = _said(tuple(data.get("says", ())), tuple(data.get("adjectives", ())))
        for found in pattern.finditer(text):
            refused = refused_from(text, found.start())
            start = found.start() if refused is None else refused
            if refused is None and found[0].casefold().startswith(("too ", "太")):
                continue
            if refused is None:
                yield _one(start, found.end(), kind, data[kind], measure)
            elif "refused" in data:
                yield _one(start, found.end(), "most", data["refused"], measure)


@lru_cache(maxsize=32)
def _said(says: tuple[str, ...], adjectives: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"{alternatives(says)}|{alternatives(adjectives)}(?=\s+{ITEMS})", re.IGNORECASE
    )


@lru_cache(maxsize=16)
def _grammar(units: tuple[str, ...], vocabulary: Vocabulary) -> tuple[re.Pattern[str], ...]:
    english = "|".join(sorted(filter(str.isascii, units), key=len, reverse=True))
    han = "|".join(sorted((u for u in units if not u.isascii()), key=len, reverse=True)) or "(?!)"
    words = "|".join(sorted(filter(str.isascii, vocabulary.numbers), key=len, reverse=True))
    numerals = "".join(w for w in vocabulary.numbers if not w.isascii())
    number = rf"(?:{_DIGITS}|(?:{words}|an?|(?=hours?\s+and\s+\d)|one and a half|half an?|a couple(?: of)?)\b|[{numerals}百]+|半)"
    unit = rf"(?:(?:{english})s?\b|{han})"
    amount = re.compile(
        rf"(?<![A-Za-z\d.])(?P<n>{number})[\s-]*(?P<half>and\s+a\s+half\s+|个半)?(?P<u>{unit}|(?<=个半){han}|(?:{english})(?=\d))"
        rf"(?P<half2>\s+and\s+a\s+half|半)?(?:\s*(?:and\s+)?(?P<n2>\d{{1,2}})(?:\s*(?P<u2>{unit})|\b))?",
        re.IGNORECASE,
    )
    table, ends = vocabulary.table("comparisons"), vocabulary.table("comparisons_behind")
    before = "|".join(rf"(?P<{name}>{alternatives(said)})" for name, said in table.items())
    after = "|".join(rf"(?P<{name}>{alternatives(said)}|\+)" if name == "least" else rf"(?P<{name}>{alternatives(said)})" for name, said in ends.items())  # fmt: skip
    return (
        amount,
        re.compile(
            rf"(?:{before})(?:\s+(?:the|of|is|than|be|only|about|around|just|maybe))*\s*$",
            re.IGNORECASE,
        ),
        re.compile(
            rf"[\s,]*(?:long\s+|range\s+|mark\s+|of\s+running\s+time\s+|(?:epic|movie|film)\w*,?\s+)?(?:{after})",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?:\b(?:between|from)\s+)?(?<![A-Za-z\d.])(?P<n>{number})\s*(?P<u>{unit})?\s*(?:and|to|-|–|到|至|~)\s*$",
            re.IGNORECASE,
        ),
    )


def _first(
    found: re.Match[str], measure: _Measure, vocabulary: Vocabulary, second: str
) -> float | None:
    """The lower end of "90 to 120 minutes"; "and" alone joins only after "between"."""
    text = found[0].casefold().rstrip()
    if text.endswith("and") and not text.startswith("between"):
        return None
    unit = found["u"] or re.sub(r"^[\W\d.]*(?:\w+\s+)?", "", second)
    factor = _factor(unit, measure)
    n = _count(found["n"], vocabulary)
    return None if factor is None or n is None else n * factor


def _value(found: re.Match[str], measure: _Measure, vocabulary: Vocabulary) -> float | None:
    factor, n = _factor(found["u"], measure), _count(found["n"], vocabulary)
    if factor is None or n is None:
        return None
    n += _HALF * bool(found["half"] or found["half2"])
    value = n * factor
    if found["n2"] and (found["u2"] or factor != 1):
        value += int(found["n2"]) * ((_factor(found["u2"], measure) or 1) if found["u2"] else 1)
    return value


def _factor(unit: str, measure: _Measure) -> float | None:
    unit = unit.casefold().strip()
    return measure.units.get(unit, measure.units.get(unit.removesuffix("s")))


def _count(said: str, vocabulary: Vocabulary) -> float | None:
    said = " ".join(said.casefold().split())
    special = {
        "": 1,
        "a": 1,
        "an": 1,
        "one and a half": 1.5,
        "半": 0.5,
        "half a": 0.5,
        "half an": 0.5,
    }
    special |= {"a couple": 2, "a couple of": 2}
    if said in special:
        return special[said]
    if re.fullmatch(_DIGITS, said):
        return float(said.replace(",", "."))
    if said in vocabulary.numbers:
        return vocabulary.numbers[said]
    return _han(said, vocabulary)


def _han(said: str, vocabulary: Vocabulary) -> float | None:
    """Chinese figures of one to three places: 十二, 九十, 一百二十."""
    head, hundred, rest = said.partition("百")
    if hundred:
        hundreds = vocabulary.numbers.get(head, 1)
        tail = _han(rest, vocabulary) if "十" in rest else 10 * vocabulary.numbers.get(rest, 0)
        return None if tail is None else 100 * hundreds + tail
    tens, ten, ones = said.partition("十")
    if not ten or any(part and part not in vocabulary.numbers for part in (tens, ones)):
        return None
    return 10 * vocabulary.numbers.get(tens, 1) + vocabulary.numbers.get(ones, 0)
