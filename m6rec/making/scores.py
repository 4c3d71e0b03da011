"""What a run reached, from its validations."""

from collections.abc import Mapping

NEW = "new: "
"""Begins the task of a pair that was made of new choices; all other tasks are old."""

FORGETTING = 0.02
"""Share by which the loss on old pairs may rise for the sake of new ones."""


def best_of(history: list[dict[str, float]]) -> dict[str, float]:
    """The validation with the lowest loss, the first of equal ones."""
    return min(history, key=lambda entry: entry["loss"])


def scores_of(
    before: Mapping[str, float], best: Mapping[str, float], minutes: float
) -> dict[str, float]:
    """Validation figures of a run that began with the base model."""
    return {"loss_before": before["loss"], **best, "minutes": minutes}


def continued_scores(
    before: Mapping[str, float],
    best: Mapping[str, float],
    counts: Mapping[str, int],
    minutes: float,
) -> dict[str, float]:
    """Validation figures of a run that went on from a tuned model, old pairs apart from new ones.

    Args:
        before: The validation before the first step: loss by task, and ``loss``.
        best: The validation of the weights that are kept.
        counts: How many pairs each task has.
        minutes: Spent in steps.
    """
    scores = scores_of(before, best, minutes)
    for name, tasks in (
        ("old", [task for task in counts if not task.startswith(NEW)]),
        ("new", [task for task in counts if task.startswith(NEW)]),
    ):
        n = sum(counts[task] for task in tasks)
        if n:
            for when, found in (("before", before), ("after", best)):
                total = sum(found[task] * counts[task] for task in tasks)
                scores[f"{name}_{when}"] = total / n
    return scores


def forgets(scores: Mapping[str, float]) -> bool:
    """Whether the old pairs lost more than `FORGETTING`."""
    if "old_before" not in scores:
        return False
    return scores["old_after"] > (1 + FORGETTING) * scores["old_before"]
