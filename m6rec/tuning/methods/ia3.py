"""(IA)3 (arXiv 2205.05638): a learned factor for each key, value and inner activation."""

from typing import Any

from m6rec.tuning.adapters import AdapterSettings
from m6rec.tuning.methods.lora import transposed

LEARNING_RATE = 5e-3


def attach(model: Any, settings: AdapterSettings) -> Any:  # noqa: ARG001 - has no size
    """The model with factors that begin at 1."""
    from peft import IA3Config, get_peft_model

    config = IA3Config(fan_in_fan_out=transposed(model), task_type="CAUSAL_LM")
    return get_peft_model(model, config)
