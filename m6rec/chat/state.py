"""What a conversation needs, remembers and returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from m6rec.chat.clauses import Clauses
from m6rec.chat.turns import Verdict
from m6rec.records import Answer, Match


class Grounds(Protocol):
    """Turns a typed title into an item, or says why it could not."""

    def ground(self, mention: str) -> Match:
        """Return the match of one mention."""


class Answerer(Protocol):
    """What a conversation needs of a recommender."""

    @property
    def grounder(self) -> Grounds:
        """Finds titles that are typed after a command."""

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
        """Answer one request; items named in `disliked` and `seen` do not come back."""

    def feedback(self, user: str, item_id: str, verdict: str) -> None:
        """Remember a known user's verdict beyond this conversation."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What to show for one line.

    Attributes:
        lines: Plain lines, to be shown before the answer.
        answer: A new list, or None when the line did not ask for one.
        quit: True when the person wants to leave.
    """

    lines: tuple[str, ...] = ()
    answer: Answer | None = None
    quit: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Everything a conversation remembers; `verdicts` maps item ids in the order they were given.

    `shown` is every item listed since the start, `passed` those that the person has moved past by
    asking for others: they stay away, while a refinement may list the rest of `shown` again.
    """

    wishes: Clauses = ()
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    shown: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    last: Answer | None = None
    k: int = 10

    def marked(self, verdict: Verdict) -> tuple[str, ...]:
        """The item ids with this verdict, oldest first."""
        return tuple(item_id for item_id, given in self.verdicts if given == verdict)
