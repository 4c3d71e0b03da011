"""Where a tuning run stands, on disk: whole or not there, and read back to the bit."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from m6rec.atomic import read_manifest, replaced_folder
from m6rec.errors import ConfigError

log = logging.getLogger(__name__)


@dataclass
class Progress:
    """Where the loop stands; saved with every checkpoint."""

    step: int = 0
    best_loss: float = float("inf")
    since_best: int = 0
    seconds: float = 0.0
    tokens: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a run is made of, besides the frozen weights.

    Attributes:
        folder: Where it is kept.
        settings: What the run was started with; another run's checkpoint is refused.
        tuned: The weights that are tuned.
        parts: What has a ``state_dict``: optimizer and schedule.
    """

    folder: Path
    settings: Mapping[str, Any]
    tuned: Sequence[torch.nn.Parameter]
    parts: Mapping[str, Any]

    def save(self, progress: Progress) -> None:
        """Write the state; an older one is replaced when the new one is whole."""
        state = {name: part.state_dict() for name, part in self.parts.items()}
        with replaced_folder(self.folder, asdict(progress)) as part:
            torch.save({"tuned": [p.detach() for p in self.tuned], **state}, part / "state.pt")
            (part / "settings.json").write_text(json.dumps(dict(self.settings)))

    def resume(self) -> Progress | None:
        """Read the state back; None when there is none.

        Raises:
            ConfigError: It was made with other settings.
        """
        progress = read_manifest(self.folder)
        if progress is None:
            return None
        settings = json.loads((self.folder / "settings.json").read_text())
        if settings != self.settings:
            raise ConfigError(
                f"{self.folder} was made with other settings ({settings}); tune into another folder, or "
                "with the same settings"
            )
        # weights_only: a checkpoint is data, never code to run.
        state = torch.load(self.folder / "state.pt", weights_only=True)
        with torch.no_grad():
            for parameter, saved in zip(self.tuned, state["tuned"], strict=True):
                parameter.copy_(saved)
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        log.info("resumed at step %d", progress["step"])
        return Progress(**progress)
