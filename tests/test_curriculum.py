"""The curriculum: what is judged by is never learned from.

Run: pytest tests/test_curriculum.py -n 0
"""

import numpy as np
import pytest

from m6rec.interactions import Interactions
from m6rec.pairs.curriculum import Curriculum
from m6rec.records import TextPair
from m6rec.vocabulary import Vocabulary
from tests.tiny_catalogs import choices, film_index, films

FILMS = films()


def curriculum(made: Interactions | None) -> Curriculum:
    return Curriculum(film_index(), Vocabulary.load(), "movie", made)


def drawn(made: Interactions | None, n: int = 800) -> list[TextPair]:
    lessons, rng = curriculum(made), np.random.default_rng(1)
    return [lessons.draw(rng) for _ in range(n)]


def ids(made: Interactions, user: str) -> list[str]:
    return [FILMS.at(int(row)).item_id for row in made.history(user)]


def test_the_last_two_choices_of_a_user_are_never_drawn() -> None:
    made = choices(FILMS, n_users=1, length=10)
    histories = [pair for pair in drawn(made) if pair.task == "history"]
    assert histories
    told = {item for pair in histories for item in (*pair.liked, *pair.item_ids)}
    assert told == set(ids(made, "u0")[:-2])


def test_validation_predicts_the_choice_before_the_last() -> None:
    made = choices(FILMS, n_users=6, length=10)
    pairs = curriculum(made).validation(30, np.random.default_rng(1))
    assert len(pairs) == 30
    histories = [pair for pair in pairs if pair.task == "history"]
    assert {(pair.liked, pair.item_ids) for pair in histories} == {
        (tuple(ids(made, user)[-7:-2]), (ids(made, user)[-2],)) for user in made.user_ids
    }


@pytest.mark.parametrize("length", [None, 1, 2, 3])
def test_without_enough_choices_requests_alone_are_learned(length: int | None) -> None:
    made = None if length is None else choices(FILMS, n_users=3, length=length)
    assert "history" not in {pair.task for pair in drawn(made, 200)}
    assert len(curriculum(made).validation(20, np.random.default_rng(1))) == 20


def test_a_fifth_of_the_pairs_are_histories() -> None:
    pairs = drawn(choices(FILMS))
    share = sum(pair.task == "history" for pair in pairs) / len(pairs)
    assert share == pytest.approx(0.2, abs=0.05)
