"""What a run may cost: minutes into steps, counted from the first line of the command.

All that has to happen anyway (reading the data, training the crowd, reading the neutral request) happens
before the steps are planned, so its time is known and not guessed; tuning gets what is left of the
minutes, validations included.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from m6rec.atomic import write_text
from m6rec.progress import shown_status

LEAST_SHARE = 1 / 3
"""Tuning gets this share of the minutes even where the rest takes longer than the others."""
GRACE = 1.08
"""A run whose steps turn out slower than measured ends after so many times its share, so that all of it
stays within 1.1 times its minutes. Where others used the machine as well, a run of an hour needed about a
tenth more for a step than it had measured."""
VALIDATIONS = 12
"""How often a run is validated, if the time allows."""
LONGEST_PAUSE = 120.0
"""Seconds between validations at most: a killed run loses what came after the last."""
FEWEST_STEPS = 10
"""Steps between two validations at least."""
MOST_LINES = 2000
"""Step lines in the journal of a run; with more steps several share a line."""
PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many steps a run makes; kept for every resume, so that its schedule stays the same.

    Attributes:
        steps: In all.
        validate_every: Steps between validations; a multiple of `line_every`.
        line_every: Steps per line of the journal.
        seconds: Meant for steps and validations; 0 where steps were given.
        per_step: Seconds that a step took when it was measured; 0 where it was not.
        wishes: Utterances that the probe is fitted on afterwards, at most; None for all.
    """

    steps: int
    validate_every: int
    line_every: int = 1
    seconds: float = 0.0
    per_step: float = 0.0
    wishes: int | None = None

    @classmethod
    def of_steps(cls, steps: int, seconds: float = 0.0, per_step: float = 0.0) -> "Plan":
        """A plan for so many steps, of `per_step` seconds each."""
        lines = math.ceil(steps / MOST_LINES)
        pause = math.ceil(steps / VALIDATIONS)
        if per_step:
            pause = min(pause, int(LONGEST_PAUSE / per_step))
        pause = max(pause, FEWEST_STEPS)
        return cls(steps, math.ceil(pause / lines) * lines, lines, seconds, per_step)

    @classmethod
    def within(
        cls, seconds: float, per_step: float, per_validation: float, most: int | None = None
    ) -> "Plan":
        """The most steps that fit into so many seconds with their validations, at least one.

        Args:
            seconds: For steps and validations.
            per_step: Seconds of a step, above 0.
            per_validation: Seconds of a validation.
            most: Bound on the steps; None for none.
        """
        steps = max(1, int(seconds / per_step))
        # Fewer steps may pause for validation more often, so this is no equation: it is tried.
        while steps > 1:
            plan = cls.of_steps(steps, seconds, per_step)
            cost = steps * per_step + math.ceil(steps / plan.validate_every) * per_validation
            if cost <= seconds:
                break
            steps = max(1, min(steps - 1, int(steps * seconds / cost)))
        return cls.of_steps(min(steps, most or steps), seconds, per_step)

    def save(self, folder: Path) -> None:
        """Write it into the state of a run."""
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / PLAN, json.dumps(asdict(self)))

    @classmethod
    def load(cls, folder: Path) -> "Plan | None":
        """What `save` wrote, or a number of ``steps`` alone; None if there is no plan yet."""
        path = folder / PLAN
        if not path.is_file():
            return None
        read = json.loads(path.read_text(encoding="utf-8"))
        return cls.of_steps(int(read["steps"])) if "validate_every" not in read else cls(**read)

    def ends(self, done: int) -> float | None:
        """`time.monotonic()` at which a run that has done so many steps is overdue; None for never."""
        left = max(0.0, 1 - done / self.steps)
        return time.monotonic() + GRACE * self.seconds * left if self.seconds else None


class Clock:
    """The time of one run and of its phases.

    Args:
        minutes: What the whole run may take.
        begun: `time.monotonic()` at its beginning; None for now.
        shows: Whether phases are shown while they last.

    Attributes:
        note: Called with the name and the seconds of every phase that ended.
    """

    note: Callable[[str, float], None]

    def __init__(self, minutes: float, begun: float | None = None, *, shows: bool = True) -> None:
        self.minutes = minutes
        self._shows = shows
        self._begin = time.monotonic() if begun is None else begun
        self._seconds = minutes * 60
        self.note = lambda _name, _seconds: None

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begin

    @property
    def left(self) -> float:
        """Seconds left for tuning: at least `LEAST_SHARE` of all."""
        return max(self._seconds - self.spent, LEAST_SHARE * self._seconds)

    def share(self, part: float) -> float:
        """So many seconds are a part of the whole run."""
        return part * self._seconds

    @contextmanager
    def phase(self, name: str, shown: str = "") -> Iterator[None]:
        """Time a block; `shown` is told meanwhile."""
        begin = time.monotonic()
        if shown and self._shows:
            with shown_status(shown, None):
                yield
        else:
            yield
        self.note(name, time.monotonic() - begin)
