"""The judge of dialogues judges as its script says, and simulated people tell the truth."""

import json
from dataclasses import replace

import pytest

from m6rec.catalog import Catalog
from m6rec.chat import Reply
from m6rec.errors import CatalogError
from m6rec.evaluation import dialogue_task, simulated
from m6rec.evaluation.dialogues import (
    DIALOGUES,
    Script,
    Turn,
    _Judge,
    judge_dialogue,
    read_dialogues,
)
from m6rec.evaluation.plan import Options, Plan
from m6rec.evaluation.simulated import Person, persons, search, truthful
from m6rec.filters import item_mask
from m6rec.records import Answer, Choice, Clarification, Item, Recommendation
from tests.fakes import FakeRecommender, toy_catalog

CATALOG = toy_catalog()


def listed(*ids, relaxed=()):
    items = tuple(
        Recommendation(rank, item_id, CATALOG[item_id].title, 0.0, -1.0, {}, "")
        for rank, item_id in enumerate(ids, start=1)
    )
    return Reply(answer=Answer("x", items, relaxed=relaxed))


def judged(*turns):
    judge = _Judge(CATALOG)
    for turn, reply in turns:
        judge.take(turn, reply, 1.0)
    return judge.row(Script("s", tuple(turn for turn, _ in turns)))


def test_the_dialogues_are_fifty_and_their_demands_can_be_read_and_met():
    scripts = read_dialogues()
    assert len(scripts) == 50
    assert sum(len(script.turns) for script in scripts) >= 150
    for script in scripts:
        assert len(script.turns) >= 3


def test_demands_of_the_dialogues_can_be_read():
    fields = dict.fromkeys(("genres", "languages", "cast", "directors"), ("x",))
    one = Catalog([Item("1", "T", {**fields, "year": 1990})])
    demands = [d for s in read_dialogues() for t in s.turns for d in (t.holds, t.wants) if d]
    assert len(demands) > 150
    for demand in demands:
        assert len(item_mask(demand, one)) == 1


def test_a_list_against_a_demand_is_counted_item_by_item():
    nineties = Turn("x", holds="1990 <= year <= 1999")
    row = judged((nineties, listed("1", "2")), (nineties, listed("1", "5", "6")))
    assert (row.satisfied, row.violations) == (0.5, 2)


def test_what_was_given_up_and_named_is_no_violation():
    row = judged((Turn("x", holds="year == 1895"), listed("1", relaxed=("nothing fits",))))
    assert (row.satisfied, row.violations, row.relaxed) == (None, 0, 1)


def test_what_is_wanted_is_told_as_a_share():
    assert judged((Turn("x", wants="'Comedy' in genres"), listed("1", "7"))).wanted == 0.5


def test_repeats_count_where_others_were_asked_for():
    first, again = (Turn("x"), listed("1", "2")), listed("2", "3")
    assert judged(first, (Turn("from the 90s"), again)).repeats == 0
    assert judged(first, (Turn("more", fresh=True), again)).repeats == 1
    assert judged((Turn("x"), listed("1", "1"))).repeats == 1


def test_what_the_person_judged_or_named_must_not_come_back():
    first = (Turn("x"), listed("1", "2"))
    row = judged(first, (Turn("seen #2", gone=(2,)), listed("2", "3")), (Turn("y"), listed("2")))
    assert row.seen_again == 2
    assert judged((Turn("I loved Alien", knows=("Alien",)), listed("11"))).seen_again == 1


@pytest.mark.parametrize(
    ("turn", "reply", "silent"),
    [
        (Turn("x"), Reply(), 1),
        (Turn("x"), Reply(lines=("no",)), 1),
        (Turn("x", lines=True), Reply(lines=("yes",)), 0),
        (Turn("x", lines=True), Reply(), 1),
        (Turn("more", fresh=True), Reply(lines=("Nothing more fits",)), 0),
        (Turn("x", lines=True), listed("1"), 0),
    ],
)
def test_silence_is_counted(turn, reply, silent):
    assert judged((turn, reply)).silent == silent


def test_a_dialogue_is_held_from_its_first_to_its_last_line():
    script = Script("s", (Turn("comedies"), Turn("from the 90s", "1990 <= year <= 1999")))
    fake = FakeRecommender()
    row = judge_dialogue(script, fake, CATALOG, 3)
    assert (row.n_turns, row.satisfied, row.silent) == (2, 1.0, 0)
    assert fake.calls[-1]["text"] == "comedies; from the 90s"
    assert row.said == "comedies / from the 90s"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("{", "line 1"),
        ('{"id": "a"}', "line 1"),
        ('{"id": "a", "turns": [{"say": "x", "holdz": "y"}]}', "holdz"),
        ('{"id": "a", "turns": []}\n{"id": "a", "turns": []}', "an id twice"),
    ],
)
def test_what_is_no_dialogue_file_is_refused(tmp_path, text, words):
    file = tmp_path / "d.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=words):
        read_dialogues(file)
    with pytest.raises(CatalogError, match="cannot read"):
        read_dialogues(tmp_path / "none.jsonl")


# Simulated people -------------------------------------------------------------------------------


def asked(topic, *choices):
    return Clarification(topic, choices, 1.0, 2.0)


KINDS = asked("genres", Choice("comedy", "", ""), Choice("science fiction", "", ""))
DECADES = asked("year", Choice("1980s", "", ""), Choice("1990s", "", ""))
PAIR = asked("pair", Choice("Alien", "", "", "11"), Choice("Amélie", "", "", "13"))


@pytest.mark.parametrize(
    ("question", "target", "answer"),
    [
        (KINDS, "2", "comedy"),
        (KINDS, "8", "science fiction"),
        (KINDS, "9", "neither"),
        (DECADES, "2", "1990s"),
        (DECADES, "14", "neither"),
        (PAIR, "12", "Alien"),
        (PAIR, "5", "Amélie"),
        (PAIR, "9", "skip"),
    ],
)
def test_people_answer_from_the_fields_of_what_they_have_in_mind(question, target, answer):
    assert truthful(question, CATALOG[target], CATALOG) == answer


def test_people_are_the_same_for_the_same_seed_and_want_what_is_known():
    found = persons(CATALOG, 8, 3)
    assert found == persons(CATALOG, 8, 3)
    assert found != persons(CATALOG, 8, 4)
    assert len({person.target for person in found}) == 8
    for person in found:
        assert CATALOG[person.target].popularity >= simulated.WELL_KNOWN
        assert CATALOG[person.target].title not in person.opening


def test_a_catalog_nobody_knows_has_nobody_to_simulate():
    from tests.tiny_catalogs import bare_titles

    with pytest.raises(CatalogError, match="nobody to simulate"):
        persons(bare_titles(), 3, 0)


def test_a_search_ends_when_the_item_is_there():
    person = Person("p", "10", "recommend me something")
    row = search(person, FakeRecommender(), CATALOG, 2, asks=False)
    assert (row.found, row.turns_to_target, row.questions, row.set) == (1.0, 2, 0, "unasked")
    assert row.said == "recommend me something / something else"
    assert "10" in row.shown


def test_who_answers_finds_sooner():
    person = Person("p", "9", "recommend me something")
    fake = FakeRecommender()
    western = Choice("western", "western", "no western")
    fake.companion.questions = [
        replace(asked("genres", western, Choice("comedy", "comedy", "")), focus=0.2)
    ]
    without = search(person, fake, CATALOG, 2, asks=False)
    answering = search(person, fake, CATALOG, 2, asks=True)
    assert (without.found, without.turns_to_target) == (0.0, None)
    assert (answering.found, answering.turns_to_target, answering.questions) == (1.0, 2, 1)


def test_the_task_judges_scripts_and_people(tmp_path):
    file = tmp_path / "d.jsonl"
    turns = [{"say": "comedies", "wants": "'Comedy' in genres"}, {"say": "more", "fresh": True}]
    file.write_text(json.dumps({"id": "a", "turns": turns}), encoding="utf-8")
    fake = FakeRecommender()
    plan = Plan(
        catalog=CATALOG,
        recommenders={"m6rec": fake},
        retrain=None,
        interactions=None,
        out=tmp_path,
        options=Options(k=3, files={"dialogues": (file,)}),
    )
    prepared = dialogue_task.TASK.prepare(["m6rec"], plan)
    rows = list(prepared.rows("m6rec"))
    assert len(rows) == prepared.n_cases
    assert {row["set"] for row in rows} == {"scripted", "unasked", "answering"}
    assert len({dialogue_task.TASK.key(row) for row in rows}) == len(rows)
    assert DIALOGUES.is_file()
