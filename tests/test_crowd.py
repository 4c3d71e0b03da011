"""The crowd is a product: every source is heard, and none has to know the newest items.

Run: pytest tests/test_crowd.py -n 0
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.candidates import alike, crowd, markov, sasrec
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions
from tests.choices import CATALOG, N_ITEMS, TOGETHER, chosen, rows
from tests.tiny_catalogs import choices
from tests.tiny_catalogs import films as tiny_films

CHOICES = chosen(*TOGETHER)
IDS = [item.item_id for item in CATALOG]


def without_row(known: Interactions, row: int) -> Interactions:
    """The choices of all other items."""
    left = known.row != row
    return replace(
        known,
        user=known.user[left],
        row=known.row[left],
        rating=known.rating[left],
        timestamp=known.timestamp[left],
    )


QUICK = crowd.Training(seed=1, epochs=1)
LEARNED = crowd.learn(CHOICES, N_ITEMS, QUICK)
CROWD = crowd.fit(CHOICES, N_ITEMS, learned=LEARNED)
HISTORIES = st.lists(st.integers(0, N_ITEMS - 1), max_size=6)


@settings(deadline=None)
@given(history=HISTORIES)
def test_the_mass_is_the_product_of_powers(history: list[int]) -> None:
    heard = rows(*history)
    product = np.ones(N_ITEMS)
    for name, source in CROWD.sources.items():
        product *= source.mass(heard) ** crowd.SOURCES[name].weight
    mass = CROWD.mass(heard)
    assert mass == pytest.approx(product / product.sum())
    assert (mass > 0).all()
    assert np.argsort(CROWD.scores(heard)).tolist() == np.argsort(mass).tolist()


def test_every_source_is_heard_that_can_be_made() -> None:
    assert [*CROWD.sources] == ["markov", "sasrec"]
    films, liked = tiny_films(), alike.fit(tiny_films())
    everything = crowd.fit(choices(films), len(films), learned={}, alike=liked)
    assert [*everything.sources] == ["markov", "words"]
    assert set(everything.sources) < set(crowd.SOURCES)
    terms = everything.terms(rows(1))
    assert sum(terms.values()) == pytest.approx(everything.scores(rows(1)))


def test_what_nobody_chose_counts_as_its_likeliest_kin_do_and_a_little_less() -> None:
    films = tiny_films()
    liked, known = alike.fit(films), choices(films)
    unheard = known.row[-1]
    rest = without_row(known, unheard)
    whole = crowd.fit(rest, len(films), learned={}, alike=liked)
    assert unheard in whole.fresh
    bare = scores_of_choices(whole)
    at = whole.fresh.tolist().index(unheard)
    assert bare[unheard] == pytest.approx(bare[whole.kin[at]].max() - crowd.STRANGER)
    assert not {*whole.kin.ravel().tolist()} & {*whole.fresh.tolist()}
    told = whole.update(known)
    assert unheard not in told.fresh
    fitted = crowd.fit(known, len(films), learned={}, alike=liked)
    assert scores_of_choices(told)[unheard] == pytest.approx(scores_of_choices(fitted)[unheard])


def scores_of_choices(whole: crowd.Crowd) -> np.ndarray:
    """What the sources say that are made of choices."""
    terms = whole.terms(rows(0))
    return whole.together({name: terms[name] for name in terms if name != "words"})


def test_new_choices_speak_at_once_and_what_was_trained_stays() -> None:
    more = chosen(*TOGETHER, *([[0, 5]] * 9))
    told = CROWD.update(more)
    assert told.mass(rows(0))[5] > CROWD.mass(rows(0))[5]
    assert told.sources["sasrec"] is CROWD.sources["sasrec"]
    assert told.mass(rows(0)) == pytest.approx(
        crowd.fit(more, N_ITEMS, learned=LEARNED).mass(rows(0))
    )
    with pytest.raises(ConfigError, match="the crowd knows 7"):
        CROWD.update(more, 6)


def test_without_what_is_trained_the_chain_speaks_alone() -> None:
    alone = crowd.fit(CHOICES, N_ITEMS, learned={})
    assert alone.mass(rows(0)) == pytest.approx(markov.fit(CHOICES, N_ITEMS).mass(rows(0)))


def test_the_seed_decides_and_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    training = crowd.Training(seed=1, epochs=2, progress=lambda *now: told.append(now))
    first, again, other = (
        crowd.fit(CHOICES, N_ITEMS, training=t).mass(rows(0, 1)).tolist()
        for t in (training, crowd.Training(seed=1, epochs=2), crowd.Training(seed=2, epochs=2))
    )
    assert first == again != other
    assert told == [("sasrec", 1, 2), ("sasrec", 2, 2)]


def test_new_items_are_neither_favoured_nor_held_back_by_who_does_not_know_them() -> None:
    grown = crowd.fit(CHOICES, N_ITEMS + 2, learned=LEARNED)
    for history in ([], [0], [7], [0, 8, 1]):
        known = [row for row in history if row < N_ITEMS]
        spoken = np.log(LEARNED["sasrec"].mass(rows(*known)))
        chain = np.log(markov.fit(CHOICES, N_ITEMS + 2).mass(rows(*history)))
        scores = grown.scores(rows(*history))
        assert scores[:N_ITEMS] == pytest.approx(chain[:N_ITEMS] + 0.8 * spoken)
        assert scores[N_ITEMS:] == pytest.approx(chain[N_ITEMS:] + 0.8 * spoken.mean())


def test_a_row_outside_the_catalog_is_refused() -> None:
    with pytest.raises(ConfigError, match="row 7"):
        CROWD.mass(rows(7))


def test_what_was_trained_comes_back_from_a_folder(tmp_path: Path) -> None:
    crowd.save(LEARNED, tmp_path / "crowd", IDS)
    loaded = crowd.fit(CHOICES, N_ITEMS, learned=crowd.load(tmp_path / "crowd", IDS))
    assert loaded.mass(rows(0, 2)) == pytest.approx(CROWD.mass(rows(0, 2)), rel=0.02)


def test_a_folder_without_it_gives_nothing_and_nothing_makes_no_folder(tmp_path: Path) -> None:
    crowd.save({}, tmp_path / "crowd", IDS)
    assert not (tmp_path / "crowd").exists()
    assert crowd.load(tmp_path / "crowd", IDS) == {}


def test_masses_too_small_for_a_number_stay_above_zero() -> None:
    class Sure:
        def mass(self, history: object) -> np.ndarray:
            return np.array([1.0, 0.0, 1e-300])

    mass = crowd.Crowd({"a": Sure(), "b": Sure()}, {"a": 1.0, "b": 1.0}, 3).mass(rows(0))
    assert (mass > 0).all()
    assert mass.argmax() == 0


def test_the_default_training_is_that_of_sasrec() -> None:
    model = crowd.learn(chosen([0, 1]), N_ITEMS)["sasrec"]
    assert isinstance(model, sasrec.SasRec)
    assert model.settings == sasrec.DEFAULT
