"""Pictures of a run: accuracy against diversity and latency, popularity shown, accuracy by history.

Needs the extra ``eval``; without it the run goes on and a note says what is missing.
"""

import importlib.util
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from m6rec.atomic import replaced_file
from m6rec.evaluation.task import Row, Scope, Task

PACKAGE = "matplotlib"
MISSING = "no plots: matplotlib is not installed; install it with: pip install 'm6rec[eval]'"
SWEPT = "="
"""A method whose name holds this is one point of a dial: ``m6rec+novelty=0.5``."""
TURNED = ("ndcg", "diversity", "diversity_text", "coverage", "novelty")
"""Figures a dial is drawn by, besides the headline of the task."""


def draw(
    results: dict[str, Any], tasks: Sequence[Task], scope: Scope, folder: Path
) -> tuple[str, ...]:
    """Draw the plots of every task into `folder` and name them in ``results["plots"]``.

    Returns:
        Notes: that matplotlib is missing, if it is.
    """
    if importlib.util.find_spec(PACKAGE) is None:
        return (MISSING,)
    drawn: list[str] = []
    for task in tasks:
        methods = results["tasks"].get(task.name)
        if not methods or task.plain:
            continue
        group = _first_group(methods)
        figures = {
            name: part["groups"][group] for name, part in methods.items() if group in part["groups"]
        }
        headline = task.compared[0]
        for what, figure in _figures(task, headline, figures, methods, scope):
            name = f"{task.name}-{what}.png"
            # Without these two every run would write other bytes.
            settings = {"metadata": {"Software": None}, "dpi": 110}
            with replaced_file(folder / name) as part:
                figure.savefig(part, format="png", bbox_inches="tight", **settings)
            drawn.append(name)
    results["plots"] = drawn
    return ()


def _figures(
    task: Task,
    headline: str,
    figures: Mapping[str, Any],
    methods: Mapping[str, Any],
    scope: Scope,
) -> Iterator[tuple[str, Any]]:
    if any(_known(row.get("diversity")) for row in figures.values()):
        yield "diversity", _points(task, headline, figures, "diversity", "diversity of a list")
    if any(_known(row.get("elapsed_ms")) for row in figures.values()):
        yield "latency", _points(task, headline, figures, "elapsed_ms", "ms (median)", log=True)
    for dial, turned in _dials(figures).items():
        yield f"dial-{dial.rpartition('+')[2]}", _turned(task, headline, dial, turned)
    rows = {name: part["rows"] for name, part in methods.items()}
    if any("shown" in row for own in rows.values() for row in own):
        yield "popularity", _popularity(task, rows, scope)
    if any(part["slices"] for part in methods.values()):
        yield "slices", _slices(task, headline, methods)


def _points(
    task: Task,
    headline: str,
    figures: Mapping[str, Any],
    across: str,
    label: str,
    *,
    log: bool = False,
) -> Any:
    figure, axes = _canvas(task.heading, label, headline)
    dials: dict[str, list[tuple[float, float]]] = {}
    for name, row in figures.items():
        x, y = row.get(across), _mean(row.get(headline))
        if not (_known(x) and _known(y)):
            continue
        axes.scatter([x], [y], s=22)
        axes.annotate(name, (x, y), fontsize=7, xytext=(4, 3), textcoords="offset points")
        if SWEPT in name:
            dials.setdefault(name.rpartition(SWEPT)[0], []).append((x, y))
    for points in dials.values():
        axes.plot(*zip(*points, strict=True), linewidth=0.8, zorder=0)
    if log:
        axes.set_xscale("log")
    return figure


def _dials(figures: Mapping[str, Any]) -> dict[str, list[tuple[float, Any]]]:
    """The points of every dial that was set to several values, in their order."""
    dials: dict[str, list[tuple[float, Any]]] = {}
    for name, row in figures.items():
        dial, swept, value = name.rpartition(SWEPT)
        if swept and _is_number(value):
            dials.setdefault(dial, []).append((float(value), row))
    return {
        dial: sorted(points, key=lambda point: point[0])
        for dial, points in dials.items()
        if len(points) > 1
    }


def _turned(task: Task, headline: str, dial: str, points: Sequence[tuple[float, Any]]) -> Any:
    """What turning a dial up from its lowest value changes, in percent of what it was there."""
    figure, axes = _canvas(task.heading, dial, "change in percent")
    for name in dict.fromkeys((headline, *TURNED)):
        values = [_mean(row.get(name)) for _, row in points]
        if all(_known(value) for value in values) and values[0]:
            changes = [100 * (value / values[0] - 1) for value in values]
            axes.plot([at for at, _ in points], changes, marker="o", markersize=4, label=name)
    axes.axhline(0, linewidth=0.6, color="black")
    axes.legend(fontsize=7)
    return figure


def _popularity(task: Task, rows: Mapping[str, Sequence[Row]], scope: Scope) -> Any:
    """For every method the share of shown places whose item has at most so many ratings."""
    figure, axes = _canvas(task.heading, "number of ratings", "share of the shown items")
    for name, own in rows.items():
        shown = sorted(
            scope.catalog[item].popularity
            for row in own
            for item in row.get("shown", ())
            if item in scope.catalog
        )
        if shown:
            shares = [(place + 1) / len(shown) for place in range(len(shown))]
            axes.step(shown, shares, where="post", label=name)
    # Nobody has chosen some items, and 0 has no logarithm.
    axes.set_xscale("symlog")
    axes.legend(fontsize=7)
    return figure


def _slices(task: Task, headline: str, methods: Mapping[str, Any]) -> Any:
    figure, axes = _canvas(task.heading, task.slice_title, headline)
    for name, part in methods.items():
        own = {
            where: _mean(value[headline])
            for where, value in part["slices"].items()
            if _known(_mean(value[headline]))
        }
        if own:
            axes.plot(list(own), list(own.values()), marker="o", markersize=4, label=name)
    axes.tick_params(axis="x", labelrotation=20, labelsize=7)
    axes.legend(fontsize=7)
    return figure


def _canvas(title: str, x: str, y: str) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Not pyplot: it keeps every figure, and looks for a screen.
    figure = Figure(figsize=(6.4, 4.4))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x)
    axes.set_ylabel(y.replace("_", " "))
    axes.grid(visible=True, linewidth=0.3)
    return figure, axes


def _first_group(methods: Mapping[str, Any]) -> str:
    return next((group for part in methods.values() for group in part["groups"]), "all")


def _mean(value: Any) -> Any:
    return value["mean"] if isinstance(value, Mapping) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known(value: Any) -> bool:
    return value is not None and not math.isnan(value)
