"""Splits: the right choice is held out, nothing leaks, and a planted leak is named.

Run: pytest tests/test_split.py -n 0
"""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, ConfigError
from m6rec.interactions import Interactions
from m6rec.leaks import check_unknown
from m6rec.records import Interaction, Item
from m6rec.split import (
    Split,
    check_no_leak,
    global_time,
    global_time_last,
    leave_last_out,
    leave_second_last_out,
)

CATALOG = Catalog(Item(name, f"Film {name}") for name in "abcdef")
Choice = tuple[str, str, int]


def interactions(*choices: Choice) -> Interactions:
    records = [Interaction(user, item, None, time) for user, item, time in choices]
    return Interactions.from_records(records, CATALOG)


def held_out(split: Split) -> dict[str, str]:
    """What is to be predicted, one string of item ids per user."""
    return {case.user_id: "".join(CATALOG.at(row).item_id for row in case.truth) for case in split}


def histories(split: Split) -> dict[str, str]:
    return {
        case.user_id: "".join(CATALOG.at(row).item_id for row in case.history) for case in split
    }


TWO_USERS = interactions(
    ("ann", "a", 3), ("ann", "b", 1), ("ann", "c", 2), ("bob", "d", 5), ("bob", "e", 4)
)


def test_the_latest_choice_is_held_out() -> None:
    split = leave_last_out(TWO_USERS)
    assert held_out(split) == {"ann": "a", "bob": "d"}
    assert histories(split) == {"ann": "bc", "bob": "e"}
    assert len(split) == 2
    assert (split.n_users_left_out, split.n_repeats_left_out, split.cutoff) == (0, 0, None)


def test_equal_times_fall_back_on_the_order_of_the_source() -> None:
    split = leave_last_out(interactions(("ann", "c", 7), ("ann", "a", 7), ("ann", "b", 7)))
    assert held_out(split) == {"ann": "b"}
    assert histories(split) == {"ann": "ca"}


def test_a_user_with_one_choice_is_counted_and_stays_in_training() -> None:
    split = leave_last_out(interactions(("ann", "a", 1), ("bob", "b", 1), ("bob", "c", 2)))
    assert held_out(split) == {"bob": "c"}
    assert split.n_users_left_out == 1
    assert len(split.train) == 2


def test_a_repeat_is_no_target() -> None:
    split = leave_last_out(
        interactions(("ann", "a", 1), ("ann", "a", 2), ("bob", "b", 1), ("bob", "c", 2))
    )
    assert held_out(split) == {"bob": "c"}
    assert (split.n_users_left_out, split.n_repeats_left_out) == (1, 1)


def test_validation_never_sees_the_test_choice() -> None:
    split = leave_second_last_out(TWO_USERS)
    assert held_out(split) == {"ann": "c"}
    assert histories(split) == {"ann": "b"}
    assert split.n_users_left_out == 1


def test_nobody_to_predict_for_is_an_error() -> None:
    with pytest.raises(CatalogError, match=r"no user of 2 .* at least two different items"):
        leave_last_out(interactions(("ann", "a", 1), ("bob", "b", 1)))


def test_a_cutoff_parts_past_from_future() -> None:
    split = global_time(
        interactions(
            ("ann", "a", 1),
            ("ann", "b", 9),
            ("ann", "c", 10),
            ("bob", "d", 2),
            ("new", "e", 10),
        ),
        cutoff=9,
    )
    assert held_out(split) == {"ann": "bc"}
    assert histories(split) == {"ann": "a"}
    assert split.n_users_left_out == 2
    assert split.cutoff == 9


def test_repeats_after_the_cutoff_are_left_out() -> None:
    split = global_time(
        interactions(("ann", "a", 1), ("ann", "a", 9), ("ann", "b", 9), ("ann", "b", 10)), cutoff=9
    )
    assert held_out(split) == {"ann": "b"}
    assert split.n_repeats_left_out == 2


def test_a_share_places_the_cutoff() -> None:
    many = interactions(*[("ann", item, time) for time, item in enumerate("abcdef")])
    split = global_time(many, test_share=0.3)
    assert held_out(split) == {"ann": "ef"}


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"test_share": 0.0}, "test_share is 0.0"),
        ({"cutoff": 1}, "leaves one side empty"),
        ({"cutoff": 99}, "leaves one side empty"),
    ],
)
def test_a_cutoff_needs_two_sides(settings_: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        global_time(TWO_USERS, **settings_)


def test_time_needs_timestamps() -> None:
    with pytest.raises(CatalogError, match="no timestamps"):
        global_time(interactions(("ann", "a", 0), ("ann", "b", 0)))


def test_splits_are_frozen() -> None:
    split = leave_last_out(TWO_USERS)
    with pytest.raises(FrozenInstanceError):
        split.protocol = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        split.train.row[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        next(iter(split)).truth[0] = 5


def test_a_planted_pair_is_named() -> None:
    split = leave_last_out(TWO_USERS)
    with pytest.raises(CatalogError, match="leak: user 'ann' with item 'a' is in training and in"):
        check_no_leak(replace(split, train=TWO_USERS))


def test_training_after_the_test_choice_is_named() -> None:
    split = leave_last_out(TWO_USERS)
    later = replace(split.train, timestamp=split.train.timestamp + 10)
    with pytest.raises(CatalogError, match="user 'ann' with item 'b' is in training after the"):
        check_no_leak(replace(split, train=later))


@pytest.mark.parametrize(("moved", "message"), [(2, "after cutoff 2"), (99, "before cutoff 99")])
def test_crossing_the_cutoff_is_named(moved: int, message: str) -> None:
    split = global_time(TWO_USERS, cutoff=3)
    with pytest.raises(CatalogError, match=message):
        check_no_leak(replace(split, cutoff=moved))


choices = st.lists(
    st.tuples(st.sampled_from(["ann", "bob", "cyd"]), st.sampled_from("abcdef"), st.integers(1, 9)),
    min_size=2,
    max_size=30,
)


@settings(deadline=None)
@given(choices)
def test_no_split_leaks(made: list[Choice]) -> None:
    every = interactions(*made)
    splits = []
    for make in (leave_last_out, leave_second_last_out, global_time, global_time_last):
        try:
            splits.append(make(every))
        except (CatalogError, ConfigError):
            continue
    for split in splits:
        check_no_leak(split)
        assert len(split.train) + len(split.test) <= len(every)
        for case in split:
            assert len(case.history) >= 1
            assert len(case.truth) >= 1
            assert not set(case.history.tolist()) & set(case.truth.tolist())
    if splits and splits[0].protocol == "leave-last-one-out":
        assert np.bincount(splits[0].test.user).max() == 1


STAYERS = interactions(
    ("ann", "a", 1), ("ann", "b", 9), ("ann", "c", 10), ("bob", "d", 2), ("bob", "e", 3),
    ("new", "e", 10), ("new", "f", 11), ("one", "a", 12),
)  # fmt: skip


def test_the_last_choice_after_a_cutoff_is_told_all_before_it() -> None:
    split = global_time_last(STAYERS, cutoff=9)
    assert held_out(split) == {"ann": "c", "new": "f"}
    assert histories(split) == {"ann": "ab", "new": "e"}
    assert [CATALOG.at(row).item_id for row in split.train.row] == ["a", "d", "e"]
    assert (split.protocol, split.cutoff, split.n_users_left_out) == ("global-time-last", 9, 2)


def test_a_repeated_last_choice_after_the_cutoff_is_left_out() -> None:
    split = global_time_last(
        interactions(("ann", "a", 1), ("ann", "a", 9), ("bob", "b", 9), ("bob", "c", 9)), cutoff=9
    )
    assert held_out(split) == {"bob": "c"}
    assert split.n_repeats_left_out == 1


def test_a_target_in_a_history_is_named() -> None:
    split = global_time_last(STAYERS, cutoff=9)
    with pytest.raises(CatalogError, match="'ann' with item 'c' is in a history and in test"):
        check_no_leak(replace(split, told=STAYERS))
    assert split.told is not None
    later = replace(split.told, timestamp=split.told.timestamp + 10)
    with pytest.raises(CatalogError, match="is in a history after the user's test choice"):
        check_no_leak(replace(split, told=later))


def test_a_leak_is_found_across_numberings() -> None:
    other = Catalog(Item(name, f"Film {name}") for name in "zfedcba")
    known = Interactions.from_records(
        [Interaction("cyd", "a", None, 1), Interaction("bob", "d", None, 99)], other
    )
    split = leave_last_out(TWO_USERS)
    with pytest.raises(CatalogError, match="'bob' with item 'd' is known and in test"):
        check_unknown(split.test, known, "known")
    check_unknown(split.test, Interactions.from_records([], other), "known")
