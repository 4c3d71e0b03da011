"""The journal: every step once, whatever was killed when, and what is made of it.

Run: pytest tests/test_journal.py -n 0
"""

import json
from pathlib import Path

import pytest

from m6rec.making import event_files, loss_plot
from m6rec.making.event_files import EventFiles, write_events
from m6rec.making.journal import Entry, Journal, peak_memory_mb, read_journal
from m6rec.making.loss_plot import draw_loss, smoothed
from m6rec.making.run import seconds_noted
from m6rec.tuning.loop import Progress

VALIDATE_EVERY = 4


def at(step: int) -> Progress:
    """Where a run stands before the validation of this step."""
    history = [
        {"step": float(s), "wish": 2.0 / s, "loss": 1.0 / s}
        for s in range(VALIDATE_EVERY, step, VALIDATE_EVERY)
    ]
    return Progress(step=step, seconds=float(step), tokens=100 * step, history=history)


def run(journal: Journal, first: int, last: int) -> None:
    for step in range(first, last + 1):
        journal.step(at(step), loss=float(step))


def stepped(path: Path) -> list[tuple[str, int, float]]:
    return [
        (e["kind"], e["step"], e["loss"])
        for e in read_journal(path)
        if e["kind"] in {"step", "validation"}
    ]


def whole(path: Path, every: int = 1) -> list[tuple[str, int, float]]:
    journal = Journal(path)
    journal.pace(every, 10)
    run(journal, 1, 10)
    journal.validations(at(11))
    return stepped(path)


def test_every_step_and_validation_has_a_line_in_order(tmp_path: Path) -> None:
    found = whole(tmp_path / "journal.jsonl")
    assert [step for kind, step, _ in found if kind == "step"] == list(range(1, 11))
    assert [step for kind, step, _ in found if kind == "validation"] == [4, 8]
    assert [kind for kind, step, _ in found if step == 4] == ["step", "validation"]
    first = read_journal(tmp_path / "journal.jsonl")[0]
    assert first["tokens_per_second"] == 100
    assert read_journal(tmp_path / "journal.jsonl")[4]["tasks"] == {"wish": 0.5}


@pytest.mark.parametrize("every", [1, 2, 4])
@pytest.mark.parametrize("killed", [4, 5, 7, 8, 9])
def test_a_killed_run_leaves_the_same_lines_as_a_whole_one(
    tmp_path: Path, killed: int, every: int
) -> None:
    """It goes on from its last checkpoint, at a multiple of `VALIDATE_EVERY`."""
    path = tmp_path / "journal.jsonl"
    before = Journal(path)
    before.pace(every, 10)
    run(before, 1, killed)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"kind":"step","st')
    again = Journal(path)
    again.pace(every, 10)
    run(again, killed // VALIDATE_EVERY * VALIDATE_EVERY + 1, 10)
    again.validations(at(11))
    assert stepped(path) == whole(tmp_path / "whole.jsonl", every)


def test_a_finished_run_that_is_resumed_writes_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    found = whole(path)
    Journal(path).validations(at(11))
    assert stepped(path) == found


def test_steps_that_share_a_line_have_their_mean_and_the_last_ends_it(tmp_path: Path) -> None:
    found = [e for e in whole(tmp_path / "journal.jsonl", every=4) if e[0] == "step"]
    assert found == [("step", 4, 2.5), ("step", 8, 6.5), ("step", 10, 9.5)]


def test_time_of_an_interrupted_run_is_what_its_phases_and_steps_took() -> None:
    entries: list[Entry] = [
        {"kind": "phase", "name": "crowd", "seconds": 5.0},
        {"kind": "step", "step": 1, "seconds": 2.0},
        {"kind": "step", "step": 2, "seconds": 3.5},
    ]
    assert seconds_noted(entries) == 8.5
    assert seconds_noted([*entries, {"kind": "phase", "name": "tuning", "seconds": 4.0}]) == 9.0
    assert seconds_noted([]) == 0.0


def test_peak_memory_is_that_of_a_python_with_torch() -> None:
    peak = peak_memory_mb()
    assert peak is not None
    assert 50 < peak < 100_000


def test_tensorboard_reads_every_step_once_though_the_run_was_killed(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    path, logs = tmp_path / "journal.jsonl", tmp_path / "logs"
    events = EventFiles(logs)
    run(Journal(path, events), 1, 6)
    events.close()
    again = EventFiles(logs)
    run(Journal(path, again), 5, 10)
    again.close()
    write_events(read_journal(path), tmp_path / "anew")
    for folder in (logs, tmp_path / "anew"):
        read = EventAccumulator(str(folder))
        read.Reload()
        assert {e.step: e.value for e in read.Scalars("loss/tuning")} == {
            step: float(step) for step in range(1, 11)
        }
        assert [e.step for e in read.Scalars("validation/wish")][-2:] == [4, 8]
    assert len(list((tmp_path / "anew").iterdir())) == 1


def test_the_loss_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    whole(tmp_path / "journal.jsonl")
    entries = read_journal(tmp_path / "journal.jsonl")
    for name in ("a.png", "b.png"):
        assert draw_loss(entries, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert not draw_loss([], tmp_path / "none.png")
    assert smoothed([1.0, 2.0, 6.0], 1) == [1.5, 3.0, 4.0]


def test_without_the_packages_nothing_is_drawn_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole(tmp_path / "journal.jsonl")
    entries = read_journal(tmp_path / "journal.jsonl")
    monkeypatch.setattr(event_files, "PACKAGE", "no_such_package")
    monkeypatch.setattr(loss_plot, "PACKAGE", "no_such_package")
    assert not draw_loss(entries, tmp_path / "loss.png")
    write_events(entries, tmp_path / "logs")
    assert [p.name for p in tmp_path.iterdir()] == ["journal.jsonl"]


def test_a_journal_is_one_object_a_line(tmp_path: Path) -> None:
    whole(tmp_path / "journal.jsonl")
    for line in (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["kind"] in {"step", "validation"}
