"""The recommender: where the rooms meet. Load, recommend, explain, feedback, add items."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from m6rec.asking import Asker
from m6rec.assembly import Parts, assemble
from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.decoding.beam import beam
from m6rec.decoding.distribution import CatalogDistribution, Question
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.score import score
from m6rec.decoding.search import top_k
from m6rec.errors import CatalogError, RequestError
from m6rec.grounding import Grounder
from m6rec.index import CatalogIndex
from m6rec.interactions import Interactions
from m6rec.profile import People, Profile, allowed_items
from m6rec.ranking.blend import Ranked, Termed, blend
from m6rec.ranking.reasons import reason
from m6rec.records import Answer, Item, Recommendation
from m6rec.wishes import Wish, read_wish


class Recommender:
    """Answers requests in words, from histories, or both, with items of one catalog.

    Args:
        parts: What `m6rec.assembly.assemble` put together.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.grounder = self._new_grounder()
        self._asker = Asker(parts)
        self._people = People(self.catalog, self.grounder, lambda: parts.interactions)
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
    def config(self) -> Config:
        """The effective settings."""
        return self._parts.config

    def variant(
        self, config: Config | None = None, interactions: Interactions | None = None
    ) -> "Recommender":
        """The same model and catalog with other settings, or a crowd that knows other choices."""
        parts = replace(
            self._parts,
            config=config or self.config,
            load_interactions=(lambda: interactions)
            if interactions
            else self._parts.load_interactions,
        )
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
        begin = time.perf_counter()
        if k < 1:
            raise RequestError(f"k is {k}; ask for at least 1 item")
        counts = (self._parts.distribution.model.tokens, self._parts.distribution.model.calls)
        wish = self._read(text)
        profile = self._people.profile(wish, liked=liked, disliked=disliked, seen=seen, user=user)
        allowed, understood = allowed_items(self.catalog, wish, profile, where)
        wanted = wish.k or k
        question = self._asker.question(wish, profile, allowed, wanted)
        reader = self._parts.distribution.ask(question)
        ranked, exact = self._search(reader, question, wanted, allowed)
        items = tuple(
            self._recommendation(rank, found, profile) for rank, found in enumerate(ranked, start=1)
        )
        self._keep_neutral()
        model = self._parts.distribution.model
        return Answer(
            text, items, tuple(profile.matched), tuple(profile.unmatched), understood, exact,
            elapsed_ms=(time.perf_counter() - begin) * 1000,
            lm_tokens=model.tokens - counts[0],
            lm_calls=model.calls - counts[1],
        )  # fmt: skip

    def explain(self, item_id: str, text: str = "", *, liked: Sequence[str] = ()) -> Recommendation:
        """How likely one item is for a request, and which terms make it so; rank is 0.

        Raises:
            CatalogError: The catalog has no such item, or it was removed.
        """
        row = self.catalog.row(item_id)
        wish = self._read(text)
        profile = self._people.profile(wish, liked=liked)
        everything = np.ones(len(self.catalog), dtype=np.bool_)
        question = self._asker.question(wish, profile, everything, len(self.catalog))
        reader = self._parts.distribution.ask(question)
        found = score(reader, [row])[0]
        if found.path < 0:
            raise CatalogError(f"item '{item_id}' was removed, so it is never recommended")
        terms = self._terms(reader, question, [(found.row, found.path)])[0]
        ranked = blend([Termed(row, found.best, found.path, terms)], self._factors, 1)[0]
        return self._recommendation(0, ranked, profile)

    def feedback(self, user: str, item_id: str, verdict: str) -> None:
        """Remember a verdict; the user's very next answer takes it into account.

        Kept as long as this recommender lives.

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
        return read_wish(text, self.catalog, self.grounder, self._parts.vocabulary)

    def _search(
        self, reader: TreeReader, question: Question, k: int, allowed: NDArray[np.bool_]
    ) -> tuple[list[Ranked], bool]:
        settings = self.config
        plain = all(f == 1.0 for f in self._factors.values()) and not settings.ranking.novelty
        pool = k if plain else k * settings.ranking.pool
        search = settings.search
        if search.method == "beam":
            result = beam(reader, pool, allowed=allowed, width=max(search.width, pool))
        else:
            result = top_k(
                reader, pool, allowed=allowed, width=search.width, max_tokens=search.max_tokens
            )
        pairs = [(found.row, found.path) for found in result.found]
        terms = self._terms(reader, question, pairs)
        candidates = [
            Termed(found.row, found.log_prob, found.path, term)
            for found, term in zip(result.found, terms, strict=True)
        ]
        return blend(candidates, self._factors, k), result.exact

    def _terms(
        self, reader: TreeReader, question: Question, pairs: list[tuple[int, int]]
    ) -> list[dict[str, float]]:
        """Named parts of each (row, path), novelty included when it has a weight."""
        parts = self._parts.distribution.parts(reader, question, [path for _, path in pairs])
        novelty = self.config.ranking.novelty
        if novelty:
            share = self._asker.popularity / self._asker.popularity.sum()
            for (row, _), part in zip(pairs, parts, strict=True):
                part["novelty"] = -novelty * float(np.log(share[row]))
        return parts

    def _recommendation(self, rank: int, found: Ranked, profile: Profile) -> Recommendation:
        candidate = found.candidate
        item = self.catalog.at(candidate.row)
        description = self._parts.index.description(candidate.path)
        liked = [self.catalog.at(row) for row in profile.liked]
        why = reason(item, description.text, liked, self._parts.index.describer.tells)
        return Recommendation(
            rank, item.item_id, item.title, found.score, candidate.log_prob, found.terms, why
        )

    @property
    def _factors(self) -> dict[str, float]:
        ranking = self.config.ranking
        names = ("language_model", "neutral", "popularity", "mentioned", "crowd", "normaliser")
        return {name: float(getattr(ranking, name)) for name in names}

    def _keep_neutral(self) -> None:
        """Store what was read of the neutral request, so that the next run need not read it."""
        neutral = self._parts.distribution.neutral
        # The file is for the catalog as it was loaded, which the next run loads again.
        if neutral.filled and not self._changed:
            neutral.save(self._parts.neutral_store)
            neutral.filled = 0
