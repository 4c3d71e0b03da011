"""Weights laid out once for short calls on a processor, instead of anew in every call.

A search reads some twenty tokens a call. At that length oneDNN spends a third of its time arranging the
weights of a linear layer, the same way every time. Arranged once they give the same numbers, bit
for bit: 16 tokens took 49 ms plain and 37 ms packed, 64 tokens 80 and 83 (2 cores, AVX-512 bf16).
"""

from typing import Any

import torch
from torch import Tensor, nn

TOKENS = 16
"""Tokens per call that the layout is made for; other lengths work as well."""


def pack(model: Any) -> int:
    """Replace the bfloat16 linear layers below a model's body by packed ones, where that works.

    The head is left alone: only some of its rows are ever used.

    Args:
        model: A Hugging Face causal LM on the CPU, for inference only.

    Returns:
        How many layers were replaced; 0 where this build of torch cannot do it.
    """
    if not _able():
        return 0
    packed = 0
    for module in list(model.base_model.modules()):
        for name, child in list(module.named_children()):
            # A subclass (a quantised layer, an adapter) computes something else than a plain layer.
            if type(child) is nn.Linear and child.weight.dtype == torch.bfloat16:
                setattr(module, name, PackedLinear(child))
                packed += 1
    return packed


class PackedLinear(nn.Module):
    """A linear layer whose weight lies as oneDNN wants it.

    Args:
        layer: The plain layer; it can be thrown away afterwards.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        weight = layer.weight.detach().contiguous()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, TOKENS)
        bias: Tensor | None = layer.bias
        self._bias = None if bias is None else bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        """Return x W^T + b. *Shape:* (..., in) to (..., out)."""
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")
        return y


def _able() -> bool:
    """Whether the operations are there and agree with a plain layer on a small case."""
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    layer = nn.Linear(32, 48).to(torch.bfloat16)
    x = torch.linspace(-1, 1, 96, dtype=torch.bfloat16).reshape(3, 32)
    try:
        with torch.inference_mode():
            return torch.equal(PackedLinear(layer)(x), layer(x))
    except (AttributeError, RuntimeError):
        # The operations are not part of torch's public promise; without them all is as before.
        return False
