"""The journal for TensorBoard, where the package ``tensorboard`` is installed (extra ``logs``)."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from m6rec.making.journal import Entry

LOGS = "logs"
PACKAGE = "tensorboard"


class EventFiles:
    """Writes scalars as they come; nothing at all where the package is missing.

    Args:
        folder: Where TensorBoard is to look.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: Any = None

    def __call__(self, entry: Entry) -> None:
        """Take in a line of the journal."""
        for name, value in _scalars(entry):
            if self._writer is None:
                self._writer = _new_writer(self._folder, entry["step"])
            if self._writer is None:
                return
            self._writer.add_scalar(name, value, entry["step"])

    def close(self) -> None:
        """Write what is waiting."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def write_events(entries: Iterable[Entry], folder: Path) -> None:
    """Write the whole of a journal as one event file; nothing where the package is missing."""
    events = EventFiles(folder)
    for entry in entries:
        events(entry)
    events.close()


def _scalars(entry: Entry) -> Iterator[tuple[str, float]]:
    if entry["kind"] == "step":
        yield "loss/tuning", entry["loss"]
        yield "speed/tokens_per_second", entry["tokens_per_second"]
    elif entry["kind"] == "validation":
        yield "loss/validation", entry["loss"]
        for task, value in entry["tasks"].items():
            yield f"validation/{task}", value


def _new_writer(folder: Path, step: int) -> Any:
    if find_spec(PACKAGE) is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.utils.tensorboard import SummaryWriter

        # What a killed run wrote of this step and later ones is taken back.
        new: Callable[..., Any] = SummaryWriter
        return new(str(folder), purge_step=step)
