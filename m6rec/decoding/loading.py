"""Loading a base model for decoding, in the number format this processor is fast at."""

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from m6rec.codec import Codec
from m6rec.decoding.language_model import LanguageModel
from m6rec.errors import ConfigError, MissingExtraError, ModelError

log = logging.getLogger(__name__)

DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


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
        dtype: ``auto``, ``bfloat16`` or ``float32``.

    Raises:
        ModelError: The folder cannot be loaded as a causal language model.
    """
    chosen, reason = choose_dtype(dtype)
    log.info("number format %s: %s", chosen, reason)
    model, tokenizer = load_causal_lm(folder, chosen)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return LanguageModel(model.to(device).eval()), Codec(tokenizer)


def load_causal_lm(
    folder: Path, dtype: torch.dtype, *, load_in_4bit: bool = False
) -> tuple[Any, Any]:
    """The bare Hugging Face model and tokenizer of a folder.

    Args:
        folder: A folder in Hugging Face layout.
        dtype: Number format of the weights, or of the computation in 4 bits.
        load_in_4bit: Keep the weights as 4-bit NormalFloat (QLoRA, arXiv 2305.14314).

    Raises:
        ModelError: The folder cannot be loaded as a causal language model.
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
