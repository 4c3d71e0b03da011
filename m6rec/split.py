"""Train and test interactions that prove they do not leak.

Three protocols: `leave_last_out` (each user's last choice is to be predicted), `global_time` (everything
after one moment is to be predicted) and `global_time_last` (learn before that moment, predict each user's
last choice after it). A target must be unseen by its user, because items are ranked
among the unseen ones; users and choices for which that is impossible are left out and counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError, ConfigError
from m6rec.interactions import Interactions
from m6rec.leaks import check_order, check_unknown, leak, pairs

LAST = "leave-last-one-out"
TIME = "global-time"
TIME_LAST = "global-time-last"


@dataclass(frozen=True, slots=True)
class Case:
    """One user to predict for.

    Attributes:
        user_id: Outside name of the user.
        history: Rows the user chose before, oldest first, at least one; read-only.
        truth: Rows to be predicted, none of them in `history`, at least one; read-only.
    """

    user_id: str
    history: NDArray[np.int32]
    truth: NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """What may be learned from, and what is to be predicted.

    Attributes:
        protocol: ``leave-last-one-out``, ``global-time`` or ``global-time-last``.
        train: The interactions to learn from; columns are read-only.
        test: The interactions to predict, numbered by the same users as `train`; read-only.
        n_users_left_out: Users without a case: too few choices, or only repeats to predict.
        n_repeats_left_out: Choices that are no targets because their user had chosen the item before.
        cutoff: First second that counts as the future; None under ``leave-last-one-out``.
        told: What the histories are made of where they go on after training ends; read-only. None
            when they are the users' training choices.
    """

    protocol: str
    train: Interactions
    test: Interactions
    n_users_left_out: int
    n_repeats_left_out: int
    cutoff: int | None = None
    told: Interactions | None = None

    def __len__(self) -> int:
        return len(np.unique(self.test.user))

    def __iter__(self) -> Iterator[Case]:
        told = self.train if self.told is None else self.told
        for user in np.unique(self.test.user):
            yield Case(self.train.user_ids[user], _of_user(told, user), _of_user(self.test, user))


def leave_last_out(interactions: Interactions) -> Split:
    """Predict each user's last choice from all the earlier ones.

    "Last" is the greatest timestamp, and among equal ones the last in source order. A user with one
    interaction, or whose last item is a repeat of an earlier one, has no case and stays in training.

    Raises:
        CatalogError: No user has two interactions.
    """
    last = interactions.offsets[1:] - 1
    counts = np.diff(interactions.offsets)
    repeated = _is_repeat(interactions)
    kept = last[(counts >= 2) & ~repeated[last]]
    is_test = np.zeros(len(interactions), np.bool_)
    is_test[kept] = True
    return _checked(
        LAST,
        interactions,
        ~is_test,
        is_test,
        repeats=int(repeated[last[counts >= 2]].sum()),
    )


def leave_second_last_out(interactions: Interactions) -> Split:
    """The validation variant: forget each user's last choice and predict the one before it.

    Choose settings on this split and report on `leave_last_out`: its test choices appear neither in
    training nor as targets here.

    Raises:
        CatalogError: No user has enough interactions.
    """
    return leave_last_out(leave_last_out(interactions).train)


def global_time(
    interactions: Interactions, *, cutoff: int | None = None, test_share: float = 0.1
) -> Split:
    """Learn from everything before one moment; predict all that follows, for users seen before it.

    Unlike leave-last-one-out no case can profit from what other people did later (Ji et al. 2023, "A
    critical study on data leakage in recommender system offline evaluation").

    Args:
        interactions: All of them, with timestamps.
        cutoff: First second that counts as the future; None places it so that about `test_share`
            of the interactions follow.
        test_share: Between 0 and 1, exclusive; ignored when `cutoff` is given.

    Raises:
        ConfigError: `test_share` is out of range, or nothing lies on one side of the cutoff.
        CatalogError: The interactions have no timestamps, or nobody has choices on both sides.
    """
    after, cutoff = _after(interactions, cutoff, test_share)
    known = np.zeros(interactions.n_users, np.bool_)
    known[interactions.user[~after]] = True
    known_after = after & known[interactions.user]
    fresh = known_after & ~_is_repeat(interactions)
    return _checked(
        TIME,
        interactions,
        ~after,
        fresh,
        repeats=int(known_after.sum() - fresh.sum()),
        cutoff=cutoff,
    )


def global_time_last(
    interactions: Interactions, *, cutoff: int | None = None, test_share: float = 0.2
) -> Split:
    """Learn from everything before one moment; predict the last choice of each user who chose later.

    The history is all that the user chose before the target, before the moment or after it, so users
    who came later count as well; only what is learned stops at the moment (Gusak et al. 2025, "Time
    to split: exploring data splitting strategies for offline evaluation of sequential recommenders").
    On data whose users stay for one sitting, `global_time` has next to nobody to predict for.

    Args:
        interactions: All of them, with timestamps.
        cutoff: First second that counts as the future; None places it so that about `test_share`
            of the interactions follow.
        test_share: Between 0 and 1, exclusive; ignored when `cutoff` is given.

    Raises:
        ConfigError: As for `global_time`.
        CatalogError: As for `global_time`, or nobody has a history and a later choice.
    """
    after, cutoff = _after(interactions, cutoff, test_share)
    last = interactions.offsets[1:] - 1
    late = last[(np.diff(interactions.offsets) >= 2) & after[last]]
    repeated = _is_repeat(interactions)[late]
    kept = late[~repeated]
    is_test = np.zeros(len(interactions), np.bool_)
    is_test[kept] = True
    is_told = np.isin(interactions.user, interactions.user[kept]) & ~is_test
    return _checked(
        TIME_LAST,
        interactions,
        ~after,
        is_test,
        repeats=int(repeated.sum()),
        cutoff=cutoff,
        told=_part(interactions, is_told),
    )


def check_no_leak(split: Split) -> None:
    """Prove that nothing to be predicted, and nothing later than it, can be learned from or is told.

    Raises:
        CatalogError: A test choice is also in training or in a history, a user's history goes on after
            the test choice, or training crosses the cutoff; names the user and the item.
    """
    train, test = split.train, split.test
    check_unknown(test, train, "in training")
    if split.cutoff is not None:
        late = train.timestamp >= split.cutoff
        if late.any():
            raise leak(train, int(np.argmax(late)), f"is in training after cutoff {split.cutoff}")
        early = test.timestamp < split.cutoff
        if early.any():
            raise leak(test, int(np.argmax(early)), f"is in test before cutoff {split.cutoff}")
    if split.told is not None:
        check_unknown(test, split.told, "in a history")
        check_order(test, split.told, "in a history")
    elif split.cutoff is None:
        check_order(test, train, "in training")


def _after(
    interactions: Interactions, cutoff: int | None, test_share: float
) -> tuple[NDArray[np.bool_], int]:
    """Which interactions are in the future, shape (n,), and the first second of it."""
    times = interactions.timestamp
    if not len(times) or not times.any():
        raise CatalogError("the interactions have no timestamps; a split by time needs them")
    if cutoff is None:
        if not 0 < test_share < 1:
            raise ConfigError(f"test_share is {test_share}; choose a number between 0 and 1")
        cutoff = int(np.quantile(times, 1 - test_share, method="higher"))
    after = times >= cutoff
    if after.all() or not after.any():
        raise ConfigError(
            f"cutoff {cutoff} leaves one side empty; choose a second between {times.min() + 1} "
            f"and {times.max()}"
        )
    return after, cutoff


def _checked(
    protocol: str,
    interactions: Interactions,
    in_train: NDArray[np.bool_],
    in_test: NDArray[np.bool_],
    *,
    repeats: int,
    cutoff: int | None = None,
    told: Interactions | None = None,
) -> Split:
    n_cases = len(np.unique(interactions.user[in_test]))
    if not n_cases:
        raise CatalogError(
            f"no user of {interactions.n_users} has both a history and a later choice to predict "
            f"({protocol}); evaluation needs users with at least two different items"
        )
    split = Split(
        protocol,
        _part(interactions, in_train),
        _part(interactions, in_test),
        interactions.n_users - n_cases,
        repeats,
        cutoff,
        told,
    )
    check_no_leak(split)
    return split


def _part(interactions: Interactions, keep: NDArray[np.bool_]) -> Interactions:
    part = Interactions(
        interactions.user_ids,
        interactions.item_ids,
        interactions.user[keep],
        interactions.row[keep],
        interactions.rating[keep],
        interactions.timestamp[keep],
    )
    for column in (part.user, part.row, part.rating, part.timestamp):
        column.flags.writeable = False
    return part


def _is_repeat(interactions: Interactions) -> NDArray[np.bool_]:
    """Whether the same user chose the same row at an earlier place, shape (n,)."""
    repeat = np.ones(len(interactions), np.bool_)
    _, first = np.unique(pairs(interactions, len(interactions.item_ids)), return_index=True)
    repeat[first] = False
    return repeat


def _of_user(interactions: Interactions, user: int) -> NDArray[np.int32]:
    return interactions.row[interactions.offsets[user] : interactions.offsets[user + 1]]
