"""What a request asks of the catalog distribution: which prompt, which voices, how loud."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from m6rec.assembly import UNHEARD, Parts
from m6rec.candidates import alike, crowd, mentioned, taste
from m6rec.candidates.mass import strongest
from m6rec.decoding.distribution import Question
from m6rec.decoding.probe import granting, pairs_of_kinds, told
from m6rec.decoding.voices import Voice
from m6rec.domains import kinds_of
from m6rec.gist import gist
from m6rec.profile import Profile
from m6rec.prompts import PromptWriter, load_template
from m6rec.vocabulary import said_values
from m6rec.wishes import Wish

LIKES_POOL = 3
"""Items that likes propose per item asked for when they speak alone. A voice that gives mass to all items
keeps so many nodes alive that 2,500 ms do not prove a list; among 30 items, 500 ms do."""
TASTE_POOL = 300
"""The same, at least, when words and a taste speak together: enough that some fit the words."""
FEW = 8
"""Likes up to which they are a taste and not a history. In conversations (three films named) the taste finds
0.125 of what is recommended next, the chain of choices 0.040; after the 20 choices and more of a MovieLens
user the crowd is far ahead."""
KINDS = "kinds"
"""The voice of the probe."""


class Asker:
    """Turns wishes and profiles into questions for one catalog.

    Args:
        parts: What the recommender is made of.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._heard: dict[str, NDArray[np.float32]] = {}

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
        likes = self._likes(profile, allowed)
        # "Like Alien but in the 80s" is said by a taste and a filter; the model would read only "1980s".
        text = self.gist_of(wish.text) if wish.asks or likes is None else ""
        plain = text if likes is None else without_titles(text, wish)
        shares = self._shares(plain)
        kinds = self._kinds_of(shares)
        named = self._named(text) if text and weights.mentioned else []
        if text and likes is not None:
            if likes.name == "crowd":
                likes = replace(likes, weight=weights.crowd_words)
            # In a conversation most words ask for nothing, and the model would follow them.
            asked = 1.0 if shares is None else told(shares)
            return self._beside(plain, likes, [*named, *kinds], k, asked)
        voices = [
            Voice("popularity", weights.popularity, self.popularity, weights.popularity_within),
            *named,
            *kinds,
        ]
        speaks = weights.language_model
        if likes is not None:
            speaks = weights.language_model_history
            loudest = strongest(likes.item_weights, k * LIKES_POOL)
            voices = [replace(likes, item_weights=loudest)]
        return Question(
            self._parts.writer.write(text or ("" if titles else settings.prompt.neutral), titles),
            tuple(voices),
            speaks,
            # What is divided out belongs to the model: it is as loud as the model is.
            weights.neutral * speaks,
            weights.titles,
        )

    def _beside(
        self, text: str, likes: Voice, named: list[Voice], k: int, asked: float
    ) -> Question:
        """Words and liked items: one mass of both, with the model beside it as loud as they ask."""
        weights = self._parts.config.voices
        mass = likes.item_weights
        for voice in named:
            said = voice.item_weights if voice.among is None else voice.item_weights / voice.among
            mass = mass * said ** (weights.kinds_taste if voice.name == KINDS else voice.weight)
        mass = strongest(mass, max(2 * k, TASTE_POOL))
        speaks = weights.language_model_taste * asked
        return Question(
            self._parts.writer.write(text),
            (replace(likes, item_weights=mass),),
            speaks,
            weights.neutral * speaks,
            weights.titles_taste,
        )

    def gist_of(self, text: str) -> str:
        """The text, or of a long one the sentences that say what is wanted."""
        names = lambda sentence: bool(self._named(sentence))
        return gist(text, self._parts.distribution, self._parts.writer, names)

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """How many people chose each item, none of them 0; shape (n_items,)."""
        return self._parts.index.catalog.popularity + UNHEARD

    @cached_property
    def _crowd(self) -> crowd.Crowd | None:
        interactions = self._parts.interactions
        if interactions is None:
            return None
        n_items = len(self._parts.index.catalog)
        return crowd.fit(interactions, n_items, learned=self._parts.learned, alike=self._alike)

    @cached_property
    def _taste(self) -> taste.Taste:
        parts = self._parts
        brought = parts.learned.get(crowd.VECTORS)
        return taste.fit(
            parts.index.catalog, parts.interactions, likeness=self._alike, brought=brought
        )

    @cached_property
    def _alike(self) -> alike.Alike:
        return alike.fit(self._parts.index.catalog)

    def _likes(self, profile: Profile, allowed: NDArray[np.bool_]) -> Voice | None:
        """What the person's likes say about the allowed items; None where they say nothing.

        A few named items speak through what they have in common, a long history through what people
        with such a history chose next.
        """
        weights, liked = self._parts.config.voices, np.array(profile.liked, dtype=np.int32)
        if not len(liked):
            return None
        few = len(liked) <= FEW or self._crowd is None
        if few and weights.taste:
            return Voice("taste", weights.taste, self._taste.mass(liked) * allowed)
        if self._crowd is None or not weights.crowd:
            return None
        return Voice("crowd", weights.crowd, self._crowd.mass(liked) * allowed)

    def hear(self, texts: Sequence[str]) -> None:
        """Read several wishes in one call, for the questions that follow."""
        # One alone is read when its question is asked: the gist of a long text costs a call.
        if len(texts) < 2 or not self._probed:
            return
        new = [text for text in map(self.gist_of, texts) if text]
        prompts = [self._probing.write(text) for text in new]
        states = self._parts.distribution.states(prompts) if new else []
        self._heard = dict(zip(new, states, strict=True))

    @property
    def _probed(self) -> bool:
        """Whether there is a probe, and it is not silent."""
        weights = self._parts.config.voices
        return self._parts.probe is not None and bool(weights.kinds or weights.kinds_within)

    def _shares(self, text: str) -> NDArray[np.float64] | None:
        """How likely each kind is meant; None without words, or without a probe."""
        probe = self._parts.probe
        if probe is None or not text or not self._probed:
            return None
        state = self._heard.get(text)
        if state is None:
            state = self._parts.distribution.states([self._probing.write(text)])[0]
        return probe.shares(state)

    def _kinds_of(self, shares: NDArray[np.float64] | None) -> list[Voice]:
        """Items of the kinds that are meant."""
        if shares is None:
            return []
        weights, (rows, which) = self._parts.config.voices, self._kinds_of_items
        fits = granting(shares, rows, which, len(self.popularity))
        # Among what people choose, so that a kind is not louder for having many items or famous ones.
        return [
            Voice(KINDS, weights.kinds, fits * self.popularity, weights.kinds_within,
                  among=self.popularity)
        ]  # fmt: skip

    @cached_property
    def _probing(self) -> PromptWriter:
        """Writes prompts as those the probe was fitted on: without worked examples."""
        settings, probe = self._parts.config.prompt, self._parts.probe
        noun = settings.noun if probe is None else probe.noun
        return PromptWriter(load_template(settings.template), noun)

    @cached_property
    def _kinds_of_items(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        index, probe = self._parts.index, self._parts.probe
        lead, vocabulary = index.describer.plan.lead, self._parts.vocabulary
        if probe is None or lead is None:
            return pairs_of_kinds({}, [])
        return pairs_of_kinds(probe.names, kinds_of(index.catalog, lead, vocabulary))

    def _named(self, text: str) -> list[Voice]:
        catalog = self._parts.index.catalog
        named = mentioned.mentions(text, said_values(catalog, self._parts.vocabulary))
        if not named:
            return []
        weight = self._parts.config.voices.mentioned
        return [Voice("mentioned", weight, mentioned.weights(named, catalog))]


def without_titles(text: str, wish: Wish) -> str:
    """The wish with the titles it likes as "it": what they mean is said by the likes.

    Beside "like The Matrix but funny" the model reads The Matrix and nothing else.
    """
    for match in sorted(wish.liked, key=lambda match: -len(match.mention)):
        text = re.sub(rf"(?<!\w){re.escape(match.mention)}(?!\w)", "it", text, flags=re.IGNORECASE)
    return text
