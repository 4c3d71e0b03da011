"""Requests in words: how much of what is shown satisfies what was asked?

A request file is JSON lines of `RequestCase`. The truth is a predicate over item fields, so every
item of the catalog is judged and nothing depends on who rated what.
"""

import json
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, M6RecError
from m6rec.filters import item_mask
from m6rec.metrics.popularity import popularity
from m6rec.metrics.popularity_lift import popularity_lift
from m6rec.metrics.precision import precision
from m6rec.metrics.satisfaction import satisfaction
from m6rec.metrics.serendipity import serendipity
from m6rec.metrics.validity import faults
from m6rec.records import Answer


class TextRecommender(Protocol):
    """Whatever answers a wish in words: the recommender itself and every peer."""

    def recommend(self, text: str = "", *, k: int = 10) -> Answer:
        """Return at most k items, best first."""
        ...


@dataclass(frozen=True, slots=True)
class RequestCase:
    """One request of a request file.

    Attributes:
        id: Unique in its file.
        kind: What the request is an example of; averages are also given by kind.
        request: The wish in a person's words.
        predicate: What an item must satisfy to count as right, in the language of `m6rec.filters`.
    """

    id: str
    kind: str
    request: str
    predicate: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What one method answered to one request.

    Attributes:
        set: Stem of the request file.
        id: Id of the request.
        kind: Kind of the request.
        request: The wish.
        base_rate: Share of the catalog that satisfies the predicate: what chance would score.
        precision: Share of the first k places that satisfy it; absent items are misses. Where fewer
            than k items of the catalog satisfy it, only as many places are looked at.
        popularity: Median number of ratings of what is shown; None when nothing is.
        satisfaction: 1 when all these places satisfy it.
        serendipity: Share of these places that satisfy it and are not among the k most
            popular items.
        popularity_lift: How much more popular the list is than all that satisfies; None when
            nothing is shown.
        n_shown: How many items came.
        outside: Items that the catalog does not have.
        repeats: Items that came twice.
        lm_tokens: Tokens the language model read.
        elapsed_ms: Wall time.
        shown: Item ids, best first.
        error: Why there is no answer; None when there is one.
    """

    set: str
    id: str
    kind: str
    request: str
    base_rate: float
    precision: float
    popularity: float | None
    satisfaction: float
    serendipity: float
    popularity_lift: float | None
    n_shown: int
    outside: int
    repeats: int
    lm_tokens: int
    elapsed_ms: float
    shown: tuple[str, ...]
    error: str | None = None


def read_requests(path: Path) -> tuple[RequestCase, ...]:
    """Read a request file; keys other than those of `RequestCase` are for people.

    Raises:
        CatalogError: The file is missing, empty, or a line is no request; names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot read request file {path}: {error}") from error
    cases: dict[str, RequestCase] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            case = _read_line(line, f"{path} line {number}")
            if case.id in cases:
                raise CatalogError(f"{path} line {number}: id {case.id!r} is used twice; rename it")
            cases[case.id] = case
    if not cases:
        raise CatalogError(f"request file {path} has no request; write one JSON object a line")
    return tuple(cases.values())


def _read_line(line: str, where: str) -> RequestCase:
    names = [field.name for field in fields(RequestCase)]
    try:
        record = json.loads(line)
        values = {name: record[name] for name in names}
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogError(
            f"{where} is no request ({error!r}); write a JSON object with {', '.join(names)}"
        ) from error
    for name, value in values.items():
        if not isinstance(value, str) or not value.strip():
            raise CatalogError(f"{where}: {name} is {value!r}; write a non-empty string")
    return RequestCase(**values)


def most_popular(catalog: Catalog, k: int) -> list[int]:
    """Rows of the k most popular items, ties by row: what needs no recommender to be found."""
    rows: list[int] = np.argsort(-catalog.popularity, kind="stable")[:k].tolist()
    return rows


def judge_requests(
    cases: Iterable[RequestCase],
    recommender: TextRecommender,
    catalog: Catalog,
    *,
    name: str,
    k: int = 10,
) -> Iterator[RequestRow]:
    """Ask every request and judge the answer, one row at a time.

    An error that m6rec raises on purpose becomes a row of precision 0 that carries its message: a
    method that refuses to answer must not look better than one that tries.

    Args:
        cases: The requests.
        recommender: Any text recommender over `catalog`.
        catalog: The items that are judged.
        name: Name of the request set.
        k: List length, at least 1.

    Raises:
        FilterError: A predicate cannot be parsed.
        CatalogError: A predicate is true of no item, so that the request cannot be judged.
    """
    for case in cases:
        mask = item_mask(case.predicate, catalog)
        if not mask.any():
            raise CatalogError(
                f"no item of the catalog satisfies {case.predicate!r} of request {case.id!r}; "
                "this request set is for another catalog"
            )
        yield _ask(case, recommender, catalog, mask, name, k)


def _ask(
    case: RequestCase,
    recommender: TextRecommender,
    catalog: Catalog,
    mask: NDArray[np.bool_],
    name: str,
    k: int,
) -> RequestRow:
    error, shown, lm_tokens = None, [], 0
    started = time.perf_counter()
    try:
        answer = recommender.recommend(case.request, k=k)
        shown = [item.item_id for item in answer]
        lm_tokens = answer.lm_tokens
    except M6RecError as refusal:
        error = str(refusal)
    elapsed = 1000 * (time.perf_counter() - started)
    found = faults(shown, catalog)
    # An item from outside the catalog still takes its place in the list; row -1 is never relevant.
    rows = [catalog.row(item_id) if item_id in catalog else -1 for item_id in shown]
    right = np.flatnonzero(mask)
    # Of seven films by one director ten cannot be right; the best list would not score 1.
    places = min(k, len(right))
    known = [row for row in rows if row >= 0]
    return RequestRow(
        set=name,
        id=case.id,
        kind=case.kind,
        request=case.request,
        base_rate=float(mask.mean()),
        precision=precision(rows, right.tolist(), places),
        popularity=_or_none(popularity(known, catalog)),
        satisfaction=satisfaction(rows, right.tolist(), places),
        serendipity=serendipity(rows, right.tolist(), most_popular(catalog, k), places),
        popularity_lift=_or_none(popularity_lift(known, right, catalog)),
        n_shown=len(shown),
        outside=found.outside,
        repeats=found.repeats,
        lm_tokens=lm_tokens,
        elapsed_ms=elapsed,
        shown=tuple(shown),
        error=error,
    )


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
