"""Wording kept apart: always the same, never said inside what is learned, and training lacks nothing.

Run: pytest tests/test_unheard.py -n 0
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.pairs.phrasebook import Phrasebook, Wish, load_phrasebook
from m6rec.pairs.unheard import FEWEST_FRAMES, split_wording


def texts(book: Phrasebook) -> list[str]:
    return [text for wish in book.wishes for text in wish.texts]


def test_about_an_eighth_is_kept_and_nothing_is_lost() -> None:
    book = load_phrasebook("films")
    heard, kept = split_wording(book)
    assert sorted([*texts(heard), *texts(kept)]) == sorted(texts(book))
    assert 0.08 < len(texts(kept)) / len(texts(book)) < 0.15
    assert len(heard.wishes) == len(book.wishes)
    assert sorted([*heard.neutral, *kept.neutral]) == sorted(book.neutral)


def test_the_same_seed_keeps_the_same_and_another_seed_others() -> None:
    book = load_phrasebook("films")
    assert split_wording(book, seed=3) == split_wording(book, seed=3)
    assert split_wording(book, seed=3) != split_wording(book, seed=4)


def test_a_longer_list_does_not_move_what_was_learned_into_validation() -> None:
    book = load_phrasebook("films")
    more = Phrasebook(book.frames, (*book.wishes, Wish(("xylophones",), ("Drama",))), book.neutral)
    assert set(texts(split_wording(more)[1])) <= {*texts(split_wording(book)[1]), "xylophones"}


def test_the_bare_value_and_the_neutral_request_are_always_learned() -> None:
    for seed in range(5):
        heard, _ = split_wording(load_phrasebook("films"), seed=seed)
        assert {"{value}", "{value} {nouns}", "a {value} {noun}"} <= set(heard.frames["value"])
        assert "{value}" in heard.frames["value_zh"]
        assert "recommend me something" in heard.neutral


@pytest.mark.parametrize("domain", [None, "films"])
def test_kinds_with_few_frames_are_learned_whole(domain: str | None) -> None:
    book = load_phrasebook(domain)
    heard, kept = split_wording(book, share=0.5)
    for kind, frames in book.frames.items():
        if len(frames) < FEWEST_FRAMES:
            assert heard.frames[kind] == kept.frames[kind] == frames
        assert heard.frames[kind]
        assert kept.frames[kind]
    assert heard.frames["carrier"] == book.frames["carrier"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(st.sampled_from(["a", "b", "a b", "A B!", "b a c", "d", "a, b", "雪", "雪地"]),
                 min_size=1, max_size=5),
        min_size=1, max_size=6,
    ),
    st.integers(0, 20),
)  # fmt: skip
def test_every_wish_keeps_an_utterance_and_no_kept_one_is_said_in_the_other_half(
    wishes: list[list[str]], seed: int
) -> None:
    book = Phrasebook(
        load_phrasebook(None).frames,
        tuple(Wish(tuple(some), ("Drama",)) for some in wishes),
        ("anything",),
    )
    heard, kept = split_wording(book, share=0.4, seed=seed)
    assert len(heard.wishes) == len(wishes)
    lines = {f" {text.casefold().rstrip('!')} " for text in texts(heard)}
    for text in texts(kept):
        words = text.casefold().rstrip("!")
        padded = words if words.startswith("雪") else f" {words} "
        assert not any(padded in line for line in lines), (text, lines)
