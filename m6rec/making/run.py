"""A run from the order to the folder: what comes first, what is kept on the way, what is told."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from m6rec.errors import M6RecError
from m6rec.making.budget import Clock
from m6rec.making.crowd import keep_crowd
from m6rec.making.event_files import LOGS, EventFiles
from m6rec.making.folder import keep_weights, write_folder
from m6rec.making.job import Job
from m6rec.making.journal import JOURNAL, Entry, Journal, peak_memory_mb
from m6rec.making.order import Order, claim
from m6rec.making.processes import Processes
from m6rec.making.scores import best_of, continued_scores, forgets, scores_of
from m6rec.tuning.loop import Progress


def carry_out(
    order: Order,
    out: Path,
    work: Path,
    *,
    minutes: float,
    call: Mapping[str, Any],
    begun: float,
    together: Processes,
) -> None:
    """Tune what was ordered and write the model folder.

    A run that fails before its first checkpoint leaves nothing: there is nothing to go on with.

    Args:
        order: What is tuned on what.
        out: The model folder.
        work: Where the state is kept until the folder is whole; gone on with if it is there.
        minutes: For all of it.
        call: How the run was called, so that it can be resumed without its arguments.
        begun: `time.monotonic()` at which the minutes began.
        together: The processes of the run; all return when the folder is whole.

    Raises:
        ConfigError: The state is that of a run with other settings.
    """
    is_new = together.is_first and not work.exists()
    with together.first_then_others():
        if together.is_first:
            claim(order, work, call)
    clock = Clock(minutes, begun, shows=together.is_first)
    try:
        _carried_out(order, out, work, clock, together)
    except M6RecError:
        if is_new and not (work / "last").exists():
            shutil.rmtree(work)
        raise


def _carried_out(order: Order, out: Path, work: Path, clock: Clock, together: Processes) -> None:
    """Tune and write; the crowd comes first, so that its time is known when the steps are planned."""
    events = EventFiles(work / LOGS)
    kept = Journal(work / JOURNAL, events) if together.is_first else None
    told = together.agreed(kept.entries if kept else None)
    journal = kept or Journal(None, entries=told)
    earlier = seconds_noted(journal.entries)

    def note(name: str, seconds: float) -> None:
        journal.write(
            "phase", name=name, seconds=round(seconds, 3), peak_memory_mb=peak_memory_mb()
        )

    clock.note = note
    try:
        with together.first_then_others(), clock.phase("training the crowd"):
            crowd = keep_crowd(order, work)
        job = Job(order, work, clock, together)
        if journal.first("run") is None:
            journal.write("run", minutes=clock.minutes, **job.told())
        with clock.phase("tuning"):
            progress = job.run(journal)
    finally:
        events.close()
    if together.is_first:
        scores = _scores(job, progress, journal)
        start = order.start
        best = work / "best" if scores["step"] or start is None else start.weights
        weights = keep_weights(order, best, work, job.base)
        probe = job.probe(weights)
        journal.write(
            "end",
            why=_why(job, progress),
            step=int(scores["step"]),
            minutes=round((earlier + clock.spent) / 60, 3),
            peak_memory_mb=peak_memory_mb(),
        )
        write_folder(out, job, weights, probe, crowd, journal, scores)
        shutil.rmtree(work)
    together.wait()


def seconds_noted(entries: list[Entry]) -> float:
    """Seconds that the journal of an interrupted run accounts for."""
    phases = {entry["name"] for entry in entries if entry["kind"] == "phase"}
    seconds = sum(float(entry["seconds"]) for entry in entries if entry["kind"] == "phase")
    steps = [float(entry["seconds"]) for entry in entries if entry["kind"] == "step"]
    return seconds + (steps[-1] if steps and "tuning" not in phases else 0.0)


def _scores(job: Job, progress: Progress, journal: Journal) -> dict[str, float]:
    """Validation figures; step 0 stands for weights of before that no step made better."""
    line = journal.first("validation", step=0) or {"loss": float("nan"), "tasks": {}}
    before = {"step": 0.0, "loss": line["loss"], **line["tasks"]}
    best, minutes = best_of(progress.history), progress.seconds / 60
    if job.order.start is None:
        return scores_of(before, best, minutes)
    scores = continued_scores(before, best, job.judged, minutes)
    if best["loss"] < before["loss"] and not forgets(scores):
        return scores
    return continued_scores(before, before, job.judged, minutes)


def _why(job: Job, progress: Progress) -> str:
    if progress.step >= job.plan.steps:
        return "all steps done"
    if progress.since_best >= job.patience:
        return "validation no longer improved"
    return "the time was up"
