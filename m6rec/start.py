"""What a tuned model reads before every prompt, as keys and values, and its words for no and yes.

Prefix and prompt tuning learn tokens that no text has. They cannot be added to the weights, but their
keys and values are all that is ever seen of them: every prompt's cache begins with these.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

KeysValues = list[tuple[Tensor, Tensor]]
"""Per layer the keys and values, each (1, n_kv_heads, n_tokens, head_dim)."""

FILE = "start.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What stands before every prompt.

    Attributes:
        keys_values: Of the virtual tokens, all layers of the same length.
        options: Class weights of no and yes, *Shape:* (2, hidden_size); None when the head's own rows
            say so.
    """

    keys_values: KeysValues
    options: Tensor | None = None


def save_start(start: Start, folder: Path) -> None:
    """Write it beside a model's weights."""
    from safetensors.torch import save_file

    tensors: dict[str, Tensor] = {}
    for layer, (keys, values) in enumerate(start.keys_values):
        tensors[f"{layer}.keys"], tensors[f"{layer}.values"] = keys, values
    if start.options is not None:
        tensors["options"] = start.options
    detached = {name: t.detach().float().contiguous().cpu() for name, t in tensors.items()}
    save_file(detached, folder / FILE, metadata={"format": "pt"})


def load_start(folder: Path, dtype: torch.dtype) -> Start | None:
    """Read what `save_start` wrote; None when every prompt of this model starts with itself.

    Args:
        folder: A model's folder.
        dtype: Number format of the keys and values; the class weights stay float32.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    from safetensors.torch import load_file

    tensors = load_file(path)
    options = tensors.pop("options", None)
    keys_values = [
        (tensors[f"{layer}.keys"].to(dtype), tensors[f"{layer}.values"].to(dtype))
        for layer in range(len(tensors) // 2)
    ]
    return Start(keys_values, options)
