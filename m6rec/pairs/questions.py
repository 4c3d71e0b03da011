"""Questions about one item: what it is, and whether a person would like it."""

import numpy as np

from m6rec.catalog import Catalog
from m6rec.interactions import Interactions
from m6rec.pairs.histories import HistoryPairs
from m6rec.pairs.mixture import bounds, pick
from m6rec.pairs.wording import Wording
from m6rec.records import TextPair

FLATTER = 0.75
"""Power of popularity with which disliked items are drawn: popular ones are the hard negatives, since a
model that says yes to whatever is popular is right about most of the others."""
TRIES = 20
"""Draws of an unseen item before a pair is made of the next choice instead."""


class DescribePairs:
    """Draws (title -> all that describes the item, then its title).

    Args:
        catalog: The items.
        wording: Puts requests into words.
    """

    def __init__(self, catalog: Catalog, wording: Wording) -> None:
        self._catalog = catalog
        self._wording = wording
        self._shares = bounds(np.sqrt(catalog.popularity + 1).tolist())

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; well-known items come up more often."""
        item = self._catalog.at(pick(self._shares, rng))
        text = self._wording.frame("describe", rng, title=item.title)
        return TextPair("describe", text, item_ids=(item.item_id,))


class LikePairs:
    """Draws (history, title -> would this person like it?), yes as often as no.

    Yes is the next choice, no a popular item that the person did not choose in training. Only this
    task needs negatives: the catalog loss is a full softmax over the children of every node on the
    way, so there all other items are negatives already, the hard ones side by side with the target.

    Args:
        catalog: The items.
        histories: Where choices follow one another.
        choices: The same training interactions as those of `histories`.
        wording: Puts requests into words.
    """

    def __init__(
        self,
        catalog: Catalog,
        histories: HistoryPairs,
        choices: Interactions,
        wording: Wording,
    ) -> None:
        self._catalog, self._histories, self._choices = catalog, histories, choices
        self._wording = wording
        chosen = np.bincount(choices.row, minlength=len(catalog)).astype(np.float64)
        self._shares = bounds((chosen**FLATTER + 1e-9).tolist())

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; about half of the answers are no."""
        position, before = self._histories.stretch(rng)
        row, answer = int(self._choices.row[position]), True
        if rng.random() < 0.5:
            unseen = self._unseen(int(self._choices.user[position]), rng)
            if unseen is not None:
                row, answer = unseen, False
        item = self._catalog.at(row)
        return TextPair(
            "like",
            self._wording.frame("like", rng, title=item.title),
            liked=tuple(self._catalog.at(int(r)).item_id for r in before),
            item_ids=(item.item_id,),
            answer=answer,
        )

    def _unseen(self, user: int, rng: np.random.Generator) -> int | None:
        """An item the user never chose; None where the user chose nearly everything."""
        low, high = self._choices.offsets[user : user + 2]
        seen = set(self._choices.row[low:high].tolist())
        for _ in range(TRIES):
            row = pick(self._shares, rng)
            if row not in seen:
                return row
        return None
