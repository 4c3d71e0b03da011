"""Full tuning: every weight of the model."""

from typing import Any

from m6rec.errors import ConfigError
from m6rec.tuning.adapters import AdapterSettings

LEARNING_RATE = 5e-5


def attach(model: Any, settings: AdapterSettings) -> Any:  # noqa: ARG001 - has no size
    """The model itself, opened.

    Raises:
        ConfigError: Its weights are kept in 4 bits, which no gradient can move.
    """
    if getattr(model, "is_loaded_in_4bit", False):
        raise ConfigError(
            "full tuning cannot move weights that are kept in 4 bits; choose --method lora, or leave out "
            "--load-in-4bit"
        )
    return model.requires_grad_(True)
