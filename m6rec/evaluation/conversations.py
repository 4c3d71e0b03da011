"""Conversations: what does a person recommend next, and would we have?

Every recommender turn of recorded conversations (`m6rec.sources.redial`) is one case: what was said
and named before is given, and what was recommended for the first time in this turn is to be found in
the whole catalog. An item that was named already neither counts as a target nor may be shown: without
that rule, repeating what was named beats most published systems (He et al. 2023, "Large language
models as zero-shot conversational recommenders"); the row `repeat` shows by how much.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates import mentioned
from m6rec.candidates.taste import Taste
from m6rec.catalog import Catalog
from m6rec.chat.transcript import wish_of
from m6rec.errors import M6RecError
from m6rec.evaluation.next_item import Scorer, top_rows
from m6rec.evaluation.requests import TextRecommender
from m6rec.metrics.mrr import mrr
from m6rec.metrics.ndcg import ndcg
from m6rec.metrics.recall import recall
from m6rec.metrics.validity import faults
from m6rec.records import Answer
from m6rec.sources.redial import SEEKER, RecommenderTurn
from m6rec.vocabulary import SaidValues

WORDS = 0.8
"""Exponent of the values that the words name, beside the taste voice; 0.5 to 1.5 differ by a point."""
DEEPEST = 50
"""Length of the lists, for recall far down; NDCG and MRR look at the first k only."""
Shower = Callable[[RecommenderTurn], tuple[list[str], int]]
"""Called with a turn; returns item ids, best first, and how many tokens a language model read."""


class Partner(Protocol):
    """A recommender that answers from words and from what was named."""

    def recommend(self, text: str = "", *, liked: Sequence[str] = (), k: int = 10) -> Answer:
        """Return at most k items, none of them among `liked`."""
        ...


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What one method answered in one turn.

    Attributes:
        id: The turn.
        conversation: The conversation.
        n_named: How many items of the catalog had been named.
        targets: Item ids that were recommended in this turn.
        recall_1: Share of them that stands first.
        recall: Share of them among the first k.
        recall_50: Share of them among the first `DEEPEST`.
        ndcg: NDCG at k.
        mrr: Reciprocal rank at k.
        faults: Items among the first k outside the catalog, repeated, or named before.
        lm_tokens: Tokens the language model read.
        elapsed_ms: Wall time.
        shown: The first k item ids.
        error: Why there is no answer; None when there is one.
    """

    id: str
    conversation: str
    n_named: int
    targets: tuple[str, ...]
    recall_1: float
    recall: float
    recall_50: float
    ndcg: float
    mrr: float
    faults: int
    lm_tokens: int
    elapsed_ms: float
    shown: tuple[str, ...]
    error: str | None = None


def judge_turns(
    turns: Sequence[RecommenderTurn], shower: Shower, catalog: Catalog, *, k: int = 10
) -> Iterator[ConversationRow]:
    """Answer every turn and judge the list, one row at a time.

    An error that m6rec raises on purpose becomes a row of misses that carries its message.

    Args:
        turns: Each with at least one target.
        shower: The method.
        catalog: The items.
        k: Cut-off, at least 1.
    """
    for turn in turns:
        error, tokens = None, 0
        shown: list[str] = []
        started = time.perf_counter()
        try:
            shown, tokens = shower(turn)
        except M6RecError as refusal:
            error = str(refusal)
        elapsed = 1000 * (time.perf_counter() - started)
        rows = [catalog.row(item_id) if item_id in catalog else -1 for item_id in shown]
        truth = [catalog.row(item_id) for item_id in turn.targets]
        found = faults(shown[:k], catalog, set(turn.named))
        yield ConversationRow(
            id=turn.id,
            conversation=turn.conversation,
            n_named=len(turn.named),
            targets=turn.targets,
            recall_1=recall(rows, truth, 1),
            recall=recall(rows, truth, k),
            recall_50=recall(rows, truth, DEEPEST),
            ndcg=ndcg(rows, truth, k),
            mrr=mrr(rows, truth, k),
            faults=found.outside + found.repeats + found.seen,
            lm_tokens=tokens,
            elapsed_ms=elapsed,
            shown=tuple(shown[:k]),
            error=error,
        )


def wish_in(turn: RecommenderTurn) -> str:
    """What the person who looks for something has wished for so far, in words."""
    lines = (one.text for one in turn.said if one.role == SEEKER)
    return wish_of(lines, turn.titles)


def ask_partner(partner: Partner) -> Shower:
    """Return how a recommender answers: the wish in words, what was named as liked."""

    def show(turn: RecommenderTurn) -> tuple[list[str], int]:
        answer = partner.recommend(wish_in(turn), liked=turn.named, k=DEEPEST)
        return [item.item_id for item in answer], answer.lm_tokens

    return show


def show_scored(scorer: Scorer, catalog: Catalog, fallback: Scorer | None = None) -> Shower:
    """Return how a scorer answers: from the named items, or as `fallback` does when there are none."""

    def show(turn: RecommenderTurn) -> tuple[list[str], int]:
        history = np.array([catalog.row(item_id) for item_id in turn.named], dtype=np.int32)
        speaks = scorer if len(history) or fallback is None else fallback
        return [catalog.at(row).item_id for row in top_rows(speaks, history, DEEPEST)], 0

    return show


def repeat_named(turn: RecommenderTurn) -> tuple[list[str], int]:
    """What was named, the latest first: right only where a target was named before, so never here."""
    return list(reversed(turn.named)), 0


def talked(training: Sequence[RecommenderTurn], catalog: Catalog) -> NDArray[np.float64]:
    """How many conversations name or recommend each item, shape (n_items,)."""
    named: dict[str, set[str]] = {}
    for turn in training:
        named.setdefault(turn.conversation, set()).update(turn.named, turn.targets)
    counts = np.zeros(len(catalog))
    for items in named.values():
        counts[[catalog.row(item_id) for item_id in sorted(items)]] += 1
    return counts


def show_taste(model: Taste, catalog: Catalog, said: SaidValues) -> Shower:
    """Return how the taste voice answers beside the values that the wish names, without a model."""

    def show(turn: RecommenderTurn) -> tuple[list[str], int]:
        history = np.array([catalog.row(item_id) for item_id in turn.named], dtype=np.int32)
        named = mentioned.mentions(wish_in(turn), said)
        scores = model.scores(history)
        if named:
            scores = scores + WORDS * np.log(mentioned.weights(named, catalog))
        scores[history] = -np.inf
        order = np.argsort(-scores, kind="stable")[: min(DEEPEST, len(catalog) - len(history))]
        return [catalog.at(row).item_id for row in order.tolist()], 0

    return show


def most_named(training: Sequence[RecommenderTurn], catalog: Catalog) -> Shower:
    """Return a method that shows what most conversations of a training part name or recommend."""
    counts = talked(training, catalog)
    ranked = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    order = [catalog.at(row).item_id for row in ranked.tolist()]

    def show(turn: RecommenderTurn) -> tuple[list[str], int]:
        known = set(turn.named)
        return [item_id for item_id in order if item_id not in known][:DEEPEST], 0

    return show


def search_words(searcher: TextRecommender) -> Shower:
    """Return how a search by words answers: the wish alone, what was named left out of the list."""

    def show(turn: RecommenderTurn) -> tuple[list[str], int]:
        answer = searcher.recommend(wish_in(turn), k=DEEPEST + len(turn.named))
        known = set(turn.named)
        shown = [item.item_id for item in answer if item.item_id not in known]
        return shown[:DEEPEST], answer.lm_tokens

    return show


def named_class(n: int) -> str:
    """The class of a turn before which n items were named."""
    return str(n) if n < 2 else "2-3" if n < 4 else "4+"
