"""Figures of a group of rows: means with intervals, medians, sums, and those of a whole run.

A row value that is absent or null is undefined, and is left out of means and medians.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from statistics import median as middle
from typing import Any

from m6rec.evaluation.task import Measure, Row, Scope
from m6rec.metrics.averages import average
from m6rec.metrics.calibration import calibration_error
from m6rec.metrics.coverage import coverage
from m6rec.metrics.gini import gini


def mean(name: str, header: str | None = None) -> Measure:
    """Mean of a row value with its 95 % interval."""
    return Measure(
        name, header, lambda rows, scope: asdict(average(numbers(rows, name), seed=scope.seed))
    )


def plain_mean(name: str, header: str | None = None, digits: int = 3) -> Measure:
    """Mean of a row value without an interval."""
    return Measure(
        name, header, lambda rows, _: average(numbers(rows, name), n_resamples=1).mean, digits
    )


def median(name: str, header: str | None = None, digits: int = 0) -> Measure:
    """Median of a row value."""
    return Measure(name, header, lambda rows, _: _middle(numbers(rows, name)), digits)


def total(name: str, header: str | None = None) -> Measure:
    """Sum of a row value."""
    return Measure(name, header, lambda rows, _: sum(row.get(name) or 0 for row in rows), 0)


def slowest(name: str = "elapsed_ms", header: str | None = None) -> Measure:
    """95th percentile of a row value: the smallest that 95 % of the rows do not exceed."""

    def of(rows: Sequence[Row], _: Scope) -> float:
        known = sorted(value for value in numbers(rows, name) if not math.isnan(value))
        return known[math.ceil(0.95 * len(known)) - 1] if known else math.nan

    return Measure(f"{name}_p95", header, of, 0)


def numbers(rows: Iterable[Row], name: str) -> list[float]:
    """A row value as numbers, NaN where it is undefined."""
    values = (row.get(name) for row in rows)
    return [math.nan if value is None else float(value) for value in values]


def shown_rows(row: Row, scope: Scope) -> list[int]:
    """The shown items as rows of the catalog, those from outside it left out."""
    catalog = scope.catalog
    return [catalog.row(item) for item in row.get("shown") or () if item in catalog]


def _middle(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return middle(known) if known else math.nan


def _errors(rows: Sequence[Row], _: Scope) -> int:
    return sum(row.get("error") is not None for row in rows)


def _coverage(rows: Sequence[Row], scope: Scope) -> float:
    return coverage((shown_rows(row, scope) for row in rows), len(scope.catalog))


def _gini(rows: Sequence[Row], scope: Scope) -> float:
    return gini((shown_rows(row, scope) for row in rows), len(scope.catalog))


def _calibration(rows: Sequence[Row], _: Scope) -> float:
    stated: list[float] = []
    right: list[bool] = []
    for row in rows:
        for log_prob, hit in zip(row.get("log_probs") or (), row.get("hits") or (), strict=False):
            if log_prob is not None and not math.isnan(log_prob):
                stated.append(min(1.0, math.exp(log_prob)))
                right.append(bool(hit))
    return calibration_error(stated, right)


ERRORS = Measure("errors", "errors", _errors, 0)
COVERAGE = Measure("coverage", "coverage", _coverage)
GINI = Measure("gini", "Gini", _gini)
CALIBRATION = Measure("calibration_error", "ECE", _calibration)
BEYOND: tuple[Measure, ...] = (
    COVERAGE,
    GINI,
    plain_mean("diversity", "diversity"),
    plain_mean("diversity_text", "text div."),
    plain_mean("novelty", "novelty", 1),
    median("popularity", "ratings"),
    plain_mean("popularity_lift", "lift", 1),
)
"""What the lists are like whatever is right; the row values are those of `m6rec.evaluation.described`."""
COST: tuple[Measure, ...] = (
    median("lm_tokens", "LM tokens"),
    median("elapsed_ms", "ms"),
    slowest("elapsed_ms", "ms p95"),
)
"""What an answer costs."""


def table_measures(measures: Iterable[Measure]) -> list[Measure]:
    """Those that have a column."""
    return [measure for measure in measures if measure.header is not None]


def figures(measures: Iterable[Measure], rows: Sequence[Row], scope: Scope) -> dict[str, Any]:
    """Every measure of a group of rows, by name, with their number as ``n``."""
    return {"n": len(rows), **{measure.name: measure.of(rows, scope) for measure in measures}}
