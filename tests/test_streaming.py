"""Pairs as a stream: the same for the same seed, and nothing held out in it.

Run: pytest tests/test_streaming.py -n 0
"""

import sys
from dataclasses import asdict, replace
from itertools import islice

import numpy as np
import pytest

from m6rec.errors import MissingExtraError
from m6rec.pairs.curriculum import Curriculum
from m6rec.pairs.streaming import pairs_dataset
from m6rec.split import leave_last_out, leave_second_last_out
from m6rec.vocabulary import Vocabulary
from tests.tiny_catalogs import choices, film_index, films

FILMS = films()
MADE = choices(FILMS, n_users=7, length=9)


def curriculum(**weights: float) -> Curriculum:
    return Curriculum(film_index(), Vocabulary.load(), "movie", MADE, weights=weights)


def test_the_same_seed_gives_the_same_first_thousand_and_another_seed_others() -> None:
    first = list(islice(curriculum().stream(3), 1000))
    assert list(islice(curriculum().stream(3), 1000)) == first
    assert list(islice(curriculum().stream(4), 1000)) != first


def test_the_dataset_is_the_stream_as_dicts_and_starts_anew_each_time() -> None:
    lessons = curriculum()
    data = pairs_dataset(lessons, seed=3, n=200)
    rows = list(data)
    drawn = list(islice(lessons.stream(3), 200))
    assert rows == [
        {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(pair).items()}
        for pair in drawn
    ]
    assert list(data.take(5)) == rows[:5]
    endless = pairs_dataset(lessons, seed=3)
    assert list(endless.take(5)) == rows[:5]


def test_no_held_out_choice_is_in_any_of_five_thousand_pairs() -> None:
    """Neither the last choice of a user nor the one before follows what that user chose before it.

    A pair tells no user, so a pair is held against every user whose history it can be a stretch of.
    """
    lessons = curriculum(**{"like": 2.0, "wish+history": 4.0, "alike": 4.0})
    held: dict[tuple[str, ...], set[str]] = {}
    train: set[tuple[tuple[str, ...], str]] = set()
    for case in leave_last_out(MADE):
        (second_last,) = [c for c in leave_second_last_out(MADE) if c.user_id == case.user_id]
        told = tuple(FILMS.at(int(row)).item_id for row in second_last.history)
        out = {FILMS.at(int(rows[0])).item_id for rows in (case.truth, second_last.truth)}
        for start in range(len(told)):
            for end in range(start + 1, len(told) + 1):
                held.setdefault(told[start:end], set()).update(out)
                train |= {(told[start:end], item) for item in told[end:]}
    checked = 0
    for pair in islice(lessons.stream(11), 5000):
        if pair.task in {"history", "wish+history"} or pair.answer:
            assert pair.liked in held, pair
            for item in pair.item_ids:
                assert (pair.liked, item) in train, pair
            checked += 1
    assert checked > 1000


def test_who_chose_what_was_held_out_does_not_make_it_alike() -> None:
    """The same pairs are drawn whatever the held-out choices are."""
    other = np.array(MADE.row)
    last = MADE.offsets[1:] - 1
    for user, at in enumerate(last):
        seen = set(MADE.row[MADE.offsets[user] : at + 1].tolist())
        unseen = [row for row in range(len(FILMS)) if row not in seen]
        other[at], other[at - 1] = unseen[0], unseen[1]
    weights = {"like": 2.0, "alike": 4.0}
    changed = Curriculum(
        film_index(), Vocabulary.load(), "movie", replace(MADE, row=other), weights=weights
    )
    assert list(islice(changed.stream(2), 3000)) == list(
        islice(curriculum(**weights).stream(2), 3000)
    )


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'm6rec\[hub\]'"):
        pairs_dataset(curriculum())
