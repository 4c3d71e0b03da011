"""From a question to ranked recommendations: search, named terms, reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from m6rec.assembly import Parts
from m6rec.decoding.batch import top_k_many
from m6rec.decoding.beam import beam
from m6rec.decoding.distribution import Question
from m6rec.decoding.frontier import Found, SearchResult
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.sample import sample
from m6rec.decoding.search import top_k
from m6rec.profile import Profile
from m6rec.ranking.blend import Ranked, Termed, blend
from m6rec.ranking.objectives import OBJECTIVES
from m6rec.ranking.objectives import gains as gains_of
from m6rec.ranking.pool import Gain, Pool
from m6rec.ranking.reasons import reason
from m6rec.records import Recommendation
from m6rec.relaxation import Relaxed

WHOLE = "log_prob"
"""A log-probability whose parts are not told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A request that has been understood.

    Attributes:
        profile: Who asks.
        relaxed: Which items may be named.
        question: What the catalog distribution is asked.
        k: How many items are wanted.
        words: Whether there is a wish in words; a history may speak without one.
    """

    profile: Profile
    relaxed: Relaxed
    question: Question
    k: int
    words: bool = True


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
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

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
        parts = self._parts.distribution.parts(reader, task.question, [path])[0]
        candidate = Termed(row, log_prob, path, parts)
        ranked = blend([candidate], self._factors, 1, self._gains(task, [row]))[0]
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
        plain = self._unweighted and not self._objectives(task)
        return task.k if plain else task.k * self._parts.config.ranking.pool

    def _answered(self, task: Task, reader: TreeReader, result: SearchResult) -> Answered:
        gains = self._gains(task, [found.row for found in result.found])
        if gains and self._unweighted:
            ranked = self._chosen(task, reader, result, gains)
        else:
            ranked = blend(self._termed(task, reader, result.found), self._factors, task.k, gains)
        items = tuple(self._recommendation(rank, one, task) for rank, one in enumerate(ranked, 1))
        return Answered(items, result.exact, result.tokens, result.calls)

    def _chosen(
        self, task: Task, reader: TreeReader, result: SearchResult, gains: Mapping[str, Gain]
    ) -> list[Ranked]:
        """The list of its objectives, where the parts of a log-probability count as they are.

        Then they need not be told apart for the candidates that are left out, which takes longer than
        the choice itself.
        """
        whole = [Termed(f.row, f.log_prob, f.path, {WHOLE: f.log_prob}) for f in result.found]
        chosen = blend(whole, {}, task.k, gains)
        places = {found.row: found for found in result.found}
        listed = [places[one.candidate.row] for one in chosen]
        return [
            Ranked(termed, terms, sum(terms.values()))
            for one, termed in zip(chosen, self._termed(task, reader, listed), strict=True)
            for terms in [{**termed.terms, **{name: one.terms[name] for name in gains}}]
        ]

    def _termed(self, task: Task, reader: TreeReader, found: Sequence[Found]) -> list[Termed]:
        """What was found with the parts of its log-probability."""
        paths = [one.path for one in found]
        parts = self._parts.distribution.parts(reader, task.question, paths)
        return [
            Termed(one.row, one.log_prob, one.path, terms)
            for one, terms in zip(found, parts, strict=True)
        ]

    def _gains(self, task: Task, rows: Sequence[int]) -> dict[str, Gain]:
        index, rows_of = self._parts.index, np.array(rows, np.int64)
        plan = index.describer.plan
        fields = (plan.lead,) if plan.lead is not None else plan.others
        return gains_of(self._objectives(task), Pool(index.catalog, rows_of, task.k, fields))

    def _objectives(self, task: Task) -> dict[str, float]:
        """The objectives that have a weight for this task."""
        ranking = self._parts.config.ranking
        weights = {name: float(getattr(ranking, name)) for name in OBJECTIVES}
        if not task.words and any(voice.name == "crowd" for voice in task.question.voices):
            weights["diversity"] = ranking.diversity_history
        return {name: weight for name, weight in weights.items() if weight}

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
    def _unweighted(self) -> bool:
        return all(factor == 1.0 for factor in self._factors.values())

    @property
    def _factors(self) -> dict[str, float]:
        ranking = self._parts.config.ranking
        names = ("language_model", "neutral", "popularity", "mentioned", "crowd", "normaliser")
        return {name: float(getattr(ranking, name)) for name in names}
