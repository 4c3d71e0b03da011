"""Novelty: what few people know comes up."""

import numpy as np

from m6rec.ranking.pool import Gain, Pool, always

UNHEARD = 1.0
"""Added to every item's popularity: what nobody chose yet is not infinitely new."""


def gain(pool: Pool, weight: float) -> Gain:
    """-weight * log(share of all choices), in nats.

    Self-information, as in Zhou et al. 2010, "Solving the apparent diversity-accuracy dilemma of
    recommender systems". At weight 1 an item chosen half as often is as welcome as one twice as likely.
    """
    popularity = pool.catalog.popularity
    total = popularity.sum() + UNHEARD * len(popularity)
    return always(-weight * np.log((popularity[pool.rows] + UNHEARD) / total))
