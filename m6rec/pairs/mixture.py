"""Several kinds of pairs drawn together, each as often as its weight says."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from m6rec.errors import ConfigError
from m6rec.records import TextPair

Draw = Callable[[np.random.Generator], TextPair]
"""Draws one pair."""


class Mixture:
    """Draws pairs of several tasks.

    Args:
        draws: How the pairs of each task are drawn.
        weights: How often each task comes up, in any unit; tasks not named or of weight 0 never do.

    Raises:
        ConfigError: A weight is negative, or none is left.
    """

    def __init__(self, draws: Mapping[str, Draw], weights: Mapping[str, float]) -> None:
        wrong = {name: weight for name, weight in weights.items() if not weight >= 0}
        if wrong:
            name, weight = next(iter(wrong.items()))
            raise ConfigError(f"the weight of task {name!r} is {weight}; give 0 or more")
        self._names = [name for name in draws if weights.get(name, 0) > 0]
        if not self._names:
            raise ConfigError(
                f"no task to draw from: of {', '.join(draws) or 'none'}, none has a weight above 0"
            )
        self._draws = [draws[name] for name in self._names]
        self._bounds = bounds([weights[name] for name in self._names])

    @property
    def names(self) -> list[str]:
        """The tasks that come up."""
        return list(self._names)

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; which task is drawn first."""
        return self._draws[pick(self._bounds, rng)](rng)

    def stream(self, rng: np.random.Generator) -> Iterator[TextPair]:
        """Pairs without end."""
        while True:
            yield self.draw(rng)


def bounds(weights: list[float]) -> np.ndarray:
    """Cumulated shares for `pick`, shape (n,), the last one 1."""
    total = np.cumsum(np.array(weights, dtype=np.float64))
    shares: np.ndarray = total / total[-1]
    return shares


def pick(shares: np.ndarray, rng: np.random.Generator) -> int:
    """An index drawn by its share; `rng.choice(p=)` checks its shares anew in every call."""
    return min(int(np.searchsorted(shares, rng.random(), side="right")), len(shares) - 1)
