"""How a pair is put into words: frames filled, values named one way or another, typing as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from m6rec.pairs.augmentation import Augmenter
from m6rec.pairs.phrasebook import Phrasebook
from m6rec.vocabulary import Vocabulary, is_cjk

_Some = TypeVar("_Some")
DECADE_FORMS: dict[str, tuple[str, ...]] = {
    "1920s": ("1920s", "twenties"), "1930s": ("1930s", "thirties", "30s"),
    "1940s": ("1940s", "forties", "40s"), "1950s": ("1950s", "fifties", "50s"),
    "1960s": ("1960s", "sixties", "60s"), "1970s": ("1970s", "seventies", "70s"),
    "1980s": ("1980s", "eighties", "80s"), "1990s": ("1990s", "nineties", "90s"),
    "2000s": ("2000s", "noughties"), "2010s": ("2010s",), "2020s": ("2020s",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """Puts requests into words.

    Attributes:
        book: What people say.
        vocabulary: How values are named, other forms included.
        nouns: What one item and several are called, in lower case.
        lead: The field that says what an item is; None when there is none.
        augmenter: Changes what is said, as people would; None changes nothing.
    """

    book: Phrasebook
    vocabulary: Vocabulary
    nouns: tuple[str, str]
    lead: str | None
    augmenter: Augmenter | None = None

    def unheard(self, kept: Phrasebook) -> "Wording":
        """The same with the utterances of another phrasebook, and nothing changed about them."""
        return replace(self, book=kept, augmenter=None)

    def say(self, text: str, rng: np.random.Generator) -> str:
        """An utterance as somebody might type it."""
        if self.augmenter is not None:
            text = self.augmenter.alter(text, rng)
        return scruffy(text, rng)

    def utterance(self, texts: Sequence[str], rng: np.random.Generator) -> str:
        """One of the utterances of a wish, or two of them said together."""
        text = one(texts, rng)
        joined = self.augmenter.settings.joined if self.augmenter else 0.0
        if joined and len(texts) > 1 and rng.random() < joined:
            other = one(texts, rng)
            if other != text and is_cjk(other) == is_cjk(text):
                text = f"{text.rstrip('?.!')}{'，' if is_cjk(text) else ', '}{other}"
        return self.say(text, rng)

    def frame(self, name: str, rng: np.random.Generator, **words: str) -> str:
        """A frame of one kind, filled; the kind ``value`` where there is no such kind."""
        frames = self.book.frames.get(name) or self.book.frames["value"]
        noun, nouns = self.nouns
        return self.say(one(frames, rng).format(noun=noun, nouns=nouns, **words), rng)

    def name(self, value: str, rng: np.random.Generator) -> tuple[str, bool]:
        """One way to say a leading value, and whether it is Chinese."""
        forms = self.vocabulary.forms(self.lead or "", value)
        first = forms[0] if rng.random() < 0.4 else one(forms, rng)
        return first, is_cjk(first)

    def adjective(self, field: str, value: str, rng: np.random.Generator) -> str:
        """One way to say a value of another field: "French" for France."""
        return one(
            [f for f in self.vocabulary.forms(field, value) if not is_cjk(f)] or [value], rng
        )

    def other(self, field: str, value: str, rng: np.random.Generator) -> str:
        """A request for a value of a field that is not the leading one: a person, a country."""
        kind = field if field in self.book.frames else self.vocabulary.known_as(field)
        return self.frame(kind, rng, value=value, adjective=self.adjective(field, value, rng))

    def spoken(self, field: str, value: str) -> str:
        """The first way to say a value."""
        return self.vocabulary.spoken(field, value)

    @staticmethod
    def era(decade: str, rng: np.random.Generator) -> str:
        """A decade in figures or in words."""
        return one(DECADE_FORMS.get(decade, (decade,)), rng)


def one(texts: Sequence[_Some], rng: np.random.Generator) -> _Some:
    """One of several, all equally likely."""
    return texts[int(rng.integers(len(texts)))]


def scruffy(text: str, rng: np.random.Generator) -> str:
    """As people type: sometimes no capitals, a full stop, no question mark."""
    luck = rng.random()
    if luck < 0.25:
        return text.lower().rstrip("?.!")
    if luck < 0.4:
        return text[:1].upper() + text[1:] + ("" if text.endswith(("?", ".", "!")) else ".")
    return text
