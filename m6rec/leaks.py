"""Proofs that nothing to be predicted is known beforehand; a leak is named by user and item."""

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError
from m6rec.interactions import Interactions


def check_unknown(test: Interactions, known: Interactions, where: str) -> None:
    """Prove that no choice to be predicted is among the `known` ones, whatever its time.

    Args:
        test: What is to be predicted.
        known: What is learned from or told; its users and items may be numbered differently.
        where: Where the known ones are, for the message.

    Raises:
        CatalogError: One is; names the user and the item.
    """
    users = {name: at for at, name in enumerate(known.user_ids)}
    rows = {name: at for at, name in enumerate(known.item_ids)}
    user = np.array([users.get(name, -1) for name in test.user_ids], np.int64)[test.user]
    row = np.array([rows.get(name, -1) for name in test.item_ids], np.int64)[test.row]
    n_items = len(known.item_ids)
    leaked = (user >= 0) & (row >= 0) & np.isin(user * n_items + row, pairs(known, n_items))
    if leaked.any():
        raise leak(test, int(np.argmax(leaked)), f"is {where} and in test")


def check_order(test: Interactions, before: Interactions, where: str) -> None:
    """Prove that no user's earlier choices go on after the choice to be predicted.

    Args:
        test: What is to be predicted.
        before: What is learned from or told, numbered by the same users.
        where: Where those are, for the message.

    Raises:
        CatalogError: One does; names the user and the item.
    """
    first_test = np.full(before.n_users, np.iinfo(np.int64).max)
    np.minimum.at(first_test, test.user, test.timestamp)
    late = before.timestamp > first_test[before.user]
    if late.any():
        raise leak(before, int(np.argmax(late)), f"is {where} after the user's test choice")


def leak(interactions: Interactions, at: int, how: str) -> CatalogError:
    """The error that names the interaction in place `at` and how it leaks."""
    user = interactions.user_ids[interactions.user[at]]
    item = interactions.item_ids[interactions.row[at]]
    return CatalogError(
        f"leak: user {user!r} with item {item!r} {how} (timestamp {interactions.timestamp[at]}); "
        "split the interactions again"
    )


def pairs(interactions: Interactions, n_items: int) -> NDArray[np.int64]:
    """One number per (user, row), shape (n,), for a catalog of `n_items`."""
    return interactions.user.astype(np.int64) * n_items + interactions.row
