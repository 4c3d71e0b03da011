"""Items like those that were chosen last: what items say of themselves, as a source of the crowd.

Beside what was chosen before, names and title words find the next film of a series and of the same
people; and an item that nobody chose yet has no other voice.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.alike import Alike
from m6rec.candidates.mass import mass_of
from m6rec.candidates.popular import check_rows

HISTORY_DECAY = 0.8
"""Each step back in the history counts this much less; 0.6 and 0.9 differ by less than the noise."""
HISTORY_LENGTH = 31
"""Choices further back are not read: they would count less than a thousandth of the last one."""
KINDS = 0.3
"""Of the cosine of kinds beside that of names and words, where kin are looked for."""


class Comparable(Protocol):
    """Items that can be compared with each other."""

    def __len__(self) -> int:
        """How many items it knows, the first ones of a catalog."""
        ...

    def pull(self, rows: NDArray[np.int32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted sum of each item's likeness to the rows, shape (n_items it knows,)."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Likeness:
    """What is like the last choices, whoever chose it.

    Attributes:
        items: How items are compared.
        history_decay: See `HISTORY_DECAY`.
    """

    items: Comparable
    history_decay: float = HISTORY_DECAY

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Score(j) = sum over the history of decay**age * likeness(i, j), shape (n_items,).

        Raises:
            ConfigError: The history names a row that is not known.
        """
        recent = np.asarray(history, np.int32)[-HISTORY_LENGTH:]
        check_rows(recent, len(self.items))
        ages = np.arange(len(recent), dtype=np.float64)[::-1]
        return self.items.pull(recent, np.power(self.history_decay, ages))

    def mass(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """softmax(scores), shape (n_items,); all alike for an empty history.

        Raises:
            ConfigError: As for `scores`.
        """
        return mass_of(self.scores(history))


def nearest(
    items: Alike, rows: NDArray[np.int64], known: NDArray[np.int64], n: int
) -> NDArray[np.int64]:
    """The known items that are most like each row, by names, title words and kinds.

    Args:
        items: What the items say of themselves.
        rows: Whose kin are wanted.
        known: Rows that may be kin, at least `n`, rising.
        n: How many.

    Returns:
        Most similar first, ties by row; shape (n_rows, n).
    """
    found = np.empty((len(rows), n), np.int64)
    for at, row in enumerate(rows):
        one = np.array([row], np.int32)
        like = items.pull(one, np.ones(1)) + KINDS * items.by_kind(one)
        found[at] = known[np.argsort(-like[known], kind="stable")[:n]]
    return found
