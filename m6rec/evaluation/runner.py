"""One evaluation run: tasks x methods -> rows -> results.json and report.md, resumable."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from m6rec.atomic import write_text
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.evaluation.methods import METHODS, MINILM, SCORERS, MostPopular
from m6rec.evaluation.next_item import (
    Ranker,
    judge_next_item,
    rank_by_recommender,
    rank_by_scores,
)
from m6rec.evaluation.parts import Part, dumps, load_part, save_part
from m6rec.evaluation.plan import (
    Options,
    Plan,
    Recommend,
    Retrain,
    catalog_of,
    check_names,
    named,
)
from m6rec.evaluation.provenance import commit, file_hash, interactions_hash, versions
from m6rec.evaluation.report import markdown, summary
from m6rec.evaluation.requests import TextRecommender, judge_requests, read_requests
from m6rec.interactions import Interactions
from m6rec.split import Split, leave_last_out

DATED = (
    "next-item: {share:.0%} of the interactions share a timestamp with another one of the same user, "
    "so the held-out item is partly a matter of the order of the source"
)
UNSEEN = (
    "next-item: {names} judged as given; unless made without the held-out choices, the figures "
    "profit from them"
)

Judge = Callable[[str], list[dict[str, Any]]]
T = TypeVar("T")


def run(
    tasks: Sequence[str],
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
        tasks: ``requests``, ``next-item``.
        methods: Names of recommenders and of peers (`METHODS`); one that a task cannot judge is left
            out of that task, with a note.
        out: Folder for results.json, report.md and parts/.
        recommender: What the method ``m6rec`` stands for, or several by method name.
        catalog: The items; the recommender's own when left out.
        interactions: Needed by ``next-item``.
        retrain: Makes the recommender of ``next-item`` from its method name and the training
            interactions, so that its crowd voice has not seen the held-out choices; without it the
            recommender is judged as it is and a note says so.
        options: Settings; None takes the defaults.

    Returns:
        What results.json holds: commit, versions, notes, and per task and method its settings, seconds,
        groups of averages, and rows.

    Raises:
        ConfigError: An unknown task or method, something missing that a task needs, or parts in
            `out` that were made with other settings.
        CatalogError: A request file cannot be read or is for another catalog; no user has a history.
        MissingExtraError: MiniLM was asked for and is not installed.
    """
    ours = named(recommender)
    plan = Plan(
        catalog=catalog_of(catalog, ours.values()),
        recommenders=ours,
        retrain=retrain,
        interactions=interactions,
        out=Path(out),
        options=options or Options(),
    )
    check_names(tasks, methods, ours)
    parts: list[Part] = []
    notes: list[str] = []
    for task in dict.fromkeys(tasks):
        able = (*ours, *METHODS[task])
        judged = [method for method in dict.fromkeys(methods) if method in able]
        left_out = ", ".join(method for method in dict.fromkeys(methods) if method not in able)
        if left_out:
            notes.append(f"{task}: left out {left_out}; they have no answer to this task")
        judge_task = _requests if task == "requests" else _next_item
        made, more = judge_task(judged, plan)
        parts += made
        notes += more
    results = _results(parts, notes, plan)
    write_text(plan.out / "results.json", dumps(results))
    write_text(plan.out / "report.md", markdown(results))
    return results


def _requests(methods: Sequence[str], plan: Plan) -> tuple[list[Part], list[str]]:
    files = plan.options.request_files
    cases = _sample([(path.stem, case) for path in files for case in read_requests(path)], plan)
    settings = {"request_files": {path.stem: file_hash(path) for path in files}}

    def judge(method: str) -> list[dict[str, Any]]:
        recommender = _text_recommender(method, plan)
        rows: list[dict[str, Any]] = []
        for name, case in cases:
            judged = judge_requests([case], recommender, plan.catalog, name=name, k=plan.options.k)
            rows += [asdict(row) for row in judged]
            plan.tell(f"requests {method}", len(rows), len(cases))
        return rows

    return [_part("requests", method, plan, settings, judge) for method in methods], []


def _next_item(methods: Sequence[str], plan: Plan) -> tuple[list[Part], list[str]]:
    interactions = plan.interactions
    if interactions is None:
        raise ConfigError("the task next-item needs interactions; give a file of them")
    split = leave_last_out(interactions)
    cases = _sample(list(split), plan)
    settings = {"protocol": split.protocol, "interactions": interactions_hash(interactions)}
    told = {"history_length": plan.options.history_length, "retrained": plan.retrain is not None}

    def judge(method: str) -> list[dict[str, Any]]:
        ranker = _ranker(method, split, plan)
        rows: list[dict[str, Any]] = []
        for row in judge_next_item(cases, ranker, plan.catalog, k=plan.options.k):
            rows.append(asdict(row))
            plan.tell(f"next-item {method}", len(rows), len(cases))
        return rows

    parts = [
        _part(
            "next-item",
            method,
            plan,
            {**settings, **told} if method in plan.recommenders else settings,
            judge,
        )
        for method in methods
    ]
    notes = [DATED.format(share=shared_timestamps(interactions))]
    as_given = [method for method in methods if method in plan.recommenders]
    if as_given and plan.retrain is None:
        notes.append(UNSEEN.format(names=", ".join(as_given)))
    return parts, notes


def shared_timestamps(interactions: Interactions) -> float:
    """Share of interactions whose user has another one in the same second; 0 when there is none."""
    if not len(interactions):
        return 0.0
    moments = np.stack((interactions.user.astype(np.int64), interactions.timestamp))
    _, where, counts = np.unique(moments, axis=1, return_inverse=True, return_counts=True)
    return float((counts[where.ravel()] > 1).mean())


def _part(
    task: str, method: str, plan: Plan, task_settings: Mapping[str, Any], judge: Judge
) -> Part:
    """The part of a task and method, from disk if it is there."""
    options = plan.options
    settings = {
        "catalog": plan.catalog.content_hash,
        "popularity": float(plan.catalog.popularity.sum()),
        "k": options.k,
        "limit": options.limit,
        "seed": options.seed,
        **task_settings,
    }
    # A peer's figures do not depend on the recommenders' settings and survive a change of them.
    if method in plan.recommenders:
        settings["recommender"] = dict(options.settings)
    part = load_part(plan.out, task, method, settings)
    if part is None:
        started = time.perf_counter()
        rows = tuple(judge(method))
        part = Part(task, method, settings, time.perf_counter() - started, rows)
        save_part(plan.out, part)
    return part


def _text_recommender(method: str, plan: Plan) -> TextRecommender:
    if method in plan.recommenders:
        recommender: TextRecommender = plan.recommenders[method]
        return recommender
    if method in MINILM:
        from m6rec.evaluation.peers import semantic_search

        return semantic_search(plan.catalog, popularity_weight=MINILM[method])
    return MostPopular(plan.catalog)


def _ranker(method: str, split: Split, plan: Plan) -> Ranker:
    if method not in plan.recommenders:
        scorer = SCORERS[method](split.train, len(plan.catalog))
        return rank_by_scores(scorer, plan.catalog)
    recommender = plan.recommenders[method]
    if plan.retrain is not None:
        recommender = plan.retrain(method, split.train)
    return rank_by_recommender(
        recommender, plan.catalog, history_length=plan.options.history_length
    )


def _sample(cases: list[T], plan: Plan) -> list[T]:
    """At most `limit` cases, drawn by the seed, in their own order."""
    limit = plan.options.limit
    if limit is None or limit >= len(cases):
        return cases
    generator = np.random.default_rng(plan.options.seed)
    chosen = generator.choice(len(cases), size=limit, replace=False)
    return [cases[at] for at in sorted(chosen.tolist())]


def _results(parts: Sequence[Part], notes: Sequence[str], plan: Plan) -> dict[str, Any]:
    tasks: dict[str, dict[str, Any]] = {}
    for part in parts:
        tasks.setdefault(part.task, {})[part.method] = {
            "settings": part.settings,
            "seconds": part.seconds,
            "groups": summary(part, n_items=len(plan.catalog), seed=plan.options.seed),
            "rows": part.rows,
        }
    return {"commit": commit(), "versions": versions(), "notes": list(notes), "tasks": tasks}
