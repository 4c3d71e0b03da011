"""Augmentation as a choice: the same requests as others would type them.

Each kind can be turned off, so that an ablation can tell what it is worth. Validation is never
augmented: its loss compares runs with different settings.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from m6rec.errors import ConfigError
from m6rec.pairs.phrasebook import Phrasebook
from m6rec.vocabulary import is_cjk

SHORTEST = 5
"""Letters of a word that may be misspelled: a shorter one becomes another word."""
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = re.compile(r"(?<![\w'])[A-Za-z]+(?![\w'])")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Shares of the requests that are changed, each from 0 (off) to 1.

    Attributes:
        misspellings: One or two words get a slip of the finger.
        carriers: The request stands in chatter that says nothing of what is wanted.
        joined: Two utterances of the same wish are said together.
        synonyms: A word that any request may have ("recommend") becomes another.
        model_written: Wishes are drawn from what the model wrote about items
            (`m6rec.pairs.model_written`); without such text this changes nothing.
    """

    misspellings: float = 0.08
    carriers: float = 0.12
    joined: float = 0.0
    synonyms: float = 0.0
    model_written: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share.

        Raises:
            ConfigError: A value is not between 0 and 1.
        """
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not 0 <= value <= 1:
                raise ConfigError(f"augmentation.{entry.name} is {value}; give a share, 0 to 1")

    @classmethod
    def none(cls) -> "Augmentation":
        """Everything off."""
        return cls(**{entry.name: 0.0 for entry in fields(cls)})


class Augmenter:
    """Changes utterances as `Augmentation` says.

    Args:
        settings: How often.
        book: Has the carriers and the synonyms among its frames.
        nouns: What one item and several are called, in lower case.
    """

    def __init__(
        self, settings: Augmentation, book: Phrasebook, nouns: tuple[str, str] = ("item", "items")
    ) -> None:
        self.settings = settings
        noun, several = nouns
        self._carriers, self._chinese_carriers = (
            tuple(t.replace("{nouns}", several).replace("{noun}", noun) for t in texts)
            for texts in (book.frames.get("carrier", ()), book.frames.get("carrier_zh", ()))
        )
        self._synonyms: dict[str, tuple[str, ...]] = {}
        for line in book.frames.get("synonyms", ()):
            group = tuple(word.strip() for word in line.split("|"))
            for word in group:
                self._synonyms[word] = tuple(other for other in group if other != word)
        some = sorted(self._synonyms, key=len, reverse=True)
        self._synonym = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, some))})(?!\w)")

    def alter(self, text: str, rng: np.random.Generator) -> str:
        """The utterance, changed or not; what is wanted stays the same."""
        steps: tuple[tuple[float, Callable[[str, np.random.Generator], str]], ...] = (
            (self.settings.synonyms, self.synonym),
            (self.settings.carriers, self.carry),
            (self.settings.misspellings, misspell),
        )
        for share, step in steps:
            if share and rng.random() < share:
                text = step(text, rng)
        return text

    def carry(self, text: str, rng: np.random.Generator) -> str:
        """The utterance inside chatter."""
        carriers = self._chinese_carriers if is_cjk(text) else self._carriers
        if not carriers or not text:
            return text
        carrier = carriers[int(rng.integers(len(carriers)))]
        before, _, behind = carrier.partition("{wish}")
        # A stop in the middle of a sentence would cut the chatter from the wish.
        return before + (text.rstrip(".!") if behind else text) + behind

    def synonym(self, text: str, rng: np.random.Generator) -> str:
        """One word that any request may have, replaced; the utterance itself when it has none."""
        found = list(self._synonym.finditer(text)) if self._synonyms else []
        if not found:
            return text
        match = found[int(rng.integers(len(found)))]
        others = self._synonyms[match[0]]
        return text[: match.start()] + others[int(rng.integers(len(others)))] + text[match.end() :]


def misspell(text: str, rng: np.random.Generator) -> str:
    """One or, rarely, two words of at least `SHORTEST` letters with a slip of the finger."""
    words = list(_WORD.finditer(text))
    long = [match for match in words if len(match[0]) >= SHORTEST]
    if not long:
        return text
    n = min(len(long), 1 if rng.random() < 0.8 else 2)
    chosen = sorted(rng.choice(len(long), size=n, replace=False).tolist(), reverse=True)
    for at in chosen:
        match = long[at]
        text = text[: match.start()] + slip(match[0], rng) + text[match.end() :]
    return text


def slip(word: str, rng: np.random.Generator) -> str:
    """A word with two letters swapped, or one missing, doubled or hit beside; the first letter stays."""
    at = int(rng.integers(1, len(word) - 1))
    kind = int(rng.integers(4))
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    near = _beside(word[at])
    return word[:at] + near[int(rng.integers(len(near)))] + word[at + 1 :]


def _beside(letter: str) -> str:
    """The letters beside one on the keyboard."""
    for row in _KEYBOARD:
        place = row.find(letter.lower())
        if place >= 0:
            return row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    return letter
