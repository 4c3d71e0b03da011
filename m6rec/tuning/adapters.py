"""Parameter-efficient tuning methods, through PEFT: one file in `methods/` and one name here each."""

import logging
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from m6rec.errors import ConfigError

if TYPE_CHECKING:
    from m6rec.start import Start

log = logging.getLogger(__name__)

METHODS = ("lora", "prefix", "prompt", "option", "ia3", "full")


def _is_told(record: logging.LogRecord) -> bool:
    """Turn a hint about an optional kernel of bitsandbytes into a line for those who ask for all.

    PEFT imports bitsandbytes wherever it is installed, in 4 bits or not, and nothing is wrong without that
    kernel; every other line of its passes.
    """
    if "gemm_4bit_forward from kernels-community" not in str(record.msg):
        return True
    log.debug(record.msg, *(record.args or ()))
    return False


logging.getLogger("bitsandbytes.backends.cpu.ops").addFilter(_is_told)


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """Which weights are tuned.

    Attributes:
        method: One of `METHODS`.
        rank: Rank of LoRA's update.
        lowest_layer: Share of the layers, from the bottom, that LoRA leaves as they are. The gradient
            need not pass through them, which saves a third of the time at 0.4.
        n_virtual: Virtual tokens of prefix, prompt and option tuning where `initial` is empty.
        initial: Token ids of the text that virtual tokens begin as; empty for random tokens.
        answers: Token ids of "no" and "yes", which the class weights of option tuning begin as; empty
            for random tokens.
    """

    method: str = "lora"
    rank: int = 16
    lowest_layer: float = 0.4
    n_virtual: int = 16
    initial: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()


class Method(Protocol):
    """What a file in `methods/` has."""

    LEARNING_RATE: float
    """A peak that this method learns well at."""

    def attach(self, model: Any, settings: AdapterSettings) -> Any:
        """The model with the weights of the method, which alone are tuned."""
        ...


def method_of(name: str) -> Method:
    """The tuning method of a name.

    Raises:
        ConfigError: The method is not known.
    """
    if name not in METHODS:
        raise ConfigError(
            f"tuning method '{name}' is not known; choose one of: {', '.join(METHODS)}"
        )
    return cast("Method", import_module(f"m6rec.tuning.methods.{name}"))


def attach(model: Any, settings: AdapterSettings) -> Any:
    """Put the adapter of a method on a model; only its weights will be tuned.

    Args:
        model: A Hugging Face causal LM.
        settings: The method and its size.

    Returns:
        The PEFT model, or the model itself for ``full``.

    Raises:
        ConfigError: The method is not known, or cannot be had for this model.
    """
    keep_unpacked(model)
    return method_of(settings.method).attach(model, settings)


def keep_unpacked(model: Any) -> None:
    """Let 4-bit layers pass gradients.

    On a processor with bfloat16 instructions such a layer, at rest, packs its weights for answering, and no
    gradient passes. The flag is the layer's alone, not that of what is in it.
    """
    for layer in model.modules():
        if type(layer).__name__ == "Linear4bit":
            layer.training = True


def bare(model: Any) -> Any:
    """The causal LM inside, whether or not an adapter sits on it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def merge(base: Any, adapter: Path) -> "tuple[Any, Start | None]":
    """A base model and an adapter as decoding needs them: plain weights, and a start where there is one.

    Args:
        base: A Hugging Face causal LM in float32: a sum of weights is rounded once, at saving.
        adapter: A folder that PEFT wrote.

    Returns:
        The base with the adapter's update added to its weights, and None; for methods that learn
        virtual tokens the base as it was, and what every prompt starts with.
    """
    import torch
    from peft import PeftModel

    from m6rec.tuning.virtual import start_of

    with warnings.catch_warnings():
        # PEFT asks transformers for an attribute by its old name; nothing the user could mend.
        warnings.simplefilter("ignore", FutureWarning)
        tuned = PeftModel.from_pretrained(base, adapter)
        with torch.no_grad():
            start = start_of(tuned)
        return (tuned.merge_and_unload() if start is None else base), start
