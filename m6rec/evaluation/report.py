"""From figures to tables in Markdown, for people."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from m6rec.evaluation.measures import table_measures
from m6rec.evaluation.task import Task

AGAINST = (
    "Intervals are 95 % bootstrap intervals. Against the best peer: mean paired difference, and p of",
    "the paired randomisation test, corrected for the number of methods (Holm).",
)


def markdown(results: Mapping[str, Any], tasks: Sequence[Task]) -> str:
    """The tables of `results`, as `m6rec.evaluation.run` builds it, with where they come from."""
    lines = ["# Results", "", f"Commit {results['commit'] or 'unknown'}; {_versions(results)}.", ""]
    if results["command"]:
        lines += [f"    {results['command']}", ""]
    lines += [*AGAINST, ""]
    for task in tasks:
        methods = results["tasks"].get(task.name)
        if methods:
            lines += [f"## {task.heading}", "", *task.about, ""]
            lines += _tables(task, methods)
    lines += _plots(results.get("plots", ()))
    if results["notes"]:
        lines += ["## Notes", "", *(f"- {note}" for note in results["notes"]), ""]
    return "\n".join(lines)


def _versions(results: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in results["versions"].items())


def _tables(task: Task, methods: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    groups = list(dict.fromkeys(group for part in methods.values() for group in part["groups"]))
    if task.plain:
        places = [(group, name) for group in groups for name in methods]
        return [*_figures(task, places, methods), *_times(methods)]
    for group in groups:
        members = {name: part for name, part in methods.items() if group in part["groups"]}
        lines += [f"### {group}", ""] if len(groups) > 1 else []
        lines += _figures(task, [(group, name) for name in members], methods)
        lines += _against(task, group, members)
    return [*lines, *_slices(task, methods), *_times(methods)]


def _figures(
    task: Task, places: Sequence[tuple[str, str]], methods: Mapping[str, Any]
) -> list[str]:
    """The figures of groups and methods, without the columns nobody has a figure for."""
    rows = {
        (group, name): methods[name]["groups"][group]
        for group, name in places
        if group in methods[name]["groups"]
    }
    shown = [
        measure
        for measure in table_measures(task.measures)
        if any(not _undefined(row[measure.name]) for row in rows.values())
    ]
    return table(
        [*(["cases"] if task.plain else []), "method", "n", *(str(m.header) for m in shown)],
        (
            [
                *([group] if task.plain else []),
                *(name, row["n"], *(cell(row[m.name], m.digits) for m in shown)),
            ]
            for (group, name), row in rows.items()
        ),
    )


def _against(task: Task, group: str, methods: Mapping[str, Any]) -> list[str]:
    found = {
        name: part["against_best_peer"][group]
        for name, part in methods.items()
        if group in part["against_best_peer"]
    }
    if not found:
        return []
    peer = next(iter(found.values()))["peer"]
    return table(
        ["method", f"{task.compared[0]} - {peer}", "p", "n"],
        (
            [name, cell(row, 3, signed=True), cell(row["p"], 4), row["n"]]
            for name, row in found.items()
        ),
    )


def _slices(task: Task, methods: Mapping[str, Any]) -> list[str]:
    names = list(dict.fromkeys(name for part in methods.values() for name in part["slices"]))
    if not names:
        return []
    headline = task.compared[0]
    counts = {name: part["slices"] for name, part in methods.items()}
    first = next(iter(counts.values()))
    heads = [f"{name} (n = {first[name]['n']})" if name in first else name for name in names]
    return [
        f"{task.slice_title}:",
        "",
        *table(
            ["method", *heads],
            (
                [
                    method,
                    *(cell(own[name][headline]) if name in own else "-" for name in names),
                ]
                for method, own in counts.items()
            ),
        ),
    ]


def _times(methods: Mapping[str, Any]) -> list[str]:
    spent = ", ".join(f"{name} {part['seconds']:.0f} s" for name, part in methods.items())
    return [f"Fitting and judging took: {spent}.", ""]


def _plots(names: Iterable[str]) -> list[str]:
    lines = [f"![{name}](plots/{name})" for name in names]
    return ["## Plots", "", *lines, ""] if lines else []


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table with an empty line after it."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [*(f"| {' | '.join(map(str, line))} |" for line in lines), ""]


def cell(value: Any, digits: int = 3, *, signed: bool = False) -> str:
    """A number, or a mean with its interval; ``-`` when it is undefined."""
    if isinstance(value, Mapping):
        mean = cell(value["mean"], digits, signed=signed)
        if _undefined(value["mean"]) or _undefined(value["low"]):
            return mean
        between = " to " if signed or value["low"] < 0 else "-"
        low, high = (cell(value[end], digits, signed=signed) for end in ("low", "high"))
        return f"{mean} ({low}{between}{high})"
    if _undefined(value):
        return "-"
    return f"{value:{'+' if signed else ''}.{digits}f}"


def _undefined(value: Any) -> bool:
    if isinstance(value, Mapping):
        return _undefined(value["mean"])
    return value is None or math.isnan(value)
