"""History pairs: what came next follows what came before, and nothing held out appears.

Run: pytest tests/test_histories.py -n 0
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.interactions import Interactions
from m6rec.pairs.histories import LONGEST, SHORTEST, HistoryPairs
from m6rec.records import Interaction, TextPair
from m6rec.split import leave_last_out
from tests.tiny_catalogs import choices, films

CATALOG = films()


def draw(pairs: HistoryPairs, n: int = 300, seed: int = 2) -> list[TextPair]:
    rng = np.random.default_rng(seed)
    return [pairs.draw(rng) for _ in range(n)]


def ids(interactions: Interactions, user: str, catalog: Catalog = CATALOG) -> tuple[str, ...]:
    return tuple(catalog.at(int(row)).item_id for row in interactions.history(user))


def test_the_same_seed_draws_the_same_pairs() -> None:
    pairs = HistoryPairs(CATALOG, choices(CATALOG), ("more",))
    assert draw(pairs) == draw(pairs)
    assert draw(pairs) != draw(pairs, seed=3)


def test_a_pair_is_a_stretch_of_one_history_and_what_came_right_after() -> None:
    interactions = choices(CATALOG)
    histories = [ids(interactions, user) for user in interactions.user_ids]
    for pair in draw(HistoryPairs(CATALOG, interactions)):
        assert pair.task == "history"
        assert pair.descriptions == ()
        assert len(pair.item_ids) == 1
        stretch = (*pair.liked, *pair.item_ids)
        assert any(
            history[at : at + len(stretch)] == stretch
            for history in histories
            for at in range(len(history))
        ), pair


def test_lengths_are_bounded_and_both_bounds_are_reached() -> None:
    interactions = choices(CATALOG, n_users=2, length=20)
    lengths = {len(pair.liked) for pair in draw(HistoryPairs(CATALOG, interactions), 600)}
    assert lengths == set(range(SHORTEST, LONGEST + 1))


def test_every_position_but_the_first_of_each_user_is_a_target() -> None:
    interactions = choices(CATALOG, n_users=2, length=5)
    pairs = HistoryPairs(CATALOG, interactions)
    assert len(pairs) == 2 * 4
    targets = {pair.item_ids[0] for pair in draw(pairs)}
    assert targets == {
        item for user in interactions.user_ids for item in ids(interactions, user)[1:]
    }


def test_nothing_held_out_appears() -> None:
    """A user's last choice is in no pair made of that user's history, as a target or before one."""
    interactions = choices(CATALOG, n_users=1, length=12)
    split = leave_last_out(interactions)
    (case,) = split
    (held_out,) = [CATALOG.at(int(row)).item_id for row in case.truth]
    assert held_out == ids(interactions, "u0")[-1]
    for pair in draw(HistoryPairs(CATALOG, split.train)):
        assert held_out not in (*pair.liked, *pair.item_ids)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 19), st.integers(1, 50)),
        min_size=2,
        max_size=60,
    )
)
def test_no_pair_of_a_training_part_is_a_held_out_choice(
    made: list[tuple[int, int, int]],
) -> None:
    interactions = Interactions.from_records(
        [Interaction(f"u{u}", CATALOG.at(i).item_id, None, t) for u, i, t in made], CATALOG
    )
    try:
        train = leave_last_out(interactions).train
    except CatalogError:
        return
    pairs = HistoryPairs(CATALOG, train)
    if not len(pairs):
        return
    sequences = [ids(train, user) for user in train.user_ids]
    for pair in draw(pairs, 40):
        stretch = (*pair.liked, *pair.item_ids)
        assert any(
            sequence[at : at + len(stretch)] == stretch
            for sequence in sequences
            for at in range(len(sequence))
        )


def test_words_are_said_along_now_and_then_and_only_the_given_ones() -> None:
    pairs = draw(HistoryPairs(CATALOG, choices(CATALOG), ("more", "again")), 1000)
    share = sum(pair.request != "" for pair in pairs) / len(pairs)
    assert 0.2 < share < 0.4
    assert {pair.request for pair in pairs} == {"", "more", "again"}
    assert {pair.request for pair in draw(HistoryPairs(CATALOG, choices(CATALOG)))} == {""}


@pytest.mark.parametrize("n_users", [0, 3])
def test_nobody_with_two_choices_means_no_pairs_and_a_clear_error(n_users: int) -> None:
    pairs = HistoryPairs(CATALOG, choices(CATALOG, n_users=n_users, length=1))
    assert len(pairs) == 0
    with pytest.raises(CatalogError, match="two"):
        pairs.draw(np.random.default_rng(0))
