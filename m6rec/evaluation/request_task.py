"""The task ``requests``: what share of a list satisfies the words that asked for it?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from m6rec.errors import FilterError
from m6rec.evaluation.measures import BEYOND, COST, ERRORS, mean, plain_mean, total
from m6rec.evaluation.methods import SEARCHERS
from m6rec.evaluation.plan import NAMED_SETS, REQUEST_FILES, Plan
from m6rec.evaluation.provenance import file_hash
from m6rec.evaluation.requests import (
    RequestCase,
    TextRecommender,
    judge_requests,
    read_requests,
)
from m6rec.evaluation.task import Prepared, Row, Task
from m6rec.filters import item_mask


def text_recommender(method: str, plan: Plan) -> TextRecommender:
    """The recommender or peer of that name."""
    if method in plan.recommenders:
        recommender: TextRecommender = plan.recommenders[method]
        return recommender
    return SEARCHERS[method](plan.catalog)


def _prepare(_: Sequence[str], plan: Plan) -> Prepared:
    sets, notes = _judgeable(plan)
    cases = plan.sample([(path.stem, case) for path, some in sets.items() for case in some])

    def rows(method: str) -> Iterator[Row]:
        recommender = text_recommender(method, plan)
        for name, case in cases:
            judged = judge_requests([case], recommender, plan.catalog, name=name, k=plan.options.k)
            yield from map(asdict, judged)

    settings = {"request_files": {path.stem: file_hash(path) for path in sets}}
    return Prepared(rows=rows, n_cases=len(cases), settings=settings, notes=notes)


def _judgeable(plan: Plan) -> tuple[Mapping[Path, Sequence[RequestCase]], tuple[str, ...]]:
    """The request sets with their cases, and a note for each that this catalog lacks the fields for.

    Only the project's own sets are left out: MovieLens without film facts knows no people. One that
    somebody chose fails when it is asked.
    """
    sets = {path: read_requests(path) for path in plan.options.request_files}
    notes = []
    for path in [path for path in sets if path in REQUEST_FILES and path.stem in NAMED_SETS]:
        try:
            for case in sets[path]:
                item_mask(case.predicate, plan.catalog)
        except FilterError as error:
            del sets[path]
            notes.append(f"requests: {path.stem} left out; {error}")
    return sets, tuple(notes)


TASK = Task(
    name="requests",
    heading="Requests",
    about=(
        "Precision: share of the asked list that satisfies the request, with its 95 % interval.",
        "Satisfied: share of the requests whose whole list does. Chance: the predicate's share of the",
        "catalog. Serendip.: right places whose item is not among the most popular. Ratings: median",
        "over requests of the median number of ratings of what is shown. Lift: how much more popular",
        "that is than all that satisfies.",
    ),
    peers=tuple(SEARCHERS),
    prepare=_prepare,
    key=lambda row: f"{row['set']}/{row['id']}",
    groups=lambda row: (row["set"],),
    slices=lambda row: f"{row['set']} / {row['kind']}",
    slice_title="Precision by kind of request",
    compared=("precision", "satisfaction", "serendipity", "diversity", "novelty"),
    measures=(
        mean("precision", "precision"),
        plain_mean("satisfaction", "satisfied"),
        plain_mean("base_rate", "chance"),
        plain_mean("serendipity", "serendip."),
        *BEYOND,
        total("outside", "outside"),
        total("repeats", "repeats"),
        ERRORS,
        *COST,
    ),
)
"""The request task."""
