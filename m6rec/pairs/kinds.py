"""Wishes and the kinds of things they ask for: what a probe of the language model is fitted on.

Catalog or not: the phrasebook of a domain is enough, so a probe of the base model serves every catalog
of that domain.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from m6rec.pairs.phrasebook import Phrasebook, Wish
from m6rec.pairs.unheard import split_wording
from m6rec.pairs.wording import DECADE_FORMS
from m6rec.vocabulary import spelling

FEWEST_WISHES = 10
"""Utterances below which a kind is not told apart: too few to know it in other words."""
NAMED = 12
"""Frames that name each kind ("some comedy, please"), drawn beside the utterances that do not."""
FLAT = 240
"""Requests that ask for no kind at all, besides all small talk."""
AMID_TALK = 0.15
"""Share of the utterances that are heard once more in the middle of a conversation."""
SEED = 0
OR = "|"
"""Between the names of one kind: shelves for what is funny are called humor, humour and comedy."""


@dataclass(frozen=True, slots=True)
class KindWish:
    """An utterance and the kinds any of which it asks for.

    Attributes:
        text: As somebody would type it.
        kinds: Each as `m6rec.vocabulary.spelling` spells its names, joined by `OR`; empty when it asks
            for none.
        held_back: Whether it only judges; the same ones as in tuning (`m6rec.pairs.unheard`).
    """

    text: str
    kinds: tuple[str, ...]
    held_back: bool


def kind_wishes(
    book: Phrasebook, speak: Callable[[str], str], nouns: tuple[str, str]
) -> list[KindWish]:
    """All utterances of a phrasebook, and some frames; the same ones in every call.

    Args:
        book: What people say; without wishes there is nothing to learn, and nothing comes back.
        speak: How a value of the leading field is said.
        nouns: What one item and several are called, in lower case.
    """
    if not book.wishes:
        return []
    rng = np.random.default_rng(SEED)
    values = dict.fromkeys(v for wish in book.wishes for v in (*wish.any_of, *wish.all_of))
    spoken = {spelling(speak(value)): speak(value) for value in values}
    heard, kept = split_wording(book, names={*spoken.values(), *nouns})
    kind_of = _kinds_by_name(book, speak)
    said = [*_said(heard.wishes, lambda value: kind_of[spelling(speak(value))], held_back=False)]
    wishes = [
        *said,
        *_amid_talk(said, heard.frames["amid_talk"], rng),
        *_said(kept.wishes, lambda value: kind_of[spelling(speak(value))], held_back=True),
        *(
            KindWish(text, (kind_of[name],), held_back=False)
            for name, word in spoken.items()
            for text in _filled(heard.frames["value"], NAMED, nouns, rng, value=word)
        ),
        *(KindWish(text, (), held_back=False) for text in _flat(heard, nouns, rng)),
    ]
    counts = Counter(kind for wish in wishes for kind in wish.kinds)
    # The frames that name a kind are there for every kind, so they do not count.
    told = {kind for kind, n in counts.items() if n >= FEWEST_WISHES + NAMED}
    return [wish for wish in wishes if told.issuperset(wish.kinds)]


def kinds_of(wishes: list[KindWish]) -> tuple[str, ...]:
    """The kinds that some wishes tell apart, in order of the alphabet."""
    return tuple(sorted({kind for wish in wishes for kind in wish.kinds}))


def _kinds_by_name(book: Phrasebook, speak: Callable[[str], str]) -> dict[str, str]:
    """The kind of each name; names that are wanted by the same wishes, and no others, are of one kind."""
    wanted_by: dict[str, set[int]] = {}
    for number, wish in enumerate(book.wishes):
        for value in (*wish.any_of, *wish.all_of):
            wishes = wanted_by.setdefault(spelling(speak(value)), set())
            # What is wanted together with something else are two things, whatever they are called.
            wishes.update([number] if wish.any_of else [])
    alike: dict[object, list[str]] = {}
    for name, wishes in wanted_by.items():
        alike.setdefault(frozenset(wishes) or name, []).append(name)
    return {name: OR.join(sorted(names)) for names in alike.values() for name in names}


def _said(
    wishes: tuple[Wish, ...], kind_of: Callable[[str], str], *, held_back: bool
) -> Iterator[KindWish]:
    # Alternative names of a pair make several wishes of the same utterance.
    known: set[tuple[str, tuple[str, ...]]] = set()
    for wish in wishes:
        kinds = dict.fromkeys(map(kind_of, wish.any_of or wish.all_of))
        for text in wish.texts:
            one = (text, tuple(sorted(kinds)))
            if one not in known:
                known.add(one)
                yield KindWish(*one, held_back=held_back)


def _amid_talk(
    wishes: list[KindWish], frames: tuple[str, ...], rng: np.random.Generator
) -> Iterator[KindWish]:
    for at in rng.permutation(len(wishes))[: int(AMID_TALK * len(wishes))]:
        frame = frames[int(rng.integers(len(frames)))]
        yield replace(wishes[int(at)], text=frame.format(wish=wishes[int(at)].text))


def _flat(book: Phrasebook, nouns: tuple[str, str], rng: np.random.Generator) -> list[str]:
    eras = [form for forms in DECADE_FORMS.values() for form in forms]
    asked = [
        text for era in eras for text in _filled(book.frames["decade"], 4, nouns, rng, decade=era)
    ]
    texts = [*book.neutral, *asked]
    talk = book.frames["small_talk"]
    return [
        *(texts[int(at)] for at in rng.permutation(len(texts))[:FLAT]),
        *_filled(talk, len(talk), nouns, rng),
    ]


def _filled(
    frames: tuple[str, ...], n: int, nouns: tuple[str, str], rng: np.random.Generator, **words: str
) -> list[str]:
    chosen = rng.permutation(len(frames))[:n]
    return [frames[int(at)].format(noun=nouns[0], nouns=nouns[1], **words) for at in chosen]
