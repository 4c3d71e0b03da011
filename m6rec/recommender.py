"""The recommender: where the rooms meet. Load, recommend, explain, feedback, add items."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from m6rec.answering import Answerer, Task
from m6rec.asking import Asker
from m6rec.assembly import Parts, assemble
from m6rec.candidates.crowd import Massive
from m6rec.catalog import Catalog
from m6rec.companion import Companion
from m6rec.config import Config
from m6rec.decoding.distribution import CatalogDistribution
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.score import score
from m6rec.errors import CatalogError, RequestError
from m6rec.feedback import Feedback
from m6rec.grounding import Grounder
from m6rec.index import CatalogIndex
from m6rec.interactions import Interactions
from m6rec.profile import People, allowed_items
from m6rec.records import Answer, Item, Recommendation, Request
from m6rec.relaxation import Relaxed
from m6rec.wishes import LONGEST_WISH, Wish, read_wish


class Recommender:
    """Answers requests in words, from histories, or both, with items of one catalog.

    Args:
        parts: What `m6rec.assembly.assemble` put together.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.grounder = self._new_grounder()
        self._asker = Asker(parts)
        kept = Feedback(self.config.feedback.place)
        self._people = People(self.catalog, self.grounder, lambda: parts.interactions, kept)
        self.companion = Companion(parts, self._people, self._asker, self.grounder)
        self._changed = False

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        catalog: Catalog | str | Path | None = None,
        config: Config | None = None,
    ) -> Self:
        """Load the MovieLens default, a model folder, or the untuned base model on a catalog.

        What is missing is fetched once and kept in the user's cache folder.

        Args:
            model: A folder that ``m6rec tune`` wrote; None for the shipped default.
            catalog: Items to recommend instead of the model's own: a `Catalog`, a file, or a name.
                Without `model` the untuned base model answers from it at once.
            config: Settings; None for those of the model folder.

        Raises:
            ModelFolderError: There is no complete model folder at `model`.
            CatalogError: The catalog cannot be read.
            PullError: Something has to be fetched and nothing is reachable.
        """
        return cls(assemble(model, catalog, config))

    @property
    def catalog(self) -> Catalog:
        """The items that can be recommended."""
        return self._parts.index.catalog

    @property
    def interactions(self) -> Interactions | None:
        """Who chose what, as the crowd's voice knows it; None when nothing is known."""
        return self._parts.interactions

    @property
    def config(self) -> Config:
        """The effective settings."""
        return self._parts.config

    def variant(
        self,
        config: Config | None = None,
        interactions: Interactions | None = None,
        learned: Mapping[str, Massive] | None = None,
    ) -> "Recommender":
        """The same model and catalog with other settings, or a crowd that knows other choices.

        Args:
            config: Settings; None keeps these.
            interactions: What the crowd knows; None keeps what it knows.
            learned: What was trained on `interactions`, by `m6rec.candidates.crowd.learn`; without it
                a crowd that knows other choices is left with what it can count.
        """
        parts = replace(self._parts, config=config or self.config)
        if interactions:
            parts.load_interactions = lambda: interactions
            # What was trained before may know choices that these withhold.
            parts.load_learned = lambda _: learned or {}
        return Recommender(parts)

    def recommend(
        self,
        text: str = "",
        *,
        liked: Sequence[str] = (),
        disliked: Sequence[str] = (),
        seen: Sequence[str] = (),
        user: str | None = None,
        where: str | None = None,
        k: int = 10,
    ) -> Answer:
        """The best items for a wish, a history, or both.

        Args:
            text: The wish in the person's own words; years, refusals ("no musicals"), a number
                ("only 3") and titles in it are understood. Empty lets the history speak; with no
                history either, what most people choose comes back.
            liked: Titles as typed, or item ids, oldest first.
            disliked: The same for what the person does not like; never recommended.
            seen: The same for what should not come back.
            user: A known user, whose history is read along.
            where: A filter over item fields, such as ``year>=1990 and 'Comedy' in genres``.
            k: How many items, at least 1; a number in the text takes precedence.

        Returns:
            An `Answer`; titles that could not be grounded are in its `unmatched`.

        Raises:
            RequestError: `k` is below 1, or the user is not known.
            FilterError: `where` cannot be read or leaves no item.
        """
        request = Request(text, tuple(liked), tuple(disliked), tuple(seen), where, k)
        return self._answers([request], [user])[0]

    def recommend_many(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer several requests; together they take about half the time of one by one.

        The lists are those of `recommend`; log-probabilities may differ in the last digits that the
        number format keeps.

        Args:
            requests: For each the wish, what is liked, and so on. `Answer.elapsed_ms` is the share of one
                request in the time of all.

        Raises:
            RequestError: As for `recommend`, for any of them; then none is answered.
            FilterError: The same.
        """
        return self._answers(requests, [None] * len(requests))

    def _answers(self, requests: Sequence[Request], users: Sequence[str | None]) -> list[Answer]:
        begin = time.perf_counter()
        model = self._parts.distribution.model
        counts = (model.tokens, model.calls)
        wishes = [self._read(request.text) for request in requests]
        self._asker.hear([wish.text for wish in wishes])
        tasks = [
            self._task(request, wish, user)
            for request, wish, user in zip(requests, wishes, users, strict=True)
        ]
        answerer = Answerer(self._parts)
        # One alone goes on from prompts that were read before; several share their calls instead.
        alone = len(tasks) == 1
        found = [answerer.answer(tasks[0])] if alone else answerer.answer_many(tasks)
        self._keep_neutral()
        elapsed = (time.perf_counter() - begin) * 1000 / max(1, len(tasks))
        read = (model.tokens - counts[0], model.calls - counts[1])
        return [
            Answer(
                request.text,
                one.items,
                tuple(task.profile.matched),
                tuple(task.profile.unmatched),
                task.relaxed.kept,
                one.exact,
                elapsed_ms=elapsed,
                lm_tokens=read[0] if alone else one.tokens,
                lm_calls=read[1] if alone else one.calls,
                relaxed=task.relaxed.notes,
            )
            for request, task, one in zip(requests, tasks, found, strict=True)
        ]

    def _task(self, request: Request, wish: Wish, user: str | None = None) -> Task:
        if request.k < 1:
            raise RequestError(f"k is {request.k}; ask for at least 1 item")
        profile = self._people.profile(
            wish, liked=request.liked, disliked=request.disliked, seen=request.seen, user=user
        )
        relaxed = allowed_items(self.catalog, wish, profile, request.where)
        k = wish.k or request.k
        question = self._asker.question(wish, profile, relaxed.allowed, k)
        return Task(profile, relaxed, question, k, bool(wish.text))

    def explain(self, item_id: str, text: str = "", *, liked: Sequence[str] = ()) -> Recommendation:
        """How likely one item is for a request, and which terms make it so; rank is 0.

        Raises:
            CatalogError: The catalog has no such item, or it was removed.
        """
        row = self.catalog.row(item_id)
        wish = self._read(text)
        profile = self._people.profile(wish, liked=liked)
        # What it is compared with is what the list would choose from, and the item itself.
        allowed = allowed_items(self.catalog, wish, profile, None).allowed.copy()
        allowed[row] = True
        question = self._asker.question(wish, profile, allowed, len(self.catalog))
        reader = self._parts.distribution.ask(question)
        found = score(reader, [row])[0]
        if found.path < 0:
            raise CatalogError(f"item '{item_id}' was removed, so it is never recommended")
        task = Task(profile, Relaxed(allowed, (), ()), question, 1, bool(wish.text))
        answerer = Answerer(self._parts)
        return answerer.explained(task, reader, row, found.best, found.path)

    def feedback(self, user: str, item_id: str, verdict: str) -> None:
        """Remember a verdict; the user's very next answer takes it into account.

        Kept between runs, for every process, where the setting ``[feedback] place`` says.

        Args:
            user: The user; a new name makes a new user.
            item_id: The item.
            verdict: ``liked``, ``disliked`` or ``seen``.

        Raises:
            RequestError: The verdict is none of these.
            CatalogError: The catalog has no such item.
        """
        self._people.remember(user, item_id, verdict)

    def add_items(self, items: Iterable[Item]) -> None:
        """Add items; they can be recommended in the next call, without training.

        Raises:
            CatalogError: An id is taken or a title is empty; then nothing is added.
        """
        self._change(self._parts.index.with_items(items, self._parts.codec))
        self.grounder = self._new_grounder()
        self._people = self._people.with_catalog(self.catalog, self.grounder)
        self._asker = Asker(self._parts)
        self.companion = Companion(self._parts, self._people, self._asker, self.grounder)

    def remove_items(self, item_ids: Iterable[str]) -> None:
        """Never recommend some items again; the catalog still knows them, so histories keep their sense.

        Raises:
            CatalogError: The catalog has no such item, or none would be left; then nothing changes.
        """
        rows = [self.catalog.row(item_id) for item_id in item_ids]
        self._change(self._parts.index.without_items(rows))

    def _change(self, index: CatalogIndex) -> None:
        """Take in an index whose tree has gained or lost paths."""
        old = self._parts.distribution
        neutral = NeutralTable.carried(old.neutral, index.tree)
        self._parts.index = index
        self._parts.distribution = CatalogDistribution(
            index.tree, old.model, old.codec, neutral, index.described, old.prompts
        )
        self._changed = True

    def _new_grounder(self) -> Grounder:
        threshold = self.config.grounding.threshold
        return Grounder(self.catalog, threshold=threshold) if threshold else Grounder(self.catalog)

    def _read(self, text: str) -> Wish:
        if not text.strip():
            return Wish("")
        if len(text) > LONGEST_WISH:
            text = self._asker.gist_of(text)
        return read_wish(text, self.catalog, self.grounder, self._parts.vocabulary)

    def _keep_neutral(self) -> None:
        """Store what was read of the neutral request, so that the next run need not read it."""
        neutral = self._parts.distribution.neutral
        # The file is for the catalog as it was loaded, which the next run loads again.
        if neutral.filled and not self._changed:
            neutral.save(self._parts.neutral_store)
            neutral.filled = 0
