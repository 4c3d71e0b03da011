"""A probe for a model: what a domain's wishes leave behind in it, and what kinds they ask for."""

import logging
import time

import numpy as np
from numpy.typing import NDArray

from m6rec.codec import Codec
from m6rec.decoding.language_model import LanguageModel, understood
from m6rec.decoding.probe import Probe
from m6rec.pairs.kinds import KindWish, kind_wishes, kinds_of
from m6rec.pairs.phrasebook import Phrasebook
from m6rec.progress import shown_share
from m6rec.prompts import PromptWriter
from m6rec.tuning.probing import fit_probe
from m6rec.vocabulary import Vocabulary

log = logging.getLogger(__name__)

TOGETHER = 24
"""Prompts read in one call; more only make the mask longer."""
FEWEST = 200
"""Utterances below which no probe is fitted: it would know the frames and nothing else."""


def wishes_of(book: Phrasebook, vocabulary: Vocabulary, lead: str, noun: str) -> list[KindWish]:
    """What a probe is fitted on; none where too little is said.

    Args:
        book: What people say in the domain.
        vocabulary: How values are named.
        lead: The field that says what an item is.
        noun: What one item is called.
    """
    if sum(len(wish.texts) for wish in book.wishes) < FEWEST:
        return []
    one = noun.lower()
    nouns = (one, one if one.endswith("s") else f"{one}s")
    return kind_wishes(book, lambda value: vocabulary.spoken(lead, value), nouns)


def learned_probe(
    model: LanguageModel, codec: Codec, writer: PromptWriter, noun: str, wishes: list[KindWish]
) -> tuple[Probe, float]:
    """Fit a probe to a model; two minutes on one core for 5,000 utterances.

    Args:
        model: The model as it will answer.
        codec: Its tokenizer.
        writer: Writes the prompts, without worked examples.
        noun: What one item is called in them.
        wishes: From `wishes_of`, at least one.

    Returns:
        The probe and the cross-entropy of utterances it was not fitted on, in nats.
    """
    kinds = kinds_of(wishes)
    states = states_after(model, codec, [writer.write(wish.text) for wish in wishes])
    held_back = np.array([wish.held_back for wish in wishes])
    weights, biases, loss = fit_probe(states, _shares(wishes, kinds), held_back)
    log.info("probe of %d kinds: %.3f nats on %d unheard wishes", len(kinds), loss, held_back.sum())
    return Probe(kinds, weights, biases, noun), loss


def seconds_for(model: LanguageModel, codec: Codec, prompts: list[str]) -> float:
    """About how long `states_after` takes per prompt, from one call that is timed; 0 for none."""
    if not prompts:
        return 0.0
    # Of middle length: the longest would take several times as long.
    some = sorted(prompts, key=len)[len(prompts) // 2 :][:TOGETHER]
    begin = time.monotonic()
    model.read_many([codec.prompt(prompt) for prompt in some])
    return (time.monotonic() - begin) / len(some)


def drawn(wishes: list[KindWish], n: int | None) -> list[KindWish]:
    """So many of the wishes, or all; the same ones in every call."""
    if n is None or n >= len(wishes):
        return wishes
    order = np.random.default_rng(0).permutation(len(wishes))[:n]
    return [wishes[int(at)] for at in sorted(order)]


def states_after(model: LanguageModel, codec: Codec, prompts: list[str]) -> NDArray[np.float32]:
    """What the model has understood of each prompt, *Shape:* (n, n_states)."""
    ids = [codec.prompt(prompt) for prompt in prompts]
    # Prompts of one length in a call: the attention of a call grows with the square of its tokens.
    order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
    found: dict[int, NDArray[np.float32]] = {}
    with shown_share("reading wishes", len(ids)) as shown:
        for begin in range(0, len(order), TOGETHER):
            some = order[begin : begin + TOGETHER]
            for at, place in zip(some, model.read_many([ids[at] for at in some]), strict=True):
                found[at] = understood(place)
            shown(min(begin + TOGETHER, len(ids)), "")
    return np.stack([found[at] for at in range(len(ids))])


def _shares(wishes: list[KindWish], kinds: tuple[str, ...]) -> NDArray[np.float32]:
    """What each wish asks for: its kinds in equal shares, all kinds where it asks for none."""
    number = {kind: at for at, kind in enumerate(kinds)}
    shares = np.zeros((len(wishes), len(kinds)), dtype=np.float32)
    for row, wish in enumerate(wishes):
        asked = [number[kind] for kind in wish.kinds] or list(range(len(kinds)))
        shares[row, asked] = 1 / len(asked)
    return shares
