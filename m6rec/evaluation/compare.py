"""Two result folders side by side: what changed, and whether it is more than chance."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from m6rec.evaluation.kept import read_results
from m6rec.evaluation.measures import numbers
from m6rec.evaluation.report import cell, table
from m6rec.evaluation.results import paired
from m6rec.metrics.averages import Average, paired_difference
from m6rec.metrics.significance import sign_flip_p

CASES = ("catalog", "protocol", "cutoff", "interactions", "request_files", "k")
"""Settings that decide what the cases are; where they differ, rows of the same key are no pairs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure in both folders.

    Attributes:
        task: The task.
        group: The group of rows.
        method: The method.
        metric: The row value.
        before: Its mean in the first folder, over the rows both have.
        after: The same in the second.
        change: Mean of second - first, with its 95 % interval; NaN when the cases differ.
        p: Of the paired randomisation test; NaN when the cases differ.
    """

    task: str
    group: str
    method: str
    metric: str
    before: float
    after: float
    change: Average
    p: float


def differences(
    first: Mapping[str, Any], second: Mapping[str, Any], *, seed: int = 0
) -> tuple[list[Difference], list[str]]:
    """What differs between two results, by task, group, method and metric.

    Args:
        first: What `m6rec.evaluation.run` returned, or `read_results` read.
        second: The same of the other run.
        seed: Of bootstrap and test.

    Returns:
        The differences, and notes on what could not be compared.
    """
    found: list[Difference] = []
    notes: list[str] = []
    for task, methods in first["tasks"].items():
        others = second["tasks"].get(task)
        if others is None:
            continue
        for method, part in methods.items():
            if method not in others:
                notes.append(f"{task}: {method} is only in the first folder")
                continue
            changed = _changed(part["settings"], others[method]["settings"])
            if changed:
                notes.append(
                    f"{task} {method}: other cases ({', '.join(changed)} differ); not paired"
                )
            metrics = first.get("compared", {}).get(task, ())
            found += _of_method(task, method, metrics, part, others[method], bool(changed), seed)
        notes += [
            f"{task}: {name} is only in the second folder" for name in others if name not in methods
        ]
    for one, other, where in ((first, second, "first"), (second, first, "second")):
        alone = [task for task in one["tasks"] if task not in other["tasks"]]
        notes += [f"{task} is only in the {where} folder" for task in alone]
    return found, list(dict.fromkeys(notes))


def comparison(first: str | Path, second: str | Path) -> str:
    """The comparison of two result folders as Markdown.

    Raises:
        ConfigError: As for `read_results`.
    """
    one, other = read_results(first), read_results(second)
    found, notes = differences(one, other)
    lines = [
        "# Comparison",
        "",
        f"First: {first}, commit {one.get('commit') or 'unknown'}.",
        f"Second: {second}, commit {other.get('commit') or 'unknown'}.",
        "Change: second - first over the rows both have, with its 95 % paired bootstrap interval; p of",
        "the paired randomisation test, not corrected for the number of rows of these tables.",
        "",
    ]
    for place in dict.fromkeys((row.task, row.group) for row in found):
        rows = [row for row in found if (row.task, row.group) == place]
        lines += [f"## {place[0]}: {place[1]}", "", *_table(rows)]
    if notes:
        lines += ["## Notes", "", *(f"- {note}" for note in notes), ""]
    return "\n".join(lines)


def _table(rows: Sequence[Difference]) -> list[str]:
    return table(
        ["method", "metric", "n", "first", "second", "change", "p"],
        (
            [
                *(row.method, row.metric, row.change.n, cell(row.before), cell(row.after)),
                cell(_as_mapping(row.change), signed=True),
                cell(row.p, 4),
            ]
            for row in rows
        ),
    )


def _as_mapping(value: Average) -> dict[str, float]:
    return {"mean": value.mean, "low": value.low, "high": value.high}


def _changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name for name in CASES if one.get(name) != other.get(name)]


def _of_method(
    task: str,
    method: str,
    metrics: Sequence[str],
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    unpaired: bool,
    seed: int,
) -> Iterator[Difference]:
    groups = dict.fromkeys(group for row in first["rows"] for group in row["groups"])
    for group in groups:
        ours, theirs = (
            [row for row in part["rows"] if group in row["groups"]] for part in (second, first)
        )
        for metric in metrics:
            if unpaired:
                after, before = numbers(ours, metric), numbers(theirs, metric)
                change, p = Average(math.nan, math.nan, math.nan, 0, 0), math.nan
            else:
                after, before = paired(ours, theirs, metric)
                change = paired_difference(after, before, seed=seed)
                pairs = zip(after, before, strict=True)
                p = sign_flip_p([a - b for a, b in pairs], seed=seed) if change.n else math.nan
            if not all(map(math.isnan, [*after, *before])):
                yield Difference(
                    task, group, method, metric, _mean(before), _mean(after), change, p
                )


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
