"""What kind of thing a wish asks for, read off the states the language model is in when it has read it.

A linear probe (Alain & Bengio 2016, "Understanding intermediate layers using linear classifier probes"):
a softmax over the catalog's leading values, such as genres. A small model knows more about a sentence
than it can say in its next word: on the development requests the kind it names first is right for 0.81
of what would be shown, the kind the probe names for 0.90 (`eval/LOG.md`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import replaced_file
from m6rec.errors import ModelFolderError

FLOOR = 0.002
"""What every item has: the probe may be wrong, and the other voices must be able to say so."""


@dataclass(frozen=True, eq=False, slots=True)
class Probe:
    """A fitted probe.

    Attributes:
        kinds: What it tells apart: of each kind the names, spelled as `m6rec.vocabulary.spelling` does
            and joined by "|".
        weights: *Shape:* (n_kinds, n_states).
        biases: *Shape:* (n_kinds,).
        noun: What one item is called in the prompts it was fitted on.
    """

    kinds: tuple[str, ...]
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    noun: str

    @property
    def names(self) -> dict[str, int]:
        """The number of the kind that each name is one of."""
        return {name: at for at, kind in enumerate(self.kinds) for name in kind.split("|")}

    def shares(self, states: NDArray[np.float32]) -> NDArray[np.float64]:
        """How likely each kind is meant.

        Args:
            states: What is `m6rec.decoding.language_model.understood` of a prompt, *Shape:* (..., n).
                A probe of fewer states reads the first ones.

        Returns:
            *Shape:* (..., n_kinds); the last dimension sums to 1.
        """
        read = states[..., : self.weights.shape[1]]
        logits = (read @ self.weights.T + self.biases).astype(np.float64)
        chances = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: NDArray[np.float64] = chances / chances.sum(axis=-1, keepdims=True)
        return shares

    def save(self, path: Path) -> None:
        """Write it to one safetensors file, 130 kB for 18 kinds."""
        from safetensors.numpy import save_file

        header = {"kinds": json.dumps(self.kinds), "noun": self.noun}
        with replaced_file(path) as part:
            save_file({"weights": self.weights, "biases": self.biases}, part, metadata=header)
            # The library makes a file for its owner alone.
            part.chmod(path.parent.stat().st_mode & 0o666)

    @staticmethod
    def load(path: Path) -> "Probe":
        """Read what `save` wrote.

        Raises:
            ModelFolderError: The file cannot be read.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="np") as opened:
                header = opened.metadata() or {}
                kinds = tuple(map(str, json.loads(header["kinds"])))
                weights, biases = opened.get_tensor("weights"), opened.get_tensor("biases")
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise ModelFolderError(
                f"{path} is not a probe this version can read ({type(error).__name__}); tune again, or "
                "remove it to go without"
            ) from error
        if weights.shape[:1] != biases.shape or len(kinds) != len(biases):
            raise ModelFolderError(
                f"{path} is damaged: it has {len(kinds)} kinds and other weights"
            )
        return Probe(kinds, weights, biases, header.get("noun", ""))


def told(shares: NDArray[np.float64]) -> float:
    """How much is asked for: 0 where every kind is as likely as the others, 1 where one is certain.

    One less the entropy of the shares in units of its highest value.

    Args:
        shares: From `Probe.shares`, *Shape:* (n_kinds,), at least two kinds.
    """
    some = shares[shares > 0]
    return float(1 + (some * np.log(some)).sum() / np.log(len(shares)))


def granting(
    shares: NDArray[np.float64], rows: NDArray[np.int64], which: NDArray[np.int64], n_items: int
) -> NDArray[np.float64]:
    """How likely each item is to be what is asked for: the sum of the shares of its kinds.

    Args:
        shares: From `Probe.shares`, *Shape:* (n_kinds,).
        rows: Row of the item in each pair of an item and a kind it has, *Shape:* (n_pairs,).
        which: Index of the kind, *Shape:* (n_pairs,).
        n_items: Number of items.

    Returns:
        Positive, *Shape:* (n_items,). An item without a kind the probe knows gets the mean of the
        others: it is neither favoured nor held back.
    """
    total = np.bincount(rows, weights=shares[which], minlength=n_items).astype(np.float64)
    known = np.zeros(n_items, dtype=bool)
    known[rows] = True
    if known.any():
        total[~known] = total[known].mean()
    return FLOOR + total


def pairs_of_kinds(
    number: Mapping[str, int], named: Sequence[tuple[str, ...]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs of an item and a kind it has, for `granting`.

    Args:
        number: From `Probe.names`.
        named: For each item what it is, in the same spelling.
    """
    pairs = [
        (row, kind)
        for row, names in enumerate(named)
        for kind in dict.fromkeys(number[name] for name in names if name in number)
    ]
    rows = np.array([row for row, _ in pairs], dtype=np.int64)
    return rows, np.array([kind for _, kind in pairs], dtype=np.int64)
