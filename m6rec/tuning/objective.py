"""Objectives: what a batch costs, given the model's hidden states.

The catalog loss is cross-entropy at the branching nodes, over the allowed children only; the LM loss is
that of every token of a path, over the whole vocabulary; questions of yes and no have two classes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from m6rec.errors import ConfigError
from m6rec.tree import PrefixTree
from m6rec.tuning.batches import (
    Batch,
    ChoiceBatch,
    PathBatch,
    collate,
    collate_paths,
    nodes_length,
    paths_length,
)
from m6rec.tuning.examples import Example


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The output embedding, of which only some rows are ever computed.

    Attributes:
        weight: *Shape:* (vocabulary, hidden_size).
        bias: *Shape:* (vocabulary,), where the model has one.
        softcap: What logits are bent to stay below, where the model does so.
    """

    weight: Tensor
    bias: Tensor | None = None
    softcap: float | None = None

    @classmethod
    def of(cls, model: Any) -> "Head":
        """The head of a Hugging Face causal LM."""
        head = model.get_output_embeddings()
        softcap = getattr(model.config.get_text_config(), "final_logit_softcapping", None)
        return cls(head.weight, getattr(head, "bias", None), softcap)

    def logits(self, states: Tensor, tokens: Tensor | None = None) -> Tensor:
        """Logits in float32 of some tokens, or of all, after each state.

        Args:
            states: *Shape:* (n, hidden_size).
            tokens: Token ids, *Shape:* (m,); None for the whole vocabulary.
        """
        rows = self.weight if tokens is None else self.weight.index_select(0, tokens)
        logits = states.float() @ rows.float().T
        if self.bias is not None:
            logits = logits + (self.bias if tokens is None else self.bias[tokens]).float()
        return torch.tanh(logits / self.softcap) * self.softcap if self.softcap else logits


class Objective(Protocol):
    """What is learned from examples."""

    name: str

    def collate(self, examples: Sequence[Example]) -> Batch:
        """The batch that the objective reads."""
        ...

    def length(self, example: Example) -> int:
        """Tokens of an example's row."""
        ...

    def n_choices(self, example: Example) -> int:
        """How many terms an example adds to the loss."""
        ...

    def __call__(self, hidden: Tensor, head: Head, batch: Any) -> Tensor:
        """The sum of the loss over the choices of a batch, in nats.

        Args:
            hidden: Hidden states, *Shape:* (rows, length, hidden_size).
            head: The output embedding.
            batch: As `collate` made it.
        """
        ...


class CatalogLoss:
    """Cross-entropy between soft targets and the distribution over each node's children.

    Only the head's rows of the children are computed: about a hundred per choice instead of a
    vocabulary of fifty thousand.

    Args:
        tree: The catalog's prefix tree.
        prior: Added to each child's logit, as in decoding; shape (n_children,).
    """

    name = "catalog"

    def __init__(self, tree: PrefixTree, prior: NDArray[np.float64]) -> None:
        self._tree = tree
        self._tokens = torch.from_numpy(tree.child_token.astype(np.int64))
        self._prior = torch.from_numpy(prior.astype(np.float32))

    def collate(self, examples: Sequence[Example]) -> ChoiceBatch:
        """Choices at tree nodes."""
        return collate(examples, self._tree)

    def length(self, example: Example) -> int:
        """Prompt and edges."""
        return nodes_length(example, self._tree)

    def n_choices(self, example: Example) -> int:
        """One for each node."""
        return len(example.nodes)

    def __call__(self, hidden: Tensor, head: Head, batch: ChoiceBatch) -> Tensor:
        """Sum over choices of KL(target || model), in nats; 0 when the model is right everywhere."""
        chosen = hidden.reshape(-1, hidden.shape[-1])[batch.label_at]
        children = batch.children.cpu()
        # One product with the distinct rows of the head, then a look-up: repeating each state for
        # each of its children instead took 2 GB more at 48 examples and a fifth of the step's time.
        distinct, column = torch.unique(self._tokens[children], return_inverse=True)
        states = head.logits(chosen, distinct.to(hidden.device))
        row = torch.repeat_interleave(batch.counts)
        prior = self._prior[children].to(hidden.device)
        logits = states[row, column.to(hidden.device)] + prior
        log_probs = ragged_log_softmax(logits, batch.counts)
        target = batch.targets
        entropy = torch.xlogy(target, target).sum()
        # A child the prior rules out has target 0 and log-probability -inf: 0 * -inf is no loss.
        cross = torch.where(target > 0, target * log_probs, torch.zeros_like(target)).sum()
        return entropy - cross


class PathLoss:
    """Plain language modelling of the drawn paths: what other generative recommenders learn.

    Nothing is added to the logits and nothing is ruled out, so what is learned is the distribution that
    the paths are drawn from.

    Args:
        tree: The catalog's prefix tree.
        prior: Not used; every objective is made alike.
    """

    name = "lm"

    def __init__(self, tree: PrefixTree, prior: NDArray[np.float64]) -> None:  # noqa: ARG002
        self._tree = tree

    def collate(self, examples: Sequence[Example]) -> PathBatch:
        """Whole paths."""
        return collate_paths(examples, self._tree)

    def length(self, example: Example) -> int:
        """Prompt and paths."""
        return paths_length(example, self._tree)

    def n_choices(self, example: Example) -> int:
        """One for each token of each path."""
        return sum(len(self._tree.path(path)) for path in example.paths)

    def __call__(self, hidden: Tensor, head: Head, batch: PathBatch) -> Tensor:
        """Sum over tokens of -log P(token | prompt, path so far), in nats."""
        # The states of one prompt stand once for each of its paths; its logits are taken once.
        distinct, row = torch.unique(batch.label_at, return_inverse=True)
        logits = head.logits(hidden.reshape(-1, hidden.shape[-1])[distinct])
        log_probs = torch.log_softmax(logits, -1)
        return -log_probs[row, batch.labels].sum()


OBJECTIVES: dict[str, Callable[[PrefixTree, NDArray[np.float64]], Objective]] = {
    "catalog": CatalogLoss,
    "lm": PathLoss,
}


def objective_of(name: str, tree: PrefixTree, prior: NDArray[np.float64]) -> Objective:
    """An objective by name, for one catalog.

    Raises:
        ConfigError: The name is not one of `OBJECTIVES`.
    """
    if name not in OBJECTIVES:
        raise ConfigError(
            f"objective '{name}' is not known; choose one of: {', '.join(OBJECTIVES)}"
        )
    return OBJECTIVES[name](tree, prior)


def ragged_log_softmax(logits: Tensor, counts: Tensor) -> Tensor:
    """Log-softmax within consecutive segments.

    Args:
        logits: *Shape:* (n,).
        counts: Length of each segment, *Shape:* (n_segments,), adding up to n.
    """
    segment = torch.repeat_interleave(counts)
    peak = logits.new_full((len(counts),), -torch.inf)
    peak = peak.scatter_reduce(0, segment, logits.detach(), "amax")
    shifted = logits - peak[segment]
    total = logits.new_zeros(len(counts)).index_add(0, segment, shifted.exp())
    return shifted - total.log()[segment]
