"""Item-based collaborative filtering: what is chosen by the same people as what was chosen.

Memory based: similarities are counted from the interactions for the few items that still weigh
something in a history, so there is no item-item matrix to fit or to keep.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.popular import check_rows
from m6rec.candidates.recency import check_decay, weigh
from m6rec.candidates.user_neighbours import distinct_pairs
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

SHRINKAGE = 10.0
"""Added to the product of the lengths; best of 1 to 20 on MovieLens, with little between 2 and 10."""
HISTORY_DECAY = 0.6
"""Each step back in the history counts this much less; 1 is the textbook's and half as good."""
LEAST_WEIGHT = 1e-4
"""Choices that weigh less are not read; with a decay of 0.6 that is after 18 steps."""


@dataclass(frozen=True, eq=False, slots=True)
class ItemNeighbours:
    """The interactions, readable by user and by item.

    Attributes:
        by_user: Rows, user after user, shape (n_pairs,).
        user_starts: Where each user's rows begin, shape (n_users + 1,).
        by_item: Users, item after item, shape (n_pairs,).
        item_starts: Where each item's users begin, shape (n_items + 1,).
        neighbours: How many items each choice speaks for; None for all.
        shrinkage: See `SHRINKAGE`.
        history_decay: See `HISTORY_DECAY`.
    """

    by_user: NDArray[np.int64]
    user_starts: NDArray[np.int64]
    by_item: NDArray[np.int64]
    item_starts: NDArray[np.int64]
    neighbours: int | None = None
    shrinkage: float = SHRINKAGE
    history_decay: float = HISTORY_DECAY

    def similarities(self, row: int) -> NDArray[np.float64]:
        """n(i and j) / (sqrt(n(i) n(j)) + shrinkage) to every item j, shape (n_items,); 0 to itself."""
        choosers = np.diff(self.item_starts)
        users = self.by_item[self.item_starts[row] : self.item_starts[row + 1]]
        begin, size = self.user_starts[users], np.diff(self.user_starts)[users]
        # All rows of all these users, as one index: a range per user, laid end to end.
        at = np.arange(size.sum()) + np.repeat(begin - np.cumsum(size) + size, size)
        together = np.bincount(self.by_user[at], minlength=len(choosers))
        similar: NDArray[np.float64] = together / (
            np.sqrt(choosers[row] * choosers) + self.shrinkage
        )
        similar[row] = 0
        if self.neighbours is not None and self.neighbours < len(similar):
            border = np.partition(similar, -self.neighbours)[-self.neighbours]
            similar[similar < border] = 0
        return similar

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Score(j) = sum over the history of decay**age * similarity(i, j).

        Returns:
            Shape (n_items,), never negative; all 0 for an empty history.

        Raises:
            ConfigError: The history names a row the model was not fitted with.
        """
        n_items = len(self.item_starts) - 1
        given = weigh(history, n_items, self.history_decay)
        scores = np.zeros(n_items)
        for row in np.flatnonzero(given >= LEAST_WEIGHT):
            scores += given[row] * self.similarities(int(row))
        return scores


def fit(
    interactions: Interactions,
    n_items: int,
    *,
    neighbours: int | None = None,
    shrinkage: float = SHRINKAGE,
    history_decay: float = HISTORY_DECAY,
) -> ItemNeighbours:
    """Sort the interactions by user and by item; similarities are counted when they are asked for.

    Sarwar et al. 2001, "Item-based collaborative filtering recommendation algorithms", with a shrunk
    cosine of choices. Ratings are read as choices.

    Raises:
        ConfigError: A setting is out of range, or an interaction names a row not below `n_items`.
    """
    check_decay(history_decay)
    if shrinkage <= 0 or (neighbours is not None and neighbours < 1):
        raise ConfigError(
            f"shrinkage {shrinkage}, neighbours {neighbours}: choose shrinkage above 0 and "
            "neighbours >= 1, or None for all"
        )
    check_rows(interactions.row, n_items)
    users, rows = distinct_pairs(interactions, n_items)
    order = np.argsort(rows, kind="stable")
    return ItemNeighbours(
        rows,
        np.searchsorted(users, np.arange(interactions.n_users + 1)),
        users[order],
        np.searchsorted(rows[order], np.arange(n_items + 1)),
        neighbours,
        shrinkage,
        history_decay,
    )
