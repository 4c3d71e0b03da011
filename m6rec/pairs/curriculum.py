"""Which pairs are learned from, and which only to judge by."""

import logging
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from m6rec.errors import CatalogError
from m6rec.index import CatalogIndex
from m6rec.interactions import Interactions
from m6rec.pairs.augmentation import Augmentation, Augmenter
from m6rec.pairs.model_written import Written
from m6rec.pairs.phrasebook import choose_phrasebook
from m6rec.pairs.requests import WEIGHTS, RequestPairs
from m6rec.pairs.tasks import Material, mixture
from m6rec.pairs.unheard import key, split_wording
from m6rec.records import TextPair
from m6rec.split import Split, leave_last_out
from m6rec.vocabulary import Vocabulary

log = logging.getLogger(__name__)

VALIDATION_HISTORY = 5
"""Choices told in a validation pair."""


class Curriculum:
    """Draws training pairs, and keeps pairs back to validate on.

    Each user's last choice is never drawn: it is for judging the result. The one before it is for
    validation. So are some utterances and frames (`m6rec.pairs.unheard`): validation draws its
    requests from those alone, as they are written, so that its loss tells how well wording is
    understood that was never learned.

    Args:
        index: The catalog and its descriptions.
        vocabulary: How values are named.
        noun: What one item is called, in lower case.
        choices: Who chose what; None for a catalog without.
        weights: How often tasks are drawn, in place of their usual weights; ``describe`` and ``like``
            are drawn only if named here.
        augmentation: How the requests of training are changed; None for the defaults.
        written: Requests a model wrote (`m6rec.pairs.model_written`), drawn as often as
            `augmentation` says.
        wording_seed: Another seed keeps other utterances apart. Runs compare only under the same.
    """

    def __init__(
        self,
        index: CatalogIndex,
        vocabulary: Vocabulary,
        noun: str,
        choices: Interactions | None,
        *,
        weights: Mapping[str, float] | None = None,
        augmentation: Augmentation | None = None,
        written: Iterable[Written] = (),
        wording_seed: int = 0,
    ) -> None:
        plan = index.describer.plan
        values = (
            {v for item in index.catalog for v in item.values(plan.lead)} if plan.lead else set()
        )
        book = choose_phrasebook(values)
        nouns = (noun, noun if noun.endswith("s") else f"{noun}s")
        names = {form for v in values for form in vocabulary.forms(plan.lead or "", v)}
        heard, kept = split_wording(book, names={*names, *nouns}, seed=wording_seed)
        augmentation = augmentation or Augmentation()
        augmenter = Augmenter(augmentation, heard, nouns)
        told = list(index.describer.tell(index.catalog))
        requests = RequestPairs(told, plan, heard, vocabulary, nouns, augmenter)
        self._catalog = index.catalog
        self._kept = _kept_back(choices)
        unheard = {key(text) for wish in kept.wishes for text in wish.texts}
        material = Material(
            index,
            told,
            requests,
            self._kept.train if self._kept else None,
            tuple(one for one in written if key(one.text) not in unheard),
        )
        some = {"written": WEIGHTS["wish"] * augmentation.model_written}
        self._pairs = mixture(material, {**some, **(weights or {})})
        self._unheard = mixture(material.worded(requests.unheard(kept)), {})

    @property
    def tasks(self) -> list[str]:
        """The tasks that are drawn."""
        return self._pairs.names

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One training pair."""
        return self._pairs.draw(rng)

    def stream(self, seed: int = 0) -> Iterator[TextPair]:
        """Training pairs without end, the same ones for the same seed."""
        return self._pairs.stream(np.random.default_rng(seed))

    def validation(self, n: int, rng: np.random.Generator) -> list[TextPair]:
        """About `n` pairs to judge by: requests in unheard wording, and choices that were kept back."""
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
        return [*(self._unheard.draw(rng) for _ in range(n - len(histories))), *histories]

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
