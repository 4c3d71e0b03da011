"""EASE: a linear item-item model with a closed form, read with the recent past weighing more."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.mass import SMOOTHING, smoothed
from m6rec.candidates.popular import Popular, check_rows
from m6rec.candidates.popular import fit as fit_popular
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

REGULARISATION = 200.0
"""Best of 50, 200, 500, 1000 and 3000 on MovieLens; the neighbours lose less than a point."""
HISTORY_DECAY = 0.9
"""Each step back in the history counts this much less; 1 is the published model."""
LARGEST = 20_000
"""Users or items, whichever are fewer: a dense inverse of this size needs 3 GB."""


@dataclass(frozen=True, eq=False, slots=True)
class Ease:
    """The model in its factored form, U users by n items.

    The inverse of the n x n item matrix is never built: by Woodbury's identity it follows from the U x U
    user matrix, which for MovieLens (671 users, 9,061 items) takes 0.3 s instead of a minute.

    Attributes:
        choices: 1 where a user chose an item, shape (U, n).
        solved: inverse(choices @ choices.T + regularisation) @ choices, shape (U, n).
        diagonal: Diagonal of the inverse item matrix, times `regularisation`, shape (n,).
        popular: Counts, for smoothing.
        history_decay: Weight of one step back in the history.
    """

    choices: NDArray[np.float32]
    solved: NDArray[np.float32]
    diagonal: NDArray[np.float64]
    popular: Popular
    history_decay: float = HISTORY_DECAY

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Score = x @ B, with x = decay**age at the rows of the history, oldest first.

        Returns:
            Shape (n_items,); may be negative. Rows of the history itself get the pull of the
            others only (B has a zero diagonal).

        Raises:
            ConfigError: The history names a row the model was not fitted with.
        """
        rows = np.asarray(history)
        check_rows(rows, len(self.diagonal))
        age_weight = self.history_decay ** np.arange(len(rows))[::-1]
        given = np.zeros(len(self.diagonal))
        # The latest of repeated choices counts: later assignments overwrite earlier ones.
        given[rows] = age_weight
        chosen = np.unique(rows)
        pull = (self.choices[:, chosen] @ given[chosen].astype(np.float32)) @ self.solved
        # x @ P, times the regularisation; B = I - P / diag(P) and so x @ B = x - x @ P / diag(P).
        scores: NDArray[np.float64] = given - (given - pull) / self.diagonal
        return scores

    def mass(self, history: NDArray[np.int32], smoothing: float = SMOOTHING) -> NDArray[np.float64]:
        """The positive part of the scores as a probability mass, smoothed as in `Markov.mass`.

        Raises:
            ConfigError: As for `scores`, or `smoothing` is not in (0, 1].
        """
        return smoothed(
            np.maximum(self.scores(history), 0.0), self.popular.mass(history), smoothing
        )


def fit(
    interactions: Interactions,
    n_items: int,
    *,
    regularisation: float = REGULARISATION,
    history_decay: float = HISTORY_DECAY,
) -> Ease:
    """Solve min |X - XB|^2 + regularisation |B|^2 with a zero diagonal.

    B = I - P / diag(P), P = inverse(X'X + regularisation I) (Steck 2019, "Embarrassingly shallow
    autoencoders for sparse data"). P = (I - X' inverse(XX' + regularisation I) X) / regularisation, which
    is exact and cheap when users are fewer than items. Ratings are read as choices.

    Raises:
        ConfigError: A setting is out of range, there are more than `LARGEST` users, or an interaction
            names a row not below `n_items`.
    """
    if regularisation <= 0 or not 0 < history_decay <= 1:
        raise ConfigError(
            f"regularisation {regularisation}, history_decay {history_decay}: choose above 0, and "
            "at most 1 for the decay"
        )
    if interactions.n_users > LARGEST:
        raise ConfigError(
            f"EASE would invert a {interactions.n_users} x {interactions.n_users} matrix; fit it on "
            f"at most {LARGEST} users"
        )
    popular = fit_popular(interactions, n_items)
    choices = np.zeros((interactions.n_users, n_items), np.float32)
    choices[interactions.user, interactions.row] = 1
    gram = (choices @ choices.T).astype(np.float64)
    inverse = np.linalg.inv(gram + regularisation * np.eye(len(gram)))
    solved = (inverse @ choices).astype(np.float32)
    diagonal = 1 - np.einsum("ui,ui->i", choices, solved, dtype=np.float64)
    return Ease(choices, solved, diagonal, popular, history_decay)
