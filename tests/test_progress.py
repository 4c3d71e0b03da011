"""Progress where stderr is no terminal: plain lines, a twentieth apart, with the time that is left.

Run: pytest tests/test_progress.py -n 0
"""

import re
import time

import pytest

from m6rec.progress import shown_share


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_every_twentieth_has_a_line_and_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_share("tuning", 45) as shown:
        for done in range(1, 46):
            shown(done, "loss 1")
    found = [int(line.split()[1]) for line in lines(capsys)]
    assert found == [*range(2, 45, 2), 45]


def test_the_time_left_follows_from_the_pace_of_this_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds a step, from a run that was resumed at step 100."""
    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    with shown_share("tuning", 120) as shown:
        for done in (101, 102, 108, 120):
            shown(done, "loss 1")
    found = lines(capsys)
    # The clock is read at the first call and for the line of step 102 and 108: 10 s a reading.
    assert found[0] == "tuning: 102 of 120, loss 1, 3:00 left"
    assert re.fullmatch(r"tuning: 108 of 120, loss 1, 0:34 left", found[1])
    assert found[-1] == "tuning: 120 of 120, loss 1"
