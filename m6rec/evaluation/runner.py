"""One evaluation run: tasks x methods -> rows -> results.json and report.md, resumable."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import write_text
from m6rec.catalog import Catalog
from m6rec.errors import MissingExtraError
from m6rec.evaluation.parts import Part, as_json, dumps, load_part, save_part
from m6rec.evaluation.plan import (
    Options,
    Plan,
    Recommend,
    Retrain,
    catalog_of,
    check_names,
    named,
)
from m6rec.evaluation.plots import draw
from m6rec.evaluation.provenance import commit, versions
from m6rec.evaluation.report import markdown
from m6rec.evaluation.results import task_results
from m6rec.evaluation.task import Prepared, Row, Scope, Task
from m6rec.evaluation.tasks import TASKS
from m6rec.interactions import Interactions


def run(
    tasks: Sequence[str | Task],
    methods: Sequence[str],
    out: str | Path,
    recommender: Recommend | Mapping[str, Recommend] | None = None,
    *,
    catalog: Catalog | None = None,
    interactions: Interactions | None = None,
    retrain: Retrain | None = None,
    options: Options | None = None,
) -> dict[str, Any]:
    """Judge methods on tasks; finished (task, method) parts in `out` are kept and not made again.

    Args:
        tasks: Names of `m6rec.evaluation.tasks.TASKS`, or tasks of your own.
        methods: Names of recommenders and of peers (`METHODS`); one that a task cannot judge is left
            out of that task, with a note.
        out: Folder for results.json, report.md, plots/ and parts/.
        recommender: What the method ``m6rec`` stands for, or several by method name.
        catalog: The items; the recommender's own when left out.
        interactions: Needed by the next-item tasks.
        retrain: Makes the recommender of a next-item task from its method name and the training
            interactions, so that its crowd voice has not seen the held-out choices; without it the
            recommender is judged as it is and a note says so.
        options: Settings; None takes the defaults.

    Returns:
        What results.json holds: commit, versions, command, notes, and per task and method its settings, seconds,
        groups of figures, slices, the difference to the best peer, and rows.

    Raises:
        ConfigError: An unknown task or method, something missing that a task needs, or parts in
            `out` that were made with other settings.
        CatalogError: A request file cannot be read or is for another catalog; no user has a history;
            a split or a recommender leaks what is to be predicted, which the message names.
        MissingExtraError: A method was asked for that is not installed.
    """
    chosen = _tasks(tasks)
    peers = tuple(dict.fromkeys(n for t in (*TASKS.values(), *chosen) for n in t.peers))
    ours = named(recommender, peers)
    check_names("method", methods, [*dict.fromkeys((*ours, *peers))])
    plan = Plan(
        catalog=catalog_of(catalog, ours.values()),
        recommenders=ours,
        retrain=retrain,
        interactions=interactions,
        out=Path(out),
        options=options or Options(),
    )
    results: dict[str, Any] = {
        "commit": commit(),
        "versions": versions(),
        "command": plan.options.command,
        "compared": {task.name: list(task.compared) for task in chosen},
        "notes": [],
        "tasks": {},
    }
    finished = {task.name: _task(task, methods, plan, results["notes"]) for task in chosen}
    vectors = _vectors(plan, results["notes"])
    scope = Scope(plan.catalog, plan.options.k, plan.options.seed)
    for task in chosen:
        results["tasks"][task.name] = task_results(
            task, finished[task.name], scope, peers=task.peers, vectors=vectors
        )
    if plan.options.plots:
        results["notes"] += draw(results, chosen, scope, plan.out / "plots")
    write_text(plan.out / "results.json", dumps(results))
    write_text(plan.out / "report.md", markdown(results, chosen))
    return results


def _vectors(plan: Plan, notes: list[str]) -> NDArray[np.float32] | None:
    if plan.options.embed is None:
        return None
    try:
        return plan.options.embed(plan.catalog)
    except MissingExtraError as missing:
        notes.append(f"text diversity left out; {missing}")
        return None


def _tasks(tasks: Sequence[str | Task]) -> list[Task]:
    """The tasks that are named, each once."""
    names = [task for task in tasks if isinstance(task, str)]
    if names or not tasks:
        check_names("task", names, [*TASKS])
    found = [TASKS[task] if isinstance(task, str) else task for task in tasks]
    return list({task.name: task for task in found}.values())


def _task(task: Task, methods: Sequence[str], plan: Plan, notes: list[str]) -> list[Part]:
    """The parts of one task; what a reader has to know goes to `notes`."""
    able = (*(plan.recommenders if task.own else ()), *task.peers)
    judged = [method for method in dict.fromkeys(methods) if method in able]
    left_out = ", ".join(method for method in dict.fromkeys(methods) if method not in able)
    if left_out:
        notes.append(f"{task.name}: left out {left_out}; they have no answer to this task")
    prepared = task.prepare(judged, plan)
    notes += prepared.notes
    parts = []
    for method in judged:
        try:
            parts.append(_part(task, method, plan, prepared))
        except MissingExtraError as missing:
            if not plan.options.skip_missing:
                raise
            notes.append(f"{task.name}: left out {method}; {missing}")
    return parts


def _part(task: Task, method: str, plan: Plan, prepared: Prepared) -> Part:
    """The part of a task and method, from disk if it is there."""
    options = plan.options
    settings = {
        "catalog": plan.catalog.content_hash,
        "popularity": float(plan.catalog.popularity.sum()),
        "k": options.k,
        "limit": options.limit,
        "seed": options.seed,
        **prepared.settings,
    }
    # A peer's figures do not depend on the recommenders' settings and survive a change of them.
    if method in plan.recommenders:
        settings |= {"recommender": dict(options.settings), **prepared.own_settings}
    part = load_part(plan.out, task.name, method, settings)
    if part is None:
        started = time.perf_counter()
        rows: list[Row] = []
        for row in prepared.rows(method):
            # As they will be read back, so that a resumed run cannot differ from this one.
            rows.append(as_json(row))
            if len(rows) < prepared.n_cases:
                plan.tell(f"{task.name} {method}", len(rows), prepared.n_cases)
        # Some methods answer only some of the cases; the line is finished all the same.
        plan.tell(f"{task.name} {method}", len(rows), len(rows))
        seconds = time.perf_counter() - started
        part = Part(task.name, method, as_json(settings), seconds, tuple(rows))
        save_part(plan.out, part)
    return part
