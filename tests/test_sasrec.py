"""SASRec learns an order, treats any history alike, and stops when it should.

Run: pytest tests/test_sasrec.py -n 0
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from m6rec.candidates import sasrec
from m6rec.candidates.self_attention import SelfAttention
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError, ModelError
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item
from m6rec.split import Case, leave_last_out

N_ITEMS = 12
CATALOG = Catalog(Item(str(row), f"Film {row}") for row in range(N_ITEMS))
SMALL = sasrec.Settings(
    width=8, length=4, dropout=0.0, negatives=0, learning_rate=0.05, batch=8, epochs=12
)


def seen(*histories: list[int]) -> Interactions:
    records = [
        Interaction(f"user {user}", str(row), None, time)
        for user, history in enumerate(histories)
        for time, row in enumerate(history)
    ]
    return Interactions.from_records(records, CATALOG)


def rows(*history: int) -> NDArray[np.int32]:
    return np.array(history, np.int32)


RING = seen(*[[(user + step) % N_ITEMS for step in range(7)] for user in range(N_ITEMS)])
"""Everybody walks the rows in order: what follows row r is r + 1."""


@pytest.fixture(scope="module")
def model() -> sasrec.SasRec:
    return sasrec.fit(RING, N_ITEMS, SMALL)


def test_it_learns_what_follows(model: sasrec.SasRec) -> None:
    for start in range(N_ITEMS):
        history = [(start + step) % N_ITEMS for step in range(3)]
        assert int(np.argmax(model.scores(rows(*history)))) == (start + 3) % N_ITEMS


def test_drawn_negatives_teach_the_same() -> None:
    sampled = sasrec.fit(RING, N_ITEMS, replace(SMALL, negatives=6))
    assert int(np.argmax(sampled.scores(rows(4, 5, 6)))) == 7


def test_the_same_seed_gives_the_same_scores(model: sasrec.SasRec) -> None:
    before = torch.random.get_rng_state()
    again = sasrec.fit(RING, N_ITEMS, SMALL)
    assert torch.equal(before, torch.random.get_rng_state())
    assert again.scores(rows(1, 2)).tolist() == model.scores(rows(1, 2)).tolist()
    other = sasrec.fit(RING, N_ITEMS, replace(SMALL, seed=1))
    assert other.scores(rows(1, 2)).tolist() != model.scores(rows(1, 2)).tolist()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, N_ITEMS - 1), max_size=9))
def test_any_history_is_scored_by_its_last_choices(
    model: sasrec.SasRec, history: list[int]
) -> None:
    scores = model.scores(rows(*history))
    assert scores.shape == (N_ITEMS,)
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()
    mass = model.mass(rows(*history))
    assert mass.sum() == pytest.approx(1)
    assert (mass > 0).all()
    assert int(np.argmax(mass)) == int(np.argmax(scores))
    recent = history[-SMALL.length :]
    assert model.scores(rows(*recent)).tolist() == scores.tolist()


def test_an_empty_history_leaves_what_is_popular() -> None:
    popular = seen(*[[0, 1 + user] for user in range(8)])
    scores = sasrec.fit(popular, N_ITEMS, replace(SMALL, epochs=1, learning_rate=1e-4)).scores(
        rows()
    )
    assert int(np.argmax(scores)) == 0


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=6), st.integers(0, N_ITEMS - 1))
def test_no_state_knows_the_future(history: list[int], following: int) -> None:
    torch.manual_seed(0)
    network = SelfAttention(N_ITEMS, 8, blocks=2, heads=4, dropout=0.5).eval()
    with torch.inference_mode():
        alone = network(torch.tensor([history]))
        followed = network(torch.tensor([[*history, following, N_ITEMS]]))
    assert torch.allclose(alone[0], followed[0, : len(history)], atol=1e-5)


def test_every_choice_is_read_as_context_of_the_next() -> None:
    training = sasrec._Training(seen(list(range(11)), [3], [5, 4]), N_ITEMS, SMALL)
    for _ in range(20):
        pairs = set()
        for given_rows, wanted in training._batches():
            assert given_rows.shape[1] <= SMALL.length
            known = wanted < N_ITEMS
            pairs |= {*zip(given_rows[known].tolist(), wanted[known].tolist(), strict=True)}
        assert pairs == {*zip(range(10), range(1, 11), strict=True), (5, 4)}


def test_blanked_items_are_still_predicted() -> None:
    training = sasrec._Training(RING, N_ITEMS, replace(SMALL, item_dropout=0.9))
    given_rows, wanted = next(training._batches())
    wished = wanted < N_ITEMS
    assert wished.sum() >= len(wanted)
    assert (given_rows[wished] == N_ITEMS).float().mean() > 0.5


def test_training_stops_when_held_out_choices_get_no_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached = iter([0.1, 0.4, 0.3, 0.2, 0.9])
    watched_lengths = []

    def measured(model: sasrec.SasRec, cases: list[object]) -> float:
        watched_lengths.append(len(cases))
        return next(reached)

    monkeypatch.setattr(sasrec, "_ndcg", measured)
    patient = sasrec.fit(RING, N_ITEMS, replace(SMALL, patience=2))
    assert watched_lengths == [N_ITEMS] * 4
    # The weights are those of the second epoch, of a run that was planned as long.
    train = leave_last_out(RING).train
    with torch.random.fork_rng():
        torch.manual_seed(SMALL.seed)
        twice = sasrec._Training(train, N_ITEMS, SMALL)
        twice._epoch(0)
        twice._epoch(1)
    kept, expected = patient.network.state_dict(), twice._network.state_dict()
    assert all(torch.equal(kept[name], expected[name]) for name in expected)


def test_ndcg_of_held_out_choices() -> None:
    class Fixed:
        def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
            return np.arange(N_ITEMS, dtype=np.float64)

    cases = [
        Case("a", rows(11), rows(10)),
        Case("b", rows(3), rows(9)),
        Case("c", rows(3), rows(0)),
    ]
    expected = (1 + 1 / np.log2(4) + 0) / 3
    assert sasrec._ndcg(Fixed(), cases) == pytest.approx(expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 0}, "width is 0"),
        ({"dropout": 1.0}, r"dropout is 1\.0"),
        ({"negatives": -1}, "negatives is -1"),
        ({"learning_rate": 0.0}, r"learning_rate is 0\.0"),
        ({"heads": 3}, "heads 3 do not fit width 8"),
        ({"width": 10, "heads": 5}, "heads 5 do not fit"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(SMALL, **wrong)  # type: ignore[arg-type]


def test_an_unknown_row_and_nothing_to_watch_are_refused(model: sasrec.SasRec) -> None:
    with pytest.raises(ConfigError, match="row 12"):
        model.scores(rows(12))
    with pytest.raises(ConfigError, match="row 11"):
        sasrec.fit(RING, 11, SMALL)
    with pytest.raises(ConfigError, match="nothing to watch"):
        sasrec.fit(seen([0], [1]), N_ITEMS, replace(SMALL, patience=1))


def test_a_loss_that_is_no_number_is_an_error() -> None:
    with pytest.raises(ModelError, match="choose a lower learning_rate"):
        sasrec.fit(RING, N_ITEMS, replace(SMALL, learning_rate=1e30))
