"""The task ``robustness``: how much accuracy is left when the input is not as it should be?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from m6rec.catalog import Catalog
from m6rec.evaluation.disturbed import HISTORIES, REQUESTS, generator, planted
from m6rec.evaluation.measures import COST, ERRORS, mean, plain_mean
from m6rec.evaluation.methods import NEXT_ITEM_PEERS, SEARCHERS
from m6rec.evaluation.next_item import NextItemRow, judge_next_item
from m6rec.evaluation.next_item_task import ranker
from m6rec.evaluation.plan import NAMED_SETS, Plan
from m6rec.evaluation.provenance import file_hash, interactions_hash
from m6rec.evaluation.request_task import text_recommender
from m6rec.evaluation.requests import (
    RequestCase,
    RequestRow,
    TextRecommender,
    judge_requests,
    read_requests,
)
from m6rec.evaluation.task import USED, Prepared, Row, Task
from m6rec.records import Item
from m6rec.split import Case, Split, leave_last_out

AS_GIVEN = "as given"
ADVERSARIAL = "adversarial item text"
NO_HISTORIES = "robustness: histories left out; they need interactions"


@runtime_checkable
class Growing(Protocol):
    """A recommender that can be copied and take more items."""

    def variant(self) -> Any:
        """Return the same recommender, so that the copy can be changed."""
        ...

    def add_items(self, items: Iterable[Item]) -> None:
        """Take more items."""
        ...


@dataclass(frozen=True, slots=True)
class Cases:
    """What is disturbed.

    Attributes:
        requests: Request cases, each with the name of its set.
        histories: Histories with what comes next; empty without interactions.
        split: What the histories are from; None without interactions.
    """

    requests: Sequence[tuple[str, RequestCase]]
    histories: Sequence[Case]
    split: Split | None


def _prepare(_: Sequence[str], plan: Plan) -> Prepared:
    # A misspelt word and a misspelt name are two things; names have slips in sets of their own.
    files = [f for f in plan.options.request_files if f.stem not in NAMED_SETS]
    named = [(path.stem, case) for path in files for case in read_requests(path)]
    interactions = plan.interactions
    split = leave_last_out(interactions) if interactions is not None else None
    cases = Cases(plan.sample(named), plan.sample(list(split)) if split else (), split)

    def rows(method: str) -> Iterator[Row]:
        if method in SEARCHERS or method in plan.recommenders:
            yield from _request_rows(method, cases, plan)
        if split is not None and (method in NEXT_ITEM_PEERS or method in plan.recommenders):
            yield from _history_rows(method, cases, split, plan)

    per_case = len(cases.requests) * (len(REQUESTS) + 2) + len(cases.histories) * (
        len(HISTORIES) + 1
    )
    return Prepared(
        rows=rows,
        n_cases=per_case,
        settings={
            "request_files": {path.stem: file_hash(path) for path in files},
            "interactions": interactions_hash(interactions) if interactions is not None else None,
        },
        own_settings={
            "history_length": plan.options.history_length,
            "retrained": plan.retrain is not None,
        },
        notes=() if split is not None else (NO_HISTORIES,),
    )


def _request_rows(method: str, cases: Cases, plan: Plan) -> Iterator[Row]:
    recommender = text_recommender(method, plan)
    given: list[RequestRow] = []
    for name, case in cases.requests:
        given.append(_ask(name, case, recommender, plan.catalog, plan))
        yield _request_row(AS_GIVEN, given[-1], given[-1])
        for what, disturb in REQUESTS.items():
            chance = generator(plan.options.seed, f"{what} {name}/{case.id}")
            words = disturb(case.request, chance)
            asked = _ask(name, replace(case, request=words), recommender, plan.catalog, plan)
            yield _request_row(what, asked, given[-1])
    more = planted(plan.catalog)
    catalog = plan.catalog.with_items(more)
    grown = _grown(method, plan, catalog, more)
    if grown is None:
        return
    for (name, case), before in zip(cases.requests, given, strict=True):
        asked = _ask(name, case, grown, catalog, plan)
        intruders = len({item.item_id for item in more} & {*asked.shown})
        yield {**_request_row(ADVERSARIAL, asked, before), "intruders": intruders}


def _grown(
    method: str, plan: Plan, catalog: Catalog, more: Sequence[Item]
) -> TextRecommender | None:
    """The method over the catalog with more items; None when it cannot take any."""
    if method not in plan.recommenders:
        return SEARCHERS[method](catalog)
    own = plan.recommenders[method]
    if not isinstance(own, Growing):
        return None
    copy = own.variant()
    copy.add_items(more)
    grown: TextRecommender = copy
    return grown


def _ask(
    name: str, case: RequestCase, recommender: TextRecommender, catalog: Catalog, plan: Plan
) -> RequestRow:
    (row,) = judge_requests([case], recommender, catalog, name=name, k=plan.options.k)
    return row


def _history_rows(method: str, cases: Cases, split: Split, plan: Plan) -> Iterator[Row]:
    rank = ranker(method, split, plan)
    for case in cases.histories:
        (given,) = judge_next_item([case], rank, plan.catalog, k=plan.options.k)
        yield _history_row(AS_GIVEN, given, given)
        others = np.setdiff1d(
            np.arange(len(plan.catalog), dtype=np.int32), [*case.history, *case.truth]
        )
        for what, disturb in HISTORIES.items():
            chance = generator(plan.options.seed, f"{what} {case.user_id}")
            changed = replace(case, history=disturb(case.history, others, chance))
            (asked,) = judge_next_item([changed], rank, plan.catalog, k=plan.options.k)
            yield _history_row(what, asked, given)


def _request_row(what: str, row: RequestRow, given: RequestRow) -> dict[str, Any]:
    return _row("requests", what, f"{row.set}/{row.id}", row.precision, given.precision, row)


def _history_row(what: str, row: NextItemRow, given: NextItemRow) -> dict[str, Any]:
    return _row("histories", what, row.user_id, row.hit_rate, given.hit_rate, row)


def _row(
    kind: str, what: str, case: str, after: float, before: float, row: RequestRow | NextItemRow
) -> dict[str, Any]:
    wrong = row.outside + row.repeats if isinstance(row, RequestRow) else row.faults
    return {
        "input": kind,
        "disturbance": what,
        "case": case,
        "before": before,
        "after": after,
        "change": after - before,
        "answered": float(bool(row.shown) and not wrong),
        "lm_tokens": row.lm_tokens,
        "elapsed_ms": row.elapsed_ms,
        "shown": row.shown,
        "error": row.error,
    }


def _group(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (f"{row['input']}, {row['disturbance']}",)


TASK = Task(
    name="robustness",
    heading="Robustness",
    about=(
        "Accuracy before and after: precision of requests, HR of histories (leave-last-one-out).",
        "Answered: share with a list, all of it from the catalog, none of it twice or already chosen.",
        "Intruders: planted items shown per list. An empty input has no right answer; that there",
        "is one at all is what counts.",
    ),
    peers=tuple(dict.fromkeys((*SEARCHERS, *NEXT_ITEM_PEERS))),
    prepare=_prepare,
    key=lambda row: f"{row['input']}/{row['disturbance']}/{row['case']}",
    groups=_group,
    compared=("after", "change"),
    measures=(
        plain_mean("before", "before"),
        mean("after", "after"),
        mean("change", "change"),
        plain_mean("answered", "answered"),
        plain_mean("intruders", "intruders"),
        ERRORS,
        *COST,
    ),
    plain=True,
    interactions=USED,
)
"""The robustness task."""
