"""LightGCN: the smoothing is the published one, and new people, choices and items enter untrained.

Run: pytest tests/test_graph.py -n 0
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from m6rec.candidates import graph
from m6rec.candidates.lightgcn import Graph
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError, ModelError
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item

N_ITEMS = 8
CATALOG = Catalog(Item(str(row), f"Film {row}") for row in range(N_ITEMS + 1))
SMALL = graph.Settings(width=4, negatives=0, batch=16, epochs=30, learning_rate=0.05, seed=3)
WAR, SONG = [1.0, 0.0], [0.0, 1.0]
TEXTS = np.array([WAR] * 4 + [SONG] * 4, np.float32)


def seen(*histories: list[int]) -> Interactions:
    records = [
        Interaction(f"user {user}", str(row), None, time)
        for user, history in enumerate(histories)
        for time, row in enumerate(history)
    ]
    return Interactions.from_records(records, CATALOG)


def rows(*history: int) -> NDArray[np.int32]:
    return np.array(history, np.int32)


# Row 7 is a song that nobody chose.
CAMPS = seen(
    *[[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] * 2, *[[4, 5, 6], [6, 5, 4], [5, 4, 6]] * 2
)


@pytest.fixture(scope="module")
def model() -> graph.LightGcn:
    return graph.fit(CAMPS, N_ITEMS, SMALL, texts=TEXTS)


def smoothed_by_hand(
    histories: list[list[int]], vectors: NDArray[np.float64], layers: int
) -> NDArray[np.float64]:
    chosen = np.zeros((len(histories), len(vectors)))
    for user, history in enumerate(histories):
        chosen[user, history] = 1
    people, items = chosen.sum(1, keepdims=True), np.maximum(chosen.sum(0), 1)
    edges = chosen / np.sqrt(people * items)
    rounds = [vectors]
    for _ in range(layers):
        rounds.append(edges.T @ (edges @ rounds[-1]))
    lonely = chosen.sum(0) == 0
    mean: NDArray[np.float64] = np.where(lonely[:, None], vectors, np.mean(rounds, axis=0))
    return mean


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=6), min_size=1, max_size=6),
    st.integers(0, 3),
)
def test_smoothing_against_the_formula(histories: list[list[int]], layers: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(N_ITEMS, 3))
    found = Graph(seen(*histories), N_ITEMS).smooth(torch.from_numpy(vectors).float(), layers)
    expected = smoothed_by_hand(histories, vectors, layers)
    assert found.numpy() == pytest.approx(expected, abs=1e-5)


def test_smoothing_against_pyg() -> None:
    models = pytest.importorskip("torch_geometric.nn.models")
    histories = [[0, 1, 2], [2, 3], [3, 4, 5, 6], [0, 6]]
    vectors = torch.randn(N_ITEMS, 3, generator=torch.Generator().manual_seed(1))
    # Two of its layers are one round over people; people begin with nothing, and the layer between
    # has nothing for the items.
    peer = models.LightGCN(4 + N_ITEMS, 3, num_layers=2, alpha=torch.tensor([0.5, 0.0, 0.5]))
    with torch.no_grad():
        peer.embedding.weight.copy_(torch.cat((torch.zeros(4, 3), vectors)))
    one = torch.tensor([(user, 4 + row) for user, h in enumerate(histories) for row in h]).T
    published = peer.get_embedding(torch.cat((one, one.flip(0)), 1)).detach()[4:]
    found = Graph(seen(*histories), N_ITEMS).smooth(vectors, 1)
    # Nobody chose row 7: its vector is kept here and shrinks there.
    assert torch.allclose(found[:7], published[:7], atol=1e-6)


def test_it_proposes_what_the_like_minded_chose(model: graph.LightGcn) -> None:
    for history, camp in (((0, 1), {2, 3}), ((4, 5), {6, 7}), ((3,), {0, 1, 2})):
        scores = model.scores(rows(*history))
        scores[[*history]] = -np.inf
        assert {*np.argsort(-scores)[: len(camp)].tolist()} == camp


def test_an_item_nobody_chose_is_found_by_its_text_alone(model: graph.LightGcn) -> None:
    without = graph.fit(CAMPS, N_ITEMS, SMALL)
    assert model.scores(rows(4, 5))[7] > max(model.scores(rows(4, 5))[:4])
    assert without.scores(rows(4, 5))[7] == min(without.biases)


def test_the_model_scores_people_as_it_was_trained(model: graph.LightGcn) -> None:
    with torch.random.fork_rng():
        training = graph._Training(CAMPS, N_ITEMS, SMALL, TEXTS)
    places = torch.from_numpy(CAMPS.offsets[:-1] + 2)
    people = training._people(places, torch.from_numpy(model.smoothed)).numpy()
    for user in (0, 5, 8):
        history = CAMPS.row[CAMPS.offsets[user] : CAMPS.offsets[user] + 2]
        expected = model.biases + model.sharpness * (model.smoothed @ people[user])
        assert model.scores(history) == pytest.approx(expected, abs=1e-4)


def test_the_same_choices_change_nothing_and_new_ones_speak_at_once(model: graph.LightGcn) -> None:
    same = model.update(CAMPS)
    assert same.smoothed == pytest.approx(model.smoothed)
    more = seen(
        *[[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] * 2,
        *[[4, 5, 6], [6, 5, 4], [5, 4, 6]] * 2,
        *[[0, 7]] * 20,
    )
    told = model.update(more)
    before, after = (one.scores(rows(0)) - one.biases for one in (model, told))
    assert after[7] - after[1] > before[7] - before[1]
    assert told.first.tolist() == model.first.tolist()


def test_a_new_item_enters_by_its_text(model: graph.LightGcn) -> None:
    grown = model.update(CAMPS, N_ITEMS + 1, np.array([*TEXTS.tolist(), WAR], np.float32))
    scores = grown.scores(rows(0, 1))
    assert scores[N_ITEMS] > scores[7]
    untold = graph.fit(CAMPS, N_ITEMS, SMALL).update(CAMPS, N_ITEMS + 1)
    assert untold.scores(rows(0, 1))[N_ITEMS] == min(untold.biases)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, N_ITEMS - 1), max_size=9))
def test_any_history_is_folded_in(model: graph.LightGcn, history: list[int]) -> None:
    scores = model.scores(rows(*history))
    assert scores.shape == (N_ITEMS,)
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()
    mass = model.mass(rows(*history))
    assert mass.sum() == pytest.approx(1)
    assert (mass > 0).all()
    assert int(np.argmax(mass)) == int(np.argmax(scores))
    if not history:
        assert scores.tolist() == model.biases.tolist()


def test_the_seed_alone_decides(model: graph.LightGcn) -> None:
    before = torch.random.get_rng_state()
    again = graph.fit(CAMPS, N_ITEMS, SMALL, texts=TEXTS)
    assert torch.equal(before, torch.random.get_rng_state())
    assert again.scores(rows(1, 2)).tolist() == model.scores(rows(1, 2)).tolist()
    other = graph.fit(CAMPS, N_ITEMS, replace(SMALL, seed=4), texts=TEXTS)
    assert other.scores(rows(1, 2)).tolist() != model.scores(rows(1, 2)).tolist()


def test_the_map_of_texts_learns_at_its_own_rate() -> None:
    with torch.random.fork_rng():
        begun = graph._Training(CAMPS, N_ITEMS, SMALL, TEXTS).model()
    kept = graph.fit(CAMPS, N_ITEMS, replace(SMALL, map_rate=0, weight_decay=0), texts=TEXTS)
    learned = graph.fit(CAMPS, N_ITEMS, replace(SMALL, map_rate=1), texts=TEXTS)
    assert begun.text_map is not None
    assert kept.text_map is not None
    assert kept.text_map.tolist() == begun.text_map.tolist()
    assert learned.text_map != pytest.approx(begun.text_map, abs=0.01)
    assert kept.first[0].tolist() != begun.first[0].tolist()


def test_nothing_to_learn_from_is_no_error() -> None:
    lonely = graph.fit(seen([0], [1]), N_ITEMS, SMALL)
    assert np.isfinite(lonely.scores(rows(0))).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 0}, "width is 0"),
        ({"layers": -1}, "layers is -1"),
        ({"learning_rate": 0.0}, r"learning_rate 0\.0"),
        ({"own_dropout": 1.0}, r"own_dropout 1\.0"),
        ({"history_decay": 1.5}, r"history_decay is 1\.5"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(SMALL, **wrong)  # type: ignore[arg-type]


def test_rows_and_texts_of_another_catalog_are_refused(model: graph.LightGcn) -> None:
    with pytest.raises(ConfigError, match="row 8"):
        model.scores(rows(8))
    with pytest.raises(ConfigError, match="row 6"):
        graph.fit(CAMPS, 6, SMALL)
    with pytest.raises(ConfigError, match="3x2; give one vector for each of the 8 items"):
        graph.fit(CAMPS, N_ITEMS, SMALL, texts=TEXTS[:3])
    with pytest.raises(ConfigError, match="7 items, but the graph has 8"):
        model.update(CAMPS, 7)
    with pytest.raises(ConfigError, match="text vectors: none"):
        model.update(CAMPS, N_ITEMS + 1)
    with pytest.raises(ConfigError, match="3 long, those of training 2"):
        model.update(CAMPS, N_ITEMS + 1, np.zeros((N_ITEMS + 1, 3), np.float32))


def test_a_loss_that_is_no_number_is_an_error() -> None:
    with pytest.raises(ModelError, match="choose a lower learning_rate"):
        graph.fit(CAMPS, N_ITEMS, replace(SMALL, learning_rate=1e30))
