"""The tasks ``next-item`` and ``next-item-global``: which item does a user choose next?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError, ConfigError
from m6rec.evaluation.measures import (
    BEYOND,
    CALIBRATION,
    COST,
    ERRORS,
    mean,
    plain_mean,
    total,
)
from m6rec.evaluation.methods import NEXT_ITEM_PEERS, fit_scorer
from m6rec.evaluation.next_item import (
    Ranker,
    judge_next_item,
    rank_by_recommender,
    rank_by_scores,
)
from m6rec.evaluation.plan import Plan, Recommend
from m6rec.evaluation.provenance import interactions_hash
from m6rec.evaluation.task import NEEDED, Prepared, Row, Task
from m6rec.interactions import Interactions
from m6rec.leaks import check_unknown
from m6rec.split import Split, check_no_leak, global_time_last, leave_last_out

DATED = (
    "{task}: {share:.0%} of the interactions share a timestamp with another one of the same user, "
    "so the held-out item is partly a matter of the order of the source"
)
UNSEEN = (
    "{task}: {names} judged as given; unless made without the held-out choices, the figures "
    "profit from them"
)
FUTURE = (
    "{task}: {train:,} of {n:,} interactions are before the cutoff; {cold} of the {users} targets were "
    "chosen by nobody before it and can only be found by what they are, not by who chose them. A model "
    "tuned on histories, and the catalog's popularity, may know what came after"
)
LENGTHS = (30, 70, 200)
"""Upper ends of the classes of history length; MovieLens users have 19 to 2,390 earlier choices."""

Splitter = Callable[[Interactions], Split]


def next_item_task(name: str, heading: str, about: str, splitter: Splitter) -> Task:
    """A next-item task over any split; it fails when the split leaks.

    Args:
        name: What ``--tasks`` calls it.
        heading: Headline in the report.
        about: What is predicted from what.
        splitter: Makes the split from the interactions.
    """

    def prepare(methods: Sequence[str], plan: Plan) -> Prepared:
        return _prepare(name, splitter, methods, plan)

    return Task(
        name=name,
        heading=heading,
        about=(
            f"{about}, full ranking of all unseen items, with 95 % intervals.",
            "Serendip.: hits that are not among the most popular unseen items, per place. ECE: how far",
            "the stated P(item) is from the share of right items, for methods that state it. Ratings:",
            "median number of ratings of what is shown; lift: how much more popular than the history.",
        ),
        peers=NEXT_ITEM_PEERS,
        prepare=prepare,
        key=lambda row: str(row["user_id"]),
        slices=lambda row: length_class(row["n_history"]),
        slice_title="HR by number of earlier choices",
        compared=("hit_rate", "ndcg", "mrr", "serendipity", "diversity", "novelty"),
        measures=(
            mean("hit_rate", "HR"),
            mean("ndcg", "NDCG"),
            mean("recall"),
            mean("f1"),
            plain_mean("mrr", "MRR"),
            plain_mean("serendipity", "serendip."),
            *BEYOND,
            CALIBRATION,
            total("faults", "faults"),
            ERRORS,
            *COST,
        ),
        interactions=NEEDED,
    )


def length_class(n: int) -> str:
    """The class of a history of n choices, such as ``31-70``."""
    low = 1
    for high in LENGTHS:
        if n <= high:
            return f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def ranker(method: str, split: Split, plan: Plan) -> Ranker:
    """The recommender or peer of that name, knowing the training part of the split alone.

    Raises:
        CatalogError: A recommender knows a held-out choice; names the user and the item.
    """
    return ranks(fitted(method, split, plan), method, plan)


def ranks(model: Any, method: str, plan: Plan, *, among: NDArray[np.bool_] | None = None) -> Ranker:
    """What `fitted` made of a method, as a ranker of all items or `among` some, shape (n_items,)."""
    if method not in plan.recommenders:
        return rank_by_scores(model, plan.catalog, among)
    length = plan.options.history_length
    return rank_by_recommender(model, plan.catalog, history_length=length, among=among)


def fitted(method: str, split: Split, plan: Plan) -> Any:
    """The peer of that name as a scorer, or the recommender, knowing the training part alone.

    Raises:
        CatalogError: A recommender knows a held-out choice; names the user and the item.
    """
    if method not in plan.recommenders:
        return fit_scorer(method, split.train, plan.catalog)
    recommender = plan.recommenders[method]
    if plan.retrain is not None:
        recommender = plan.retrain(method, split.train)
    check_recommender(method, recommender, split)
    return recommender


def check_recommender(method: str, recommender: Recommend, split: Split) -> None:
    """Prove that the interactions a recommender says it knows hold nothing that is to be predicted.

    One that has no attribute `interactions` is not checked; the report says so.

    Raises:
        CatalogError: A held-out choice is known; names the method, the user and the item.
    """
    known = getattr(recommender, "interactions", None)
    if isinstance(known, Interactions):
        try:
            check_unknown(split.test, known, "known to the recommender")
        except CatalogError as leak:
            raise CatalogError(
                f"{method}: {leak}, and hand the evaluation a `retrain` function"
            ) from leak


def shared_timestamps(interactions: Interactions) -> float:
    """Share of interactions whose user has another one in the same second; 0 when there is none."""
    if not len(interactions):
        return 0.0
    moments = np.stack((interactions.user.astype(np.int64), interactions.timestamp))
    _, where, counts = np.unique(moments, axis=1, return_inverse=True, return_counts=True)
    return float((counts[where.ravel()] > 1).mean())


def _prepare(task: str, splitter: Splitter, methods: Sequence[str], plan: Plan) -> Prepared:
    interactions = plan.interactions
    if interactions is None:
        raise ConfigError(f"the task {task} needs interactions; give a file of them")
    split = splitter(interactions)
    check_no_leak(split)
    cases = plan.sample(list(split))

    def rows(method: str) -> Iterator[Row]:
        judged = judge_next_item(cases, ranker(method, split, plan), plan.catalog, k=plan.options.k)
        yield from map(asdict, judged)

    return Prepared(
        rows=rows,
        n_cases=len(cases),
        settings={
            "protocol": split.protocol,
            "cutoff": split.cutoff,
            "interactions": interactions_hash(interactions),
        },
        own_settings={
            "history_length": plan.options.history_length,
            "retrained": plan.retrain is not None,
        },
        notes=_notes(task, split, interactions, methods, plan),
    )


def _notes(
    task: str, split: Split, interactions: Interactions, methods: Sequence[str], plan: Plan
) -> tuple[str, ...]:
    notes = [DATED.format(task=task, share=shared_timestamps(interactions))]
    if split.cutoff is not None:
        cold = int((~np.isin(split.test.row, split.train.row)).sum())
        notes.append(
            FUTURE.format(
                task=task, train=len(split.train), n=len(interactions), cold=cold, users=len(split)
            )
        )
    as_given = [method for method in methods if method in plan.recommenders]
    if as_given and plan.retrain is None:
        notes.append(UNSEEN.format(task=task, names=", ".join(as_given)))
    return tuple(notes)


TASK = next_item_task("next-item", "Next item", "Leave-last-one-out", leave_last_out)
"""Each user's last choice from all the earlier ones."""
GLOBAL = next_item_task(
    "next-item-global",
    "Next item, global time",
    "Learned before one moment (four fifths of the interactions), last choice after it predicted",
    global_time_last,
)
"""The last choice of each user who chose something after the cutoff, learned from before it."""
