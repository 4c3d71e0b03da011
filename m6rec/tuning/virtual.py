"""Virtual tokens: what prefix, prompt and option tuning put before every prompt, as keys and values.

PEFT keeps the parameters and the file; the pass is our own, because several branches share one row here
and the virtual tokens are read once for all rows. Decoding begins its cache with the same keys and
values (`m6rec.start`).
"""

from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from m6rec.start import KeysValues, Start
from m6rec.tuning.adapters import AdapterSettings, bare

OPTIONS = "the last two tokens stand for no and yes"
"""Marks a saved soft prompt as option tuning; PEFT keeps the field and does nothing with it."""


def initial_ids(model: Any, settings: AdapterSettings) -> Tensor:
    """What virtual tokens begin as: the text of the settings, or tokens drawn at random. *Shape:* (n,)."""
    if not settings.initial:
        return random_ids(model, settings.n_virtual)
    return torch.tensor(settings.initial, dtype=torch.long, device=model.device)


def random_ids(model: Any, n: int) -> Tensor:
    """Tokens of the vocabulary, drawn with torch's generator. *Shape:* (n,)."""
    size = int(model.get_input_embeddings().weight.shape[0])
    return torch.randint(size, (n,)).to(model.device)


def read_tokens(model: Any, embeddings: Tensor) -> KeysValues:
    """Keys and values of tokens that stand at the beginning, layer by layer.

    Args:
        model: A Hugging Face causal LM.
        embeddings: *Shape:* (1, n, hidden_size).
    """
    cache = DynamicCache()
    model.base_model(inputs_embeds=embeddings, past_key_values=cache, use_cache=True)
    return _layers(cache)


def is_virtual(model: Any) -> bool:
    """Whether a model was tuned by virtual tokens."""
    config = getattr(model, "active_peft_config", None)
    return config is not None and bool(config.is_prompt_learning)


def start_of(model: Any) -> Start | None:
    """What every prompt of a tuned model begins with; gradients flow into its parameters.

    None for a method without virtual tokens.
    """
    if not is_virtual(model):
        return None
    config = model.active_peft_config
    learned = model.get_prompt(1)
    if not isinstance(learned, Tensor):
        return Start(_layers(learned))
    base = bare(model)
    keys_values = read_tokens(base, learned.to(base.get_input_embeddings().weight.dtype))
    has_options = getattr(config, "prompt_tuning_init_text", None) == OPTIONS
    return Start(keys_values, learned[0, -2:].float() if has_options else None)


def hidden_states(
    model: Any, start: Start | None, ids: Tensor, positions: Tensor, seen: Tensor
) -> Tensor:
    """The last layer's output for rows that all begin with the same virtual tokens.

    Args:
        model: The model, with or without an adapter.
        start: As `start_of` gives it.
        ids: Token ids, *Shape:* (rows, length).
        positions: Positions after the virtual tokens, *Shape:* (rows, length).
        seen: Which tokens each token attends to, bool, *Shape:* (rows, 1, length, length).

    Returns:
        *Shape:* (rows, length, hidden_size).
    """
    body = bare(model).base_model
    cache = None
    if start is not None and start.keys_values:
        rows, length = ids.shape
        n_virtual = start.keys_values[0][0].shape[2]
        cache = DynamicCache()
        for layer, (keys, values) in enumerate(start.keys_values):
            wide = (rows, -1, -1, -1)
            cache.update(keys.expand(wide), values.expand(wide), layer)
        seen = torch.cat([seen.new_ones(rows, 1, length, n_virtual), seen], dim=-1)
        positions = positions + n_virtual
    output = body(
        input_ids=ids, position_ids=positions, attention_mask=seen, past_key_values=cache,
        use_cache=cache is not None,
    )  # fmt: skip
    hidden: Tensor = output.last_hidden_state
    return hidden


def _layers(cache: Any) -> KeysValues:
    return [(layer.keys, layer.values) for layer in cache.layers]
