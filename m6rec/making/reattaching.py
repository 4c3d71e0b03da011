"""An adapter that was tuned before, on its base model again and open for tuning."""

import warnings
from pathlib import Path
from typing import Any


def reattach(model: Any, weights: Path, base: Path) -> Any:
    """The model with a saved adapter, in float32, whose weights alone are tuned.

    Args:
        model: The base model.
        weights: What PEFT saved.
        base: Folder of the base model. PEFT looks there whether the vocabulary was changed; a
            name it would ask the hub for.
    """
    from peft import PeftConfig, PeftModel

    # PEFT opens a virtual prompt for tuning only where it is made.
    virtual = PeftConfig.from_pretrained(str(weights)).is_prompt_learning
    with warnings.catch_warnings():
        # PEFT asks transformers for an attribute by its old name; nothing the user could mend.
        warnings.simplefilter("ignore", FutureWarning)
        tuned = PeftModel.from_pretrained(model, weights, is_trainable=not virtual)
    if virtual:
        tuned.prompt_encoder.requires_grad_(True)
    for config in tuned.peft_config.values():
        config.base_model_name_or_path = str(base)
        config.inference_mode = False
    return tuned
