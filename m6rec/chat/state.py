"""What a conversation needs, remembers and returns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from m6rec.chat.clauses import Clauses
from m6rec.chat.pointers import Verdict
from m6rec.records import Answer, Clarification, Match, Portrait

if TYPE_CHECKING:
    from m6rec.catalog import Catalog


class Grounds(Protocol):
    """Turns a typed title into an item, or says why it could not."""

    def ground(self, mention: str) -> Match:
        """Return the match of one mention."""


class Accompanies(Protocol):
    """What a conversation asks of a recommender beside lists; `m6rec.companion` has the contracts."""

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
        """Return the question whose answer would tell most."""

    def judged(self, text: str) -> Sequence[tuple[str, Match]]:
        """Return the titles a text speaks of, each with the verdict it gives."""

    def knows(self, user: str) -> bool:
        """Return whether anything is known of a user."""

    def portrait(self, user: str | None = None, liked: Sequence[str] = ()) -> Portrait:
        """Return the taste of a user and of what else is liked."""

    def about(self, text: str) -> frozenset[str]:
        """Return the fields a text speaks of."""


class Answerer(Protocol):
    """What a conversation needs of a recommender."""

    @property
    def grounder(self) -> Grounds:
        """Finds titles that are typed after a command."""

    @property
    def catalog(self) -> "Catalog":
        """The items."""

    @property
    def companion(self) -> Accompanies:
        """Questions back, portraits, and what a text speaks of."""

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
        question: What is asked back, to be shown after the answer; empty when nothing is.
        quit: True when the person wants to leave.
        save: Name under which the conversation is to be saved; None when it is not.
        export: File to write the transcript to; None when there is none to write.
    """

    lines: tuple[str, ...] = ()
    answer: Answer | None = None
    question: str = ""
    quit: bool = False
    save: str | None = None
    export: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything a conversation remembers.

    Attributes:
        wishes: What is asked for, in the person's words.
        verdicts: Item ids with what was said of them, in the order it was said.
        shown: Every item listed since the start.
        passed: Items the person has moved past by asking for others: they stay away, while a
            refinement may list the rest of `shown` again.
        last: The last list.
        k: Length of the lists.
        focus: The item that "that one" points to.
        tastes: What the person added to their portrait; it counts when nothing else is asked for.
        unlearned: Fields and values the person took out of their portrait: likes that have them count
            as seen only.
        pending: The question that was asked with the last list.
        asked: Topics that were asked about; none is asked twice.
        skipped: How many questions in a row were not answered.
    """

    wishes: Clauses = ()
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    shown: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    last: Answer | None = None
    k: int = 10
    focus: str | None = None
    tastes: tuple[str, ...] = ()
    unlearned: tuple[tuple[str, str], ...] = ()
    pending: Clarification | None = None
    asked: tuple[str, ...] = ()
    skipped: int = 0

    def marked(self, verdict: Verdict) -> tuple[str, ...]:
        """The item ids with this verdict, oldest first."""
        return tuple(item_id for item_id, given in self.verdicts if given == verdict)
