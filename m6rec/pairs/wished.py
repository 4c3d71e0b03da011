"""A wish and a history together: what the person chose next that fits the wish."""

from collections import defaultdict

import numpy as np

from m6rec.catalog import Catalog
from m6rec.interactions import Interactions
from m6rec.pairs.fitting import Fitting
from m6rec.pairs.histories import HistoryPairs
from m6rec.pairs.mixture import bounds, pick
from m6rec.pairs.wording import Wording, one
from m6rec.records import TextPair

LATER = 40
"""Choices after the history that are looked through for others that fit the wish as well."""
NAMED = 0.4
"""How often the kind is named, instead of a wish that means it."""


class WishedHistoryPairs:
    """Draws (history, wish -> the choices that followed and fit the wish).

    The prompt has titles and words together. Decoding writes such a prompt when no voice speaks for
    the likes; with the voices of the default it tells the likes apart from the words.

    Args:
        catalog: The items.
        histories: Where choices follow one another.
        choices: The same training interactions as those of `histories`.
        fitting: What fits each facet.
        wishes: Utterances of each wish, and the descriptions that grant it.
        wording: Puts requests into words.
    """

    def __init__(
        self,
        catalog: Catalog,
        histories: HistoryPairs,
        choices: Interactions,
        fitting: Fitting,
        wishes: list[tuple[tuple[str, ...], tuple[str, ...]]],
        wording: Wording,
    ) -> None:  # fmt: skip
        self._catalog, self._histories, self._choices = catalog, histories, choices
        self._fitting, self._wording = fitting, wording
        self._wishes = [(utterances, frozenset(granting)) for utterances, granting in wishes]
        self._of_text: dict[str, list[int]] = defaultdict(list)
        for number, (_, granting) in enumerate(self._wishes):
            for text in granting:
                self._of_text[text].append(number)

    def __len__(self) -> int:
        return len(self._histories)

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; a plain history where nothing describes what was chosen next."""
        position, before = self._histories.stretch(rng)
        row = int(self._choices.row[position])
        asked = self._ask(row, rng)
        if asked is None:
            return self._histories.pair(position, before)
        request, granting = asked
        end = self._choices.offsets[int(self._choices.user[position]) + 1]
        later = self._choices.row[position : min(int(end), position + LATER)].tolist()
        fits = [r for r in dict.fromkeys(later) if not granting.isdisjoint(self._fitting.of_row[r])]
        return TextPair(
            "wish+history",
            request,
            liked=tuple(self._catalog.at(int(r)).item_id for r in before),
            descriptions=tuple(sorted(granting)),
            item_ids=tuple(self._catalog.at(r).item_id for r in fits),
        )

    def _ask(self, row: int, rng: np.random.Generator) -> tuple[str, frozenset[str]] | None:
        """A request that an item grants, and all descriptions that do."""
        numbers = sorted({n for text in self._fitting.of_row[row] for n in self._of_text[text]})
        leads = self._fitting.leads[row]
        if numbers and (not leads or rng.random() >= NAMED):
            shares = bounds([float(len(self._wishes[n][0])) for n in numbers])
            utterances, granting = self._wishes[numbers[pick(shares, rng)]]
            return self._wording.utterance(utterances, rng), granting
        if not leads:
            return None
        lead = one(leads, rng)
        word, chinese = self._wording.name(lead[1], rng)
        request = self._wording.frame("value_zh" if chinese else "value", rng, value=word)
        return request, self._fitting.texts[lead]
