"""Calibration: does what is stated with probability 0.1 happen one time in ten?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from m6rec.errors import ConfigError

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of the reliability diagram.

    Attributes:
        stated: Mean stated probability.
        observed: Share of the statements that came true.
        n: How many statements.
    """

    stated: float
    observed: float
    n: int


def reliability(
    stated: Sequence[float], happened: Sequence[bool], *, n_bins: int = N_BINS
) -> tuple[Bin, ...]:
    """Statements by rising probability in bins of (nearly) equal size, none of them empty.

    Equal size instead of equal width, because P(item) over a catalog of thousands is small nearly
    everywhere and bins of equal width would put all of it into the first (Nguyen & O'Connor 2015,
    "Posterior calibration and exploratory analysis for natural language processing models"). Equal
    probabilities are ordered as they come.

    Args:
        stated: Probabilities in [0, 1].
        happened: Whether each came true.
        n_bins: How many bins; fewer when there are fewer statements.

    Raises:
        ConfigError: The lists differ in length, a probability is not in [0, 1], or n_bins is below 1.
    """
    if len(stated) != len(happened) or n_bins < 1:
        raise ConfigError(
            f"{len(stated)} probabilities, {len(happened)} outcomes, {n_bins} bins: give one outcome "
            "per probability and at least one bin"
        )
    said = np.asarray(stated, np.float64)
    if not ((said >= 0) & (said <= 1)).all():
        raise ConfigError("a stated probability is not between 0 and 1; give exp(log_prob)")
    order = np.argsort(said, kind="stable")
    true = np.asarray(happened, np.float64)
    return tuple(
        Bin(float(said[part].mean()), float(true[part].mean()), len(part))
        for part in np.array_split(order, n_bins)
        if len(part)
    )


def calibration_error(
    stated: Sequence[float], happened: Sequence[bool], *, n_bins: int = N_BINS
) -> float:
    """Expected calibration error: sum over bins of (n_bin / n) * |stated - observed|.

    Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning", over the bins
    of `reliability`. 0 is honest, 1 the worst. Read it beside the mean of what was stated: a
    model that states next to nothing is nearly always right about that. NaN without statements.

    Raises:
        ConfigError: As for `reliability`.
    """
    bins = reliability(stated, happened, n_bins=n_bins)
    if not bins:
        return math.nan
    total = sum(one.n for one in bins)
    return sum(one.n * abs(one.stated - one.observed) for one in bins) / total
