"""The curriculum: what is judged by is never learned from.

Run: pytest tests/test_curriculum.py -n 0
"""

import numpy as np
import pytest

from m6rec.interactions import Interactions
from m6rec.pairs.curriculum import Curriculum
from m6rec.pairs.phrasebook import Phrasebook, load_phrasebook
from m6rec.pairs.tasks import HISTORY_SHARES
from m6rec.pairs.unheard import split_wording
from m6rec.records import TextPair
from m6rec.vocabulary import Vocabulary, is_cjk
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


def test_histories_have_their_share() -> None:
    pairs = drawn(choices(FILMS), 2000)
    for task, share in HISTORY_SHARES.items():
        assert sum(pair.task == task for pair in pairs) / 2000 == pytest.approx(share, abs=0.025)


def kept_wording() -> Phrasebook:
    vocabulary = Vocabulary.load()
    genres = {genre for film in FILMS for genre in film.values("genres")}
    names = {form for genre in genres for form in vocabulary.forms("genres", genre)}
    return split_wording(load_phrasebook("films"), names={*names, "movie", "movies"})[1]


def said(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("?.! ")


@pytest.fixture(scope="module")
def heard() -> list[TextPair]:
    return drawn(choices(FILMS), 10_000)


def test_no_training_draw_ever_contains_a_validation_utterance(heard: list[TextPair]) -> None:
    kept = kept_wording()
    unheard = [said(text) for wish in kept.wishes for text in wish.texts]
    assert len(unheard) > 100
    requests = "\n".join({f" {said(pair.request)} " for pair in heard})
    assert [text for text in unheard if (text if is_cjk(text) else f" {text} ") in requests] == []


def test_no_training_draw_is_a_validation_request_word_by_word(heard: list[TextPair]) -> None:
    """Frames are kept apart as well, where a kind has enough of them."""
    pairs = curriculum(None).validation(600, np.random.default_rng(2))
    book = load_phrasebook("films")
    train, _ = split_wording(book)
    several = {"value", "wish"}
    told = {said(pair.request) for pair in heard}
    assert {pair.task for pair in pairs} >= several
    english = [p for p in pairs if p.task in several and not is_cjk(p.request)]
    assert [p for p in english if said(p.request) in told] == []
    assert train.frames["value"] != book.frames["value"]


def test_validation_is_not_augmented() -> None:
    wishes = {said(text) for wish in kept_wording().wishes for text in wish.texts}
    pairs = curriculum(None).validation(300, np.random.default_rng(3))
    assert {said(p.request) for p in pairs if p.task == "wish"} <= wishes
