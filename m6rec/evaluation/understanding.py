"""Sentences: are hard constraints, titles, and what is thought of them understood?

Three sets of JSON lines in `eval/requests/understanding/`, judged without a language model: what a
sentence demands is written as a filter, and what was read is compared with it item by item, so that any
wording of the filters that leaves the same items counts.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, M6RecError
from m6rec.evaluation.measures import median, slowest, total
from m6rec.evaluation.plan import Plan
from m6rec.evaluation.provenance import file_hash
from m6rec.evaluation.task import Measure, Prepared, Row, Scope, Task
from m6rec.filters import item_mask
from m6rec.grounding import Grounder
from m6rec.profile import Profile, allowed_items
from m6rec.records import Match
from m6rec.vocabulary import Vocabulary
from m6rec.wishes import Wish, read_wish

FOLDER = Path(__file__).parents[2] / "eval" / "requests" / "understanding"
"""The sets of the checkout; an installed package has none."""
SETS = ("constraints", "titles", "sentiments")
_SENTIMENTS = ("liked", "disliked", "seen")

READER = "grammar"
"""The one method: the grammar of `m6rec.wishes` with the titles of `m6rec.grounding`."""
ReadWish = Callable[[str], Wish]
"""What is judged: a sentence in, a `Wish` out."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a set: a sentence and what it means.

    Attributes:
        set: ``constraints``, ``titles`` or ``sentiments``.
        id: Unique in its set.
        split: ``development`` for what the grammar was written with, ``paraphrase`` for what was
            written after it and only measured; ``mended`` and the names that begin with ``typed`` were
            so once, in the order of the file, and are known by now. `eval/LOG.md` has the first reading.
        language: ``en`` or ``zh``.
        text: The sentence.
        where: The filter that items must pass; None when nothing is demanded.
        keeps: A narrower filter whose items must all be left, for vague words ("recent") and double
            meanings ("Korean"); None where `where` is exact.
        k: How many items are asked for; None when the sentence does not say.
        titles: Display titles of the items meant; in sets other than ``titles`` those of `of`.
        of: Display titles by sentiment: ``liked``, ``disliked``, ``seen``.
    """

    set: str
    id: str
    split: str
    language: str
    text: str
    where: str | None = None
    keeps: str | None = None
    k: int | None = None
    titles: tuple[str, ...] = ()
    of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """What was understood of one sentence.

    Attributes:
        set: The set.
        id: Id in the set.
        kind: The split.
        text: The sentence.
        n_expected: How many things were to be understood: 1 for a constraint, else mentions (1 when
            there is none, which must be noticed too).
        n_right: How many of them were.
        right: Their share.
        n_wrong: Items that nobody meant; not counted for constraints, which may name examples.
        violated: Items that may be named though the sentence excludes them.
        understood: Phrases and mentions, for people.
        elapsed_ms: Wall time of reading the sentence.
    """

    set: str
    id: str
    kind: str
    text: str
    n_expected: int
    n_right: int
    right: float
    n_wrong: int
    violated: int
    understood: str
    elapsed_ms: float


def read_sentences(folder: Path, name: str) -> tuple[Sentence, ...]:
    """Read one of the `SETS` of a folder.

    Raises:
        CatalogError: The file is missing, empty, or a line is no sentence; names file and line.
    """
    path = folder / f"{name}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot read {path}: {error}") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        sentence = _read_line(name, line, f"{path} line {number}")
        if sentence.id in found:
            raise CatalogError(f"{path} line {number}: id {sentence.id!r} is used twice; rename it")
        found[sentence.id] = sentence
    if not found:
        raise CatalogError(f"{path} has no sentence; write one JSON object a line")
    return tuple(found.values())


def _read_line(name: str, line: str, where: str) -> Sentence:
    try:
        record: dict[str, Any] = json.loads(line)
        of = {key: tuple(record.pop(key)) for key in _SENTIMENTS if key in record}
        titles = tuple(record.pop("titles", sum(of.values(), ())))
        return Sentence(set=name, titles=titles, of=of, **record)
    except (ValueError, TypeError, AttributeError) as error:
        raise CatalogError(
            f"{where} is no sentence ({error}); write a JSON object with id, split, language, text and "
            "what is expected"
        ) from error


def judge_sentence(sentence: Sentence, read: ReadWish, catalog: Catalog) -> SentenceRow:
    """Compare what is read of a sentence with what it means.

    Raises:
        CatalogError: The sentence means a title that the catalog does not have.
        FilterError: Its filter cannot be read.
    """
    begin = time.perf_counter()
    wish = read(sentence.text)
    elapsed = (time.perf_counter() - begin) * 1000
    said = {name: _titles(getattr(wish, name)) for name in _SENTIMENTS}
    _check(sentence, catalog)
    meant = set(sentence.titles)
    got: set[str] = set().union(*said.values())
    right, violated = len(meant & got), 0
    if sentence.set == "constraints":
        understood, violated = _constraint(sentence, wish, catalog)
        # Whatever is thought of a title that was named: it does not come back.
        right = int(understood and meant <= got)
    elif sentence.set == "sentiments":
        right = sum(len(said[s] & set(titles)) for s, titles in sentence.of.items())
    n_expected = 1 if sentence.set == "constraints" else max(len(meant), 1)
    if sentence.set != "constraints" and not meant:
        right = int(not got)
    n_wrong = len(got - meant) if sentence.set != "constraints" else 0
    phrases = [*wish.understood, *([f"k={wish.k}"] if wish.k else [])]
    phrases += [f"{name} {title}" for name, titles in said.items() for title in sorted(titles)]
    return SentenceRow(
        sentence.set, sentence.id, sentence.split, sentence.text, n_expected, right,
        right / n_expected, n_wrong, violated,
        "; ".join(phrases), elapsed,
    )  # fmt: skip


def _titles(matches: Sequence[Match]) -> set[str]:
    return {match.title for match in matches if match.item_id is not None}


def _check(sentence: Sentence, catalog: Catalog) -> None:
    known = {item.title for item in catalog} if sentence.titles else set()
    for title in sentence.titles:
        if title not in known:
            raise CatalogError(
                f"{sentence.set} {sentence.id} means {title!r}, which catalog {catalog.name} does not "
                "have; judge the catalog it was written for"
            )


def _constraint(sentence: Sentence, wish: Wish, catalog: Catalog) -> tuple[bool, int]:
    """Whether the demand was read, and how many items may be named against it."""
    inside = _mask(sentence.where, catalog)
    least = inside if sentence.keeps is None else _mask(sentence.keeps, catalog)
    kept = _mask(None, catalog)
    for expression in wish.filters:
        kept &= item_mask(expression, catalog)
    understood = not (kept & ~inside).any() and not (least & ~kept).any() and wish.k == sentence.k
    violated = _allowed(wish, catalog) & ~inside
    return understood, int(violated.sum()) if understood else 0


def _mask(where: str | None, catalog: Catalog) -> NDArray[np.bool_]:
    everything = np.ones(len(catalog), dtype=np.bool_)
    return everything if where is None else item_mask(where, catalog)


def _allowed(wish: Wish, catalog: Catalog) -> NDArray[np.bool_]:
    """What a recommender may name; nothing where it refuses to answer."""
    try:
        return allowed_items(catalog, wish, Profile(), None).allowed
    except M6RecError:
        return np.zeros(len(catalog), dtype=np.bool_)


def _prepare(_: Sequence[str], plan: Plan) -> Prepared:
    sentences = plan.sample([s for name in SETS for s in read_sentences(FOLDER, name)])

    def rows(_: str) -> Iterator[Row]:
        read = reader(plan.catalog)
        for sentence in sentences:
            yield asdict(judge_sentence(sentence, read, plan.catalog))

    settings = {"sets": {name: file_hash(FOLDER / f"{name}.jsonl") for name in SETS}}
    return Prepared(rows=rows, n_cases=len(sentences), settings=settings)


def reader(catalog: Catalog) -> ReadWish:
    """What reads sentences about a catalog, its indexes built."""
    grounder, vocabulary = Grounder(catalog), Vocabulary.load()

    def read(text: str) -> Wish:
        return read_wish(text, catalog, grounder, vocabulary)

    read("nothing like the matrx, no Tom Cruise, after 2000")
    return read


def _share(over: str, under: str = "n_expected") -> Callable[[Sequence[Row], Scope], float]:
    def of(rows: Sequence[Row], _: Scope) -> float:
        expected = sum(row[under] for row in rows)
        return float(sum(row[over] for row in rows)) / expected if expected else math.nan

    return of


TASK = Task(
    name="understanding",
    heading="Understanding",
    about=(
        "Constraints: share of the sentences whose demands were read exactly. Titles: share of the titles",
        "meant that were found. Sentiments: share of the titles whose sentiment was read. Wrong: titles",
        "taken for an item nobody meant, per title. Violated: items that may be named against a demand",
        "that was understood.",
    ),
    peers=(READER,),
    own=False,
    prepare=_prepare,
    key=lambda row: f"{row['set']}/{row['id']}",
    groups=lambda row: (row["set"],),
    slices=lambda row: f"{row['set']} / {row['kind']}",
    slice_title="Right by split: development sentences were known when the grammar was written",
    compared=("right",),
    measures=(
        Measure("right", "right", _share("n_right")),
        Measure("wrong", "wrong", _share("n_wrong")),
        total("violated", "violated"),
        median("elapsed_ms", "ms", 1),
        slowest("elapsed_ms", "ms p95"),
    ),
)
"""The task of reading sentences; it needs no language model."""
