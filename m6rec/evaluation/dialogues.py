"""Scripted dialogues: are hard wishes kept over turns, and does nothing come back that should not?

A dialogue file is JSON lines: an id, and turns of what is said with what must hold of the list that
follows. What a person points at ("seen the second one") is written down beside the words, so that a
line that is misunderstood counts against the answer, whatever the dialogue believes.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from m6rec.catalog import Catalog
from m6rec.chat import Answerer, Dialogue, Reply
from m6rec.errors import CatalogError
from m6rec.filters import item_mask

DIALOGUES = Path(__file__).parents[2] / "eval" / "requests" / "dialogues.jsonl"
"""The dialogues of the checkout; an installed package has none."""
_KEYS = frozenset({"say", "holds", "wants", "fresh", "gone", "knows", "lines"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a person and what it should lead to.

    Attributes:
        say: The line.
        holds: What every item of the list that follows must satisfy; None when nothing is demanded.
        wants: What is merely wanted; its share is told.
        fresh: Whether nothing that was listed before may be listed again.
        gone: Positions of the list before, counted from 1, that the person has judged or seen.
        knows: Titles the person has named as known.
        lines: Whether words, not a list, are the right reply.
    """

    say: str
    holds: str | None = None
    wants: str | None = None
    fresh: bool = False
    gone: tuple[int, ...] = ()
    knows: tuple[str, ...] = ()
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """One dialogue.

    Attributes:
        id: Unique in its file.
        turns: In order.
    """

    id: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class DialogueRow:
    """What became of one dialogue.

    Attributes:
        set: ``scripted``.
        id: Of the script.
        said: What the person said, for people.
        n_turns: How many lines.
        satisfied: Share of the lists with a demand that satisfy it with every item; None without one.
        violations: Items listed against a demand.
        wanted: Mean share of the listed items that are what was wanted; None when nothing was.
        repeats: Items listed twice in one list, or again after the person asked for others.
        seen_again: Items listed though the person has judged, seen or named them.
        silent: Lines that led to neither list nor words, or to no list where one was due.
        relaxed: Lists for which a demand had to be given up, and that said so.
        lm_tokens: Tokens read by the language model, all turns together.
        elapsed_ms: Mean wall time of a turn with a list.
        shown: Item ids of the last list.
    """

    set: str
    id: str
    said: str
    n_turns: int
    satisfied: float | None
    violations: int
    wanted: float | None
    repeats: int
    seen_again: int
    silent: int
    relaxed: int
    lm_tokens: int
    elapsed_ms: float
    shown: tuple[str, ...]


def read_dialogues(path: Path = DIALOGUES) -> tuple[Script, ...]:
    """Read a dialogue file.

    Raises:
        CatalogError: The file is missing, empty, or a line is no dialogue; names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot read dialogue file {path}: {error}") from error
    scripts = [
        _read_line(line, f"{path} line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    names = [script.id for script in scripts]
    if not scripts or len({*names}) < len(names):
        raise CatalogError(f"dialogue file {path} is empty or uses an id twice; give each its own")
    return tuple(scripts)


def judge_dialogue(script: Script, recommender: Answerer, catalog: Catalog, k: int) -> DialogueRow:
    """Hold one dialogue and judge every reply.

    Raises:
        FilterError: A demand of the script cannot be read.
    """
    judge = _Judge(catalog)
    dialogue = Dialogue(recommender, k=k)
    for turn in script.turns:
        begin = time.perf_counter()
        reply = dialogue.reply(turn.say)
        judge.take(turn, reply, (time.perf_counter() - begin) * 1000)
    return judge.row(script)


class _Judge:
    """Remembers what was listed and what must not come back, as the script says it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._titles = {item.title: item.item_id for item in catalog}
        self._last: tuple[str, ...] = ()
        self._listed: set[str] = set()
        self._gone: set[str] = set()
        self._kept: list[bool] = []
        self._wanted: list[float] = []
        self._times: list[float] = []
        self._counts = dict.fromkeys(("violations", "repeats", "seen_again", "silent"), 0)
        self._relaxed = self._tokens = 0

    def take(self, turn: Turn, reply: Reply, elapsed_ms: float) -> None:
        """Judge one reply."""
        self._gone |= {self._last[at - 1] for at in turn.gone if at <= len(self._last)}
        self._gone |= {self._titles[title] for title in turn.knows if title in self._titles}
        if reply.answer is None:
            # "Nothing more fits" is an honest end of a list; silence is not.
            told = bool(reply.lines)
            self._counts["silent"] += not told or not (turn.lines or turn.fresh)
            return
        items = tuple(item.item_id for item in reply.answer)
        self._times.append(elapsed_ms)
        self._tokens += reply.answer.lm_tokens
        self._relaxed += bool(reply.answer.relaxed)
        self._counts["repeats"] += len(items) - len({*items})
        self._counts["repeats"] += len({*items} & self._listed) if turn.fresh else 0
        self._counts["seen_again"] += len({*items} & self._gone)
        self._demands(turn, items, named=bool(reply.answer.relaxed))
        self._listed |= {*items}
        self._last = items

    def _demands(self, turn: Turn, items: Sequence[str], *, named: bool) -> None:
        rows = [self._catalog.row(item_id) for item_id in items]
        # A demand that was given up because nothing fits, and named as such, is not violated.
        if turn.holds is not None and not named:
            against = int((~item_mask(turn.holds, self._catalog)[rows]).sum())
            self._counts["violations"] += against
            self._kept.append(not against)
        if turn.wants is not None:
            self._wanted.append(float(item_mask(turn.wants, self._catalog)[rows].mean()))

    def row(self, script: Script) -> DialogueRow:
        """The dialogue's row."""
        return DialogueRow(
            set="scripted",
            id=script.id,
            said=" / ".join(turn.say for turn in script.turns),
            n_turns=len(script.turns),
            satisfied=_mean(self._kept),
            wanted=_mean(self._wanted),
            relaxed=self._relaxed,
            lm_tokens=self._tokens,
            elapsed_ms=_mean(self._times) or 0.0,
            shown=self._last,
            **self._counts,
        )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _read_line(line: str, where: str) -> Script:
    try:
        record = json.loads(line)
        return Script(str(record["id"]), tuple(_turns(record["turns"])))
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogError(
            f"{where} is no dialogue ({error!r}); write a JSON object with id and turns, each turn "
            f"with say and any of {', '.join(sorted(_KEYS - {'say'}))}"
        ) from error


def _turns(records: Sequence[Mapping[str, Any]]) -> Iterator[Turn]:
    for record in records:
        if unknown := {*record} - _KEYS:
            raise ValueError(f"unknown key {min(unknown)!r}")
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
        }
        yield Turn(**values)
