"""The network of SASRec: causal self-attention over rows, with the recent past heard louder."""

import math

import torch
from torch import Tensor, nn

SLOPES = (0.02, 0.16, 0.5, 1.5)
"""How fast attention fades per step back, where each head starts: 0.16 is the windowed chain's 0.85**age.
Learned from there."""
_SPREAD = 2
"""Width of the feed-forward layer, as a multiple of the width."""


class Block(nn.Module):
    """One layer: attention, then a feed-forward layer, each normalised before and added.

    The attention of a head falls by its slope per step back (Press et al. 2022, "Train short, test
    long"); the published model's position vectors need more data to find the same.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self._heads = heads
        self._before_attention, self._before_spread = nn.LayerNorm(width), nn.LayerNorm(width)
        self._project, self._join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self._spread = nn.Sequential(
            nn.Linear(width, _SPREAD * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(_SPREAD * width, width),
        )
        self._dropout = nn.Dropout(dropout)
        self._log_slopes = nn.Parameter(torch.tensor(SLOPES[:heads]).log())

    def forward(self, states: Tensor, age: Tensor) -> Tensor:
        """Read states of shape (n, length, width); `age` (length, length) is negative for the future."""
        n, length, width = states.shape
        split = (n, length, 3, self._heads, width // self._heads)
        query, key, value = (
            self._project(self._before_attention(states)).view(split).permute(2, 0, 3, 1, 4)
        )
        match = query @ key.transpose(-1, -2) / math.sqrt(split[-1])
        match = match - self._log_slopes.exp()[:, None, None] * age
        match = match.masked_fill(age < 0, -torch.inf)
        heard = self._dropout(match.softmax(-1)) @ value
        states = states + self._dropout(self._join(heard.transpose(1, 2).reshape(n, length, width)))
        added: Tensor = self._dropout(self._spread(self._before_spread(states)))
        return states + added


class SelfAttention(nn.Module):
    """Rows of a history to one state per place: what is known after it.

    Attributes:
        items: Item vectors, both read and predicted, shape (n_items + 1, width); the last is the blank
            of padding and of dropped items, and stays zero.
        biases: What speaks for an item whatever came before, shape (n_items,).
    """

    def __init__(
        self, n_items: int, width: int, *, blocks: int, heads: int, dropout: float
    ) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items + 1, width, padding_idx=n_items)
        self.biases = nn.Parameter(torch.zeros(n_items))
        self._blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(blocks))
        self._dropout = nn.Dropout(dropout)
        self._last = nn.LayerNorm(width)

    def forward(self, rows: Tensor) -> Tensor:
        """States, shape (n, length, width), of rows, shape (n, length), padded at the end."""
        place = torch.arange(rows.shape[1], dtype=torch.float32)
        age = place[:, None] - place
        states = self._dropout(self.items(rows))
        for block in self._blocks:
            states = block(states, age)
        last: Tensor = self._last(states)
        return last

    def vectors(self) -> Tensor:
        """Vectors of the items without the blank, shape (n_items, width)."""
        return self.items.weight[:-1]
