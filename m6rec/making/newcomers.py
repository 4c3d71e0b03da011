"""New choices for a catalog that a model was tuned on: from a file or from feedback, added to the old."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.feedback import Feedback
from m6rec.interactions import Interactions
from m6rec.leaks import pairs
from m6rec.records import Interaction
from m6rec.sources import read_interactions
from m6rec.sources.choosing import first_ending, first_named
from m6rec.sources.ratings import ITEMS, USERS
from m6rec.sources.rows import read_table
from m6rec.sources.table import cell_text


def read_new(path: str | Path, catalog: Catalog) -> Interactions:
    """Read interactions, every one with an item of the catalog.

    Raises:
        CatalogError: The file cannot be used, or names an item that the catalog does not have; the
            first one is named with its row.
    """
    table = read_table(Path(path))
    column = first_named(table, ITEMS) or first_ending(table, ("_id",), lambda _: True)
    # Without an item column `read_interactions` says so.
    is_read = column is not None and column != first_named(table, USERS)
    for row, cell in enumerate(table.columns[column] if column and is_read else ()):
        if cell is not None and cell_text(cell) and cell_text(cell) not in catalog:
            raise CatalogError(
                f"{table.source} {table.where(row)} names the item {cell_text(cell)!r}, which "
                f"{catalog.name} does not have (its ids look like {catalog.items[0].item_id!r}); a new "
                "item needs a new run on the grown catalog: m6rec tune CATALOG INTERACTIONS --out DIR"
            )
    return read_interactions(path, catalog)


def read_feedback(feedback: Feedback, catalog: Catalog) -> Interactions:
    """What people liked in their last word on it; items that the catalog no longer has are left out.

    Raises:
        CatalogError: Nobody liked anything.
        ConfigError: The feedback cannot be read.
    """
    liked = [
        Interaction(user, item_id, None, when)
        for user, item_id, verdict, when in feedback.everybody(catalog.name)
        if verdict == "liked" and item_id in catalog
    ]
    if not liked:
        raise CatalogError(
            f"the feedback has no likes for {catalog.name}; nothing new can be learned from it"
        )
    return Interactions.from_records(liked, catalog)


def added(old: Interactions | None, new: Interactions, catalog: Catalog) -> Interactions:
    """The old choices and those of the new that are not among them; users keep their order.

    A choice without a time counts as later than all that have one, and as known when the user made
    it at any time.

    Raises:
        CatalogError: All of the new ones are known.
    """
    if old is None:
        return new
    users = {name: at for at, name in enumerate(old.user_ids)}
    for name in new.user_ids:
        users.setdefault(name, len(users))
    number = np.array([users[name] for name in new.user_ids], np.int32)
    seen = {*zip(pairs(old, len(catalog)).tolist(), old.timestamp.tolist(), strict=True)}
    seen |= {(pair, 0) for pair, _ in seen}
    renumbered = replace(new, user=number[new.user])
    keys = zip(pairs(renumbered, len(catalog)).tolist(), new.timestamp.tolist(), strict=True)
    fresh = np.array([key not in seen for key in keys], np.bool_)
    if not fresh.any():
        raise CatalogError(
            f"all {len(new)} new interactions are known already; nothing new can be learned from them"
        )
    when = new.timestamp[fresh]
    when = np.where(when == 0, max(int(old.timestamp.max(initial=0)), int(when.max())) + 1, when)
    if not old.timestamp.any() and not new.timestamp.any():
        when = np.zeros_like(when)
    return Interactions.from_columns(
        [*_names(old.user, old.user_ids), *_names(new.user[fresh], new.user_ids)],
        [*_names(old.row, old.item_ids), *_names(new.row[fresh], new.item_ids)],
        np.concatenate([old.rating, new.rating[fresh]]),
        np.concatenate([old.timestamp, when]),
        catalog,
    )


def _names(index: NDArray[np.int32], names: tuple[str, ...]) -> list[str]:
    return [names[at] for at in index.tolist()]
