"""Parameter-efficient tuning methods, through PEFT."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from m6rec.errors import ConfigError

METHODS = ("lora", "ia3", "full")


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """Which weights are tuned.

    Attributes:
        method: One of `METHODS`.
        rank: Rank of LoRA's update.
        lowest_layer: Share of the layers, from the bottom, that stay as they are. The gradient
            need not pass through them, which saves a third of the time at 0.4.
    """

    method: str = "lora"
    rank: int = 16
    lowest_layer: float = 0.4


def attach(model: Any, settings: AdapterSettings) -> Any:
    """Put the adapter of a method on a model; only its weights will be tuned.

    Args:
        model: A Hugging Face causal LM.
        settings: The method and its size.

    Returns:
        The PEFT model, or the model itself for ``full``.

    Raises:
        ConfigError: The method is not known.
    """
    if settings.method == "full":
        return model.requires_grad_(True)
    from peft import IA3Config, LoraConfig, PeftConfig, get_peft_model

    n_layers = model.config.get_text_config().num_hidden_layers
    first = int(n_layers * settings.lowest_layer)
    # GPT-2 keeps its weights the other way round; PEFT warns unless told.
    transposed = any(type(module).__name__ == "Conv1D" for module in model.modules())
    config: PeftConfig
    if settings.method == "lora":
        config = LoraConfig(
            r=settings.rank,
            lora_alpha=2 * settings.rank,
            target_modules=_linear_names(model),
            layers_to_transform=list(range(first, n_layers)),
            fan_in_fan_out=transposed,
            task_type="CAUSAL_LM",
        )
    elif settings.method == "ia3":
        config = IA3Config(fan_in_fan_out=transposed, task_type="CAUSAL_LM")
    else:
        raise ConfigError(
            f"tuning method '{settings.method}' is not known; choose one of: {', '.join(METHODS)}"
        )
    return get_peft_model(model, config)


def _linear_names(model: Any) -> list[str]:
    """Last name parts of all linear layers but the head; GPT-2 calls its own Conv1D."""
    head = model.get_output_embeddings()
    return sorted(
        {
            name.rsplit(".", 1)[-1]
            for name, module in model.named_modules()
            if type(module).__name__ in ("Linear", "Conv1D") and module is not head
        }
    )


def bare(model: Any) -> Any:
    """The causal LM inside, whether or not an adapter sits on it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def merge(base: Any, adapter: Path) -> Any:
    """The base model with an adapter's update added to its weights, ready for decoding.

    Args:
        base: A Hugging Face causal LM in float32: the sum is rounded once, at saving.
        adapter: A folder that PEFT wrote.
    """
    from peft import PeftModel

    with warnings.catch_warnings():
        # PEFT asks transformers for an attribute by its old name; nothing the user could mend.
        warnings.simplefilter("ignore", FutureWarning)
        return PeftModel.from_pretrained(base, adapter).merge_and_unload()
