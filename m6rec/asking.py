"""What a request asks of the catalog distribution: which prompt, which voices, how loud."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from m6rec.assembly import UNHEARD, Parts
from m6rec.candidates import markov, mentioned
from m6rec.decoding.distribution import Question
from m6rec.decoding.voices import Voice
from m6rec.profile import Profile
from m6rec.vocabulary import said_values
from m6rec.wishes import Wish

CROWD_POOL = 3
"""Items the crowd proposes per item asked for when a history speaks alone. A crowd that gives mass to
all items keeps so many nodes alive that 2,500 ms do not prove a list; among 30 items, 500 ms do."""


class Asker:
    """Turns wishes and profiles into questions for one catalog.

    Args:
        parts: What the recommender is made of.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def question(
        self, wish: Wish, profile: Profile, allowed: NDArray[np.bool_], k: int
    ) -> Question:
        """The question behind a request.

        Args:
            wish: The wish in words.
            profile: The person's likes, latest last.
            allowed: Items that may be named, shape (n_items,).
            k: How many are wanted.
        """
        settings = self._parts.config
        weights = settings.voices
        n_read = settings.prompt.history
        recent = profile.liked[-n_read:] if n_read else []
        titles = tuple(self._parts.index.catalog.at(row).title for row in recent)
        asked = wish.text if wish.text or titles else settings.prompt.neutral
        crowd = self._crowd_of(profile, allowed) if weights.crowd else None
        alone = crowd is not None and not wish.text
        voices = []
        if not alone:
            voices.append(
                Voice("popularity", weights.popularity, self.popularity, weights.popularity_within)
            )
        if wish.text and weights.mentioned:
            voices += self._named(wish.text)
        if crowd is not None:
            mass = markov.strongest(crowd, k * CROWD_POOL) if alone else crowd
            voices.append(Voice("crowd", weights.crowd, mass))
        speaks = weights.language_model_history if alone else weights.language_model
        return Question(
            self._parts.writer.write(asked, titles),
            tuple(voices),
            speaks,
            # What is divided out belongs to the model: it is as loud as the model is.
            weights.neutral * speaks,
            weights.titles,
        )

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """How many people chose each item, none of them 0; shape (n_items,)."""
        return self._parts.index.catalog.popularity + UNHEARD

    @cached_property
    def _chain(self) -> markov.Markov | None:
        interactions = self._parts.interactions
        if interactions is None:
            return None
        return markov.fit(interactions, len(self._parts.index.catalog))

    def _crowd_of(self, profile: Profile, allowed: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """What people with this history chose next, among what is allowed; None without either."""
        if not profile.liked or self._chain is None:
            return None
        return self._chain.mass(np.array(profile.liked, dtype=np.int32)) * allowed

    def _named(self, text: str) -> list[Voice]:
        catalog = self._parts.index.catalog
        named = mentioned.mentions(text, said_values(catalog, self._parts.vocabulary))
        if not named:
            return []
        weight = self._parts.config.voices.mentioned
        return [Voice("mentioned", weight, mentioned.weights(named, catalog))]
