"""Minutes into steps: within the time, at least one, and the same again for a resumed run.

Run: pytest tests/test_budget.py -n 0
"""

import json
import math
import time
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from m6rec.making.budget import GRACE, LEAST_SHARE, MOST_LINES, Clock, Plan

SECONDS = st.floats(0.1, 7200)
PER_STEP = st.floats(1e-4, 60)


@given(SECONDS, PER_STEP, st.floats(0, 60))
@example(75.0, 0.03125, 6.0)
@settings(deadline=None)
def test_steps_and_validations_fit_into_the_time(
    seconds: float, per_step: float, per_validation: float
) -> None:
    plan = Plan.within(seconds, per_step, per_validation)
    n_validations = math.ceil(plan.steps / plan.validate_every)
    cost = plan.steps * per_step + n_validations * per_validation
    assert plan.steps >= 1
    assert plan.steps == 1 or cost <= seconds * (1 + 1e-9)
    # A plan that leaves most of the time unused is no plan.
    generous = seconds >= 40 * (per_step * 10 + per_validation)
    assert not generous or cost >= 0.5 * seconds


@given(st.integers(1, 200_000), st.floats(1e-4, 60))
@settings(deadline=None)
def test_no_line_of_the_journal_reaches_over_a_checkpoint(steps: int, per_step: float) -> None:
    plan = Plan.of_steps(steps, 60.0, per_step)
    assert plan.validate_every % plan.line_every == 0
    assert steps / plan.line_every <= MOST_LINES


def test_a_bound_on_the_steps_holds() -> None:
    assert Plan.within(900, 0.1, 1, most=38).steps == 38
    assert Plan.within(900, 1000, 1, most=38).steps == 1


def test_a_plan_is_read_back_and_a_bare_number_of_steps_will_do(tmp_path: Path) -> None:
    assert Plan.load(tmp_path) is None
    plan = Plan.within(900, 2.5, 6)
    plan.save(tmp_path)
    assert Plan.load(tmp_path) == plan
    (tmp_path / "plan.json").write_text(json.dumps({"steps": 11}), encoding="utf-8")
    assert Plan.load(tmp_path) == Plan(steps=11, validate_every=10)


def test_a_run_is_overdue_after_its_share_and_a_grace() -> None:
    assert Plan(10, 10).ends(0) is None
    for done, share in ((0, 1.0), (5, 0.5), (10, 0.0)):
        ends = Plan(10, 10, seconds=100).ends(done)
        assert ends is not None
        assert abs(ends - time.monotonic() - GRACE * 100 * share) < 5


def test_tuning_gets_what_is_left_but_at_least_a_third() -> None:
    notes: list[tuple[str, float]] = []
    clock = Clock(0.01)
    clock.note = lambda name, seconds: notes.append((name, seconds))
    assert 0.4 < clock.left <= 0.6
    with clock.phase("resting"):
        time.sleep(0.55)
    assert clock.left == LEAST_SHARE * 0.6
    assert notes[0][0] == "resting"
    assert 0.5 < notes[0][1] < 5
    assert clock.spent >= notes[0][1]
    assert Clock(1.0, begun=time.monotonic() - 100).spent >= 100
