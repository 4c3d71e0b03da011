"""The sentences of a long request that say what is wanted.

A small model tuned on one sentence loses the wish among forty. What a sentence says about items can be
measured: how far the first choice in the tree moves when the sentence is the whole request. The few that move
it most are read; "Hello, I am writing on my phone" moves it little.
"""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from m6rec.decoding.distribution import CatalogDistribution, Question
from m6rec.prompts import PromptWriter

LONGEST = 64
"""Tokens up to which a request is read as it is; the training requests have up to 40."""
KEPT = 48
"""Tokens of the sentences that are kept of a longer one, the most telling sentence in any case."""
AS_TELLING = 0.5
"""Share of the most telling sentence's nats that another must have: chatter has 0.2 to 0.5 nats, a wish 0.6
to 5."""
MOST_SENTENCES = 48
"""Different sentences that are weighed, the first and the last ones: one call of the model."""
_END = re.compile(r"(?<=[.!?…。！？;；])\s+|(?<=[。！？；])|[\r\n]+")


NAMED = 2.0
"""Nats that a sentence counts more when it names a value of the catalog: "comedy" is so common that asking for
it moves the first choice by 1.0 only, as far as "I never know how to begin these things"."""


def gist(
    text: str,
    distribution: CatalogDistribution,
    writer: PromptWriter,
    names: Callable[[str], bool] = lambda _: False,
) -> str:
    """The request, or of a long one the sentences that tell most about items, in their order.

    Args:
        text: The wish in the person's own words.
        distribution: Where the first choice moves.
        writer: Writes the prompt around a sentence.
        names: Tells whether a sentence names a value of the catalog.
    """
    length = _length(text, distribution)
    if length <= LONGEST:
        return text
    sentences = list(dict.fromkeys(part for one in _END.split(text) for part in _parts(one)))
    if len(sentences) > MOST_SENTENCES:
        half = MOST_SENTENCES // 2
        sentences = sentences[:half] + sentences[-half:]
    told = _told(sentences, distribution, writer)
    told += NAMED * np.array([names(sentence) for sentence in sentences])
    kept: set[int] = set()
    left = KEPT
    telling = np.flatnonzero(told >= AS_TELLING * told.max())
    for i in telling[np.argsort(-told[telling], kind="stable")].tolist():
        size = _length(sentences[i], distribution)
        if not kept or size <= left:
            kept.add(i)
            left -= size
    return " ".join(sentences[i] for i in sorted(kept))


def _parts(sentence: str) -> list[str]:
    """The sentence without blanks around it, cut where somebody forgot to end it; none if empty."""
    words = sentence.split()
    if not words:
        return []
    if len(words) == 1:  # languages without blanks, or a very long word
        whole = words[0]
        return [whole[i : i + LONGEST] for i in range(0, len(whole), LONGEST)]
    return [" ".join(words[i : i + LONGEST // 2]) for i in range(0, len(words), LONGEST // 2)]


def _length(text: str, distribution: CatalogDistribution) -> int:
    return len(distribution.codec.prompt(text))


def _told(
    sentences: list[str], distribution: CatalogDistribution, writer: PromptWriter
) -> NDArray[np.float64]:
    """Nats between the first choice after each sentence and after the neutral request."""
    if not distribution.tree.n_nodes:
        return np.zeros(len(sentences))
    neutral = distribution.neutral.at([0])
    readers = distribution.ask_many([Question(writer.write(one)) for one in sentences])
    spoken = [reader.lm(0) for reader in readers]
    return np.array([float((np.exp(lm) * (lm - neutral)).sum()) for lm in spoken])
