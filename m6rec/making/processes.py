"""The processes of one run under ``accelerate launch``: the first one writes, the others wait and share.

One process alone, the usual case, needs nothing of this and loads nothing for it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from m6rec.errors import ConfigError

NUMBERS = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")
"""Where launchers say how many processes there are."""
PATIENCE = timedelta(days=1)
"""How long the others wait for the first, which may train the crowd and read a large catalog meanwhile;
should it fail, the launcher ends them."""


class Processes:
    """All processes of this run, seen from one of them.

    Raises:
        ConfigError: They were launched together and cannot find each other.
    """

    def __init__(self) -> None:
        self._state: Any = None
        if any(os.environ.get(name, "1") not in {"", "1"} for name in NUMBERS):
            self._state = _joined()
            if self._state.num_processes == 1:
                raise ConfigError(
                    "several processes were launched and they cannot share a run on this device; launch one, or "
                    "set ACCELERATE_USE_CPU=true"
                )

    @property
    def is_first(self) -> bool:
        """Whether this process writes and tells."""
        return self._state is None or bool(self._state.is_main_process)

    def wait(self) -> None:
        """Go on when all have come here."""
        if self._state is not None:
            self._state.wait_for_everyone()

    @contextmanager
    def first_then_others(self) -> Iterator[None]:
        """A block that the first process runs before the others do, so that they find what it left.

        Where it fails the others are left to the launcher, which ends them: one error is told, not one
        for each process.
        """
        if not self.is_first:
            self.wait()
        yield
        if self.is_first:
            self.wait()

    def agreed(self, value: Any) -> Any:
        """What the first process has; plain data."""
        if self._state is None:
            return value
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value])[0]

    def leave(self) -> None:
        """End the sharing, when nothing more will be shared; else some launchers complain."""
        if self._state is not None:
            self._state.destroy_process_group()


def _joined() -> Any:
    import torch
    from accelerate import PartialState
    from accelerate.utils import parse_flag_from_env

    # Unless told so, accelerate lets the processes of a machine without a device run side by side, unaware of
    # each other.
    cpu = parse_flag_from_env("ACCELERATE_USE_CPU") or not torch.accelerator.is_available()
    return PartialState(cpu=cpu, timeout=PATIENCE)
