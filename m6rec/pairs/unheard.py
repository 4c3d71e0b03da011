"""Wording that is never learned from, so that validation sees when tuning overfits to words.

Validating on the utterances of training measures memory: its loss fell on while requests in other
words got worse. So some utterances and frames are kept apart, chosen by a hash of their words: the
same ones on every machine, in every run, and whatever is added to the lists later.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from m6rec.config import PromptSettings
from m6rec.pairs.phrasebook import Phrasebook
from m6rec.vocabulary import is_cjk

KEPT_SHARE = 0.12
"""Share of the utterances that only validation hears."""
FEWEST_FRAMES = 8
"""Frames of one kind below which all are needed for training."""
OWN_LETTERS = 4
"""Letters that a frame must have besides its variables to be kept apart: the bare "{value}" is how most
people ask, so training needs it. A Chinese character counts twice."""
_VARIABLE = re.compile(r"\{\w*\}")
NOT_SAID_ALONE = frozenset({"carrier", "carrier_zh", "synonyms"})
"""Frames that change an utterance instead of being one."""


def split_wording(
    book: Phrasebook, *, names: Iterable[str] = (), share: float = KEPT_SHARE, seed: int = 0
) -> tuple[Phrasebook, Phrasebook]:
    """Split what people say into what is learned from and what is kept apart.

    No kept utterance occurs in the other half, neither by itself nor as words inside a longer
    utterance; capitals and final punctuation make no difference.

    Args:
        book: All utterances.
        names: How the catalog's values are said. An utterance that is hardly more than one of them is
            what a frame says too, so it is learned.
        share: About how many of every wish are kept apart, from 0 to 1.
        seed: Another seed keeps others.

    Returns:
        The phrasebook of training, in which every wish and every kind of frame still has an
        utterance, and that of validation. There a kind with fewer than `FEWEST_FRAMES` frames has
        those of training, and wishes without a kept utterance are missing.
    """
    utterances = [*(wish.texts for wish in book.wishes), book.neutral]
    frames = {k: texts for k, texts in book.frames.items() if k not in NOT_SAID_ALONE}
    kept = _kept([*utterances, *frames.values()], share, seed)
    said = [text for texts in utterances for text in texts]
    kept -= _said_inside(kept, said)
    named = _any_of(names)
    kept -= {key(text) for text in said if named.search(text) and not _own_words(text, named)}
    for texts in frames.values():
        kept -= {
            key(t) for t in texts if len(texts) < FEWEST_FRAMES or not _own_words(t, _VARIABLE)
        }
    # Decoding compares every request with this one.
    kept.discard(key(PromptSettings().neutral))
    for texts in (*utterances, *frames.values()):
        if texts and all(key(text) in kept for text in texts):
            kept -= {key(text) for text in texts}
    return _half(book, kept, wanted=False), _half(book, kept, wanted=True)


def _half(book: Phrasebook, kept: set[str], *, wanted: bool) -> Phrasebook:
    def some(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if (key(text) in kept) == wanted)

    frames = {kind: some(texts) or texts for kind, texts in book.frames.items()}
    wishes = [replace(wish, texts=some(wish.texts)) for wish in book.wishes]
    return Phrasebook(
        frames, tuple(wish for wish in wishes if wish.texts), some(book.neutral) or book.neutral
    )


def _kept(groups: Iterable[tuple[str, ...]], share: float, seed: int) -> set[str]:
    keys = {key(text) for texts in groups for text in texts}
    return {one for one in keys if _luck(one, seed) < share}


def _luck(text: str, seed: int) -> float:
    digest = blake2b(f"{seed} {text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _said_inside(kept: set[str], texts: Iterable[str]) -> set[str]:
    """The kept utterances whose words stand inside a longer utterance."""
    everything = "\n".join(f" {key} " for key in {key(text) for text in texts})
    padded = {key: key if is_cjk(key) else f" {key} " for key in kept}
    words = re.sub(r"[^\w\s'{}]", " ", everything)
    found = {key for key, text in padded.items() if everything.count(text) > 1}
    return found | {key for key, text in padded.items() if key and words.count(text) > 1}


def key(text: str) -> str:
    """What is the same in utterances that differ by capitals, blanks and final punctuation."""
    return " ".join(text.casefold().split()).rstrip("?.! ")


def _own_words(text: str, named: re.Pattern[str]) -> bool:
    """Whether an utterance says more than what it names."""
    own = named.sub("", text)
    return sum(1 + is_cjk(letter) for letter in own if letter.isalnum()) >= OWN_LETTERS


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(filter(None, names), key=lambda name: (-len(name), name))
    parts = [re.escape(n) if is_cjk(n) else rf"(?<!\w){re.escape(n)}(?!\w)" for n in longest_first]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
