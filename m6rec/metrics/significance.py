"""Significance: could the difference of two methods be chance?"""

import math
from collections.abc import Sequence

import numpy as np

from m6rec.errors import ConfigError

EXACT = 12
"""Up to so many non-zero differences all sign patterns are counted (4,096) instead of drawn."""


def sign_flip_p(differences: Sequence[float], *, seed: int = 0, n_resamples: int = 10_000) -> float:
    """Two-sided p-value of the paired randomisation test.

    Fisher 1935; Smucker et al. 2007, "A comparison of statistical significance tests for information
    retrieval evaluation". If two methods were the same, each request's difference could as well have the other sign. p is the
    share of sign patterns whose mean is at least as far from 0 as the one observed, the observed one
    among them, so that it is never 0. NaN differences are left out; differences of 0 change
    nothing. 1 when no difference is left.

    Raises:
        ConfigError: n_resamples is below 1.
    """
    if n_resamples < 1:
        raise ConfigError(f"n_resamples is {n_resamples}; choose at least 1")
    values = np.asarray(differences, np.float64)
    values = values[~np.isnan(values) & (values != 0)]
    if not len(values):
        return 1.0
    observed = abs(float(values.sum()))
    # The sums of one pattern in another order differ in the last bits; they are the same mean.
    close = observed - 1e-9 * max(1.0, observed)
    if len(values) <= EXACT:
        patterns = np.arange(2 ** len(values))[:, None] >> np.arange(len(values)) & 1
        sums = np.abs((2 * patterns - 1) @ values)
        return float((sums >= close).mean())
    generator = np.random.default_rng(seed)
    signs = generator.integers(0, 2, size=(n_resamples, len(values)), dtype=np.int8)
    sums = np.abs((2 * signs - 1) @ values)
    return (1 + int((sums >= close).sum())) / (1 + n_resamples)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for how many comparisons were made, in the same order.

    Holm 1979, "A simple sequentially rejective multiple test procedure": by rising p, times the number of
    comparisons that are left, never falling, at most 1. NaN stays NaN and is not counted.
    """
    known = [at for at, p in enumerate(p_values) if not math.isnan(p)]
    corrected = list(p_values)
    highest = 0.0
    for done, at in enumerate(sorted(known, key=lambda at: p_values[at])):
        highest = max(highest, min(1.0, p_values[at] * (len(known) - done)))
        corrected[at] = highest
    return corrected
