"""What a few items named in a conversation say about the next one.

Naming is not choosing: a person who names three films has seen hundreds, and the order of naming says
little. So the chain of `m6rec.candidates.markov`, best for histories of choices, is worse here than
co-choice without order, and what the named items have in common is worth as much as the crowd. One
mass, a product of powers, so that the search has one voice to follow instead of many that agree.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates import alike, ease
from m6rec.candidates.mass import Massive, mass_of
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

FADING = 4 * 365.25 * 86_400.0
"""Seconds in which a choice comes to count 1/e as much in popularity. People talk about recent things:
with it 0.143 of the recommendations in ReDial are found, with all choices alike 0.128."""
UNHEARD = 0.05
"""Choices everything is taken to have had: what nobody chose yet can still be found."""
REGULARISATION = 500.0
"""Of EASE; stronger than for long histories, where 200 is best. 200 to 1,000 differ by a point."""
UNTALKED = 0.3
"""Conversations that every item is taken to have been named in."""
FLOOR = 1e-5
"""Share of the crowd's score that an item no co-choice speaks for keeps."""


@dataclass(frozen=True, slots=True)
class Powers:
    """How loud each part speaks; exponents of the mass, fitted by `scripts/fit_taste.py`.

    Attributes:
        popularity: Of popularity, older choices faded.
        talked: Of the number of conversations that name an item, where some are known.
        crowd: Of the share of EASE's positive scores.
        kinds: Factor on the mean cosine of kinds.
        words: Factor on the mean cosine of names and title words.
        years: Factor on the decades to the nearest year.
        brought: Power of the mass of vectors that somebody brought, where there are some.
    """

    popularity: float = 0.85
    talked: float = 0.0
    crowd: float = 0.19
    kinds: float = 3.4
    words: float = 15.0
    years: float = 0.2
    brought: float = 1.5


TALKED = Powers(popularity=0.5, talked=0.7)
"""With recorded conversations to count in: what people talk about is not what they rate. Where 441
conversations of ReDial are known, 0.19 of the recommendations in 442 others are found instead of 0.16
(with the values that the words name, see `m6rec.candidates.mentioned`)."""


@dataclass(frozen=True, eq=False, slots=True)
class Taste:
    """The parts, ready for any history.

    Attributes:
        log_popularity: Log of the faded number of choices, shape (n_items,).
        log_talked: Log of the number of conversations, shape (n_items,); zeros where none is known.
        crowd: Co-choice; None where nobody's choices are known.
        alike: What the items say of themselves.
        powers: How loud each part speaks.
        brought: What vectors from elsewhere find alike; None where nobody brought any.
    """

    log_popularity: NDArray[np.float64]
    log_talked: NDArray[np.float64]
    crowd: ease.Ease | None
    alike: alike.Alike
    powers: Powers = Powers()
    brought: Massive | None = None

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Log of the mass, up to a constant, shape (n_items,); popularity alone without history.

        Raises:
            ConfigError: The history names a row the parts were not fitted with.
        """
        rows = np.asarray(history, dtype=np.int32)
        powers = self.powers
        scores: NDArray[np.float64] = (
            powers.popularity * self.log_popularity + powers.talked * self.log_talked
        )
        if not len(rows):
            return scores
        if self.crowd is not None:
            chosen = np.maximum(self.crowd.scores(rows), 0.0)
            scores = scores + powers.crowd * np.log(chosen / max(chosen.sum(), FLOOR) + FLOOR)
        likeness: NDArray[np.float64] = (
            powers.kinds * self.alike.by_kind(rows)
            + powers.words * self.alike.by_words(rows)
            + powers.years * self.alike.by_year(rows)
        )
        return scores + likeness + self._brought(rows)

    def _brought(self, rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """What the brought vectors add; items they do not know get the mean."""
        added = np.zeros(len(self.log_popularity))
        if self.brought is not None:
            known = len(self.brought.mass(rows[:0]))
            spoken = np.log(self.brought.mass(rows[rows < known]))
            added[:known], added[known:] = spoken, spoken.mean()
        return self.powers.brought * added

    def mass(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """The same as a probability mass: positive everywhere, sums to 1, shape (n_items,).

        Raises:
            ConfigError: As for `scores`.
        """
        return mass_of(self.scores(history))


def fit(
    catalog: Catalog,
    interactions: Interactions | None = None,
    *,
    talked: NDArray[np.float64] | None = None,
    powers: Powers | None = None,
    fading: float = FADING,
    likeness: alike.Alike | None = None,
    brought: Massive | None = None,
) -> Taste:
    """Fit the parts.

    Args:
        catalog: The items.
        interactions: Who chose what; None takes the catalog's own popularity and has no crowd. Nor
            has one of more users and items than EASE can invert.
        talked: How many conversations name each item, shape (n_items,); None when none were recorded.
        powers: None for the fitted ones: `TALKED` with `talked`, else `Powers`.
        fading: Seconds in which a choice comes to count 1/e; choices without a time do not fade.
        likeness: What the items say of themselves, if that was read before.
        brought: See `Taste`.

    Raises:
        ConfigError: `fading` is not above 0, or an interaction names a row the catalog does not have.
    """
    if fading <= 0:
        raise ConfigError(f"fading is {fading} seconds; choose above 0")
    counts, crowd = catalog.popularity, None
    if interactions is not None and len(interactions):
        age = interactions.timestamp.max() - interactions.timestamp
        faded = np.bincount(interactions.row, np.exp(-age / fading), len(catalog))
        counts = faded.astype(np.float64)
        if interactions.n_users <= ease.LARGEST:
            crowd = ease.fit(
                interactions, len(catalog), regularisation=REGULARISATION, history_decay=1.0
            )
    spoken = np.zeros(len(catalog)) if talked is None else np.log(talked + UNTALKED)
    chosen = powers or (Powers() if talked is None else TALKED)
    read = likeness or alike.fit(catalog)
    return Taste(np.log(counts + UNHEARD), spoken, crowd, read, chosen, brought)
