"""Vectors from neighbours in time: against an exact decomposition, and at the edges.

Run: pytest tests/test_co_occurrence.py -n 0
"""

import numpy as np
import pytest
import torch

from m6rec.candidates import co_occurrence
from m6rec.catalog import Catalog
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item

N_ITEMS = 6
CATALOG = Catalog(Item(str(row), f"Film {row}") for row in range(N_ITEMS))


def seen(*histories: list[int]) -> Interactions:
    records = [
        Interaction(f"user {user}", str(row), None, time)
        for user, history in enumerate(histories)
        for time, row in enumerate(history)
    ]
    return Interactions.from_records(records, CATALOG)


def test_against_an_exact_decomposition() -> None:
    histories = [[0, 1, 2], [1, 0, 3], [0, 0, 4]]
    counts = np.zeros((N_ITEMS, N_ITEMS))
    for history in histories:
        for first in range(3):
            for second in range(first + 1, 3):
                one, other = history[first], history[second]
                if one != other:
                    counts[one, other] += 0.8 ** (second - first)
                    counts[other, one] += 0.8 ** (second - first)
    total = counts.sum(1) + 5
    matrix = np.log1p(counts * counts.sum() / np.outer(total, total))
    left, values, _ = np.linalg.svd(matrix)
    exact = left[:, :3] * np.sqrt(values[:3])
    exact /= np.sqrt(np.mean(exact**2)) * 3**0.5
    found = co_occurrence.vectors(seen(*histories), N_ITEMS, 3)
    # The sign of a column is free.
    assert np.abs(found) == pytest.approx(np.abs(exact), abs=1e-4)


def test_what_is_chosen_nearby_lies_nearby() -> None:
    found = co_occurrence.vectors(seen(*[[0, 1, 2]] * 5, *[[3, 4]] * 5), N_ITEMS, 2)
    assert found[0] @ found[1] > abs(found[0] @ found[3])
    assert found[5].tolist() == [0.0, 0.0]


def test_nothing_to_learn_from_gives_zeros() -> None:
    assert not co_occurrence.vectors(seen([0], [1]), N_ITEMS, 4).any()


def test_a_catalog_smaller_than_the_width_leaves_columns_empty() -> None:
    found = co_occurrence.vectors(seen([0, 1], [2, 3]), N_ITEMS, 9)
    assert found.shape == (N_ITEMS, 9)
    assert not found[:, N_ITEMS:].any()


def test_the_seed_alone_decides_and_the_global_state_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    one, same = (co_occurrence.vectors(seen([0, 1, 2]), N_ITEMS, 2, seed=7) for _ in range(2))
    assert one.tolist() == same.tolist()
    assert torch.equal(before, torch.random.get_rng_state())
