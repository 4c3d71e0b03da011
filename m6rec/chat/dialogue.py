"""One conversation: what one more line does to it; no input, no output."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import replace

from m6rec.chat import asking, clauses, commands, turns, wishing
from m6rec.chat.state import Answerer, Reply, State
from m6rec.chat.talk import LONGEST_WISH, Talk
from m6rec.chat.turns import Turn
from m6rec.errors import UserError

HELP = (
    "Say what you would like; every further line refines it:",
    "  comedy movies        from the 90s        something like The Matrix        no horror",
    "  something else       more like #2        I have seen the third one",
    "  forget the comedy    any year is fine    no, I meant the 80s    start over",
    "A question below a list can be answered, skipped or ignored.",
    "Commands:",
    "  /like 2     more in this direction (a title works too: /like The Matrix)",
    "  /dislike 2  never show it again          /seen 3   the same, without a judgement",
    "  /why 1      why it was recommended       /compare 1 3   two of them side by side",
    "  /more       others, nothing shown before /k 5      length of the lists",
    "  /forget the comedy                       /reset    start over",
    "  /likes      what was said here           /portrait your taste; add or forget WORDS",
    "  /save anna  go on later with --user anna /export talk.md   or talk.json",
    "  /help       this page                    /quit     leave (so does Ctrl-D)",
)

Handler = Callable[[Talk, Turn], Reply]


class Dialogue:
    """One conversation with a recommender.

    The state only changes when a line could be answered: after a mistake, or a wish that nothing
    fits, everything is as before. Only verdicts on items stay, because they are facts.

    Args:
        recommender: Answers the requests.
        user: Whose history counts, and under which name verdicts are kept.
        k: Length of the lists, at least 1.
        asks: Whether questions may be asked back.

    Attributes:
        turns: What was said and what was replied, for a transcript.

    Raises:
        RequestError: `k` is below 1.
    """

    def __init__(
        self, recommender: Answerer, user: str | None = None, k: int = 10, *, asks: bool = True
    ) -> None:
        self._talk = Talk(recommender, user, k, asks=asks)
        self.turns: list[tuple[str, Reply]] = []

    @property
    def state(self) -> State:
        """Everything the conversation remembers."""
        return self._talk.state

    @property
    def user(self) -> str | None:
        """Under which name verdicts are kept; None for nobody."""
        return self._talk.user

    def resume(self, state: State) -> Reply:
        """Go on from a saved state; returns what to tell the person."""
        self._talk.state = state
        return commands.started(self._talk, state)

    def reply(self, line: str) -> Reply:
        """Return what to show for one line; a `UserError` becomes a line of its own."""
        short = line[:LONGEST_WISH]
        reply = self._replied(short)
        if len(line) > LONGEST_WISH:
            told = f"Only the first {LONGEST_WISH:,} of {len(line):,} characters were read."
            reply = replace(reply, lines=(told, *reply.lines))
        if line.strip():
            self.turns.append((short, reply))
        return reply

    def commands(self) -> tuple[str, ...]:
        """Return the names of the slash commands, without the slash."""
        return tuple(sorted({*_HANDLERS} - turns.WORDS_ONLY))

    def _replied(self, line: str) -> Reply:
        turn = turns.read_turn(line)
        try:
            reply = self._answered(line)
            if reply is None:
                handler = _HANDLERS.get(turn.name)
                if handler is None:
                    return Reply(lines=(_no_command(turn.name, self.commands()),))
                self._let_go(turn)
                reply = handler(self._talk, turn)
        except UserError as error:
            return Reply(lines=(str(error),))
        text = clauses.joined(self.state.wishes)
        if reply.answer is None or text in {"", turn.argument}:
            return reply
        return replace(reply, lines=(*reply.lines, f"asked for: {text}"))

    def _answered(self, line: str) -> Reply | None:
        """The reply to an answer to the question that was asked; None when the line is none."""
        pending = self.state.pending
        if line.lstrip().startswith(("/", "／")):
            return None
        if pending is None:
            refused = asking.is_neither(line) or asking.is_skipped(line)
            return wishing.others(self._talk, Turn("more")) if refused else None
        choice = asking.chosen(line, pending)
        if choice is not None:
            return wishing.choose(self._talk, choice)
        if asking.is_neither(line):
            return wishing.refuse(self._talk)
        return wishing.skip(self._talk) if asking.is_skipped(line) else None

    def _let_go(self, turn: Turn) -> None:
        """A wish in place of an answer lets the question go; a command leaves it open."""
        state = self.state
        if state.pending is not None and turn.name in _TURNS_AWAY:
            self._talk.state = replace(state, pending=None, skipped=state.skipped + 1)


def _point(talk: Talk, turn: Turn) -> Reply:
    return wishing.point(talk, turn, commands.why)


_TURNS_AWAY = frozenset({"say", "more", "instead", "meant", "rather", "forget", "reset", "any"})
_HANDLERS: dict[str, Handler] = {
    "say": wishing.say,
    "point": _point,
    "more": wishing.more,
    "instead": wishing.instead,
    "meant": wishing.meant,
    "rather": wishing.rather,
    "forget": wishing.forget,
    "any": wishing.free,
    "allow": wishing.allow,
    "reset": wishing.reset,
    "why": commands.why,
    "compare": commands.compare,
    "like": commands.mark,
    "dislike": commands.mark,
    "seen": commands.mark,
    "likes": commands.likes,
    "portrait": commands.portrait,
    "k": commands.set_k,
    "save": commands.save,
    "export": commands.export,
    "help": lambda *_: Reply(lines=HELP),
    "quit": lambda *_: Reply(quit=True),
    "exit": lambda *_: Reply(quit=True),
    "thanks": lambda *_: Reply(lines=("You are welcome.",)),
    "fine": lambda *_: Reply(lines=("Good. Say more whenever you like, or /more for others.",)),
    "hello": lambda *_: Reply(lines=("Hello. What would you like? /help shows how.",)),
}


def _no_command(name: str, known: Sequence[str]) -> str:
    name = name.removeprefix("/")
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    guess = f"; did you mean /{close[0]}?" if close else "."
    return f"There is no command /{name}{guess} /help lists them."
