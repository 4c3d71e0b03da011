"""Model and objective as one module whose forward is the loss.

Whoever wraps it to share gradients between processes sees every pass: calling the body of an unwrapped
model would go past the wrapper, and each process would learn by itself.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from m6rec.errors import ConfigError, ModelError
from m6rec.tuning.adapters import bare, keep_unpacked
from m6rec.tuning.batches import Batch
from m6rec.tuning.objective import Head, Objective
from m6rec.tuning.virtual import hidden_states, is_virtual, start_of


class Tuned(nn.Module):
    """A model with its adapter, and what it learns.

    Args:
        model: The model with its adapter attached.
        objective: What is learned.
        answers: Token ids of "no" and "yes", for questions to a model without options of its own.
    """

    def __init__(self, model: Any, objective: Objective, answers: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.model = model
        self.objective = objective
        self._answers = answers

    def forward(self, batch: Batch) -> Tensor:
        """Sum of the loss over the choices of a batch, in nats."""
        causal = bare(self.model)
        batch = batch.to(causal.device)
        start = start_of(self.model)
        hidden = hidden_states(self.model, start, batch.ids, batch.positions, batch.seen)
        head = Head.of(causal)
        total = self.objective(hidden, head, batch)
        if not len(batch.asked_at):
            return total
        states = hidden.reshape(-1, hidden.shape[-1])[batch.asked_at]
        logits = self._answer_logits(states, head, None if start is None else start.options)
        return total + cross_entropy(logits, batch.answers, reduction="sum")

    def _answer_logits(self, states: Tensor, head: Head, options: Tensor | None) -> Tensor:
        if options is not None:
            return states.float() @ options.T
        if not self._answers:
            raise ModelError(
                "a question of yes or no was drawn and the words for them were not given; pass `answers`"
            )
        return head.logits(states, torch.tensor(self._answers, device=states.device))


def make_ready(model: Any, *, checkpointing: bool) -> None:
    """Still a model for tuning: nothing is dropped out, so that what is learned is what decoding reads.

    Args:
        model: The model with its adapter attached.
        checkpointing: Keep only the input of each layer for the way back, and compute the rest again
            there: less memory, a third more time.

    Raises:
        ConfigError: The method's virtual tokens are a cache, which such layers do not take.
    """
    from transformers.modeling_layers import GradientCheckpointingLayer

    model.eval()
    if checkpointing and is_virtual(model):
        raise ConfigError(
            "gradient checkpointing does not go with virtual tokens; read each step in pieces "
            "(accumulate) or choose --method lora"
        )
    keep_unpacked(model)
    if not checkpointing:
        return
    causal = bare(model)
    causal.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    for layer in causal.modules():
        if isinstance(layer, GradientCheckpointingLayer):
            # Such a layer checkpoints only while it trains; what is in it stays at rest.
            layer.training = True
