"""User-based neighbours against fractions worked by hand and a plain second implementation.

Run: pytest tests/test_user_neighbours.py -n 0
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.candidates import user_neighbours
from m6rec.errors import ConfigError
from tests.choices import N_ITEMS, TOGETHER, chosen, rows


def plain(
    train: list[list[int]], history: list[int], k: int, shrinkage: float, discount: float
) -> list[float]:
    """The formula of the docstrings, one user and item at a time."""
    counts = [sum(row in set(u) for u in train) for row in range(N_ITEMS)]
    weight = [np.log1p(len(train) / max(count, 1)) for count in counts]
    given_rows = {row: 0.5**age * weight[row] for age, row in enumerate(reversed(history))}
    own = sum(value**2 for value in given_rows.values()) ** 0.5
    similar = []
    for user in train:
        dot = sum(given_rows.get(row, 0) * weight[row] for row in set(user))
        similar.append(dot / (own * sum(weight[r] ** 2 for r in set(user)) ** 0.5 + shrinkage))
    border = sorted(similar, reverse=True)[min(k, len(train)) - 1]
    return [
        sum(s for s, user in zip(similar, train, strict=True) if s >= border and row in user)
        / (counts[row] + 5) ** discount
        for row in range(N_ITEMS)
    ]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=9), min_size=1, max_size=9),
    st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=6, unique=True),
    st.sampled_from([0.0, 0.5]),
)
def test_against_a_plain_implementation(
    train: list[list[int]], history: list[int], discount: float
) -> None:
    # All users speak: which of two equally similar ones is the border would hang on rounding.
    model = user_neighbours.fit(
        chosen(*train),
        N_ITEMS,
        neighbours=len(train),
        shrinkage=2,
        discount=discount,
        history_decay=0.5,
    )
    expected = plain(train, history, len(train), 2, discount)
    assert model.scores(rows(*history)).tolist() == pytest.approx(expected)


def test_similarities_by_hand() -> None:
    train = chosen([0], [0, 1], [2])
    model = user_neighbours.fit(train, N_ITEMS, shrinkage=1, history_decay=1)
    # Two of three users chose row 0, one chose row 1.
    known, rare = np.log(1 + 3 / 2), np.log(1 + 3)
    both = (known**2 + rare**2) ** 0.5
    expected = [known**2 / (known**2 + 1), known**2 / (known * both + 1), 0]
    assert model.similarities(rows(0)).tolist() == pytest.approx(expected)


def test_only_the_nearest_speak() -> None:
    model = user_neighbours.fit(chosen([0, 1, 2], [0, 3], [4]), N_ITEMS, neighbours=1)
    assert np.flatnonzero(model.scores(rows(0, 1))).tolist() == [0, 1, 2]
    everyone = user_neighbours.fit(chosen([0, 1, 2], [0, 3], [4]), N_ITEMS, neighbours=3)
    assert np.flatnonzero(everyone.scores(rows(0, 1))).tolist() == [0, 1, 2, 3]


def test_what_is_chosen_together_is_proposed_to_a_new_person() -> None:
    model = user_neighbours.fit(chosen(*TOGETHER), N_ITEMS)
    unseen = model.scores(rows(0))
    unseen[0] = 0
    assert int(np.argmax(unseen)) == 1
    # The recent past weighs more.
    late = model.scores(rows(0, 2))
    assert late[3] > late[1]


def test_the_discount_holds_popularity_against_an_item() -> None:
    train = chosen([0, 1], [0, 2], [3, 2], [4, 2])
    plain_scores, discounted = (
        user_neighbours.fit(train, N_ITEMS, discount=discount).scores(rows(0))
        for discount in (0.0, 1.0)
    )
    ratio = discounted[[1, 2]] / plain_scores[[1, 2]]
    assert ratio.tolist() == pytest.approx([1 / 6, 1 / 8])


def test_repeats_count_once() -> None:
    once, often = (
        user_neighbours.fit(chosen(history, [1, 2]), N_ITEMS).scores(rows(1))
        for history in ([0, 1], [0, 1, 0, 0])
    )
    assert once.tolist() == often.tolist()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"neighbours": 0}, "neighbours 0"),
        ({"shrinkage": 0.0}, r"shrinkage 0\.0"),
        ({"discount": -1.0}, r"discount -1\.0"),
        ({"history_decay": 0.0}, r"history_decay is 0\.0"),
    ],
)
def test_settings_out_of_range_are_refused(setting: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        user_neighbours.fit(chosen([0, 1]), N_ITEMS, **setting)  # type: ignore[arg-type]
