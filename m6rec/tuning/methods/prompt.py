"""Prompt tuning (arXiv 2104.08691): embeddings of virtual tokens, learned before the first layer."""

from typing import Any

import torch

from m6rec.tuning.adapters import AdapterSettings
from m6rec.tuning.virtual import initial_ids

LEARNING_RATE = 5e-3


def attach(model: Any, settings: AdapterSettings) -> Any:
    """The model behind virtual tokens that begin as a text."""
    return soft_prompt(model, initial_ids(model, settings))


def soft_prompt(model: Any, ids: torch.Tensor) -> Any:
    """The model behind virtual tokens that begin as the embeddings of tokens.

    Args:
        model: A Hugging Face causal LM.
        ids: Token ids, *Shape:* (n,).
    """
    from peft import PromptTuningConfig, get_peft_model

    begin = model.get_input_embeddings()(ids).detach().float()
    config = PromptTuningConfig(num_virtual_tokens=len(ids), task_type="CAUSAL_LM")
    tuned = get_peft_model(model, config)
    encoder: Any = tuned.prompt_encoder[tuned.active_adapter]
    with torch.no_grad():
        encoder.embedding.weight.copy_(begin)
    return tuned
