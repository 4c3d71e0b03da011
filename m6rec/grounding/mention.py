"""The record of a title in a sentence."""

from dataclasses import dataclass

from m6rec.records import Match


@dataclass(frozen=True, slots=True)
class Mention:
    """A title in a sentence.

    Attributes:
        text: The title as written, without quotation marks.
        start: Where it begins in the sentence, quotation marks included.
        end: Where it ends.
        sentiment: ``liked``, ``disliked`` or ``seen``.
        match: What it was grounded to, or why it was not.
        clause_start: Where the words begin that announced it; `start` when none did.
        clause_end: Where the words end that judged it; `end` when none did.
    """

    text: str
    start: int
    end: int
    sentiment: str
    match: Match
    clause_start: int
    clause_end: int
