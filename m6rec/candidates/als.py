"""ALS: matrix factorisation by weighted least squares, read with the recent past weighing more.

Only the item side is kept: any history, known or new, is folded in when it is scored.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.factors import LEAST_WEIGHT, train
from m6rec.candidates.recency import check_decay, weigh
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

FACTORS = 128
REGULARISATION = 30.0
"""On squared lengths; 1, 10, 30 and 50 differ by less than the noise of 671 users."""
CONFIDENCE = 10.0
"""How much more a choice weighs than no choice (alpha of the paper)."""
ITERATIONS = 5
HISTORY_DECAY = 0.6
"""Each step back in the history counts this much less; 1 is the published model and a third worse."""


@dataclass(frozen=True, eq=False, slots=True)
class Als:
    """Item vectors of weighted least squares.

    Attributes:
        items: Item vectors, shape (n_items, width).
        gram: items.T @ items, shape (width, width).
        regularisation: On the squared length of a person's vector.
        confidence: See `CONFIDENCE`.
        history_decay: See `HISTORY_DECAY`.
    """

    items: NDArray[np.float64]
    gram: NDArray[np.float64]
    regularisation: float = REGULARISATION
    confidence: float = CONFIDENCE
    history_decay: float = HISTORY_DECAY

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """The person's vector by least squares, times the item vectors.

        One exact half step of the training: person = solve(Y'Y + Y'(C - I)Y + regularisation I, Y'C 1),
        with C = confidence * decay**age at the rows of the history; `implicit` computes the same in
        ``recalculate_user``.

        Returns:
            Shape (n_items,), may be negative; all 0 for an empty history.

        Raises:
            ConfigError: The history names a row the model was not fitted with.
        """
        given = weigh(history, len(self.items), self.history_decay)
        chosen = np.flatnonzero(given >= LEAST_WEIGHT)
        confidence, vectors = self.confidence * given[chosen], self.items[chosen]
        system = self.gram + self.regularisation * np.eye(len(self.gram))
        system += (vectors * (confidence - 1)[:, None]).T @ vectors
        person = np.linalg.solve(system, confidence @ vectors)
        scores: NDArray[np.float64] = self.items @ person
        return scores


def fit(
    interactions: Interactions,
    n_items: int,
    *,
    factors: int = FACTORS,
    regularisation: float = REGULARISATION,
    confidence: float = CONFIDENCE,
    iterations: int = ITERATIONS,
    history_decay: float = HISTORY_DECAY,
    seed: int = 0,
) -> Als:
    """Alternate exact least squares of people and items on one thread; the same seed, the same vectors.

    Hu et al. 2008, "Collaborative filtering for implicit feedback datasets". Ratings are read as choices.

    Raises:
        ConfigError: A setting is out of range, or an interaction names a row not below `n_items`.
        MissingExtraError: `implicit` is not installed.
    """
    check_decay(history_decay)
    if min(factors, iterations) < 1 or min(regularisation, confidence) <= 0:
        raise ConfigError(
            f"factors {factors}, iterations {iterations}, regularisation {regularisation}, confidence "
            f"{confidence}: choose the first two >= 1 and the others above 0"
        )
    settings = {
        "factors": factors,
        "regularization": regularisation,
        "alpha": confidence,
        "iterations": iterations,
        "use_cg": False,
        "random_state": seed,
    }
    model = ("als", "AlternatingLeastSquares")
    items = train(model, settings, interactions, n_items, factors)
    return Als(items, items.T @ items, regularisation, confidence, history_decay)
