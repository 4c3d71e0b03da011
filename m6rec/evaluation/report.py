"""From rows to tables: averages with intervals, as JSON for programs and Markdown for people."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from m6rec.evaluation.parts import Part
from m6rec.metrics.averages import average
from m6rec.metrics.coverage import coverage

ALL = "all"
"""Name of the one group of the next-item task."""
REQUEST_COLUMNS = (
    *("method", "n", "precision", "chance", "popularity"),
    *("outside", "repeats", "errors", "LM tokens", "ms"),
)
"""Columns of the request tables."""


def summary(part: Part, *, n_items: int, seed: int) -> dict[str, Any]:
    """Averages of one part, by group.

    Args:
        part: Rows of one task and method.
        n_items: Items of the catalog, for coverage.
        seed: Of the bootstrap.

    Returns:
        For each group its averages with intervals. Groups of the request task are ``set`` and
        ``set / kind``; the next-item task has one group.
    """
    summarise = _requests if part.task == "requests" else _next_item
    return {
        group: {"n": len(rows), **summarise(rows, n_items, seed)}
        for group, rows in _groups(part).items()
    }


def _groups(part: Part) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in part.rows:
        names = (row["set"], f"{row['set']} / {row['kind']}") if "set" in row else (ALL,)
        for name in names:
            groups.setdefault(name, []).append(row)
    return groups


def _requests(rows: Sequence[Mapping[str, Any]], n_items: int, seed: int) -> dict[str, Any]:
    return {
        "precision": asdict(average([row["precision"] for row in rows], seed=seed)),
        "base_rate": _mean(row["base_rate"] for row in rows),
        "popularity": _median(row["popularity"] for row in rows),
        "coverage": coverage(_shown_numbers(rows), n_items),
        "outside": sum(row["outside"] for row in rows),
        "repeats": sum(row["repeats"] for row in rows),
        "errors": sum(row["error"] is not None for row in rows),
        "lm_tokens": _median(row["lm_tokens"] for row in rows),
        "elapsed_ms": _median(row["elapsed_ms"] for row in rows),
    }


def _next_item(rows: Sequence[Mapping[str, Any]], n_items: int, seed: int) -> dict[str, Any]:
    averages = {
        name: asdict(average([row[name] for row in rows], seed=seed))
        for name in ("hit_rate", "recall", "ndcg", "mrr")
    }
    return {
        **averages,
        "coverage": coverage(_shown_numbers(rows), n_items),
        "faults": sum(row["faults"] for row in rows),
        "errors": sum(row["error"] is not None for row in rows),
        "elapsed_ms": _median(row["elapsed_ms"] for row in rows),
    }


def _shown_numbers(rows: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """The shown ids as numbers: coverage counts different ones and needs no more."""
    numbers: dict[str, int] = {}
    return [[numbers.setdefault(item, len(numbers)) for item in row["shown"]] for row in rows]


def markdown(results: Mapping[str, Any]) -> str:
    """The tables of `results`, as `m6rec.evaluation.run` builds it, with where they come from."""
    lines = ["# Results", "", f"Commit {results['commit'] or 'unknown'}; {_versions(results)}.", ""]
    for task, methods in results["tasks"].items():
        lines += _request_table(methods) if task == "requests" else _next_item_table(methods)
    if results["notes"]:
        lines += ["## Notes", "", *(f"- {note}" for note in results["notes"]), ""]
    return "\n".join(lines)


def _versions(results: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in results["versions"].items())


def _request_table(methods: Mapping[str, Any]) -> list[str]:
    lines = [
        "## Requests",
        "",
        "Precision: share of the asked list that satisfies the request, with its 95 % interval.",
        "Popularity: median over requests of the median number of ratings of what is shown.",
        "",
    ]
    groups = list(dict.fromkeys(group for part in methods.values() for group in part["groups"]))
    for group in groups:
        lines += [
            f"### {group}",
            "",
            _line(*REQUEST_COLUMNS),
            _line(*["---"] * len(REQUEST_COLUMNS)),
        ]
        for method, part in methods.items():
            row = part["groups"].get(group)
            if row:
                cells = (
                    row["n"],
                    _interval(row["precision"]),
                    _number(row["base_rate"]),
                    _whole(row["popularity"]),
                    row["outside"],
                    row["repeats"],
                    row["errors"],
                    _whole(row["lm_tokens"]),
                    _whole(row["elapsed_ms"]),
                )
                lines.append(_line(method, *cells))
        lines.append("")
    return lines


def _next_item_table(methods: Mapping[str, Any]) -> list[str]:
    lines = [
        "## Next item",
        "",
        "Leave-last-one-out, full ranking of all unseen items, with 95 % intervals.",
        "",
        "| method | users | HR | NDCG | MRR | coverage | faults | errors | ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for method, part in methods.items():
        row = part["groups"][ALL]
        cells = (
            row["n"],
            _interval(row["hit_rate"]),
            _interval(row["ndcg"]),
            _number(row["mrr"]["mean"]),
            _number(row["coverage"]),
            row["faults"],
            row["errors"],
            _whole(row["elapsed_ms"]),
        )
        lines.append(_line(method, *cells))
    return [*lines, ""]


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _interval(value: Mapping[str, float]) -> str:
    if math.isnan(value["low"]):
        return _number(value["mean"])
    return f"{_number(value['mean'])} ({_number(value['low'])}-{_number(value['high'])})"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _whole(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0f}"


def _mean(values: Iterable[float]) -> float:
    return average(list(values)).mean


def _median(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return median(known) if known else math.nan
