"""Prefix tuning (arXiv 2101.00190): keys and values of virtual tokens, learned in every layer."""

from typing import Any

import torch

from m6rec.errors import ConfigError
from m6rec.tuning.adapters import AdapterSettings
from m6rec.tuning.virtual import initial_ids, read_tokens

LEARNING_RATE = 5e-3


def attach(model: Any, settings: AdapterSettings) -> Any:
    """The model behind a prefix that begins as the keys and values of a text.

    A prefix of random numbers has to learn first to be looked at; one that begins as a text changes
    nothing but what that text says.

    Raises:
        ConfigError: The layers of the model differ in their keys, which PEFT's prefix does not.
    """
    from peft import PrefixTuningConfig, get_peft_model

    ids = initial_ids(model, settings)
    with torch.no_grad():
        layers = read_tokens(model, model.get_input_embeddings()(ids[None]))
    if len({keys.shape for keys, _ in layers}) > 1:
        raise ConfigError(
            f"prefix tuning needs the same keys in all layers and a {model.config.model_type} model has "
            "not; choose --method lora"
        )
    tuned = get_peft_model(
        model, PrefixTuningConfig(num_virtual_tokens=len(ids), task_type="CAUSAL_LM")
    )
    # PEFT's order: token, layer, keys before values, head.
    stacked = torch.stack([part[0] for layer in layers for part in layer])
    encoder: Any = tuned.prompt_encoder[tuned.active_adapter]
    encoder.load_prompt_embeddings(stacked.permute(2, 0, 1, 3).reshape(len(ids), -1).float())
    return tuned
