"""A run's journal: one JSON object a line, written as it happens, no step lost or written twice.

Lines of a kind ``run`` (what is tuned on what), ``phase`` (seconds of a part, the most memory held until
its end), ``step`` (loss in nats, tokens/s), ``validation`` (loss in all and by task) and ``end`` (why it
ended, minutes, peak memory). A run that was killed goes on from its last checkpoint; what it had written of
later steps is dropped.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from m6rec.atomic import write_text

if TYPE_CHECKING:
    from m6rec.tuning.loop import Progress

JOURNAL = "journal.jsonl"
Entry = dict[str, Any]
"""One line; ``kind`` says which."""
_STEPPED = ("step", "validation")


class Journal:
    """The journal of one run. Every line is with the operating system when the call returns.

    Args:
        path: The file; lines that an interrupted run wrote are kept. None writes nothing: the journal of
            a process that is not the first one.
        also: Called with every line once it is written.
        entries: The lines so far where there is no file.
    """

    def __init__(
        self,
        path: Path | None,
        also: Callable[[Entry], None] = lambda _: None,
        entries: Iterable[Entry] = (),
    ) -> None:
        self._path, self._also = path, also
        self._every, self._steps = 1, 0
        self._losses: list[float] = []
        self._begun = False
        self.entries = list(entries) if path is None else read_journal(path)
        self._rewrite(self.entries)

    def pace(self, every: int, steps: int) -> None:
        """Let `every` steps share one line, with their mean loss; the last of all steps ends its line."""
        self._every, self._steps = every, steps

    def write(self, kind: str, **values: Any) -> None:
        """Add one line."""
        entry = {"kind": kind, **values}
        self.entries.append(entry)
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(_line(entry))
        self._also(entry)

    def step(self, progress: "Progress", loss: float) -> None:
        """Take in one finished step; the first one says where the run goes on."""
        if not self._begun:
            self._begun = True
            self._drop_after(progress.step - 1)
        self.validations(progress)
        self._losses.append(loss)
        if progress.step % self._every and progress.step != self._steps:
            return
        mean = sum(self._losses) / len(self._losses)
        self._losses.clear()
        speed = progress.tokens / max(progress.seconds, 1e-9)
        self.write(
            "step",
            step=progress.step,
            loss=round(mean, 6),
            tokens_per_second=round(speed, 1),
            seconds=round(progress.seconds, 3),
        )

    def validations(self, progress: "Progress") -> None:
        """Add the validations that the journal has not yet."""
        known = {entry["step"] for entry in self.entries if entry["kind"] == "validation"}
        for found in progress.history:
            if int(found["step"]) not in known:
                self.validation(found)

    def validation(self, found: Mapping[str, float]) -> None:
        """Add one validation: ``step``, ``loss``, and the loss of every task by its name."""
        tasks = {name: value for name, value in found.items() if name not in {"step", "loss"}}
        self.write("validation", step=int(found["step"]), loss=found["loss"], tasks=tasks)

    def first(self, kind: str, **wanted: Any) -> Entry | None:
        """The first line of a kind with these values."""
        return first(self.entries, kind, **wanted)

    def save(self, path: Path) -> None:
        """Write all lines to another file."""
        write_text(path, "".join(map(_line, self.entries)))

    def _drop_after(self, step: int) -> None:
        kept = [e for e in self.entries if e["kind"] not in _STEPPED or e["step"] <= step]
        if len(kept) < len(self.entries):
            self._rewrite(kept)

    def _rewrite(self, entries: list[Entry]) -> None:
        self.entries = entries
        if self._path is not None and (entries or self._path.exists()):
            self.save(self._path)


def read_journal(path: Path) -> list[Entry]:
    """The lines of a journal; none if there is no file, and without a last line that was cut off."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    entries = []
    for line in text.split("\n"):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and "kind" in entry:
            entries.append(entry)
    return entries


def first(entries: Iterable[Entry], kind: str, **wanted: Any) -> Entry | None:
    """The first entry of a kind with these values."""
    of_kind = (entry for entry in entries if entry["kind"] == kind)
    return next((e for e in of_kind if all(e.get(k) == v for k, v in wanted.items())), None)


def peak_memory_mb() -> float | None:
    """The most memory this process ever held, in MB (10^6 bytes); None where nobody counts it."""
    if sys.platform == "win32":
        return None
    # What getrusage tells on Linux begins with what the process that started this one held.
    known = _high_water_kib()
    if known is not None:
        return round(known * 1024 / 1e6, 1)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def _high_water_kib() -> int | None:
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) if found else None


def _line(entry: Entry) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"
