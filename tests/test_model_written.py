"""Requests a model wrote: whole lines that name no title, leading to the item's own descriptions.

Run: pytest tests/test_model_written.py -n 0
"""

from itertools import islice

import pytest

from m6rec.pairs.augmentation import Augmentation
from m6rec.pairs.curriculum import Curriculum
from m6rec.pairs.model_written import Written, write_requests
from m6rec.vocabulary import Vocabulary
from tests.tiny_catalogs import film_index, films

FILMS = films()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (' "toys that come alive at night"\nMovie: Toy Story', "toys that come alive at night"),
        ("\n\n- toys with secrets. For two. And more. And more.", "toys with secrets. For two."),
        ("I want Toy Story", None),
        ("toys", None),
        ("", None),
        ("word " * 60, None),
        ("想看会动的玩具", "想看会动的玩具"),
    ],
    ids=["quoted", "sentences", "title", "short", "empty", "long", "chinese"],
)
def test_what_a_model_writes_is_cleaned_or_left_out(written: str, kept: str | None) -> None:
    found = write_requests([FILMS["1"]], "Movie", lambda _: written)
    assert found == ([Written(kept, "1")] if kept else [])


def test_the_model_is_told_the_fields_and_repeats_are_dropped() -> None:
    prompts: list[str] = []

    def generate(prompt: str) -> str:
        prompts.append(prompt)
        return "something warm and odd"

    assert write_requests(list(FILMS)[:3], "Movie", generate) == [
        Written("something warm and odd", "1")
    ]
    assert "genres: Animation, Comedy" in prompts[0]
    assert "title: Toy Story" in prompts[0]


def curriculum(share: float, *written: Written) -> Curriculum:
    settings = Augmentation(misspellings=0, carriers=0, model_written=share)
    return Curriculum(
        film_index(), Vocabulary.load(), "movie", None, augmentation=settings, written=written
    )


def test_written_requests_are_drawn_when_asked_for_and_lead_to_what_describes_the_item() -> None:
    toys = Written("toys that come alive at night", "1")
    pairs = list(islice(curriculum(0.5, toys, Written("x y z", "no such item")).stream(), 2000))
    mine = [pair for pair in pairs if pair.task == "written"]
    wishes = [pair for pair in pairs if pair.task == "wish"]
    assert len(mine) / len(wishes) == pytest.approx(0.5, abs=0.12)
    assert {pair.request.lower().rstrip(".") for pair in mine} == {toys.text}
    assert {pair.descriptions for pair in mine} == {
        tuple(sorted(d.text for d in film_index().describer.tell([FILMS["1"]])))
    }
    assert "written" not in curriculum(0.0, toys).tasks
    assert "written" not in curriculum(0.5).tasks
