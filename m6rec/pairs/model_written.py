"""Requests that a language model writes from an item's fields: other words than any list has."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from m6rec.catalog import Catalog
from m6rec.pairs.mixture import bounds, pick
from m6rec.pairs.unheard import key
from m6rec.pairs.wording import Wording
from m6rec.prompts import load_template
from m6rec.records import Item, TextPair
from m6rec.vocabulary import is_cjk, plain

Generate = Callable[[str], str]
"""Goes on from a prompt; only the first line of what it writes is read."""

TEMPLATE = "write_request"
LONGEST_FACT = 300
"""Characters of one field that are told."""
FEWEST_WORDS, MOST_WORDS = 2, 40
_QUOTES = " \t\"'“”‘’「」-*•"
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+")


@dataclass(frozen=True, slots=True)
class Written:
    """A request and the item it was written for.

    Attributes:
        text: The request.
        item_id: The item.
    """

    text: str
    item_id: str


def write_requests(items: Iterable[Item], noun: str, generate: Generate) -> list[Written]:
    """Have a model write a request for each item.

    What names the title, repeats another request, or is too short or too long is left out.

    Args:
        items: The items to write for.
        noun: What one item is called.
        generate: The model.
    """
    template = load_template(TEMPLATE)
    found: dict[str, Written] = {}
    for item in items:
        text = _cleaned(generate(template.render(noun=noun.lower(), facts=_facts(item))))
        if text and not _names(text, item.title):
            found.setdefault(key(text), Written(text, item.item_id))
    return list(found.values())


class WrittenPairs:
    """Draws what a model wrote; the paths of the item it was written for fit.

    Args:
        catalog: The items.
        written: The requests; those for items the catalog does not have are left out.
        of_row: Of each item the descriptions.
        wording: Puts requests into words.
    """

    def __init__(
        self,
        catalog: Catalog,
        written: Iterable[Written],
        of_row: list[list[str]],
        wording: Wording,
    ) -> None:
        self._written = [one for one in written if one.item_id in catalog]
        self._catalog, self._of_row, self._wording = catalog, of_row, wording
        self._shares = bounds([1.0] * len(self._written)) if self._written else np.zeros(0)

    def __len__(self) -> int:
        return len(self._written)

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; `len` must not be 0."""
        one = self._written[pick(self._shares, rng)]
        # The words fit the kind of item, not this one alone.
        descriptions = self._of_row[self._catalog.row(one.item_id)]
        return TextPair(
            "written", self._wording.say(one.text, rng), descriptions=tuple(sorted(descriptions))
        )


def _facts(item: Item) -> str:
    lines = (f"{name}: {', '.join(item.values(name))[:LONGEST_FACT]}" for name in item.fields)
    return "\n".join([f"title: {item.title}", *lines])


def _cleaned(text: str) -> str:
    """The first line without quotation marks, at most two sentences; "" when it is no request."""
    first = next((line for line in text.splitlines() if line.strip()), "").strip(_QUOTES)
    first = " ".join(_SENTENCE.split(first)[:2]).strip(_QUOTES)
    words = len(first) // 2 if is_cjk(first) else len(first.split())
    return first if FEWEST_WORDS <= words <= MOST_WORDS else ""


def _names(text: str, title: str) -> bool:
    named = plain(title)
    return bool(named) and f" {named} " in f" {plain(text)} "
