"""Answers as text for people and as JSON for programs; nothing here writes to a stream."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from m6rec.chat import Reply
from m6rec.errors import ModelError
from m6rec.records import Answer, Match, Recommendation

if TYPE_CHECKING:
    from rich.table import Table

WIDEST_TITLE = 36
"""Columns a title may take in plain lines, so that most reasons fit beside it on 80 columns."""


def answer_lines(answer: Answer, *, explain: bool = False) -> list[str]:
    """Return an answer as plain lines: what was understood, the numbered items, the titles meant.

    Args:
        answer: What to show.
        explain: Add each item's score terms, and whether the order is proven.
    """
    from rich.cells import cell_len

    titles = [printable(item.title) for item in answer]
    widest = max((cell_len(title) for title in titles), default=0)
    wide = min(widest, WIDEST_TITLE)
    digits = len(str(len(answer)))
    lines = understood_lines(answer)
    for item, title in zip(answer, titles, strict=True):
        padding = " " * (wide - cell_len(title))
        line = f"{item.rank:>{digits + 1}}. {title}{padding}  {printable(item.why)}"
        lines.append(line.rstrip())
        if explain:
            lines.append(" " * (digits + 3) + terms_line(item))
    return lines + closing_lines(answer, explain=explain)


def answer_table(answer: Answer, *, explain: bool = False) -> "Table":
    """Return the items of an answer as a table that fits the width of the terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(style="bold", ratio=1)
    table.add_column(style="dim", ratio=1)
    for item in answer:
        why = printable(item.why) + (f"\n{terms_line(item)}" if explain else "")
        table.add_row(f"{item.rank}.", Text(printable(item.title)), Text(why))
    return table


def understood_lines(answer: Answer) -> list[str]:
    """Return the lines that say which constraints hold, and which had to be given up."""
    understood = [f"understood: {', '.join(answer.understood)}"] if answer.understood else []
    return [*understood, *(f"relaxed: {note}" for note in map(printable, answer.relaxed))]


def closing_lines(answer: Answer, *, explain: bool = False) -> list[str]:
    """Return the lines below a list: which items the typed titles were taken for."""
    lines = [matched_line(match) for match in answer.matched if _needs_saying(match)]
    if explain and not answer.exact:
        lines.append("The order is the best that was found; that there is no better is not proven.")
    return lines


def matched_line(match: Match) -> str:
    """Return what a typed title was taken for, with the confidence unless it is certain."""
    sure = "" if match.confidence == 1 else f" ({match.confidence:.2f})"
    return f'"{printable(match.mention)}" read as {printable(match.title)}{sure}'


def unmatched_lines(answer: Answer) -> list[str]:
    """Return one line for every title that was refused, with the nearest ones."""
    lines = []
    for match in answer.unmatched:
        nearest = f"; nearest: {', '.join(map(printable, match.nearest))}" if match.nearest else ""
        problem = "could be several titles" if match.how == "ambiguous" else "not found"
        lines.append(f'"{printable(match.mention)}" {problem}{nearest}')
    return lines


def terms_line(item: Recommendation) -> str:
    """Return the score and its named terms, which add up to it."""
    terms = " ".join(f"{name} {value:+.2f}" for name, value in item.terms.items())
    return f"score {item.score:.2f} = {terms}" if terms else f"score {item.score:.2f}"


def reply_lines(reply: Reply) -> list[str]:
    """Return one turn of a conversation as plain lines."""
    lines = [printable(line) for line in reply.lines]
    if reply.answer is not None:
        lines += answer_lines(reply.answer) + unmatched_lines(reply.answer)
    return [*lines, printable(reply.question)] if reply.question else lines


def transcript_markdown(turns: Sequence[tuple[str, Reply]]) -> str:
    """Return a conversation as Markdown: what was said as quotes, what was replied as it was shown."""
    parts = ["# A conversation with m6rec\n"]
    for said, reply in turns:
        parts.append(f"\n> {printable(said)}\n")
        lines = reply_lines(reply)
        if lines:
            # A fence longer than any run of backticks inside cannot be closed by a title.
            inside = max((len(run) for run in re.findall(r"`+", "\n".join(lines))), default=0)
            fence = "`" * max(3, inside + 1)
            parts.append(f"\n{fence}text\n" + "\n".join(lines) + f"\n{fence}\n")
    return "".join(parts)


def transcript_json(turns: Sequence[tuple[str, Reply]]) -> str:
    """Return a conversation as one JSON object: ``turns`` of what was said and what was replied.

    Raises:
        ModelError: A number of an answer is infinite or not a number.
    """
    told = [
        {
            "said": said,
            "lines": list(reply.lines),
            "answer": None if reply.answer is None else answer_document(reply.answer),
            "question": reply.question or None,
        }
        for said, reply in turns
    ]
    return json.dumps({"turns": told}, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def answer_json(answer: Answer) -> str:
    """Return an answer as one line of JSON; the keys are part of the project's contract.

    Raises:
        ModelError: A number is infinite or not a number, which JSON cannot say.
    """
    return json.dumps(answer_document(answer), ensure_ascii=False, allow_nan=False)


def answer_document(answer: Answer) -> dict[str, Any]:
    """Return an answer as what `answer_json` writes.

    Raises:
        ModelError: A number is infinite or not a number.
    """
    return {
        "request": answer.request,
        "items": [_item(item) for item in answer],
        "matched": [asdict(match) for match in answer.matched],
        "unmatched": [asdict(match) for match in answer.unmatched],
        "understood": list(answer.understood),
        "relaxed": list(answer.relaxed),
        "exact": answer.exact,
        "elapsed_ms": round(answer.elapsed_ms, 3),
        "lm_tokens": answer.lm_tokens,
        "lm_calls": answer.lm_calls,
    }


def printable(text: str) -> str:
    """Return the text on one line and without control characters a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def _item(item: Recommendation) -> dict[str, Any]:
    numbers = {"score": item.score, "log_prob": item.log_prob, **item.terms}
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise ModelError(
                f"{name} of {item.title!r} is {value}; no answer can be ranked by that"
            )
    return {
        "rank": item.rank,
        "item_id": item.item_id,
        "title": item.title,
        "score": float(item.score),
        "log_prob": float(item.log_prob),
        "terms": {name: float(value) for name, value in item.terms.items()},
        "why": item.why,
    }


def _needs_saying(match: Match) -> bool:
    return match.mention.casefold() not in {match.title.casefold(), match.item_id}
