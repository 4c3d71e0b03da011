"""BPR: matrix factorisation by pairwise ranking, read as the recent past of a history.

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
LEARNING_RATE = 0.05
REGULARISATION = 0.003
ITERATIONS = 400
SHARPNESS = 2.0
"""How loud the vectors are against the biases; the mean of many vectors is shorter than a person's."""
HISTORY_DECAY = 0.7
"""Each step back in the history counts this much less."""


@dataclass(frozen=True, eq=False, slots=True)
class Bpr:
    """Item vectors and biases of pairwise ranking.

    Attributes:
        items: Item vectors, shape (n_items, width).
        biases: What speaks for an item whoever asks, shape (n_items,).
        history_decay: See `HISTORY_DECAY`.
        sharpness: See `SHARPNESS`.
    """

    items: NDArray[np.float64]
    biases: NDArray[np.float64]
    history_decay: float = HISTORY_DECAY
    sharpness: float = SHARPNESS

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Score(j) = bias(j) + sharpness * (mean vector of the history, recency weighted) . vector(j).

        A person as the mean of their items (Paterek 2007, "Improving regularized singular value
        decomposition"), so that a new history needs no training. It also ranks three times as well as
        the vectors learned for the people themselves, which cannot tell last week from last year.

        Returns:
            Shape (n_items,), may be negative; the biases for an empty history.

        Raises:
            ConfigError: The history names a row the model was not fitted with.
        """
        given = weigh(history, len(self.items), self.history_decay)
        chosen = np.flatnonzero(given >= LEAST_WEIGHT)
        if not len(chosen):
            return self.biases.copy()
        person = given[chosen] @ self.items[chosen] / given[chosen].sum()
        scores: NDArray[np.float64] = self.biases + self.sharpness * (self.items @ person)
        return scores


def fit(
    interactions: Interactions,
    n_items: int,
    *,
    factors: int = FACTORS,
    learning_rate: float = LEARNING_RATE,
    regularisation: float = REGULARISATION,
    iterations: int = ITERATIONS,
    history_decay: float = HISTORY_DECAY,
    seed: int = 0,
) -> Bpr:
    """Step along pairs of a chosen and another item on one thread; the same seed, the same vectors.

    Rendle et al. 2009, "BPR: Bayesian personalized ranking from implicit feedback". Items nobody chose
    are never on the winning side: they get no vector and the lowest bias.

    Raises:
        ConfigError: A setting is out of range, or an interaction names a row not below `n_items`.
        MissingExtraError: `implicit` is not installed.
    """
    check_decay(history_decay)
    if min(factors, iterations) < 1 or min(regularisation, learning_rate) <= 0:
        raise ConfigError(
            f"factors {factors}, iterations {iterations}, regularisation {regularisation}, "
            f"learning_rate {learning_rate}: choose the first two >= 1 and the others above 0"
        )
    settings = {
        "factors": factors,
        "learning_rate": learning_rate,
        "regularization": regularisation,
        "iterations": iterations,
        "random_state": seed,
    }
    model = ("bpr", "BayesianPersonalizedRanking")
    # The library keeps the bias as one more column.
    columns = train(model, settings, interactions, n_items, factors + 1)
    items, biases = columns[:, :-1].copy(), columns[:, -1].copy()
    unknown = np.bincount(interactions.row, minlength=n_items) == 0
    items[unknown] = 0
    biases[unknown] = biases.min()
    return Bpr(items, biases, history_decay)
