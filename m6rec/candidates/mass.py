"""Scores as a probability mass over the catalog: what every voice of the search is."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import ConfigError

SMOOTHING = 0.1
"""Share of popularity in the mass of what is counted: what was never seen keeps a tenth between it all."""


class Massive(Protocol):
    """What gives every item it knows a share of one mass."""

    def mass(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Positive, shape (n_items it knows,), for rows that it knows, oldest first."""
        ...


def mass_of(scores: NDArray[np.float64], sharpness: float = 1.0) -> NDArray[np.float64]:
    """softmax(sharpness * scores): positive where a double can tell, sums to 1, shape (n_items,).

    Raises:
        ConfigError: `sharpness` is not above 0.
    """
    if sharpness <= 0:
        raise ConfigError(f"sharpness is {sharpness}; choose above 0")
    mass: NDArray[np.float64] = np.exp(sharpness * (scores - scores.max()))
    mass /= mass.sum()
    return mass


def smoothed(
    scores: NDArray[np.float64], popular: NDArray[np.float64], smoothing: float
) -> NDArray[np.float64]:
    """Mix non-negative scores, normalised, with a popularity mass that sums to 1.

    Raises:
        ConfigError: `smoothing` is not in (0, 1].
    """
    if not 0 < smoothing <= 1:
        raise ConfigError(f"smoothing is {smoothing}; choose above 0 and at most 1")
    total = scores.sum()
    if total <= 0:
        return popular
    mixed: NDArray[np.float64] = (1 - smoothing) * scores / total + smoothing * popular
    return mixed


def strongest(mass: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """The mass with only the `n` largest entries left; ties at the border stay."""
    if n >= len(mass):
        return mass
    border = np.partition(mass, -n)[-n]
    kept: NDArray[np.float64] = np.where(mass >= border, mass, 0.0)
    return kept
