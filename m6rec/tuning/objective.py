"""The catalog loss: cross-entropy at the branching nodes, over the allowed children only."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from m6rec.tree import PrefixTree
from m6rec.tuning.batches import Batch


class CatalogLoss:
    """Cross-entropy between soft targets and the distribution over each node's children.

    Only the head's rows of the children are computed: about a hundred per choice instead of a
    vocabulary of fifty thousand.

    Args:
        tree: The catalog's prefix tree.
        prior: Added to each child's logit, as in decoding; shape (n_children,).
    """

    def __init__(self, tree: PrefixTree, prior: NDArray[np.float64]) -> None:
        self._tokens = torch.from_numpy(tree.child_token.astype(np.int64))
        self._prior = torch.from_numpy(prior.astype(np.float32))

    def __call__(self, body: Any, head: Tensor, batch: Batch) -> Tensor:
        """Mean over choices of KL(target || model), in nats; 0 when the model is right everywhere.

        Args:
            body: The transformer without its head.
            head: Weight of the output embedding, *Shape:* (vocabulary, hidden_size).
            batch: The examples.
        """
        hidden = body(
            input_ids=batch.ids, position_ids=batch.positions, attention_mask=batch.seen,
            use_cache=False,
        ).last_hidden_state  # fmt: skip
        chosen = hidden.reshape(-1, hidden.shape[-1])[batch.label_at]
        children = torch.from_numpy(batch.children)
        # One product with the distinct rows of the head, then a look-up: repeating each state for
        # each of its children instead took 2 GB more at 48 examples and a fifth of the step's time.
        distinct, column = torch.unique(self._tokens[children], return_inverse=True)
        states = chosen.float() @ head.index_select(0, distinct).float().T
        row = torch.repeat_interleave(torch.arange(len(batch.counts)), batch.counts)
        logits = states[row, column] + self._prior[children]
        log_probs = ragged_log_softmax(logits, batch.counts)
        target = batch.targets
        entropy = torch.xlogy(target, target).sum()
        # A child the prior rules out has target 0 and log-probability -inf: 0 * -inf is no loss.
        cross = torch.where(target > 0, target * log_probs, torch.zeros_like(target)).sum()
        return (entropy - cross) / len(batch.counts)


def ragged_log_softmax(logits: Tensor, counts: Tensor) -> Tensor:
    """Log-softmax within consecutive segments.

    Args:
        logits: *Shape:* (n,).
        counts: Length of each segment, *Shape:* (n_segments,), adding up to n.
    """
    segment = torch.repeat_interleave(torch.arange(len(counts)), counts)
    peak = torch.full((len(counts),), -torch.inf).scatter_reduce(
        0, segment, logits.detach(), "amax"
    )
    shifted = logits - peak[segment]
    total = torch.zeros(len(counts)).index_add(0, segment, shifted.exp())
    return shifted - total.log()[segment]
