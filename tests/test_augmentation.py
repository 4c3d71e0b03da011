"""Augmentation: slips stay readable, chatter keeps the wish whole, and each kind can be turned off.

Run: pytest tests/test_augmentation.py -n 0
"""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from m6rec.errors import ConfigError
from m6rec.pairs.augmentation import SHORTEST, Augmentation, Augmenter, misspell, slip
from m6rec.pairs.phrasebook import Phrasebook, Wish, load_phrasebook
from m6rec.pairs.wording import Wording
from m6rec.vocabulary import Vocabulary

BOOK = load_phrasebook("films")
NOUNS = ("movie", "movies")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def augmenter(**shares: float) -> Augmenter:
    return Augmenter(replace(Augmentation.none(), **shares), BOOK, NOUNS)


@settings(deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=SHORTEST, max_size=14), st.integers(0, 9999))
def test_a_slip_is_one_slip_and_the_first_letter_stays(word: str, seed: int) -> None:
    slipped = slip(word, rng(seed))
    assert OSA.distance(word, slipped) <= 1
    assert slipped[0] == word[0]


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "P", "Nd", "Zs"]), max_size=60), st.integers(0, 9999))
def test_at_most_two_long_words_are_misspelled(text: str, seed: int) -> None:
    assert OSA.distance(text, misspell(text, rng(seed))) <= 2


def test_short_words_chinese_and_figures_are_left_alone() -> None:
    for text in ("a film by Ozu in 1953", "我想看恐怖片", "", "1990s"):
        assert {misspell(text, rng(seed)) for seed in range(30)} == {text}


def test_chatter_keeps_the_wish_whole_and_is_in_its_language() -> None:
    chatty = augmenter(carriers=1.0)
    for seed in range(200):
        carried = chatty.alter("cowboys", rng(seed))
        assert carried != "cowboys"
        assert "cowboys" in carried
        assert "{" not in carried
        assert "牛仔" in (chinese := chatty.alter("牛仔", rng(seed)))
        assert chinese.isascii() is False
        assert not any(letter.isascii() and letter.isalpha() for letter in chinese)


def test_chatter_speaks_of_the_catalogs_items() -> None:
    books = Augmenter(Augmentation(carriers=1.0), BOOK, ("book", "books"))
    said = " ".join(books.carry("dragons", rng(seed)) for seed in range(300))
    assert " book" in said
    assert "movie" not in said


def test_a_synonym_replaces_one_word_by_another_of_its_group() -> None:
    found = {augmenter(synonyms=1.0).alter("recommend dragons", rng(seed)) for seed in range(40)}
    assert found == {"suggest dragons", "propose dragons"}
    assert augmenter(synonyms=1.0).alter("dragons", rng()) == "dragons"


def test_two_utterances_of_a_wish_are_joined() -> None:
    book = Phrasebook(BOOK.frames, (Wish(("cowboys", "saloons"), ("Western",)),), BOOK.neutral)
    wording = Wording(book, Vocabulary.load(), NOUNS, "genres", augmenter(joined=1.0))
    said = {wording.utterance(book.wishes[0].texts, rng(s)).lower().rstrip(".") for s in range(60)}
    assert said == {"cowboys", "saloons", "cowboys, saloons", "saloons, cowboys"}


def test_with_everything_off_nothing_changes() -> None:
    off = Augmenter(Augmentation.none(), BOOK, NOUNS)
    assert all(off.alter("recommend a good western", rng(s)) == "recommend a good western"
               for s in range(50))  # fmt: skip


@pytest.mark.parametrize("kind", ["misspellings", "carriers", "synonyms"])
def test_each_kind_comes_up_as_often_as_its_share(kind: str) -> None:
    some = augmenter(**{kind: 0.3})
    text, n = "recommend something frightening", 2000
    generator = rng(1)
    changed = sum(some.alter(text, generator) != text for _ in range(n)) / n
    assert changed == pytest.approx(0.3, abs=0.04)


def test_the_defaults_misspell_and_chat_and_nothing_else() -> None:
    on = {entry.name for entry in fields(Augmentation) if getattr(Augmentation(), entry.name)}
    assert on == {"misspellings", "carriers"}
    assert Augmentation().misspellings == 0.08


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=r"augmentation\.joined is"):
        Augmentation(joined=share)
