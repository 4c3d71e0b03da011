"""LoRA (arXiv 2106.09685): a low-rank update of every linear layer but the head."""

from typing import Any

from m6rec.tuning.adapters import AdapterSettings

LEARNING_RATE = 5e-4


def attach(model: Any, settings: AdapterSettings) -> Any:
    """The model with a LoRA update on its upper layers."""
    from peft import LoraConfig, get_peft_model

    n_layers = model.config.get_text_config().num_hidden_layers
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=2 * settings.rank,
        target_modules=_linear_names(model),
        layers_to_transform=list(range(int(n_layers * settings.lowest_layer), n_layers)),
        fan_in_fan_out=transposed(model),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def transposed(model: Any) -> bool:
    """Whether the weights lie the other way round, as GPT-2's do; PEFT warns unless told."""
    return any(type(module).__name__ == "Conv1D" for module in model.modules())


def _linear_names(model: Any) -> list[str]:
    """Last name parts of all linear layers but the head; GPT-2 calls its own Conv1D."""
    head = model.get_output_embeddings()
    return sorted(
        {
            name.rsplit(".", 1)[-1]
            for name, module in model.named_modules()
            if type(module).__name__ in ("Linear", "Linear4bit", "Conv1D") and module is not head
        }
    )
