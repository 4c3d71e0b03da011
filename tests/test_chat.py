"""Conversations as whole transcripts, and the grammar under them."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.chat import (
    Dialogue,
    Reply,
    Turn,
    asking,
    clauses,
    pointers,
    read_turn,
    saved,
    telling,
)
from m6rec.display import reply_lines, transcript_json, transcript_markdown
from m6rec.errors import ModelError, RequestError
from m6rec.records import Choice, Clarification, Recommendation
from tests.fakes import LONGEST_TEXT, FakeRecommender, toy_catalog

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


QUESTIONS = {
    "genres": Clarification(
        "genres",
        tuple(Choice(kind, kind, f"no {kind}") for kind in ("comedy", "western", "horror")),
        gain=1.2,
        entropy=2.5,
        focus=0.4,
    ),
    "year": Clarification(
        "year",
        tuple(Choice(f"{d}s", f"from the {d}s", f"not from the {d}s") for d in (1980, 1990, 2000)),
        gain=1.0,
        entropy=2.5,
        focus=0.4,
    ),
    "pair": Clarification(
        "pair",
        (Choice("Alien", "", "", "11"), Choice("Shrek", "", "", "6")),
        gain=0.6,
        entropy=2.5,
        focus=0.4,
    ),
}


def held(transcript: str) -> str:
    """Hold the conversation of a transcript again, and return it as one."""
    first, *lines = transcript.splitlines()
    choices = dict(re.findall(r"(\w+)=(\S+)", first))
    fake = FakeRecommender()
    fake.companion.questions = [
        QUESTIONS[name] for name in choices.get("asks", "").split(",") if name
    ]
    dialogue = Dialogue(fake, user=choices.get("user"), k=int(choices["k"]))
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
    for line in ("from the 50s", "/like 77", "more like #9", "/nothing"):
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


def test_a_pasted_book_is_cut_and_that_is_said(dialogue, fake):
    reply = dialogue.reply("comedies " + "x" * 100_000)
    assert reply.lines == ("Only the first 2,000 of 100,009 characters were read.",)
    assert reply.answer is not None
    assert len(fake.calls[-1]["text"]) <= LONGEST_TEXT


def test_of_a_very_long_talk_the_oldest_wish_is_let_go(dialogue, fake):
    dialogue.reply("comedies " + "a" * 900)
    dialogue.reply("from the 90s " + "b" * 900)
    reply = dialogue.reply("no romance " + "c" * 900)
    assert "the oldest wish was let go" in reply.lines[0]
    assert len(fake.calls[-1]["text"]) <= LONGEST_TEXT
    assert "no romance" in fake.calls[-1]["text"]
    assert "comedies" not in fake.calls[-1]["text"]


# Questions back ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("the first", "comedy"),
        ("the first one", "comedy"),
        ("1", "comedy"),
        ("b", "western"),
        ("the last", "horror"),
        ("the third one please", "horror"),
        ("Comedies!", "comedy"),
        ("western, please", "western"),
        ("i'd prefer horror", "horror"),
        ("well, comedy i guess", "comedy"),
        ("第二个", "western"),
        ("4", None),
        ("#2", None),
        ("comedy with a dog", None),
        ("comedy or western", None),
        ("no horror", None),
        ("something else", None),
        ("", None),
        ("x" * 200, None),
    ],
)
def test_which_choice_a_line_names(line, label):
    choice = asking.chosen(line, QUESTIONS["genres"])
    assert (choice.label if choice else None) == label


@pytest.mark.parametrize(("line", "label"), [("the 90s", "1990s"), ("1980s", "1980s")])
def test_a_decade_is_named_in_any_spelling(line, label):
    choice = asking.chosen(line, QUESTIONS["year"])
    assert (choice.label if choice else None) == label


def test_at_most_one_question_a_turn_and_none_twice(dialogue, fake):
    fake.companion.questions = list(QUESTIONS.values())
    asked = []
    for line in ("surprise me", "comedy", "the 90s", "skip", "more"):
        asked += [reply for reply in [dialogue.reply(line).question] if reply]
    assert len(asked) == len({*asked}) <= 3


def test_who_does_not_answer_is_not_asked_for_ever(dialogue, fake):
    fake.companion.questions = list(QUESTIONS.values())
    asked = [bool(dialogue.reply(line).question) for line in ("comedies", "newer", "no romance")]
    assert asked == [True, True, False]


def test_nothing_is_asked_when_it_is_clear_what_is_meant_or_asking_is_off(fake):
    fake.companion.questions = [replace(QUESTIONS["genres"], focus=0.9)]
    assert Dialogue(fake).reply("comedies").question == ""
    fake.companion.questions = [replace(QUESTIONS["genres"], gain=0.1)]
    assert Dialogue(fake).reply("comedies").question == ""
    fake.companion.questions = [QUESTIONS["genres"]]
    assert Dialogue(fake, asks=False).reply("comedies").question == ""
    assert Dialogue(fake).reply("comedies").question != ""


def test_what_was_listed_with_a_question_does_not_come_back_with_its_answer(dialogue, fake):
    fake.companion.questions = [QUESTIONS["genres"]]
    first = {item.item_id for item in dialogue.reply("surprise me").answer}
    after = {item.item_id for item in dialogue.reply("comedy").answer}
    assert not first & after


# Profiles and saved conversations ---------------------------------------------------------------


def test_what_is_left_out_of_the_portrait_no_longer_counts_as_liked(dialogue, fake):
    for title in ("Toy Story", "Shrek", "Alien"):
        dialogue.reply(f"/like {title}")
    dialogue.reply("/portrait forget comedy")
    dialogue.reply("science fiction")
    assert {*fake.calls[-1]["seen"]} == {"1", "6"}
    dialogue.reply("/portrait clear")
    dialogue.reply("more")
    assert not {"1", "6"} & {*fake.calls[-1]["seen"]}


def test_what_is_added_to_the_portrait_counts_when_nothing_else_is_asked_for(dialogue, fake):
    dialogue.reply("/portrait add westerns")
    dialogue.reply("recommend me something")
    assert fake.calls[-1]["text"] == "westerns"
    dialogue.reply("comedies")
    assert fake.calls[-1]["text"] == "recommend me something; comedies"


def test_a_new_name_is_nobody_until_something_was_said(fake):
    dialogue = Dialogue(fake, user="new", k=3)
    dialogue.reply("comedies")
    assert fake.calls[-1]["user"] is None
    dialogue.reply("/like 1")
    dialogue.reply("more")
    assert fake.calls[-1]["user"] == "new"


def test_saving_under_a_name_keeps_what_was_said_for_that_user(dialogue, fake):
    dialogue.reply("comedies")
    dialogue.reply("/like 1")
    assert fake.verdicts == []
    assert dialogue.reply("/save anna maria").save == "anna maria"
    assert fake.verdicts == [("anna maria", "1", "liked")]
    assert dialogue.state.marked("liked") == ("1",)


def spoken(fake):
    dialogue = Dialogue(fake, k=3)
    for line in ("comedies", "more like #2", "/seen 1", "no romance", "/portrait add noir"):
        dialogue.reply(line)
    return dialogue


def test_a_saved_conversation_goes_on_where_it_was(fake):
    before = spoken(fake)
    text = saved.to_json(before.state, fake.catalog)
    after = Dialogue(fake)
    after.resume(saved.from_json(text, fake.catalog, "here"))
    assert after.state == before.state
    for line in ("/why 1", "more", "/likes"):
        assert reply_lines(after.reply(line)) == reply_lines(before.reply(line))


def test_items_the_catalog_lost_are_left_out_of_a_saved_conversation(fake):
    text = saved.to_json(spoken(fake).state, fake.catalog)
    rest = Catalog((item for item in toy_catalog() if item.item_id not in {"1", "2"}), name="toy")
    state = saved.from_json(text, rest, "here")
    assert {"1", "2"}.isdisjoint({*state.shown, *state.passed, *dict(state.verdicts)})
    assert state.wishes == ("comedies", "no romance")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:100],
        lambda text: "[]",
        lambda text: text.replace('"m6rec_chat": 1', '"m6rec_chat": 99'),
        lambda text: text.replace('"seen"', '"adored"'),
        lambda text: text.replace('"k": 3', '"k": 0'),
        lambda text: text.replace('"wishes": [', '"wishes": [7, '),
        lambda text: text.replace('"catalog": "toy"', '"catalog": "books"'),
        lambda text: text.replace('"rank"', '"rnk"'),
    ],
    ids=["cut", "list", "format", "verdict", "k", "wish", "catalog", "item"],
)
def test_what_is_no_saved_conversation_is_refused_with_its_place(fake, damage):
    text = damage(saved.to_json(spoken(fake).state, fake.catalog))
    with pytest.raises(RequestError, match="some-file"):
        saved.from_json(text, fake.catalog, "some-file")


def test_a_transcript_has_every_turn(fake):
    dialogue = spoken(fake)
    dialogue.reply("")
    document = json.loads(transcript_json(dialogue.turns))
    assert [turn["said"] for turn in document["turns"]] == [
        *("comedies", "more like #2", "/seen 1", "no romance", "/portrait add noir")
    ]
    assert document["turns"][0]["answer"]["items"][0]["title"] == "Toy Story"
    text = transcript_markdown(dialogue.turns)
    assert text.count("\n> ") == 5
    for _, reply in dialogue.turns:
        for line in reply_lines(reply):
            assert f"\n{line}\n" in text


def test_a_title_cannot_break_out_of_a_transcript():
    nasty = Reply(lines=("```", "# not a headline"))
    text = transcript_markdown([("x\n# y", nasty)])
    assert "\n````text\n```\n# not a headline\n````\n" in text
    assert "> x # y" in text


# Reasons ----------------------------------------------------------------------------------------


def listed(rank, **terms):
    return Recommendation(rank, str(rank), f"T{rank}", sum(terms.values()), -1.0, terms, "why")


def test_shares_are_of_what_moved_an_item_and_the_normaliser_is_silent():
    items = (
        listed(1, language_model=-1.0, neutral=3.0, popularity=-2.0, normaliser=9.0),
        listed(2, language_model=-1.0, neutral=0.0, popularity=-1.0, normaliser=0.0),
    )
    told = "Against the others here: raised by your words (75%); held back by popularity (25%)."
    assert telling.moved_sentence(items[0], items) == told


def test_a_list_of_one_has_nothing_to_compare_with():
    only = listed(1, popularity=1.0)
    assert telling.moved_sentence(only, (only,)) == ""


def test_an_unknown_term_is_told_by_its_name():
    items = (listed(1, night_shift=1.0), listed(2, night_shift=0.0))
    assert "night shift (100%)" in telling.moved_sentence(items[0], items)


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
        ("no, I meant the 80s", Turn("meant", "the 80s")),
        ("sorry I meant Alien", Turn("meant", "Alien")),
        ("no, the 80s", Turn("rather", "the 80s")),
        ("rather a western", Turn("rather", "a western")),
        ("no, no horror", Turn("say", "no, no horror")),
        ("no horror", Turn("say", "no horror")),
        ("不对，我是说90年代", Turn("meant", "90年代")),
        ("any year is fine", Turn("any", "year")),
        ("the genre doesn't matter", Turn("any", "genre")),
        ("I don't care about the language", Turn("any", "language")),
        ("年代无所谓", Turn("any", "年代")),
        ("horror is fine too", Turn("allow", "horror")),
        ("it doesn't have to be a comedy", Turn("allow", "a comedy")),
        ("not that one", Turn("point", "not that one")),
        ("why that one?", Turn("why", "-2")),
        ("I've seen it", Turn("point", "I've seen it")),
        ("more like these", Turn("more")),
        ("what else you got", Turn("more")),
        ("I like that it is short", Turn("say", "I like that it is short")),
        ("I would like it to be funny", Turn("say", "I would like it to be funny")),
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
    parts = [part for part, _ in pointers.read_parts(text) if part.positions]
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
        ("a western from 1912", "from the 60s", "a western; from the 60s"),
        ("after 1990", "from the 80s", "from the 80s"),
        ("from the 90s", "after 1995", "from the 90s; after 1995"),
        ("drama from the eighties", "from 1994", "drama; from 1994"),
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


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("more like 3", (3,)), ("2 looks fun", (2,)), ("i've seen 2", (2,)), ("why 2", (2,)),
        ("the first two i have seen", (1, 2)), ("the first three are awful", (1, 2, 3)),
        ("seen all of these", (pointers.ALL,)), ("I don't like them", (pointers.ALL,)),
        ("这些都看过", (pointers.ALL,)),
        ("more like 300", ()), ("12 monkeys was great", ()), ("movies like these", ()),
        ("the first two hours were great", ()), ("the first three seasons", ()),
        ("show me the top 5 movies", ()), ("what are the top 5 movies?", ()),
        ("give me the first 3", ()), ("the top 3 look fun", (1, 2, 3)),
        ("no musicals, i hate them", ()), ("westerns, my dad and i watched them", ()),
        ("comedies, i hate these", (pointers.ALL,)),
    ],
)  # fmt: skip
def test_places_without_a_sign(line, places):
    assert pointers.pointers(line) == places


def test_all_of_a_list_can_be_seen_at_once(dialogue):
    listed = {item.item_id for item in dialogue.reply("comedies").answer}
    reply = dialogue.reply("seen all of these")
    assert set(dialogue.state.marked("seen")) == listed
    assert not listed & {item.item_id for item in reply.answer}


def test_praise_in_chinese_that_holds_a_not_is_praise(dialogue):
    listed = dialogue.reply("comedies").answer
    dialogue.reply("第二部不错")
    assert dialogue.state.marked("liked") == (listed[1].item_id,)


def test_newer_beside_a_number_is_newer_than_that_item(dialogue):
    listed = dialogue.reply("comedies").answer
    year = dialogue._talk.recommender.catalog[listed[1].item_id].fields["year"]
    dialogue.reply("#2 looks fun, more like that but newer")
    assert dialogue.state.wishes == ("comedies", f"after {year}")


def test_titles_in_the_wishes_are_in_portrait_and_likes(dialogue):
    dialogue.reply("comedies like Shrek and Toy Story but i hated Alien")
    assert dialogue.state.marked("liked") == ()
    assert "liked: Toy Story, Shrek" in dialogue.reply("/likes").lines
    assert "disliked: Alien" in dialogue.reply("/likes").lines
    assert any("animation (2)" in line for line in dialogue.reply("/portrait").lines)


@pytest.mark.parametrize("line", ["ok", "cool", "Great!", "好的"])
def test_a_nod_is_no_wish(dialogue, line):
    dialogue.reply("comedies")
    before = dialogue.state
    assert dialogue.reply(line).answer is None
    assert dialogue.state is before


@pytest.mark.parametrize(
    ("line", "turn"),
    [
        ("cool runnings instead", ("instead", "cool runnings")),
        ("cool, westerns instead", ("instead", "westerns")),
        ("great, more", ("more", "")),
        ("great more", ("more", "")),
        ("nice thanks", ("thanks", "")),
        ("great comedies", ("say", "great comedies")),
    ],
)
def test_praise_before_a_turn_is_not_cut_off_a_title(line, turn):
    assert read_turn(line)[:2] == turn


def test_two_are_compared_in_plain_words(dialogue):
    dialogue.reply("comedies")
    assert dialogue.reply("compare 1 and 2").lines == dialogue.reply("/compare 1 2").lines
