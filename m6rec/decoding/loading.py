"""Loading a base model for decoding, in the number format this processor is fast at."""

import logging
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from m6rec.codec import Codec
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.packing import pack
from m6rec.errors import ConfigError, MissingExtraError, ModelError
from m6rec.start import load_start

log = logging.getLogger(__name__)

DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32, "int8": torch.float32}
"""Number formats by name; int8 is float32 whose linear layers are quantised after loading."""


def choose_dtype(name: str) -> tuple[torch.dtype, str]:
    """The number format for a setting, and why.

    Raises:
        ConfigError: The setting is neither auto nor a known format.
    """
    if name in DTYPES:
        return DTYPES[name], "as set"
    if name != "auto":
        known = ", ".join(["auto", *DTYPES])
        raise ConfigError(f"dtype '{name}' is not known; choose one of: {known}")
    if torch.cuda.is_available():
        return torch.bfloat16, "a CUDA device is there"
    # Measured on a 2-core processor with AVX-512 bf16: 64 tokens in 76 ms against 189 ms in
    # float32. Without the instructions bfloat16 is emulated and slower than float32.
    if torch.ops.mkldnn._is_mkldnn_bf16_supported() and _has_bf16_instructions():
        return torch.bfloat16, "the processor has bfloat16 instructions"
    return torch.float32, "the processor has no bfloat16 instructions"


def _has_bf16_instructions() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags or " bf16" in flags


def load_language_model(folder: Path, dtype: str = "auto") -> tuple[LanguageModel, Codec]:
    """Load a causal LM and its codec from a folder, ready for decoding.

    Args:
        folder: A folder in Hugging Face layout (config, weights, tokenizer).
        dtype: ``auto``, ``bfloat16``, ``float32`` or ``int8``.

    Raises:
        ModelError: The folder cannot be loaded as a causal language model.
        ConfigError: `dtype` is not known, or cannot be had on this machine.
    """
    chosen, reason = choose_dtype(dtype)
    log.info("number format %s: %s", chosen, reason)
    model, tokenizer = load_causal_lm(folder, chosen)
    start = load_start(folder, chosen)
    if dtype == "int8":
        _quantise(model)
    if torch.cuda.is_available() and dtype != "int8":
        return LanguageModel(model.to("cuda").eval(), start), Codec(tokenizer)
    if chosen == torch.bfloat16:
        log.info("packed %d linear layers", pack(model))
    return LanguageModel(model.eval(), start), Codec(tokenizer)


def _quantise(model: Any) -> None:
    """Turn the body's linear layers into 8-bit ones that measure their input as they go.

    1.7 times as fast as bfloat16 on short calls, and much coarser: see ``eval/LOG.md``.

    Raises:
        ConfigError: This build of torch has no 8-bit kernels, or the model no layers they fit.
    """
    engines = [name for name in ("x86", "fbgemm") if name in _engines()]
    if not engines:
        raise ConfigError(
            "dtype 'int8' needs torch's x86 kernels, which this build lacks; choose auto"
        )
    if not any(type(layer) is torch.nn.Linear for layer in model.base_model.modules()):
        raise ConfigError(
            f"dtype 'int8' fits plain linear layers and a {model.config.model_type} model has none; "
            "choose auto"
        )
    torch.backends.quantized.engine = engines[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        quantised = torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            model.base_model, {torch.nn.Linear}, dtype=torch.qint8
        )
    setattr(model, model.base_model_prefix, quantised)


def _engines() -> list[str]:
    return list(torch.backends.quantized.supported_engines)


def load_causal_lm(
    folder: Path, dtype: torch.dtype, *, load_in_4bit: bool = False
) -> tuple[Any, Any]:
    """The bare Hugging Face model and tokenizer of a folder.

    Args:
        folder: A folder in Hugging Face layout.
        dtype: Number format of the weights, or of the computation in 4 bits.
        load_in_4bit: Keep the weights as 4-bit NormalFloat (QLoRA, arXiv 2305.14314).

    Raises:
        ModelError: The folder cannot be loaded as a causal language model, or not in 4 bits here.
        MissingExtraError: 4 bits were asked for and bitsandbytes is not installed.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as hf_logging

    hf_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    options = {"quantization_config": _nf4(dtype)} if load_in_4bit else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **options)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"cannot load a causal language model from {folder}: {first}") from error
    except (ImportError, RuntimeError, AttributeError) as error:
        if not load_in_4bit:
            raise
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"bitsandbytes cannot keep {folder} in 4 bits on this machine ({first}); leave out "
            "--load-in-4bit"
        ) from error
    return model, tokenizer


def _nf4(dtype: torch.dtype) -> Any:
    if find_spec("bitsandbytes") is None:
        raise MissingExtraError(
            "4-bit weights need bitsandbytes, which is not installed: pip install 'm6rec[4bit]'"
        )
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
