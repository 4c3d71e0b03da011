"""The record of an understood sentence."""

from dataclasses import dataclass

from m6rec.records import Match


@dataclass(frozen=True, slots=True)
class Wish:
    """A request in words, split into what must hold and what the language model should weigh.

    Attributes:
        text: What the language model should read: the sentence without what it refuses.
        filters: Filter expressions (`m6rec.filters`) that must all hold.
        understood: One short phrase per constraint, for people: ``year 1990-1999``, ``not Horror``.
        liked: Titles mentioned with pleasure or as an example.
        disliked: Titles mentioned as unwanted.
        unmatched: Titles mentioned that no item was found for, with the nearest ones.
        k: How many items are asked for; None when the sentence does not say.
        seen: Titles mentioned as already seen.
        asks: Whether the sentence asks for more than its titles and filters say: "like Alien but funny"
            does, "like Alien, from the 80s" does not.
    """

    text: str
    filters: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    liked: tuple[Match, ...] = ()
    disliked: tuple[Match, ...] = ()
    unmatched: tuple[Match, ...] = ()
    k: int | None = None
    seen: tuple[Match, ...] = ()
    asks: bool = True
