"""The state of a conversation and what one more line does to it; no input, no output."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import replace

from m6rec.chat import clauses, turns
from m6rec.chat.state import Answerer, Reply, State
from m6rec.errors import RequestError, UserError
from m6rec.records import Match, Recommendation

HELP = (
    "Say what you would like; every further line refines it:",
    "  comedy movies        from the 90s        something like The Matrix        no horror",
    "  something else       more like #2        I have seen the third one",
    "  forget the comedy    a western instead   start over",
    "Commands:",
    "  /like 2     more in this direction (a title works too: /like The Matrix)",
    "  /dislike 2  never show it again          /seen 3   the same, without a judgement",
    "  /why 1      why it was recommended       /more     others, nothing shown before",
    "  /forget the comedy                       /reset    start over",
    "  /likes      what I know about you        /k 5      length of the lists",
    "  /help       this page                    /quit     leave (so does Ctrl-D)",
)

VERDICTS: dict[str, turns.Verdict] = {"like": "liked", "dislike": "disliked", "seen": "seen"}


class Dialogue:
    """One conversation with a recommender.

    The state only changes when a line could be answered: after a mistake, or a wish that nothing
    fits, everything is as before. Only verdicts on items stay, because they are facts.
    """

    def __init__(self, recommender: Answerer, user: str | None = None, k: int = 10) -> None:
        if k < 1:
            raise RequestError(f"k is {k}; a list needs at least 1 item")
        self._recommender = recommender
        self._user = user
        self._titles: dict[str, str] = {}
        self.state = State(k=k)

    def reply(self, line: str) -> Reply:
        """Return what to show for one line; a `UserError` becomes a line of its own."""
        turn = turns.read_turn(line)
        handler = self._handlers().get(turn.name)
        if handler is None:
            return Reply(lines=(_no_command(turn.name, self.commands()),))
        try:
            reply = handler(turn)
        except UserError as error:
            return Reply(lines=(str(error),))
        text = clauses.joined(self.state.wishes)
        if reply.answer is None or text in {"", turn.argument}:
            return reply
        return replace(reply, lines=(*reply.lines, f"asked for: {text}"))

    def commands(self) -> tuple[str, ...]:
        """Return the names of the slash commands, without the slash."""
        return tuple(sorted({*self._handlers()} - turns.WORDS_ONLY))

    def _handlers(self) -> dict[str, Callable[[turns.Turn], Reply]]:
        return {
            "say": self._say,
            "point": self._point,
            "more": self._more,
            "instead": self._instead,
            "forget": self._forget,
            "reset": self._reset,
            "why": self._why,
            "like": self._mark,
            "dislike": self._mark,
            "seen": self._mark,
            "likes": lambda _: Reply(lines=self._profile()),
            "k": self._set_k,
            "help": lambda _: Reply(lines=HELP),
            "quit": lambda _: Reply(quit=True),
            "exit": lambda _: Reply(quit=True),
            "thanks": lambda _: Reply(lines=("You are welcome.",)),
            "hello": lambda _: Reply(lines=("Hello. What would you like? /help shows how.",)),
        }

    # What a line does --------------------------------------------------------------------------

    def _say(self, turn: turns.Turn) -> Reply:
        if not turn.argument:
            return Reply()
        if self.state.last is not None and turns.asks_for_others(turn.argument):
            said = {word.stem for word in clauses.content_words(clauses.joined(self.state.wishes))}
            if all(word.stem in said for word in clauses.content_words(turn.argument)):
                return self._more(turns.Turn("more"))
        return self._ask(self._with_wish(self.state, turn.argument))

    def _more(self, turn: turns.Turn) -> Reply:
        state = replace(self.state, passed=self.state.shown)
        return self._ask(self._with_wish(state, turn.argument))

    def _instead(self, turn: turns.Turn) -> Reply:
        wishes = self.state.wishes
        wishes = clauses.forget(wishes, turn.what) if turn.what else wishes[:-1]
        return self._ask(self._with_wish(replace(self.state, wishes=wishes), turn.argument))

    def _forget(self, turn: turns.Turn) -> Reply:
        wishes = self.state.wishes
        rest = clauses.forget(wishes, turn.argument) if turn.argument else wishes[:-1]
        if rest == wishes:
            if self._recommender.grounder.ground(f"forget {turn.argument}").confidence == 1:
                return self._say(turns.Turn("say", f"Forget {turn.argument}"))
            said = f"; so far: {clauses.joined(wishes)}" if wishes else ""
            return Reply(lines=(f'Nothing was said about "{turn.argument}"{said}.',))
        if not rest and not self.state.marked("liked"):
            self.state = replace(self.state, wishes=())
            return Reply(lines=("Forgotten. What would you like?",))
        return self._ask(replace(self.state, wishes=rest))

    def _reset(self, turn: turns.Turn) -> Reply:
        fresh = State(k=self.state.k)
        if turn.argument:
            return self._ask(self._with_wish(fresh, turn.argument))
        self.state = fresh
        return Reply(lines=("Starting over; this conversation is forgotten.",))

    def _point(self, turn: turns.Turn) -> Reply:
        if self.state.last is None:
            if clauses.says_something(turns.name_pointers(turn.argument)):
                return self._say(turn)
            self._at(turns.pointers(turn.argument)[0])
        state = self.state
        lines: list[str] = []
        kept: list[str] = []
        unnamed: list[str] = []
        for part, separator in turns.read_parts(turn.argument):
            items = [self._at(position) for position in part.positions]
            if part.verdict is not None:
                state = _judged(state, items, part.verdict)
                lines += [f"{part.verdict}: {item.title}" for item in items]
            if not items or part.verdict == "liked":
                titles = {at: i.title for at, i in zip(part.positions, items, strict=True)}
                kept.append(turns.name_pointers(part.text, titles) + separator)
                unnamed.append(turns.name_pointers(part.text))
        wish = "".join(kept).strip(" ,;，；。")
        if not clauses.says_something(" ".join(unnamed)):
            wish = ""
        if state is self.state and not wish:
            return self._why(turn)
        if state.marked("liked") != self.state.marked("liked"):
            state = replace(state, passed=state.shown)
        self._commit(state)
        try:
            reply = self._ask(self._with_wish(state, wish))
        except UserError as error:
            reply = Reply(lines=(str(error),))
        return replace(reply, lines=(*lines, *reply.lines))

    def _why(self, turn: turns.Turn) -> Reply:
        lines: list[str] = []
        for item in self._numbered(turn.argument or "1"):
            lines.append(f"{item.rank}. {item.title}: {item.why or 'no reason recorded'}")
            terms = " ".join(f"{name} {value:+.2f}" for name, value in item.terms.items())
            lines.append(f"   score {item.score:.2f} = {terms}" if terms else "")
        return Reply(lines=tuple(line for line in lines if line))

    def _mark(self, turn: turns.Turn) -> Reply:
        if not turn.argument:
            raise RequestError(f"/{turn.name} needs a number of the last list, or a title")
        found = self._named(turn.argument)
        self._commit(_judged(self.state, found, VERDICTS[turn.name]))
        return Reply(lines=tuple(f"{VERDICTS[turn.name]}: {item.title}" for item in found))

    def _set_k(self, turn: turns.Turn) -> Reply:
        if not turns.is_count(turn.argument):
            raise RequestError(f'/k needs a whole number from 1, not "{turn.argument}"')
        self.state = replace(self.state, k=int(turn.argument))
        return Reply(lines=(f"Length of the lists from now on: {self.state.k}.",))

    def _profile(self) -> tuple[str, ...]:
        asked = clauses.joined(self.state.wishes) or "nothing yet"
        lines = [f"asked for: {asked}"]
        for verdict in VERDICTS.values():
            names = ", ".join(self._titles[item_id] for item_id in self.state.marked(verdict))
            lines.append(f"{verdict}: {names or 'nothing yet'}")
        return tuple(lines)

    # How it is done ----------------------------------------------------------------------------

    def _with_wish(self, state: State, wish: str) -> State:
        return replace(state, wishes=clauses.add(state.wishes, wish)) if wish else state

    def _ask(self, state: State) -> Reply:
        """Put the request to the recommender, and keep `state` when there is an answer."""
        text = clauses.joined(state.wishes)
        answer = self._recommender.recommend(
            text,
            liked=state.marked("liked"),
            disliked=state.marked("disliked"),
            seen=(*state.marked("seen"), *sorted(state.passed)),
            user=self._user,
            k=state.k,
        )
        if not answer.items:
            return Reply(lines=(_nothing(text, clauses.joined(self.state.wishes)),))
        self._titles.update((item.item_id, item.title) for item in answer)
        shown = state.shown | {item.item_id for item in answer}
        self._commit(replace(state, shown=shown, last=answer))
        return Reply(answer=answer)

    def _commit(self, state: State) -> None:
        """Make `state` the state, and pass new verdicts on to a known user's profile."""
        if self._user is not None:
            for item_id, verdict in state.verdicts:
                if (item_id, verdict) not in self.state.verdicts:
                    self._recommender.feedback(self._user, item_id, verdict)
        self.state = state

    def _at(self, position: int) -> Recommendation:
        if self.state.last is None:
            raise RequestError(f"there is no list yet that #{position} could point to")
        n = len(self.state.last)
        place = n if position == turns.LAST else position
        if not 1 <= place <= n:
            raise RequestError(f"there is no #{position}; the last list has 1 to {n}")
        return self.state.last[place - 1]

    def _numbered(self, argument: str) -> list[Recommendation]:
        positions = turns.read_positions(argument)
        if not positions:
            raise RequestError(f'"{argument}" is not a number of the last list')
        return [self._at(position) for position in positions]

    def _named(self, argument: str) -> Sequence[Recommendation | Match]:
        """Return the items at these numbers of the last list, or the one with this title."""
        positions = turns.read_positions(argument)
        n = len(self.state.last) if self.state.last is not None else 0
        if positions and max(positions) <= n:
            return self._numbered(argument)
        match = self._recommender.grounder.ground(argument)
        if positions and match.confidence < 1:
            return self._numbered(argument)
        if match.item_id is None:
            nearest = f"; nearest: {', '.join(match.nearest)}" if match.nearest else ""
            raise RequestError(f'no title like "{argument}"{nearest}')
        self._titles[match.item_id] = match.title
        return [match]


def _judged(state: State, items: Sequence[Recommendation | Match], verdict: turns.Verdict) -> State:
    """Return the state with this verdict on these items, in place of any earlier one."""
    ids = [item.item_id for item in items if item.item_id is not None]
    kept = tuple(pair for pair in state.verdicts if pair[0] not in ids)
    return replace(state, verdicts=(*kept, *((item_id, verdict) for item_id in ids)))


def _nothing(text: str, before: str) -> str:
    if text == before:
        return f'Nothing more fits "{text}". Try other words, or /reset.'
    still = f'; still asking for "{before}".' if before else ". Try other words."
    return f'Nothing fits "{text}"{still}'


def _no_command(name: str, known: Sequence[str]) -> str:
    name = name.removeprefix("/")
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    guess = f"; did you mean /{close[0]}?" if close else "."
    return f"There is no command /{name}{guess} /help lists them."
