"""From a question to ranked recommendations: search, named terms, reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from m6rec.asking import Asker
from m6rec.assembly import Parts
from m6rec.decoding.batch import top_k_many
from m6rec.decoding.beam import beam
from m6rec.decoding.distribution import Question
from m6rec.decoding.frontier import SearchResult
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.sample import sample
from m6rec.decoding.search import top_k
from m6rec.profile import Profile
from m6rec.ranking.blend import Ranked, Termed, blend
from m6rec.ranking.reasons import reason
from m6rec.records import Recommendation
from m6rec.relaxation import Relaxed


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A request that has been understood.

    Attributes:
        profile: Who asks.
        relaxed: Which items may be named.
        question: What the catalog distribution is asked.
        k: How many items are wanted.
    """

    profile: Profile
    relaxed: Relaxed
    question: Question
    k: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a task.

    Attributes:
        items: Best first.
        exact: Whether the search proved its list.
        tokens: Branch tokens that were read for it.
        calls: Calls of the model, the prompt's not counted.
    """

    items: tuple[Recommendation, ...]
    exact: bool
    tokens: int
    calls: int


class Answerer:
    """Searches the catalog distribution and says why.

    Args:
        parts: What the recommender is made of.
        asker: Knows the popularity of the items.
    """

    def __init__(self, parts: Parts, asker: Asker) -> None:
        self._parts = parts
        self._asker = asker

    def answer(self, task: Task) -> Answered:
        """Answer one task."""
        reader = self._parts.distribution.ask(task.question)
        return self._answered(task, reader, self._search(reader, task))

    def answer_many(self, tasks: Sequence[Task]) -> list[Answered]:
        """Answer several tasks; with the exact search they share the calls of the model."""
        search = self._parts.config.search
        if search.method != "exact":
            return [self.answer(task) for task in tasks]
        found = top_k_many(
            self._parts.distribution,
            [task.question for task in tasks],
            [self._pool(task) for task in tasks],
            allowed=[task.relaxed.allowed for task in tasks],
            width=search.width,
            max_tokens=search.max_tokens,
        )
        return [
            self._answered(task, reader, result)
            for task, (reader, result) in zip(tasks, found, strict=True)
        ]

    def explained(self, task: Task, reader: TreeReader, row: int, log_prob: float, path: int) -> (
        Recommendation
    ):  # fmt: skip
        """One item of an open path as a recommendation of rank 0."""
        terms = self._terms(reader, task.question, [(row, path)])[0]
        ranked = blend([Termed(row, log_prob, path, terms)], self._factors, 1)[0]
        return self._recommendation(0, ranked, task)

    def _search(self, reader: TreeReader, task: Task) -> SearchResult:
        search, k, allowed = self._parts.config.search, self._pool(task), task.relaxed.allowed
        if search.method == "beam":
            return beam(reader, k, allowed=allowed, width=max(search.width, k))
        if search.method == "sample":
            return sample(reader, k, seed=search.seed, allowed=allowed, width=search.width)
        return top_k(reader, k, allowed=allowed, width=search.width, max_tokens=search.max_tokens)

    def _pool(self, task: Task) -> int:
        """How many candidates are searched: more than wanted only when ranking may reorder them."""
        ranking = self._parts.config.ranking
        plain = all(f == 1.0 for f in self._factors.values()) and not ranking.novelty
        return task.k if plain else task.k * ranking.pool

    def _answered(self, task: Task, reader: TreeReader, result: SearchResult) -> Answered:
        pairs = [(found.row, found.path) for found in result.found]
        candidates = [
            Termed(found.row, found.log_prob, found.path, terms)
            for found, terms in zip(
                result.found, self._terms(reader, task.question, pairs), strict=True
            )
        ]
        ranked = blend(candidates, self._factors, task.k)
        items = tuple(self._recommendation(rank, one, task) for rank, one in enumerate(ranked, 1))
        return Answered(items, result.exact, result.tokens, result.calls)

    def _terms(
        self, reader: TreeReader, question: Question, pairs: list[tuple[int, int]]
    ) -> list[dict[str, float]]:
        """Named parts of each (row, path), novelty included when it has a weight."""
        parts = self._parts.distribution.parts(reader, question, [path for _, path in pairs])
        novelty = self._parts.config.ranking.novelty
        if novelty:
            share = self._asker.popularity / self._asker.popularity.sum()
            for (row, _), part in zip(pairs, parts, strict=True):
                part["novelty"] = -novelty * float(np.log(share[row]))
        return parts

    def _recommendation(self, rank: int, found: Ranked, task: Task) -> Recommendation:
        candidate, index = found.candidate, self._parts.index
        item = index.catalog.at(candidate.row)
        # Where the model is silent an item's paths are equally likely, so none of them is a reason.
        spoken = task.question.lm_weight != 0
        description = index.description(candidate.path) if spoken else index.lead(candidate.row)
        liked = [index.catalog.at(row) for row in task.profile.liked]
        why = reason(item, description, liked, index.describer.tells)
        return Recommendation(
            rank, item.item_id, item.title, found.score, candidate.log_prob, found.terms, why
        )

    @property
    def _factors(self) -> dict[str, float]:
        ranking = self._parts.config.ranking
        names = ("language_model", "neutral", "popularity", "mentioned", "crowd", "normaliser")
        return {name: float(getattr(ranking, name)) for name in names}
