"""Of a long request the sentences that say what is wanted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec import Recommender
from m6rec.codec import Codec
from m6rec.decoding.distribution import CatalogDistribution
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.neutral import NeutralTable
from m6rec.gist import KEPT, LONGEST, gist
from m6rec.prompts import PromptWriter, load_template
from tests.tiny import shared_lm, tokenizer
from tests.tiny_catalogs import film_index

CODEC = Codec(tokenizer())
WRITER = PromptWriter(load_template("ask"), "Movie")
CHATTER = (
    "Hello there, I hope you are well. It has been raining here since Tuesday. My phone is old, so "
    "forgive the spelling. I never know how to begin these things. "
)


def distribution() -> CatalogDistribution:
    index, model = film_index(), LanguageModel(shared_lm())
    neutral = NeutralTable(index.tree, model, CODEC.prompt(WRITER.write("recommend me something")))
    return CatalogDistribution(index.tree, model, CODEC, neutral, index.described)


SPACE = distribution()


@pytest.mark.parametrize("text", ["", "a western", "Short. And short again."])
def test_a_short_request_is_read_as_it_is(text):
    before = SPACE.model.calls
    assert gist(text, SPACE, WRITER) == text
    assert SPACE.model.calls == before


@settings(deadline=None, max_examples=30)
@given(st.text(st.sampled_from("ab .!?\n。中"), max_size=600))
def test_what_is_kept_was_said_and_is_short(text):
    found = gist(text, SPACE, WRITER)
    if found == text:
        return
    assert len(CODEC.prompt(text)) > LONGEST
    # Words in the order in which they were said.
    rest = iter("".join(text.split()))
    assert all(letter in rest for letter in "".join(found.split()))
    assert len(found.split()) <= KEPT


def test_the_sentence_that_moves_the_first_choice_most_is_kept():
    sentences = [
        f"{word} {word} {word} {word}." for word in ("alpha", "western", "comedy", "omega")
    ]
    text = " ".join(sentences * 12)
    readers = {s: SPACE.ask_many([_question(s)])[0] for s in sentences}
    neutral = SPACE.neutral.at([0])
    told = {s: float((np.exp(r.lm(0)) * (r.lm(0) - neutral)).sum()) for s, r in readers.items()}
    assert max(told, key=lambda s: told[s]) in gist(text, SPACE, WRITER)


def _question(text):
    from m6rec.decoding.distribution import Question

    return Question(WRITER.write(text))


@pytest.mark.real
def test_a_wish_survives_four_thousand_characters_of_chatter():
    rec = Recommender.load()
    around = CHATTER * 13
    answer = rec.recommend(f"{around} I want some comedy movies. {around}", k=10)
    assert sum("Comedy" in rec.catalog[r.item_id].values("genres") for r in answer) >= 9
