"""The ground a conversation stands on: its state, and how it is put to the recommender."""

import statistics
from collections.abc import Sequence
from dataclasses import replace

from m6rec.chat import asking, clauses, turns
from m6rec.chat.pointers import ALL, LAST, THAT, Verdict, read_positions
from m6rec.chat.state import Answerer, Reply, State
from m6rec.errors import RequestError, UserError
from m6rec.records import Match, Recommendation

LONGEST_WISH = 2000
"""Characters of a wish that are read; of what was said longer ago, the oldest is let go."""


class Talk:
    """State and recommender of one conversation, and what every line needs of them.

    Attributes:
        recommender: Answers.
        user: Under which name verdicts are kept; None for nobody.
        asks: Whether questions may be asked back.
        state: What was said so far.
        titles: Titles of items that were spoken of, by id.
    """

    def __init__(
        self, recommender: Answerer, user: str | None = None, k: int = 10, *, asks: bool = True
    ) -> None:
        if k < 1:
            raise RequestError(f"k is {k}; a list needs at least 1 item")
        self.recommender = recommender
        self.user = user
        self.asks = asks
        self.titles: dict[str, str] = {}
        self.state = State(k=k)

    # Asking for lists --------------------------------------------------------------------------

    def wished(self, state: State, wish: str) -> State:
        """The state with one more wish; "newer" alone is read against the last list."""
        if not wish:
            return state
        return replace(state, wishes=clauses.add(state.wishes, self.dated(wish)))

    def ask(self, state: State) -> Reply:
        """Put the request to the recommender, and keep `state` when there is an answer."""
        state, dropped = _within_reach(state)
        text = self.text_of(state)
        known = self.known_user
        likes, dislikes = state.marked("liked"), state.marked("disliked")
        away = (*state.marked("seen"), *sorted(state.passed), *self._unlearned(state))
        answer = self.recommender.recommend(
            text, liked=likes, disliked=dislikes, seen=away, user=known, k=state.k
        )
        if not answer.items:
            return Reply(lines=(_nothing(text, clauses.joined(self.state.wishes)),))
        self.titles.update((item.item_id, item.title) for item in answer)
        shown = state.shown | {item.item_id for item in answer}
        state = replace(state, shown=shown, last=answer, pending=None, focus=None)
        state, question = self._with_question(state, text, (*away, *sorted(shown)))
        self.commit(state)
        return Reply(lines=dropped, answer=answer, question=question)

    def text_of(self, state: State) -> str:
        """What the recommender reads: the wishes; where they ask for nothing, the added tastes."""
        text = clauses.joined(state.wishes)
        if state.tastes and not clauses.says_something(text):
            return clauses.joined(state.tastes)
        return text

    @property
    def known_user(self) -> str | None:
        """The user, once anything is known of them; a new name has no history to read."""
        if self.user is not None and self.recommender.companion.knows(self.user):
            return self.user
        return None

    def commit(self, state: State) -> None:
        """Make `state` the state, and pass new verdicts on to a user's profile."""
        if self.user is not None:
            for item_id, verdict in state.verdicts:
                if (item_id, verdict) not in self.state.verdicts:
                    self.recommender.feedback(self.user, item_id, verdict)
        self.state = state

    def _with_question(self, state: State, text: str, away: Sequence[str]) -> tuple[State, str]:
        """The state with the question that goes with its list, and its wording; "" for none."""
        if not self.asks or state.skipped >= asking.PATIENCE:
            return state, ""
        try:
            found = self.recommender.companion.clarify(
                text,
                liked=state.marked("liked"),
                disliked=state.marked("disliked"),
                seen=away,
                user=self.known_user,
                without=state.asked,
            )
        except UserError:
            # Everything has been shown: a list was given, and there is nothing left to ask about.
            return state, ""
        if found is None or found.focus >= asking.FLAT or found.gain < asking.LEAST_GAIN:
            return state, ""
        self.titles.update((c.item_id, c.label) for c in found.choices if c.item_id is not None)
        state = replace(state, pending=found, asked=(*state.asked, found.topic))
        return state, asking.wording(found)

    def marked(self, verdict: Verdict) -> tuple[str, ...]:
        """The items with this verdict: by number or command, and by title in what is asked for."""
        found = dict.fromkeys(self.state.marked(verdict))
        judged_ids = {item_id for item_id, _ in self.state.verdicts}
        text = clauses.joined(self.state.wishes)
        for said, match in self.recommender.companion.judged(text) if text else ():
            if said == verdict and match.item_id is not None and match.item_id not in judged_ids:
                self.titles[match.item_id] = match.title
                found[match.item_id] = None
        return tuple(found)

    def _unlearned(self, state: State) -> tuple[str, ...]:
        """Liked items that the person took out of their portrait, by what they have."""
        if not state.unlearned:
            return ()
        likes = self.recommender.companion.portrait(self.known_user, state.marked("liked")).liked
        return tuple(item_id for item_id in likes if self._has_any(item_id, state.unlearned))

    def _has_any(self, item_id: str, facets: Sequence[tuple[str, str]]) -> bool:
        item = self.recommender.catalog[item_id]
        year = item.fields.get("year")
        decade = f"{year // 10 * 10}s" if isinstance(year, int) else ""
        return any(
            value == decade if field == "decade" else value in item.values(field)
            for field, value in facets
        )

    def dated(self, wish: str, item_id: str | None = None) -> str:
        """The wish; "newer" and "older" as years, against one item or against the last list."""
        sign = turns.compared(wish)
        if sign is None or self.state.last is None:
            return wish
        ids = [item.item_id for item in self.state.last] if item_id is None else [item_id]
        found = [self.recommender.catalog[item_id].fields.get("year") for item_id in ids]
        years = [year for year in found if isinstance(year, int)]
        if not years:
            return wish
        return f"{'after' if sign == 'newer' else 'before'} {int(statistics.median(years))}"

    # Pointing at items -------------------------------------------------------------------------

    def at(self, position: int) -> Recommendation | Match:
        """The item at a position of the last list, counted from 1, or the one spoken of last.

        Raises:
            RequestError: There is no such position.
        """
        last = self.state.last
        if last is None:
            where = "" if position == THAT else f" that #{position} could point to"
            raise RequestError(f"there is no list yet{where}")
        if position == THAT:
            return self._that()
        place = len(last) if position == LAST else position
        if not 1 <= place <= len(last):
            raise RequestError(f"there is no #{position}; the last list has 1 to {len(last)}")
        return last[place - 1]

    def places(self, positions: Sequence[int]) -> tuple[int, ...]:
        """The positions, "all of them" as those of the whole last list."""
        n = len(self.state.last) if self.state.last is not None else 0
        spread = ((position,) if position != ALL else range(1, n + 1) for position in positions)
        return tuple(place for some in spread for place in some)

    @property
    def has_focus(self) -> bool:
        """Whether it is clear which item "that one" means."""
        last = self.state.last
        return self.state.focus is not None or (last is not None and len(last) == 1)

    def numbered(self, argument: str) -> list[Recommendation]:
        """The items of the last list at the positions a text names.

        Raises:
            RequestError: It names none, or one that is not there.
        """
        positions = self.places(read_positions(argument))
        if not positions:
            raise RequestError(f'"{argument}" is not a number of the last list')
        found = [self.at(position) for position in positions]
        listed = [item for item in found if isinstance(item, Recommendation)]
        if len(listed) < len(found):
            raise RequestError("that one is not in the last list any more")
        return listed

    def named(self, argument: str) -> Sequence[Recommendation | Match]:
        """The items at these numbers of the last list, or the one with this title.

        Raises:
            RequestError: There is no such number and no such title.
        """
        positions = self.places(read_positions(argument))
        n = len(self.state.last) if self.state.last is not None else 0
        if positions and max(positions) <= n:
            return [self.at(position) for position in positions]
        match = self.recommender.grounder.ground(argument)
        if positions and match.confidence < 1:
            return [self.at(position) for position in positions]
        if match.item_id is None:
            nearest = f"; nearest: {', '.join(match.nearest)}" if match.nearest else ""
            raise RequestError(f'no title like "{argument}"{nearest}')
        self.titles[match.item_id] = match.title
        return [match]

    def _that(self) -> Recommendation | Match:
        last, focus = self.state.last, self.state.focus
        if focus is not None:
            listed = [item for item in last or () if item.item_id == focus]
            title = self.titles.get(focus, focus)
            return listed[0] if listed else Match(title, focus, title, 1.0, "exact")
        if last is not None and len(last) == 1:
            return last[0]
        n = len(last) if last is not None else 0
        raise RequestError(f"which one do you mean? Say its number, 1 to {n}")


def judged(state: State, items: Sequence[Recommendation | Match], verdict: Verdict) -> State:
    """The state with this verdict on these items, in place of any earlier one."""
    ids = [item.item_id for item in items if item.item_id is not None]
    kept = tuple(pair for pair in state.verdicts if pair[0] not in ids)
    focus = ids[0] if len(ids) == 1 else state.focus
    verdicts = (*kept, *((item_id, verdict) for item_id in ids))
    return replace(state, verdicts=verdicts, focus=focus)


def _within_reach(state: State) -> tuple[State, tuple[str, ...]]:
    """The state without the oldest wishes when all together are more than is read."""
    wishes = state.wishes
    while len(wishes) > 1 and len(clauses.joined(wishes)) > LONGEST_WISH:
        wishes = wishes[1:]
    n = len(state.wishes) - len(wishes)
    if not n:
        return state, ()
    told = "the oldest wish was" if n == 1 else f"the {n} oldest wishes were"
    return replace(state, wishes=wishes), (f"That is a lot; {told} let go.",)


def _nothing(text: str, before: str) -> str:
    if text == before:
        return f'Nothing more fits "{text}". Try other words, or /reset.'
    still = f'; still asking for "{before}".' if before else ". Try other words."
    return f'Nothing fits "{text}"{still}'
