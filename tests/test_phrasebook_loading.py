"""Reading the phrasebook: frames for any catalog, wishes for a domain, a clear error for the rest.

Run: pytest tests/test_phrasebook_loading.py -n 0
"""

import string

import pytest

from m6rec.errors import ConfigError
from m6rec.pairs.phrasebook import load_phrasebook

VARIABLES = {
    "value": {"value"},
    "value_decade": {"value", "decade"},
    "decade": {"decade"},
    "pair": {"value", "other"},
    "cast": {"value"},
    "directors": {"value"},
    "countries": {"value", "adjective"},
    "languages": {"value", "adjective"},
    "similar": {"title"},
    "value_zh": {"value"},
    "value_decade_zh": {"value", "decade"},
}


def variables(frame: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(frame) if name is not None}


@pytest.mark.parametrize("domain", [None, "films"])
def test_every_frame_has_only_the_variables_its_kind_is_filled_with(domain: str | None) -> None:
    frames = load_phrasebook(domain).frames
    assert set(frames) == set(VARIABLES)
    for kind, texts in frames.items():
        assert texts
        for text in texts:
            assert variables(text) <= VARIABLES[kind] | {"noun", "nouns"}, (kind, text)


@pytest.mark.parametrize("kind", ["value", "value_decade", "decade", "pair", "cast", "directors"])
def test_frames_that_name_a_facet_never_forget_to_name_it(kind: str) -> None:
    needed = VARIABLES[kind]
    for text in load_phrasebook(None).frames[kind]:
        assert needed <= variables(text), text


def test_without_a_domain_there_are_neutral_requests_and_no_wishes() -> None:
    book = load_phrasebook(None)
    assert book.wishes == ()
    assert "recommend me something" in book.neutral


def test_every_wish_of_the_films_asks_for_something_in_one_way() -> None:
    book = load_phrasebook("films")
    assert len(book.wishes) > 19
    assert book.neutral
    for wish in book.wishes:
        assert wish.texts
        assert bool(wish.any_of) != bool(wish.all_of), wish
        assert wish.decade is None or wish.decade[-3:] in {f"{n}0s" for n in range(10)}


def test_an_unknown_phrasebook_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(ConfigError, match=r"no phrasebook 'boats' in .*films, frames"):
        load_phrasebook("boats")
