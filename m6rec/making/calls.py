"""How a run was called, as plain data, so that an interrupted one can be called again in the same way."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from m6rec.config import Config
from m6rec.errors import ConfigError
from m6rec.pairs.augmentation import Augmentation
from m6rec.tuning.adapters import AdapterSettings

PLACES = ("catalog", "interactions", "base", "model", "out")
"""Arguments that may be paths; they must hold in any working folder."""


def written_down(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as JSON has them.

    Raises:
        ConfigError: One cannot be written down, so the run could not be resumed with it.
    """
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if name in PLACES and value is not None:
            kept[name] = str(Path(value).resolve() if Path(value).exists() else value)
        elif is_dataclass(value) and not isinstance(value, type):
            kept[name] = asdict(value)
        else:
            kept[name] = dict(value) if isinstance(value, Mapping) else value
        try:
            kept[name] = json.loads(json.dumps(kept[name], allow_nan=False))
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"{name} cannot be kept for resuming the run ({error}); give plain numbers and text"
            ) from None
    return kept


def read_back(call: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that `written_down` kept, as they were given.

    Raises:
        ConfigError: They were written by a version with other settings.
    """
    try:
        return {
            name: _MADE[name](value) if name in _MADE and value is not None else value
            for name, value in call.items()
        }
    except TypeError as error:
        raise ConfigError(
            f"the interrupted run was begun by another version of m6rec ({error}); remove its state to start "
            "anew"
        ) from None


def _adapter(value: Mapping[str, Any]) -> AdapterSettings:
    tuples: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in value.items()
    }
    return AdapterSettings(**tuples)


_MADE: dict[str, Callable[[Any], Any]] = {
    "adapter": _adapter,
    "augmentation": lambda value: Augmentation(**value),
    "config": lambda value: Config().with_values(value, where="the interrupted run"),
}
