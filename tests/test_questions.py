"""Questions back: their gain is mutual information, by brute force; and they cost no token.

Run: pytest tests/test_questions.py -n 0
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.codec import Codec
from m6rec.decoding.distribution import CatalogDistribution, Question
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.score import score
from m6rec.decoding.voices import Voice
from m6rec.index import index_catalog
from m6rec.questions import PAIR, Questioner, item_shares
from m6rec.vocabulary import Vocabulary
from tests.tiny import shared_lm, tokenizer
from tests.tiny_catalogs import bare_titles, film_index, films

FILMS = films()
QUESTIONER = Questioner(film_index())
EVEN = np.full(len(FILMS), 1 / len(FILMS))


def best(shares, **options):
    found = QUESTIONER.best(shares, **options)
    if found is None:
        raise AssertionError("there is a question to ask")
    return found


def entropy(values):
    return -sum(v * np.log(v) for v in values if v > 0)


def gain_of_kinds(shares, values):
    """H(item) - E[H(item | answer)], answer by answer."""
    joint = np.zeros((len(values) + 1, len(shares)))
    for row, item in enumerate(FILMS):
        fits = [n for n, value in enumerate(values) if value in item.values("genres")]
        for n in fits or [len(values)]:
            joint[n, row] += shares[row] / max(len(fits), 1)
    after = sum(p.sum() * entropy(p / p.sum()) for p in joint if p.sum() > 0)
    return entropy(shares) - after


shares_of_films = st.lists(st.integers(0, 20), min_size=len(FILMS), max_size=len(FILMS)).filter(any)


@settings(deadline=None, max_examples=60)
@given(shares_of_films)
def test_the_gain_is_the_expected_fall_of_the_entropy(weights):
    shares = np.array(weights) / sum(weights)
    found = QUESTIONER.best(shares, without=("year", PAIR))
    if found is None:
        return
    spoken = {"science fiction": "Sci-Fi"}
    values = [spoken.get(c.label, c.label.title()) for c in found.choices]
    assert found.gain == pytest.approx(gain_of_kinds(shares, values), abs=1e-9)
    assert found.entropy == pytest.approx(entropy(shares))
    assert -1e-9 <= found.gain <= found.entropy + 1e-9


def test_decades_part_a_catalog_of_one_kind():
    shares = np.array([float("Comedy" in item.values("genres")) for item in FILMS])
    found = best(shares / shares.sum(), without=("genres",))
    assert found.topic == "year"
    assert [c.label for c in found.choices] == ["1980s", "1990s", "2000s"]
    assert found.choices[0].wish == "from the 1980s"
    assert found.focus == pytest.approx(1.0)


def test_a_pair_parts_what_neither_kind_nor_decade_does():
    found = best(EVEN, without=("genres", "year"))
    assert found.topic == PAIR
    assert len({c.item_id for c in found.choices}) == 2
    assert 0 < found.gain <= np.log(2)
    assert {c.label for c in found.choices} <= {item.title for item in FILMS}


def test_the_best_question_is_asked_and_topics_can_be_left_out():
    every = {
        topic: best(EVEN, without={"genres", "year", PAIR} - {topic}).gain
        for topic in ("genres", "year", PAIR)
    }
    found = best(EVEN)
    assert found.gain == max(every.values())
    assert every[found.topic] == found.gain
    assert QUESTIONER.best(EVEN, without=("genres", "year", PAIR)) is None


def test_of_one_likely_item_nothing_is_worth_asking():
    shares = np.zeros(len(FILMS))
    shares[3] = 1.0
    found = QUESTIONER.best(shares)
    assert found is None or found.gain == pytest.approx(0.0, abs=1e-9)


def test_bare_titles_can_only_be_held_against_each_other():
    index = index_catalog(bare_titles(), Codec(tokenizer()), Vocabulary.load())
    shares = np.full(len(index.catalog), 1 / len(index.catalog))
    found = Questioner(index).best(shares)
    assert found is None or found.topic == PAIR


@pytest.fixture(scope="module")
def distribution():
    index, codec = film_index(), Codec(tokenizer())
    model = LanguageModel(shared_lm())
    neutral = NeutralTable(index.tree, model, codec.prompt("User: x\nMovie:"))
    return CatalogDistribution(index.tree, model, codec, neutral, index.described)


def question(prompt):
    voice = Voice("popularity", 0.5, FILMS.popularity + 1.0, 1.0)
    return Question(f"User: {prompt}\nMovie:", (voice,), 1.0)


def test_shares_are_a_distribution_over_what_is_allowed(distribution):
    asked = question("a comedy")
    allowed = np.array([row % 2 == 0 for row in range(len(FILMS))])
    shares = item_shares(distribution.ask(asked), asked, allowed)
    assert shares.sum() == pytest.approx(1.0)
    assert not shares[~allowed].any()


def test_where_every_node_is_open_the_shares_are_exact(distribution):
    asked = question("a comedy")
    reader = distribution.ask(asked)
    exact = np.exp([found.total for found in score(reader, range(len(FILMS)))])
    everything = np.ones(len(FILMS), dtype=np.bool_)
    assert item_shares(reader, asked, everything) == pytest.approx(exact, abs=1e-9)


def test_asking_about_what_was_just_answered_reads_nothing(distribution):
    asked = question("something funny")
    distribution.ask(asked)
    before = distribution.model.tokens
    item_shares(distribution.ask(asked), asked, np.ones(len(FILMS), dtype=np.bool_))
    assert distribution.model.tokens == before


def test_shares_survive_a_crowd_that_knows_only_forbidden_items(distribution):
    mass = np.zeros(len(FILMS))
    mass[0] = 1.0
    asked = Question("User: x\nMovie:", (Voice("crowd", 1.0, mass),), 0.0)
    allowed = np.ones(len(FILMS), dtype=np.bool_)
    allowed[0] = False
    assert item_shares(distribution.ask(asked), asked, allowed).sum() == pytest.approx(1.0)
