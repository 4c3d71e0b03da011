"""Cross-entropy over a catalog that looks at a sample of it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

SMOOTHING = 0.75
"""Items are drawn by popularity to this power, as in word2vec."""
_UNSEEN = 0.1
"""What an item nobody chose counts when negatives are drawn, so that it can be drawn at all."""


class SampledSoftmax:
    """-log softmax(target) with the sum over the catalog estimated from drawn items.

    The same `n_negatives` items, drawn with replacement, serve a whole batch. Each is divided by how often
    it is expected in the sample (logQ correction; Bengio & Senécal 2008, Yi et al. 2019), without which
    popular items, drawn often, would be pushed down too far. A drawn item that is the target is
    left out of the sum.

    Attributes:
        n_negatives: Items drawn per batch; 0 takes the whole catalog (slow beyond a few thousand).
    """

    def __init__(
        self, counts: NDArray[np.float64], n_negatives: int, correction: float = 1.0
    ) -> None:
        """Prepare to draw.

        Args:
            counts: How often each item was chosen, shape (n_items,).
            n_negatives: See the class.
            correction: Strength of the logQ correction; 1 is unbiased, 0 leaves it out, which holds
                popularity against an item.
        """
        self.n_negatives = n_negatives
        weight = torch.from_numpy((counts + _UNSEEN) ** SMOOTHING)
        self._share = weight / weight.sum()
        self._log_expected = correction * torch.log(self._share * max(n_negatives, 1)).float()

    def loss(self, states: Tensor, targets: Tensor, vectors: Tensor, biases: Tensor) -> Tensor:
        """Mean loss of a batch, a scalar.

        Args:
            states: What is known before each choice, shape (n, width).
            targets: Rows chosen, shape (n,).
            vectors: Item vectors, shape (n_items, width).
            biases: Item biases, shape (n_items,).
        """
        if not self.n_negatives:
            return cross_entropy(states @ vectors.T + biases, targets)
        drawn = torch.multinomial(self._share, self.n_negatives, replacement=True)
        others = states @ vectors[drawn].T + (biases[drawn] - self._log_expected[drawn])
        others = others.masked_fill(targets[:, None] == drawn, -torch.inf)
        own = (states * vectors[targets]).sum(1) + biases[targets]
        return (torch.logaddexp(own, others.logsumexp(1)) - own).mean()
