"""From one value per request to one number: the mean, and how sure it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from m6rec.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Average:
    """The mean over the requests that could be judged.

    Attributes:
        mean: NaN when no request could be judged.
        low: Lower end of the 95 % bootstrap interval.
        high: Upper end.
        n: Requests that were judged.
        n_undefined: Requests whose value is NaN, and which are not in the mean.
    """

    mean: float
    low: float
    high: float
    n: int
    n_undefined: int


def average(values: Sequence[float], *, seed: int = 0, n_resamples: int = 1000) -> Average:
    """Mean with a percentile bootstrap interval over requests (Efron & Tibshirani 1993, ch. 13).

    NaN values are counted, not averaged. The interval speaks of other requests of the same kind; with
    fewer than two of them it is as wide as nothing (NaN).

    Raises:
        ConfigError: n_resamples is below 1.
    """
    if n_resamples < 1:
        raise ConfigError(f"n_resamples is {n_resamples}; choose at least 1")
    numbers = np.asarray(values, np.float64)
    judged = numbers[~np.isnan(numbers)]
    undefined = len(numbers) - len(judged)
    if len(judged) < 2:
        mean = float(judged[0]) if len(judged) else math.nan
        return Average(mean, math.nan, math.nan, len(judged), undefined)
    generator = np.random.default_rng(seed)
    drawn = generator.integers(len(judged), size=(n_resamples, len(judged)))
    low, high = np.quantile(judged[drawn].mean(axis=1), (0.025, 0.975))
    return Average(float(judged.mean()), float(low), float(high), len(judged), undefined)


def paired_difference(
    ours: Sequence[float], theirs: Sequence[float], *, seed: int = 0, n_resamples: int = 1000
) -> Average:
    """Mean of ours - theirs over the same requests, with its interval.

    Resampling the differences keeps each request paired with itself, which is what makes two methods
    comparable on few requests. A request that either method leaves undefined is left out.

    Raises:
        ConfigError: The lists differ in length, or n_resamples is below 1.
    """
    if len(ours) != len(theirs):
        raise ConfigError(
            f"{len(ours)} values cannot be paired with {len(theirs)}; use the same requests"
        )
    differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    return average(differences.tolist(), seed=seed, n_resamples=n_resamples)
