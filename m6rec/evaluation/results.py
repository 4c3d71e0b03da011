"""From finished parts to what results.json holds: figures by group, slices, and who beats whom."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.evaluation.described import described
from m6rec.evaluation.measures import figures, numbers
from m6rec.evaluation.parts import Part
from m6rec.evaluation.task import Row, Scope, Task
from m6rec.metrics.averages import average, paired_difference
from m6rec.metrics.significance import holm, sign_flip_p


def task_results(
    task: Task,
    parts: Sequence[Part],
    scope: Scope,
    *,
    peers: Collection[str],
    vectors: NDArray[np.float32] | None = None,
) -> dict[str, Any]:
    """What every method did on one task.

    Args:
        task: The task.
        parts: Its finished parts, one per method.
        scope: What the measures may look at.
        peers: Methods that are not the project's own: the best of them is what all are held against.
        vectors: Item vectors for text diversity; None leaves it undefined.

    Returns:
        By method: settings, seconds, groups of figures, slices of the headline, the paired difference to
        the best peer by group, and the rows, each with its `key` and its `groups`.
    """
    rows = {part.method: _keyed(task, part, scope, vectors) for part in parts}
    groups = {method: grouped(task, own) for method, own in rows.items()}
    against = _against(task, groups, [part.method for part in parts if part.method in peers], scope)
    return {
        part.method: {
            "settings": part.settings,
            "seconds": part.seconds,
            "groups": {
                name: figures(task.measures, members, scope)
                for name, members in groups[part.method].items()
            },
            "slices": _slices(task, rows[part.method], scope),
            "against_best_peer": against[part.method],
            "rows": rows[part.method],
        }
        for part in parts
    }


def _keyed(
    task: Task, part: Part, scope: Scope, vectors: NDArray[np.float32] | None
) -> list[Mapping[str, Any]]:
    rows = described(part.rows, scope.catalog, vectors)
    return [{**row, "key": task.key(row), "groups": list(task.groups(row))} for row in rows]


def grouped(task: Task, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows by the groups they belong to, in the order of first appearance."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        for name in task.groups(row):
            groups.setdefault(name, []).append(row)
    return groups


def _slices(task: Task, rows: Sequence[Row], scope: Scope) -> dict[str, Any]:
    if task.slices is None:
        return {}
    slices: dict[str, list[Row]] = {}
    for row in rows:
        slices.setdefault(task.slices(row), []).append(row)
    headline = task.compared[0]
    return {
        name: {
            "n": len(members),
            headline: asdict(average(numbers(members, headline), seed=scope.seed)),
        }
        for name, members in sorted(slices.items(), key=lambda one: _natural(one[0]))
    }


def _natural(name: str) -> tuple[int, str]:
    digits = "".join(sign for sign in name.partition("-")[0] if sign.isdigit())
    return (int(digits) if digits else 0, name)


def _against(
    task: Task, groups: Mapping[str, Mapping[str, list[Row]]], peers: Sequence[str], scope: Scope
) -> dict[str, dict[str, Any]]:
    """By method and group: the best peer there, and the paired difference of the headline to it."""
    headline = task.compared[0]
    found: dict[str, dict[str, Any]] = {method: {} for method in groups}
    for name in dict.fromkeys(name for own in groups.values() for name in own):
        means = {
            peer: average(numbers(groups[peer][name], headline), n_resamples=1).mean
            for peer in peers
            if name in groups[peer]
        }
        judged = {peer: mean for peer, mean in means.items() if not math.isnan(mean)}
        if not judged:
            continue
        best = max(judged, key=lambda peer: judged[peer])
        others = [method for method in groups if method != best and name in groups[method]]
        pairs = [paired(groups[one][name], groups[best][name], headline) for one in others]
        corrected = holm(
            [sign_flip_p(np.subtract(a, b).tolist(), seed=scope.seed) for a, b in pairs]
        )
        for method, (ours, theirs), p in zip(others, pairs, corrected, strict=True):
            difference = paired_difference(ours, theirs, seed=scope.seed)
            found[method][name] = {"peer": best, **asdict(difference), "p": p}
    return found


def paired(
    ours: Sequence[Row], theirs: Sequence[Row], name: str
) -> tuple[list[float], list[float]]:
    """A row value on both sides for the rows that have the same key, in the order of `ours`."""
    other = {row["key"]: row for row in theirs}
    both = [(row, other[row["key"]]) for row in ours if row["key"] in other]
    return numbers([one for one, _ in both], name), numbers([one for _, one in both], name)
