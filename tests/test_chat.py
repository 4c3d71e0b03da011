"""Conversations as whole transcripts, and the grammar under them."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.chat import Dialogue, Turn, clauses, read_turn, turns
from m6rec.display import reply_lines
from m6rec.errors import ModelError, RequestError
from tests.fakes import LONGEST_TEXT, FakeRecommender

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


def held(transcript: str) -> str:
    """Hold the conversation of a transcript again, and return it as one."""
    first, *lines = transcript.splitlines()
    choices = dict(re.findall(r"(\w+)=(\S+)", first))
    dialogue = Dialogue(FakeRecommender(), user=choices.get("user"), k=int(choices["k"]))
    written = [first]
    for line in lines:
        if line.startswith("> "):
            reply = dialogue.reply(line.removeprefix("> "))
            written += [line, *reply_lines(reply)]
            if reply.quit:
                break
    return "\n".join(written) + "\n"


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_runs_as_its_transcript(path):
    transcript = path.read_text(encoding="utf-8")
    assert held(transcript) == transcript


@pytest.fixture
def fake():
    return FakeRecommender()


@pytest.fixture
def dialogue(fake):
    return Dialogue(fake, k=3)


def test_follow_ups_are_read_as_one_sentence(dialogue, fake):
    for line in ("comedy movies", "from the 90s", "with a dog"):
        dialogue.reply(line)
    assert fake.calls[-1]["text"] == "comedy movies; from the 90s; with a dog"


def test_more_never_repeats_and_a_refinement_may_show_what_is_still_listed(dialogue):
    first = {item.item_id for item in dialogue.reply("comedies").answer}
    refined = {item.item_id for item in dialogue.reply("from the 90s").answer}
    assert first & refined
    after = dialogue.reply("/more").answer
    assert not {item.item_id for item in after} & (first | refined)
    again = dialogue.reply("no romance").answer
    assert not {item.item_id for item in again} & (first | refined)


def test_reset_lets_everything_come_back(dialogue):
    first = dialogue.reply("comedies").answer
    dialogue.reply("/more")
    dialogue.reply("/reset")
    assert dialogue.reply("comedies").answer.items == first.items


def test_a_mistake_leaves_the_state_as_it_was(dialogue):
    dialogue.reply("comedies")
    before = dialogue.state
    for line in ("x" * (LONGEST_TEXT + 1), "from the 50s", "/like 77", "more like #9", "/nothing"):
        reply = dialogue.reply(line)
        assert len(reply.lines) == 1
        assert reply.answer is None
        assert dialogue.state is before


def test_a_failure_that_is_not_the_users_is_not_hidden(dialogue, fake, monkeypatch):
    def broken(*_, **__):
        raise ModelError("the language model returned NaN")

    monkeypatch.setattr(fake, "recommend", broken)
    with pytest.raises(ModelError):
        dialogue.reply("comedies")


def test_verdicts_of_a_known_user_are_remembered_and_the_last_one_counts(fake):
    dialogue = Dialogue(fake, user="ann", k=3)
    dialogue.reply("comedies")
    dialogue.reply("/like 1")
    dialogue.reply("/seen 2")
    dialogue.reply("not the first one")
    assert fake.verdicts == [("ann", "1", "liked"), ("ann", "2", "seen"), ("ann", "1", "disliked")]
    assert dialogue.state.marked("liked") == ()
    assert fake.calls[-1]["disliked"] == ("1",)
    assert fake.calls[-1]["user"] == "ann"


def test_nothing_is_remembered_of_nobody(dialogue, fake):
    dialogue.reply("comedies")
    dialogue.reply("/like 1")
    assert fake.verdicts == []


def test_a_list_needs_an_item():
    with pytest.raises(RequestError, match="k is 0"):
        Dialogue(FakeRecommender(), k=0)


@pytest.mark.parametrize("line", ["", "   ", "\r", "\ufeff"])
def test_an_empty_line_asks_for_nothing(dialogue, line):
    reply = dialogue.reply(line)
    assert (reply.lines, reply.answer, reply.quit) == ((), None, False)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", "  "])
def test_line_ends_of_any_system(dialogue, fake, end):
    dialogue.reply(f"comedies{end}")
    assert fake.calls[-1]["text"] == "comedies"


@pytest.mark.parametrize(
    "unit", ["a instead of ", ".", "a ", "喜剧", "no comedy, ", "the last ", "#2 ", "forget the "]
)
def test_a_pasted_book_is_one_long_wish(unit):
    text = unit * (100_000 // len(unit))
    wishes = clauses.add(("comedy",), text)
    clauses.forget(wishes, "comedy")
    assert read_turn(text).name in {"say", "point"}


@pytest.mark.parametrize(
    ("line", "turn"),
    [
        ("more", Turn("more")),
        ("Show me more, please!", Turn("more")),
        ("show me more please!", Turn("more")),
        ("something else, newer", Turn("more", "newer")),
        ("what else?", Turn("more")),
        ("换一批", Turn("more")),
        ("还有别的吗", Turn("more")),
        ("换一批，新一点的", Turn("more", "新一点的")),
        ("more romantic", Turn("say", "more romantic")),
        ("start over", Turn("reset")),
        ("start over with a western", Turn("reset", "a western")),
        ("forget about the dogs", Turn("forget", "the dogs")),
        ("never mind", Turn("forget")),
        ("forget the last one", Turn("forget")),
        ("不要恐怖片", Turn("say", "不要恐怖片")),
        ("去掉喜剧吧", Turn("forget", "喜剧")),
        ("a western instead", Turn("instead", "a western")),
        ("comedy instead of drama", Turn("instead", "comedy", "drama")),
        ("改成西部片吧", Turn("instead", "西部片")),
        ("the second world war", Turn("say", "the second world war")),
        ("the last samurai", Turn("say", "the last samurai")),
        ("movies with number nine", Turn("say", "movies with number nine")),
        ("why number 3?", Turn("why", "3")),
        ("为什么推荐第二个", Turn("why", "2")),
        ("/LIKE  2", Turn("like", "2")),
        ("／like ２", Turn("like", "2")),
        ("quit", Turn("quit")),
    ],
)
def test_what_a_line_means(line, turn):
    assert read_turn(line) == turn


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("more like the second one", ["liked"]),
        ("I loved #1 but hated #2", ["liked", "disliked"]),
        ("already seen #3", ["seen"]),
        ("I haven't seen #3", [None]),
        ("the first one was too long", ["disliked"]),
        ("第一个看过，不要第二个", ["seen", "disliked"]),
    ],
)
def test_the_verdict_on_what_is_pointed_at(text, verdicts):
    parts = [part for part, _ in turns.read_parts(text) if part.positions]
    assert [part.verdict for part in parts] == verdicts


@pytest.mark.parametrize(
    ("earlier", "new", "joined"),
    [
        ("comedy movies", "from the 90s", "comedy movies; from the 90s"),
        ("comedy movies from the 90s", "from the 80s", "comedy movies; from the 80s"),
        ("from the 90s", "also the 80s", "from the 90s; also the 80s"),
        ("comedies after 1990", "after 2000", "comedies; after 2000"),
        ("after 1990", "before 2000", "after 1990; before 2000"),
        ("I want a comedy", "no comedies", "no comedies"),
        ("no horror", "horror movies", "horror movies"),
        ("scary movies with a dog", "without dogs", "scary movies; without dogs"),
        ("我想看一些喜剧电影", "不要喜剧", "不要喜剧"),
        ("90年代的喜剧", "80年代的", "喜剧; 80年代的"),
        ("westerns", "Westerns", "Westerns"),
    ],
)
def test_what_is_said_later_wins(earlier, new, joined):
    assert clauses.joined(clauses.add((earlier,), new)) == joined


words = st.sampled_from(
    [
        "comedy",
        "comedies",
        "no",
        "90s",
        "the",
        "with",
        "dogs",
        ",",
        "but",
        "喜剧",
        "不要",
        "的",
        "and",
    ]
)


@settings(deadline=None)
@given(st.lists(words, max_size=8).map(" ".join), st.lists(words, min_size=1, max_size=3))
def test_forgotten_words_are_gone_and_the_others_stay(clause, forgotten):
    before = {word.stem for word in clauses.content_words(clause)}
    gone = {word.stem for word in clauses.content_words(" ".join(forgotten))}
    after = {
        word.stem
        for rest in clauses.forget((clause,), " ".join(forgotten))
        for word in clauses.content_words(rest)
    }
    assert after == before - gone


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_no_line_breaks_a_conversation(lines):
    dialogue = Dialogue(FakeRecommender(), k=2)
    for line in lines:
        for shown in reply_lines(dialogue.reply(line)):
            assert shown.isprintable()
