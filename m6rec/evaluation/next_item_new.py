"""The task ``new-items``: a tenth of the items is kept from everybody; who finds them all the same?

All choices of the withheld items are withheld, before and after, so nothing that counts choices can tell
them apart. They stay in the catalog with their titles and fields, as a new item does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError, ConfigError
from m6rec.evaluation.next_item import judge_next_item
from m6rec.evaluation.next_item_task import TASK as NEXT_ITEM
from m6rec.evaluation.next_item_task import UNSEEN, fitted, ranks
from m6rec.evaluation.plan import Plan
from m6rec.evaluation.provenance import interactions_hash
from m6rec.evaluation.task import Prepared, Row
from m6rec.interactions import Interactions
from m6rec.split import Split, check_no_leak

PROTOCOL = "items-withheld"
SHARE = 0.1
"""Share of the chosen items that are withheld."""
ALL, NEW = "among all items", "among the withheld ones"
COLD = (
    "new-items: {items} of the items that somebody chose, drawn by the seed, and all {n:,} choices of them "
    "are withheld. The catalog's popularity still counts them, and an adapter tuned on histories may know "
    "them"
)


def withhold_items(interactions: Interactions, *, share: float = SHARE, seed: int = 0) -> Split:
    """Learn from the choices of all other items; predict each user's last choice of a withheld one.

    The history is what the user chose before it, without withheld items.

    Args:
        interactions: All of them.
        share: Of the items that somebody chose, between 0 and 1, exclusive.
        seed: Draws them.

    Raises:
        ConfigError: `share` is out of range.
        CatalogError: Nobody chose a withheld item after another one.
    """
    if not 0 < share < 1:
        raise ConfigError(f"share is {share}; choose a number between 0 and 1")
    chosen = np.unique(interactions.row)
    n_withheld = max(1, round(share * len(chosen)))
    drawn = np.random.default_rng(seed).choice(chosen, size=n_withheld, replace=False)
    cold = np.isin(interactions.row, drawn)
    places = np.arange(len(interactions))
    last = np.full(interactions.n_users, -1)
    np.maximum.at(last, interactions.user[cold], places[cold])
    told = ~cold & (places < last[interactions.user])
    is_case = (last >= 0) & (np.bincount(interactions.user[told], minlength=len(last)) > 0)
    if not is_case.any():
        raise CatalogError(
            f"nobody of {interactions.n_users} users chose one of the {n_withheld} withheld items after "
            "another item; withhold a larger share"
        )
    test = np.zeros(len(places), np.bool_)
    test[last[is_case]] = True
    split = Split(
        PROTOCOL,
        _only(interactions, ~cold),
        _only(interactions, test),
        int((~is_case).sum()),
        0,
        told=_only(interactions, told & is_case[interactions.user]),
    )
    check_no_leak(split)
    return split


def _only(interactions: Interactions, keep: NDArray[np.bool_]) -> Interactions:
    names = ("user", "row", "rating", "timestamp")
    columns = {name: getattr(interactions, name)[keep] for name in names}
    for column in columns.values():
        column.flags.writeable = False
    return replace(interactions, **columns)


def _prepare(methods: Sequence[str], plan: Plan) -> Prepared:
    interactions = plan.interactions
    if interactions is None:
        raise ConfigError("the task new-items needs interactions; give a file of them")
    split = withhold_items(interactions, seed=plan.options.seed)
    learned = np.isin(np.arange(len(plan.catalog)), split.train.row)
    withheld = np.isin(np.arange(len(plan.catalog)), interactions.row) & ~learned
    cases = plan.sample(list(split))

    def rows(method: str) -> Iterator[Row]:
        model = fitted(method, split, plan)
        for group, among in ((ALL, None), (NEW, withheld)):
            rank = ranks(model, method, plan, among=among)
            for row in judge_next_item(cases, rank, plan.catalog, k=plan.options.k):
                yield {**asdict(row), "group": group}

    as_given = [method for method in methods if method in plan.recommenders]
    notes = [COLD.format(items=int(withheld.sum()), n=len(interactions) - len(split.train))]
    if as_given and plan.retrain is None:
        notes.append(UNSEEN.format(task="new-items", names=", ".join(as_given)))
    return Prepared(
        rows=rows,
        n_cases=2 * len(cases),
        settings={"protocol": PROTOCOL, "interactions": interactions_hash(interactions)},
        own_settings={
            "history_length": plan.options.history_length,
            "retrained": plan.retrain is not None,
        },
        notes=tuple(notes),
    )


TASK = replace(
    NEXT_ITEM,
    name="new-items",
    heading="New items",
    about=(
        "A tenth of the items with all their choices withheld; each user's last choice of one of them",
        "is to be found, among all unseen items and among the withheld ones alone, with 95 % intervals.",
    ),
    prepare=_prepare,
    key=lambda row: f"{row['user_id']} {row['group']}",
    groups=lambda row: (str(row["group"]),),
    slices=None,
)
"""Each user's last choice of an item that nobody is known to have chosen."""
