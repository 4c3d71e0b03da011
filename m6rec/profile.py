"""Who asks: what one person likes, refuses and has seen, from every place it is said."""

from collections.abc import Callable, Sequence

import numpy as np

from m6rec.catalog import Catalog
from m6rec.errors import FilterError, RequestError
from m6rec.feedback import VERDICTS, Feedback
from m6rec.filters import item_mask
from m6rec.grounding import Grounder
from m6rec.interactions import Interactions
from m6rec.records import Match
from m6rec.relaxation import Condition, Relaxed, relax
from m6rec.wishes import Wish

__all__ = ["VERDICTS", "People", "Profile", "allowed_items"]


class Profile:
    """What is known about one person for one request.

    Attributes:
        liked: Catalog rows, oldest first, none of them refused.
        refused: Rows never to be shown: disliked, or seen already.
        matched: Titles that were understood.
        unmatched: Titles that were not.
    """

    def __init__(self) -> None:
        self.liked: list[int] = []
        self.refused: set[int] = set()
        self.matched: list[Match] = []
        self.unmatched: list[Match] = []

    def judge(self, row: int, verdict: str) -> None:
        """Take a verdict in; a later one counts as more recent."""
        if verdict == "liked":
            if row in self.liked:
                self.liked.remove(row)
            self.liked.append(row)
        else:
            self.refused.add(row)

    def note(self, match: Match, row: int | None, verdict: str) -> None:
        """Take a verdict on a title in; `row` is None when the title was not understood."""
        if row is None:
            self.unmatched.append(match)
            return
        if all(match.item_id != known.item_id for known in self.matched):
            self.matched.append(match)
        self.judge(row, verdict)


class People:
    """Makes profiles, and remembers the verdicts of known users.

    Args:
        catalog: The items.
        grounder: Turns typed titles into items.
        interactions: Reads who chose what; None when nothing is known.
        feedback: Where verdicts are kept between runs, under the catalog's name.
    """

    def __init__(
        self,
        catalog: Catalog,
        grounder: Grounder,
        interactions: Callable[[], Interactions | None],
        feedback: Feedback | None = None,
    ) -> None:
        self._catalog = catalog
        self._grounder = grounder
        self._interactions = interactions
        self._feedback = feedback if feedback is not None else Feedback()

    def with_catalog(self, catalog: Catalog, grounder: Grounder) -> "People":
        """The same people for a catalog that has grown; rows keep their meaning."""
        return People(catalog, grounder, self._interactions, self._feedback)

    def remember(self, user: str, item_id: str, verdict: str) -> None:
        """Keep a verdict of a user, for every later run and every other process.

        Raises:
            RequestError: The verdict is not known.
            CatalogError: The catalog has no such item.
            ConfigError: The place of the feedback cannot be written.
        """
        if item_id not in self._catalog:
            self._catalog.row(item_id)
        self._feedback.remember(self._catalog.name, user, item_id, verdict)

    def knows(self, user: str) -> bool:
        """Whether anything is known about a user."""
        interactions = self._interactions()
        in_data = interactions is not None and user in interactions.user_ids
        return in_data or bool(self._feedback.verdicts(self._catalog.name, user))

    def profile(
        self,
        wish: Wish,
        *,
        liked: Sequence[str] = (),
        disliked: Sequence[str] = (),
        seen: Sequence[str] = (),
        user: str | None = None,
    ) -> Profile:
        """A person's profile: the user's history first, then what is typed, then what is said.

        Raises:
            RequestError: Nothing is known about the user.
        """
        profile = Profile()
        if user is not None:
            self._recall(profile, user)
        for titles, verdict in ((liked, "liked"), (disliked, "disliked"), (seen, "seen")):
            for title in titles:
                self._note(profile, self._ground(title), verdict)
        for said, verdict in (
            (wish.liked, "liked"),
            (wish.disliked, "disliked"),
            (wish.seen, "seen"),
        ):
            for match in said:
                self._note(profile, match, verdict)
        profile.unmatched.extend(wish.unmatched)
        profile.liked = [row for row in profile.liked if row not in profile.refused]
        return profile

    def _recall(self, profile: Profile, user: str) -> None:
        verdicts = self._feedback.verdicts(self._catalog.name, user)
        interactions = self._interactions()
        if interactions is not None and (user in interactions.user_ids or not verdicts):
            profile.liked.extend(dict.fromkeys(interactions.history(user).tolist()))
        elif not verdicts:
            raise RequestError(
                f"user '{user}' is not known: this catalog has no interactions; leave the user out "
                "or give feedback first"
            )
        for item_id, verdict in verdicts:
            if item_id in self._catalog:
                profile.judge(self._catalog.row(item_id), verdict)

    def _ground(self, title: str) -> Match:
        if title in self._catalog:
            return Match(title, title, self._catalog[title].title, 1.0, "exact")
        return self._grounder.ground(title)

    def _note(self, profile: Profile, match: Match, verdict: str) -> None:
        row = None if match.item_id is None else self._catalog.row(match.item_id)
        profile.note(match, row, verdict)


def allowed_items(catalog: Catalog, wish: Wish, profile: Profile, where: str | None) -> Relaxed:
    """Which items may be named, and which conditions of the wish they satisfy.

    What `where` says must hold. Of the conditions read from the wish, as few as can be are given up
    when nothing satisfies them all, and that is said.

    Raises:
        FilterError: Nothing fits `where`, or all that fits is known to the person.
    """
    allowed = np.ones(len(catalog), dtype=np.bool_)
    if where is not None:
        allowed &= item_mask(where, catalog)
        if not allowed.any():
            raise FilterError(f"no item of {catalog.name} fits the filter: {where}")
    known = np.zeros(len(catalog), dtype=np.bool_)
    known[sorted(profile.refused | set(profile.liked))] = True
    known &= allowed
    allowed &= ~known
    if not allowed.any():
        raise FilterError("everything that fits has been seen already; widen the filter")
    return relax(conditions_of(wish), catalog, allowed, known)


def conditions_of(wish: Wish) -> list[Condition]:
    """What a wish demands; a demand without a phrase of its own is told as its expression."""
    told = wish.understood if len(wish.understood) == len(wish.filters) else wish.filters
    return [Condition(test, phrase) for test, phrase in zip(wish.filters, told, strict=True)]
