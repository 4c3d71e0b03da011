"""Frozen records that cross a border between rooms.

Every stage takes and returns these and nothing looser, so that a stage can be replaced, tested or
logged by itself. `item_id` is the outside name of an item (a string), `row` its position in the
catalog (an int that only lives as long as the catalog object). `log_prob` is in nats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

FieldValue = str | int | float | tuple[str, ...]
"""One field of an item: a word, a number, or many words (genres, cast)."""

NO_FIELDS: Mapping[str, FieldValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be recommended.

    Attributes:
        item_id: Stable outside name, unique in its catalog.
        title: Display title, unique in its catalog.
        fields: Read-only mapping; many-valued fields are tuples of strings.
        popularity: How many people chose it (ratings, sales, votes); 0 when unknown.
    """

    item_id: str
    title: str
    fields: Mapping[str, FieldValue] = field(default_factory=lambda: NO_FIELDS)
    popularity: float = 0.0

    def values(self, name: str) -> tuple[str, ...]:
        """The field as a tuple of strings; empty when the item has no such field."""
        value = self.fields.get(name)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (str(value),)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One user chose or rated one item.

    Attributes:
        user_id: Outside name of the user.
        item_id: Outside name of the item.
        rating: The user's rating on the source's own scale, or None for an implicit choice.
        timestamp: Seconds since 1970, or None when the source keeps no time.
    """

    user_id: str
    item_id: str
    rating: float | None = None
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What one person asks for, with every title already grounded to an item id.

    Attributes:
        text: The wish in the person's own words; empty lets the history speak.
        liked: Items the person likes, oldest first.
        disliked: Items the person does not like; never recommended.
        seen: Items never to be recommended again, whatever the person thought of them.
        where: A filter over item fields such as ``year>=1990``; None keeps every item.
        k: How many items to return, at least 1.
    """

    text: str = ""
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    where: str | None = None
    k: int = 10


@dataclass(frozen=True, slots=True)
class TextPair:
    """One training example: what is said, and the paths it may lead to.

    Attributes:
        task: Which generator made it (``request``, ``history``, ...).
        request: The wish in words; may be empty when something is liked.
        liked: Item ids the person liked, oldest first.
        descriptions: Descriptions that fit, as `m6rec.facets` writes them; empty when any fits.
        item_ids: Items that fit; empty when any fits.
        answer: What is answered to a question of yes or no, then nothing is led to; None elsewhere.
    """

    task: str
    request: str
    liked: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    answer: bool | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A typed or generated title and the item it was grounded to, or the reason it was not.

    Attributes:
        mention: The text as it was written.
        item_id: The item, or None when the matcher abstained.
        title: The item's display title; empty when the matcher abstained.
        confidence: Similarity in [0, 1]; 1 only for an exact or normalised match.
        how: ``exact``, ``normalised``, ``fuzzy``, ``ambiguous`` or ``unknown``.
        nearest: Titles to offer when the matcher abstained, best first.
    """

    mention: str
    item_id: str | None
    title: str = ""
    confidence: float = 0.0
    how: str = "unknown"
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item proposed by a source before ranking.

    Attributes:
        row: The item's row in the catalog.
        log_prob: log P(best description and title | request), in nats.
        description: The facets of that best description, e.g. ``comedy 1990s``.
    """

    row: int
    log_prob: float
    description: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item of an answer.

    Attributes:
        rank: 1 for the best.
        item_id: Outside name of the item.
        title: Display title.
        score: What the list is ordered by: the weighted sum of `terms`.
        log_prob: log P(best description and title | request), in nats.
        terms: Each named score term's contribution to `score`.
        why: A sentence that cites the item's own fields and the user's own history only.
    """

    rank: int
    item_id: str
    title: str
    score: float
    log_prob: float
    terms: Mapping[str, float]
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer a question that was asked back.

    Attributes:
        label: As it is offered, e.g. ``comedy``.
        wish: What choosing it adds to the wish; empty when an item is chosen.
        refusal: What "neither" adds to the wish.
        item_id: The item it stands for, when the choice is between items.
    """

    label: str
    wish: str
    refusal: str
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class Clarification:
    """A question to the person, and how much its answer is expected to tell.

    Attributes:
        topic: What it is about: a field of the items, ``year``, or ``pair`` for two items.
        choices: What is offered, two or three.
        gain: Expected fall of the entropy over items, in nats.
        entropy: The entropy over items before the answer, in nats.
        focus: Share of the likely items that are of the commonest kind: low where the wish leaves
            open what is wanted at all.
    """

    topic: str
    choices: tuple[Choice, ...]
    gain: float
    entropy: float
    focus: float = 0.0


@dataclass(frozen=True, slots=True)
class Taste:
    """Something a person's likes have in common.

    Attributes:
        field: The field, ``decade`` for the decade of `year`.
        value: Its value.
        label: The same in plain words.
        item_ids: The liked items that have it, oldest first.
    """

    field: str
    value: str
    label: str
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    """A person's taste, made from what they like and nothing else.

    Attributes:
        liked: Ids of the liked items, oldest first.
        tastes: What they have in common, the most frequent of each field first.
    """

    liked: tuple[str, ...]
    tastes: tuple[Taste, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranked list and how it came about; behaves as a sequence of `Recommendation`.

    Attributes:
        request: The wish as it was written.
        items: Best first; shorter than asked only when fewer items pass the filter.
        matched: Titles that were understood.
        unmatched: Titles that were refused, each with the nearest titles.
        understood: Constraints read from the text that all items satisfy, one short phrase each.
        relaxed: Constraints that nothing satisfied, each with what was done instead.
        exact: True when the search proved that no better list exists under the model.
        elapsed_ms: Wall time of the whole answer in milliseconds.
        lm_tokens: Tokens the language model read for this answer.
        lm_calls: How often the language model was called.
    """

    request: str
    items: tuple[Recommendation, ...]
    matched: tuple[Match, ...] = ()
    unmatched: tuple[Match, ...] = ()
    understood: tuple[str, ...] = ()
    exact: bool = True
    elapsed_ms: float = 0.0
    lm_tokens: int = field(default=0)
    lm_calls: int = field(default=0)
    relaxed: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Recommendation:
        return self.items[index]

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.items)
