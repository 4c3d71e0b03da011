"""User-based collaborative filtering: what the people most like this one chose.

Needs no fitted matrix: the similarity of any history, known or new, to every user is one pass over
the interactions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.popular import check_rows
from m6rec.candidates.recency import check_decay, weigh
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

NEIGHBOURS = 1000
"""How many users speak; all 671 of MovieLens, which beat 30, 100 and 200."""
SHRINKAGE = 50.0
"""Added to the product of the lengths: little overlap is little evidence."""
DISCOUNT = 0.65
"""Scores are divided by (popularity + 5) to this power; 0 shows what everybody knows."""
HISTORY_DECAY = 0.6
"""Each step back in the history counts this much less; 1 is the textbook's and half as good."""
_PRIOR_CHOICES = 5.0


@dataclass(frozen=True, eq=False, slots=True)
class UserNeighbours:
    """The users as sparse vectors.

    Attributes:
        users: User of each distinct (user, item) pair, shape (n_pairs,).
        rows: Its item, shape (n_pairs,).
        item_weights: Inverse user frequency of each item, shape (n_items,).
        lengths: Length of each user's weighted vector, shape (n_users,).
        divisors: What an item's score is divided by, shape (n_items,).
        neighbours: See `NEIGHBOURS`.
        shrinkage: See `SHRINKAGE`.
        history_decay: See `HISTORY_DECAY`.
    """

    users: NDArray[np.int64]
    rows: NDArray[np.int64]
    item_weights: NDArray[np.float64]
    lengths: NDArray[np.float64]
    divisors: NDArray[np.float64]
    neighbours: int = NEIGHBOURS
    shrinkage: float = SHRINKAGE
    history_decay: float = HISTORY_DECAY

    def similarities(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Shrunk cosine of the history to every user, shape (n_users,), in [0, 1).

        Raises:
            ConfigError: The history names a row the model was not fitted with.
        """
        given = weigh(history, len(self.divisors), self.history_decay) * self.item_weights
        overlap = np.bincount(
            self.users, (given * self.item_weights)[self.rows], len(self.lengths)
        ).astype(np.float64)
        similar: NDArray[np.float64] = overlap / (
            np.linalg.norm(given) * self.lengths + self.shrinkage
        )
        return similar

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Score(j) = sum over the nearest users who chose j of their similarity, discounted.

        A user of the training data is their own nearest neighbour, which lifts nothing but what they
        chose already. Users as similar as the last neighbour all speak.

        Returns:
            Shape (n_items,), never negative; all 0 for an empty history.

        Raises:
            ConfigError: As for `similarities`.
        """
        similar = self.similarities(history)
        if self.neighbours < len(similar):
            border = np.partition(similar, -self.neighbours)[-self.neighbours]
            similar = np.where(similar >= border, similar, 0.0)
        heard = np.bincount(self.rows, similar[self.users], len(self.divisors))
        scores: NDArray[np.float64] = heard / self.divisors
        return scores


def fit(
    interactions: Interactions,
    n_items: int,
    *,
    neighbours: int = NEIGHBOURS,
    shrinkage: float = SHRINKAGE,
    discount: float = DISCOUNT,
    history_decay: float = HISTORY_DECAY,
) -> UserNeighbours:
    """Weigh each user's choices by inverse user frequency, log(1 + users / choosers).

    Breese et al. 1998, "Empirical analysis of predictive algorithms for collaborative filtering". Ratings
    are read as choices.

    Raises:
        ConfigError: A setting is out of range, or an interaction names a row not below `n_items`.
    """
    check_decay(history_decay)
    if neighbours < 1 or shrinkage <= 0 or discount < 0:
        raise ConfigError(
            f"neighbours {neighbours}, shrinkage {shrinkage}, discount {discount}: choose neighbours "
            ">= 1, shrinkage above 0 and discount >= 0"
        )
    check_rows(interactions.row, n_items)
    users, rows = distinct_pairs(interactions, n_items)
    choosers = np.bincount(rows, minlength=n_items)
    item_weights = np.log1p(interactions.n_users / np.maximum(choosers, 1))
    squares = np.bincount(users, item_weights[rows] ** 2, interactions.n_users)
    return UserNeighbours(
        users,
        rows,
        item_weights,
        np.sqrt(squares).astype(np.float64),
        ((choosers + _PRIOR_CHOICES) ** discount).astype(np.float64),
        neighbours,
        shrinkage,
        history_decay,
    )


def distinct_pairs(
    interactions: Interactions, n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Users and rows of the interactions without repeats, by user, then row; each shape (n_pairs,)."""
    pairs = np.unique(interactions.user.astype(np.int64) * n_items + interactions.row)
    users, rows = np.divmod(pairs, n_items)
    return users, rows
