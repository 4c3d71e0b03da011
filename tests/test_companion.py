"""What a conversation asks of a recommender beside lists."""

import pytest

from m6rec.chat import Dialogue
from m6rec.errors import FilterError, RequestError
from m6rec.records import Item
from tests.test_recommender import PATIENT, new
from tests.tiny_catalogs import films

FILMS = films()


@pytest.fixture(scope="module")
def rec(tmp_path_factory):
    return new(tmp_path_factory.mktemp("companion"), people=True)


def test_a_question_after_a_list_reads_nothing_new(rec):
    rec.recommend("a film", k=5)
    before = rec._parts.distribution.model.tokens
    found = rec.companion.clarify("a film")
    assert found is not None
    assert rec._parts.distribution.model.tokens == before


def test_a_question_is_about_what_was_not_shown(rec):
    seen = [item.item_id for item in FILMS if "Comedy" in item.values("genres")]
    found = rec.companion.clarify("a film", seen=seen, without=("year", "pair"))
    assert "comedy" not in [choice.label for choice in found.choices]


def test_when_everything_was_seen_there_is_nothing_to_ask_about(rec):
    with pytest.raises(FilterError, match="seen already"):
        rec.companion.clarify("a film", seen=[item.item_id for item in FILMS])


def test_the_portrait_counts_what_likes_share(rec):
    found = rec.companion.portrait(liked=["8", "10", "18", "Alien"])
    assert found.liked == ("8", "10", "18", "11")
    told = {taste.label: taste.item_ids for taste in found.tastes}
    assert told["thriller"] == ("8", "10", "18")
    assert told["starring Harrison Ford"] == ("8", "10", "18")
    assert told["1980s"] == ("8", "18")
    assert "drama" not in told


def test_a_user_nobody_knows_has_no_portrait_and_that_is_no_mistake(rec):
    assert rec.companion.portrait("stranger").liked == ()
    assert not rec.companion.knows("stranger")
    assert rec.companion.knows("u1")
    with pytest.raises(RequestError):
        rec.recommend("a film", user="stranger")


def test_a_verdict_shows_in_the_portrait_and_in_another_recommender(tmp_path):
    one, other = new(tmp_path), new(tmp_path)
    for item_id in ("8", "10"):
        one.feedback("ann", item_id, "liked")
    assert other.companion.knows("ann")
    labels = [taste.label for taste in other.companion.portrait("ann").tastes]
    assert labels == ["thriller", "starring Harrison Ford"]
    assert not {"8", "10"} & {r.item_id for r in other.recommend("a film", user="ann", k=20)}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("from the 90s", {"year"}),
        ("a comedy after 1990", {"genres", "year"}),
        ("no horror", {"genres"}),
        ("with Tom Hanks", {"cast"}),
        ("something nice", set()),
        ("", set()),
    ],
)
def test_which_fields_a_text_speaks_of(rec, text, fields):
    assert rec.companion.about(text) == fields


def test_new_items_belong_to_it_too(tmp_path):
    rec = new(tmp_path)
    rec.add_items([Item("n1", "New", {"genres": ("Western",), "year": 1999})])
    assert rec.companion.portrait(liked=["n1", "9"]).tastes[0].label == "western"


def test_a_second_turn_reads_only_what_is_new(tmp_path):
    # The neutral request would be read by whoever comes first, once for all.
    quiet = PATIENT.with_values({"voices": {"neutral": 0.0}})
    warm, cold = new(tmp_path / "warm", config=quiet), new(tmp_path / "cold", config=quiet)
    first, second = "i want some comedy movies", "i want some comedy movies; from the 90s"
    dialogue = Dialogue(warm, k=3)
    dialogue.reply(first)
    after = dialogue.reply("from the 90s").answer
    if after is None:
        raise AssertionError("there are films from the 90s")
    assert after.request == second
    codec, writer = cold._parts.codec, cold._parts.writer
    one, other = (codec.prompt(writer.write(text)) for text in (first, second))
    shared = next(n for n, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1)
    assert shared >= len(one) - len(codec.prompt("\nMovie:"))
    assert cold.recommend(second, k=3).lm_tokens - after.lm_tokens == shared
