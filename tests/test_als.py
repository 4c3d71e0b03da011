"""ALS: the fold-in against the library's own, and what the vectors say.

Run: pytest tests/test_als.py -n 0
"""

import sys

import numpy as np
import pytest
import scipy.sparse
import threadpoolctl
from implicit.cpu.als import AlternatingLeastSquares

from m6rec.candidates import als
from m6rec.errors import ConfigError, MissingExtraError
from tests.choices import N_ITEMS, TOGETHER, chosen, rows


@pytest.mark.parametrize("history", [[0], [2, 0], [4, 1, 3]])
def test_folding_in_is_what_the_library_does(history: list[int]) -> None:
    model = als.fit(
        chosen(*TOGETHER), N_ITEMS, factors=3, regularisation=0.5, confidence=6, history_decay=0.5
    )
    with threadpoolctl.threadpool_limits(1, "blas"):
        theirs = AlternatingLeastSquares(factors=3, regularization=0.5, alpha=6, num_threads=1)
        theirs.item_factors = model.items.astype(np.float32)
        weights = 0.5 ** np.arange(len(history))[::-1]
        one = scipy.sparse.csr_matrix(
            (weights, ([0] * len(history), history)), (1, N_ITEMS), dtype=np.float32
        )
        person = theirs.recalculate_user(0, one)
    expected = (model.items @ person).tolist()
    assert model.scores(rows(*history)).tolist() == pytest.approx(expected, abs=1e-5)


def test_what_is_chosen_together_is_proposed_to_a_new_person() -> None:
    model = als.fit(chosen(*TOGETHER), N_ITEMS, factors=2, regularisation=0.1)
    for row, expected in ((0, 1), (3, 2)):
        scores = model.scores(rows(row))
        scores[row] = -np.inf
        assert int(np.argmax(scores)) == expected


def test_the_seed_decides() -> None:
    first, again, other = (
        als.fit(chosen(*TOGETHER), N_ITEMS, factors=4, iterations=2, seed=seed).items
        for seed in (0, 0, 1)
    )
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_nothing_to_learn_from_says_nothing() -> None:
    assert als.fit(chosen(), N_ITEMS).scores(rows(1)).tolist() == [0] * N_ITEMS


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"factors": 0}, "factors 0"),
        ({"iterations": 0}, "iterations 0"),
        ({"regularisation": 0.0}, r"regularisation 0\.0"),
        ({"confidence": -1.0}, r"confidence -1\.0"),
        ({"history_decay": 2.0}, r"history_decay is 2\.0"),
    ],
)
def test_settings_out_of_range_are_refused(setting: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        als.fit(chosen([0, 1]), N_ITEMS, **setting)  # type: ignore[arg-type]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    with pytest.raises(MissingExtraError, match=r"ALS needs .* pip install 'm6rec\[eval\]'"):
        als.fit(chosen([0, 1]), N_ITEMS)
