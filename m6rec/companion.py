"""What a conversation needs beside lists: a question back, a portrait, and what a text speaks of."""

import re
from collections.abc import Collection, Sequence
from functools import cached_property

from m6rec.asking import Asker
from m6rec.assembly import Parts
from m6rec.candidates.mentioned import mentions
from m6rec.filters import field_name
from m6rec.grounding import Grounder
from m6rec.profile import People, allowed_items
from m6rec.questions import Questioner, item_shares
from m6rec.ranking.portrait import portrait
from m6rec.records import Clarification, Match, Portrait
from m6rec.vocabulary import said_values
from m6rec.wishes import Wish, read_wish


class Companion:
    """Knows the person and the catalog; never changes either.

    Args:
        parts: What the recommender is made of.
        people: Who is known.
        asker: Turns wishes into questions to the catalog distribution.
        grounder: Finds titles.
    """

    def __init__(self, parts: Parts, people: People, asker: Asker, grounder: Grounder) -> None:
        self._parts = parts
        self._people = people
        self._asker = asker
        self._grounder = grounder

    def clarify(
        self,
        text: str = "",
        *,
        liked: Sequence[str] = (),
        disliked: Sequence[str] = (),
        seen: Sequence[str] = (),
        user: str | None = None,
        without: Collection[str] = (),
    ) -> Clarification | None:
        """The question whose answer would tell most about the item that is meant.

        After `recommend` with the same words and likes nothing new is read by the language model.

        Args:
            text: The wish so far.
            liked: Titles or item ids.
            disliked: The same.
            seen: The same; what was shown belongs here, so that the question is about the rest.
            user: A known user.
            without: Topics not to ask about.

        Returns:
            The question, or None when there is nothing to ask.

        Raises:
            RequestError: The user is not known.
            FilterError: Everything has been seen.
        """
        wish = self._read(text)
        profile = self._people.profile(wish, liked=liked, disliked=disliked, seen=seen, user=user)
        allowed = allowed_items(self._parts.index.catalog, wish, profile, None).allowed
        question = self._asker.question(wish, profile, allowed, wish.k or 10)
        reader = self._parts.distribution.ask(question)
        return self._questioner.best(item_shares(reader, question, allowed), without)

    def judged(self, text: str) -> list[tuple[str, Match]]:
        """The titles a text speaks of, each with ``liked``, ``disliked`` or ``seen``."""
        wish = self._read(text)
        said = (("liked", wish.liked), ("disliked", wish.disliked), ("seen", wish.seen))
        return [(verdict, match) for verdict, matches in said for match in matches]

    def knows(self, user: str) -> bool:
        """Whether a user has a history or has given feedback."""
        return self._people.knows(user)

    def portrait(self, user: str | None = None, liked: Sequence[str] = ()) -> Portrait:
        """The taste of a user, if they are known, and of what else is liked.

        Args:
            user: A user; one that nothing is known of has no history.
            liked: Titles or item ids, oldest first.
        """
        known = user if user is not None and self._people.knows(user) else None
        profile = self._people.profile(Wish(""), liked=liked, user=known)
        items = [self._parts.index.catalog.at(row) for row in profile.liked]
        return portrait(items, self._parts.index.describer)

    def about(self, text: str) -> frozenset[str]:
        """The fields of the items that a text speaks of: those it demands, refuses or names."""
        catalog = self._parts.index.catalog
        named = mentions(text, said_values(catalog, self._parts.vocabulary))
        found = {said.field for values in named for said in values}
        for test in self._read(text).filters:
            # Values are in quotes; what stands outside them are fields.
            bare = re.sub(r"'(?:[^'\\]|\\.)*'", "", test)
            found |= {
                name
                for name in catalog.field_names
                if re.search(rf"(?<!\w){re.escape(field_name(name))}(?!\w)", bare)
            }
        return frozenset(found)

    @cached_property
    def _questioner(self) -> Questioner:
        return Questioner(self._parts.index)

    def _read(self, text: str) -> Wish:
        if not text.strip():
            return Wish("")
        return read_wish(text, self._parts.index.catalog, self._grounder, self._parts.vocabulary)
