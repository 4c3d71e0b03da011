"""Which pairs are learned from, and which only to judge by."""

import logging

import numpy as np

from m6rec.errors import CatalogError
from m6rec.index import CatalogIndex
from m6rec.interactions import Interactions
from m6rec.pairs.histories import HistoryPairs
from m6rec.pairs.phrasebook import choose_phrasebook
from m6rec.pairs.requests import RequestPairs
from m6rec.records import TextPair
from m6rec.split import Split, leave_last_out
from m6rec.vocabulary import Vocabulary

log = logging.getLogger(__name__)

HISTORY_SHARE = 0.2
"""Share of history pairs among all: each costs three times the tokens of a request."""
VALIDATION_HISTORY = 5
"""Choices told in a validation pair."""


class Curriculum:
    """Draws training pairs, and keeps pairs back to validate on.

    Each user's last choice is never drawn: it is for judging the result. The one before it is for
    validation.

    Args:
        index: The catalog and its descriptions.
        vocabulary: How values are named.
        noun: What one item is called, in lower case.
        choices: Who chose what; None for a catalog without.
    """

    def __init__(
        self,
        index: CatalogIndex,
        vocabulary: Vocabulary,
        noun: str,
        choices: Interactions | None,
    ) -> None:
        plan = index.describer.plan
        values = (
            {v for item in index.catalog for v in item.values(plan.lead)} if plan.lead else set()
        )
        book = choose_phrasebook(values)
        nouns = (noun, noun if noun.endswith("s") else f"{noun}s")
        self._requests = RequestPairs(
            list(index.describer.describe(index.catalog)), plan, book, vocabulary, nouns
        )
        self._catalog = index.catalog
        self._kept = _kept_back(choices)
        histories = (
            HistoryPairs(index.catalog, self._kept.train, book.neutral) if self._kept else None
        )
        # What is kept back may leave nobody with two choices; then there is no order to learn.
        self._histories = histories if histories is not None and len(histories) else None

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One training pair."""
        if self._histories is not None and rng.random() < HISTORY_SHARE:
            return self._histories.draw(rng)
        return self._requests.draw(rng)

    def validation(self, n: int, rng: np.random.Generator) -> list[TextPair]:
        """About `n` pairs to judge by: other draws of requests, and choices that were kept back."""
        cases = list(self._kept) if self._kept else []
        chosen = (
            rng.choice(len(cases), size=min(len(cases), n // 3), replace=False) if cases else ()
        )
        histories = [
            TextPair(
                "history",
                "",
                liked=self._ids(cases[int(i)].history[-VALIDATION_HISTORY:]),
                item_ids=self._ids(cases[int(i)].truth[:1]),
            )
            for i in chosen
        ]
        return [*(self._requests.draw(rng) for _ in range(n - len(histories))), *histories]

    def _ids(self, rows: np.ndarray) -> tuple[str, ...]:
        return tuple(self._catalog.at(int(row)).item_id for row in rows)


def _kept_back(choices: Interactions | None) -> Split | None:
    """The split to learn from: without the last choice of each user, and without the one before."""
    if choices is None:
        return None
    try:
        return leave_last_out(leave_last_out(choices).train)
    except CatalogError:
        log.info("no user has enough choices to learn from their order")
        return None
