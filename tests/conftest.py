"""Every test starts from the same place: its own cache folder, a fixed seed, a plain terminal."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

SEED = 20_220_517
_TERMINAL = {"COLUMNS": "80", "LINES": "24", "TERM": "dumb"}


@pytest.fixture(autouse=True)
def isolated(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Hide the user's own settings and cache; a `real` test keeps the cache with the base model."""
    real = request.node.get_closest_marker("real") is not None
    for name in [name for name in os.environ if name.startswith("M6REC_")]:
        if not (real and name == "M6REC_HOME"):
            monkeypatch.delenv(name)
    if not real:
        monkeypatch.setenv("M6REC_HOME", str(tmp_path / "m6rec-home"))
    # What a `real` test says about films must not reach the next run.
    monkeypatch.setenv("M6REC_FEEDBACK", str(tmp_path / "feedback.sqlite"))
    for name in ("FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in _TERMINAL.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Make whatever draws without a generator of its own repeatable."""
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 - libraries draw from the old global one
