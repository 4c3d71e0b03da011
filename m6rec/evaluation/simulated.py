"""A simulated person who has one item in mind: do questions help to find it?

The person opens vaguely, reads each list, and says "something else" until the item is there. With
questions they answer what is asked, truthfully, from the item's own fields; without, they never are
asked. The same persons, the same openings: the difference is what asking is worth.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from m6rec.catalog import Catalog
from m6rec.chat import Answerer, Dialogue
from m6rec.errors import CatalogError
from m6rec.records import Clarification, Item

VAGUE = (
    "recommend me something",
    "a good movie for tonight",
    "what should I watch",
    "something good please",
    "surprise me",
)
MOST_TURNS = 3
"""Lists a person reads before giving up."""
WELL_KNOWN = 50
"""People look for what they could have heard of: items with at least so many ratings are in mind."""
_NEXT = "something else"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an item in mind.

    Attributes:
        id: Unique.
        target: Id of the item.
        opening: The first line.
    """

    id: str
    target: str
    opening: str


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What became of one person's search.

    Attributes:
        set: ``answering`` when questions were asked, ``unasked`` when not.
        id: Of the person.
        said: What the person said, for people.
        n_turns: How many lists were read.
        found: 1.0 when the item was in one of them.
        turns_to_target: The list it was in; None when it was in none.
        questions: How many questions were asked.
        lm_tokens: Tokens read by the language model, all turns together.
        elapsed_ms: Mean wall time of a turn.
        shown: Item ids of the last list.
    """

    set: str
    id: str
    said: str
    n_turns: int
    found: float
    turns_to_target: int | None
    questions: int
    lm_tokens: int
    elapsed_ms: float
    shown: tuple[str, ...]


def persons(catalog: Catalog, n: int, seed: int) -> tuple[Person, ...]:
    """People with different items in mind, drawn from the well-known ones.

    Half open with words that say nothing, half with a well-known item that shares kinds with theirs.

    Raises:
        CatalogError: The catalog has no well-known item.
    """
    known = np.flatnonzero(catalog.popularity >= WELL_KNOWN)
    if not len(known):
        raise CatalogError(
            f"no item of {catalog.name} has {WELL_KNOWN} ratings, so there is nobody to simulate"
        )
    rng = np.random.default_rng(seed)
    chosen = rng.choice(known, size=min(n, len(known)), replace=False)
    found = []
    for number, row in enumerate(chosen.tolist()):
        opening = VAGUE[int(rng.integers(len(VAGUE)))]
        if number % 2 and (other := _relative(catalog, row, known.tolist())) is not None:
            opening = f"something like {other.title}"
        found.append(Person(f"p{number}", catalog.at(row).item_id, opening))
    return tuple(found)


def search(
    person: Person, recommender: Answerer, catalog: Catalog, k: int, *, asks: bool
) -> SearchRow:
    """One person's search, at most `MOST_TURNS` lists long.

    Args:
        person: Who searches.
        recommender: Answers.
        catalog: The items, which the person knows by their fields.
        k: Length of a list.
        asks: Whether questions may be asked back.
    """
    dialogue = Dialogue(recommender, k=k, asks=asks)
    said, line, tokens, questions = [], person.opening, 0, 0
    found: int | None = None
    shown: tuple[str, ...] = ()
    begin = time.perf_counter()
    for n in range(1, MOST_TURNS + 1):
        said.append(line)
        answer = dialogue.reply(line).answer
        if answer is None:
            break
        tokens += answer.lm_tokens
        shown = tuple(item.item_id for item in answer)
        if person.target in shown:
            found = n
            break
        pending = dialogue.state.pending
        questions += pending is not None
        line = _NEXT if pending is None else truthful(pending, catalog[person.target], catalog)
    return SearchRow(
        set="answering" if asks else "unasked",
        id=person.id,
        said=" / ".join(said),
        n_turns=len(said),
        found=float(found is not None),
        turns_to_target=found,
        questions=questions,
        lm_tokens=tokens,
        elapsed_ms=(time.perf_counter() - begin) * 1000 / len(said),
        shown=shown,
    )


def truthful(question: Clarification, target: Item, catalog: Catalog) -> str:
    """What somebody with this item in mind answers: the choice that fits, or "neither".

    Of two items the one that shares more kinds is named; when they share as many, the person skips.
    """
    if question.topic == "pair":
        kinds = [
            len(_kinds(target) & _kinds(catalog[choice.item_id]))
            for choice in question.choices
            if choice.item_id is not None
        ]
        best = max(kinds, default=0)
        return question.choices[kinds.index(best)].label if kinds.count(best) == 1 else "skip"
    if question.topic == "year":
        year = target.fields.get("year")
        own = f"{year // 10 * 10}s" if isinstance(year, int) else ""
        return own if own in {choice.label for choice in question.choices} else "neither"
    # A choice is asked for in words; whether it fits is told by the words of the item's own values.
    own_words = {_plain(value) for value in target.values(question.topic)}
    for choice in question.choices:
        if _plain(choice.label) in own_words:
            return choice.label
    return "neither"


def _relative(catalog: Catalog, row: int, known: Sequence[int]) -> Item | None:
    """The most popular well-known item that shares most kinds with the one in `row`."""
    kinds = _kinds(catalog.at(row))
    others = [catalog.at(other) for other in known if other != row]
    best = max(others, key=lambda item: (len(kinds & _kinds(item)), item.popularity), default=None)
    return best if best is not None and kinds & _kinds(best) else None


def _kinds(item: Item) -> frozenset[str]:
    return frozenset(item.values("genres"))


_SPOKEN = {"sci-fi": "science fiction", "children": "children's", "film-noir": "film noir"}


def _plain(value: str) -> str:
    said = value.casefold()
    return _SPOKEN.get(said, said)
