"""Wishes for a probe: every utterance once, with its kinds; those of validation only judge."""

import numpy as np
import pytest

from m6rec.codec import Codec
from m6rec.decoding.language_model import LanguageModel, understood
from m6rec.making.probing import drawn, learned_probe, seconds_for, states_after, wishes_of
from m6rec.pairs.kinds import AMID_TALK, FLAT, NAMED, kind_wishes, kinds_of
from m6rec.pairs.phrasebook import Phrasebook, Wish, load_phrasebook
from m6rec.pairs.unheard import split_wording
from m6rec.prompts import PromptWriter, load_template
from m6rec.vocabulary import Vocabulary, spelling
from tests.tiny import shared_lm, tokenizer

NOUNS = ("movie", "movies")
FRAMES = load_phrasebook(None).frames
VOCABULARY = Vocabulary.load()


def speak(value: str) -> str:
    return VOCABULARY.spoken("genres", value)


def book(*wishes: Wish) -> Phrasebook:
    return Phrasebook(FRAMES, wishes, ("surprise me", "whatever"))


def many(*kinds: str, n: int = 30) -> Wish:
    return Wish(tuple(f"{kinds[0]} wish number {i}" for i in range(n)), any_of=kinds)


@pytest.fixture(scope="module")
def films():
    return kind_wishes(load_phrasebook("films"), speak, NOUNS)


def test_every_utterance_of_the_films_is_there_once(films):
    said = [wish.text for wish in films if wish.kinds]
    utterances = {text for wish in load_phrasebook("films").wishes for text in wish.texts}
    # IMAX is no kind that enough is said of.
    assert len(utterances - set(said)) <= 20
    assert len(kinds_of(films)) >= 18
    assert {"comedy", "sciencefiction", "filmnoir"} <= set(kinds_of(films))


def test_what_validation_keeps_is_never_fitted(films):
    kept = split_wording(load_phrasebook("films"), names=NOUNS)[1]
    judging = {wish.text for wish in films if wish.held_back}
    fitted = {wish.text for wish in films if not wish.held_back}
    assert not judging & fitted
    assert 0.05 < len(judging) / len(films) < 0.2
    assert judging <= {text for wish in kept.wishes for text in wish.texts}


def test_both_kinds_of_a_pair_are_asked_for():
    wishes = kind_wishes(
        book(many("Comedy"), many("Horror"), Wish(("scared and laughing",), all_of=("Horror", "Comedy"))),
        speak, NOUNS,
    )  # fmt: skip
    assert [w.kinds for w in wishes if w.text == "scared and laughing"] == [("comedy", "horror")]


def test_kinds_of_which_little_is_said_are_left_out():
    wishes = kind_wishes(book(many("Comedy"), many("War", n=3)), speak, NOUNS)
    assert kinds_of(wishes) == ("comedy",)
    told = sum(spelling("comedy") in w.kinds for w in wishes)
    assert 30 + NAMED <= told <= 30 * (1 + AMID_TALK) + NAMED


def test_names_that_the_same_wishes_want_are_one_kind():
    funny = Wish(tuple(f"joke {i}" for i in range(30)), any_of=("humor", "funny"))
    either = Wish(("war or comedy",), any_of=("Comedy", "War"))
    both = Wish(("jokes at the front",), all_of=("funny", "War"))
    wishes = kind_wishes(book(funny, many("War"), many("Comedy"), either, both), speak, NOUNS)
    assert kinds_of(wishes) == ("comedy", "funny|humor", "war")
    assert [w.kinds for w in wishes if w.text == "jokes at the front"] == [("funny|humor", "war")]
    assert [w.kinds for w in wishes if w.text == "war or comedy"] == [("comedy", "war")]


def test_some_ask_for_no_kind_and_two_calls_say_the_same():
    once, again = (kind_wishes(book(many("Comedy"), many("War")), speak, NOUNS) for _ in range(2))
    assert once == again
    talk = len(load_phrasebook(None).frames["small_talk"])
    assert talk / 2 < sum(not wish.kinds for wish in once) <= FLAT + talk


def test_a_wish_is_also_heard_in_the_middle_of_a_conversation():
    said = [w.text for w in kind_wishes(book(many("Comedy"), many("War")), speak, NOUNS) if w.kinds]
    longer = [text for text in said if any(other in text and other != text for other in said)]
    assert longer
    assert not any("{" in text for text in said)


def test_without_wishes_there_is_nothing_to_learn():
    assert kind_wishes(book(), speak, NOUNS) == []


@pytest.fixture(scope="module")
def tiny():
    return (
        LanguageModel(shared_lm()),
        Codec(tokenizer()),
        PromptWriter(load_template("ask"), "Movie"),
    )


def test_a_probe_of_a_model_reads_its_own_prompts(tiny):
    model, codec, writer = tiny
    said = book(many("Comedy", n=120), many("War", n=120))
    wishes = wishes_of(said, VOCABULARY, "genres", "Movie")
    probe, loss = learned_probe(model, codec, writer, "Movie", wishes)
    assert (probe.kinds, probe.noun) == (("comedy", "war"), "Movie")
    # The two differ in a word, which even a random model's state tells: one bit is ln 2.
    assert loss < np.log(2) / 2


def test_of_too_few_utterances_nothing_is_learned():
    assert wishes_of(book(many("Comedy"), many("War")), VOCABULARY, "genres", "Movie") == []


def test_the_time_is_told_before_it_is_spent(tiny):
    model, codec, _ = tiny
    assert seconds_for(model, codec, []) == 0
    assert 0 < seconds_for(model, codec, ["User: a\nMovie:"] * 100) < 60


def test_some_of_the_wishes_are_the_same_some_in_every_call(films):
    some = drawn(films, 300)
    assert len(set(some)) == 300
    assert set(some) <= set(films)
    assert drawn(films, 300) == some
    assert drawn(films, None) == drawn(films, len(films) + 1) == films


def test_states_are_those_of_prompts_read_alone(tiny):
    model, codec, _ = tiny
    prompts = ["User: a\nMovie:", "User: something longer to read\nMovie:", "x"]
    alone = [understood(model.read(codec.prompt(prompt))) for prompt in prompts]
    np.testing.assert_allclose(states_after(model, codec, prompts), np.stack(alone), atol=1e-5)
