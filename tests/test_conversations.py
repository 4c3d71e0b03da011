"""The conversation task: rows worked out by hand, the peers, and what is refused."""

import json

import numpy as np
import pytest

from m6rec.candidates import taste
from m6rec.candidates.taste import Powers
from m6rec.errors import CatalogError, ConfigError
from m6rec.evaluation import Options, run
from m6rec.evaluation.conversation_task import (
    MOST_NAMED,
    NAME,
    REPEAT,
    TASK,
    TASTE,
    TASTE_TALKED,
    TRAINING,
)
from m6rec.evaluation.conversations import (
    ask_partner,
    judge_turns,
    most_named,
    named_class,
    repeat_named,
    search_words,
    show_scored,
    show_taste,
    talked,
    wish_in,
)
from m6rec.evaluation.methods import MostPopular
from m6rec.sources.redial import RecommenderTurn, Said
from m6rec.vocabulary import Vocabulary, said_values
from tests.evaluation_fakes import CATALOG, Scripted, checkerboard

WISH = "I want something funny tonight"


def turn(number=1, conversation="c", named=("id0",), targets=("id3",), text=WISH):
    said = (Said("user", text), Said("system", "what about something else entirely"))
    return RecommenderTurn(
        f"{conversation}#{number}", conversation, said, tuple(named), ("Film 0",), tuple(targets)
    )


def line(conversation, named, targets):
    record = {
        "dialog_id": conversation,
        "context": [{"role": "user", "text": WISH}],
        "mentioned_movieIds": [f"id{row}" for row in named],
        "target_movieIds": [f"id{row}" for row in targets],
    }
    return json.dumps(record)


def conversation_file(folder, name, *lines):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def judged(shown, **given):
    (row,) = judge_turns([turn(**given)], lambda _: (list(shown), 5), CATALOG, k=2)
    return row


def test_a_row_by_hand():
    row = judged(["id5", "id3", "id4", "id7"], targets=("id3", "id4"))
    assert (row.recall_1, row.recall, row.recall_50) == (0, 0.5, 1)
    assert row.mrr == 0.5
    assert row.ndcg == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))
    assert (row.n_named, row.faults, row.lm_tokens, row.error) == (1, 0, 5, None)
    assert row.shown == ("id5", "id3")


def test_showing_what_was_named_or_does_not_exist_is_a_fault():
    assert judged(["id0", "elsewhere", "id3"]).faults == 2
    assert judged(["id0", "elsewhere", "id3"]).recall == 0


def test_a_refusal_is_a_row_of_misses_with_its_reason():
    (row,) = judge_turns([turn()], ask_partner(Scripted({})), CATALOG)
    assert (row.recall_50, row.shown) == (0, ())
    assert row.error == f"cannot answer {WISH!r}"


def test_a_partner_is_told_the_wish_of_the_seeker_and_what_was_named():
    partner = Scripted({WISH: ["id3"]})
    (row,) = judge_turns([turn(named=("id0", "id1"))], ask_partner(partner), CATALOG)
    assert partner.asked == [(WISH, ("id0", "id1"), ())]
    assert (row.recall_1, row.lm_tokens) == (1, 7)


def test_titles_are_no_wish():
    assert wish_in(turn(text="I liked Film 0 very much")) == "I liked it very much"


def test_repeating_shows_the_latest_first():
    assert repeat_named(turn(named=("id0", "id4"))) == (["id4", "id0"], 0)


def test_the_most_named_count_once_a_conversation():
    training = [
        turn(1, "a", named=("id1",), targets=("id2",)),
        turn(2, "a", named=("id1", "id2"), targets=("id1",)),
        turn(1, "b", named=("id2", "id9"), targets=()),
    ]
    show = most_named(training, CATALOG)
    assert show(turn(named=())) == (["id2", "id1", "id9"], 0)
    assert show(turn(named=("id2",))) == (["id1", "id9"], 0)


def test_words_lift_what_they_name_and_named_items_stay_away():
    said = said_values(CATALOG, Vocabulary.load())
    # Films 6 to 9 are war films; of them the most popular that was not named comes first.
    show = show_taste(taste.fit(CATALOG, powers=Powers(kinds=0, words=0)), CATALOG, said)
    shown, _ = show(turn(named=("id6",), text="I would like a war film"))
    assert shown[0] == "id7"
    assert len(shown) == 9
    assert "id6" not in shown


def test_what_is_talked_about_counts_once_a_conversation():
    turns = [turn(1, "a", named=("id1",), targets=("id2",)), turn(2, "a", named=("id2", "id1"))]
    assert talked(turns, CATALOG).tolist() == [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]


def test_a_scorer_hands_over_when_nothing_was_named():
    class Last:
        def scores(self, history):
            return np.arange(10.0)

    class First:
        def scores(self, history):
            return -np.arange(10.0)

    show = show_scored(Last(), CATALOG, First())
    assert show(turn(named=("id9",)))[0][:2] == ["id8", "id7"]
    assert show(turn(named=()))[0][:2] == ["id0", "id1"]
    assert show_scored(Last(), CATALOG)(turn(named=()))[0][0] == "id9"


def test_a_search_by_words_leaves_out_what_was_named():
    shown, _ = search_words(MostPopular(CATALOG))(turn(named=("id0", "id2")))
    assert shown[:2] == ["id1", "id3"]
    assert len(shown) == 8


def test_classes_of_how_much_was_named():
    assert [named_class(n) for n in (0, 1, 2, 3, 4, 9)] == ["0", "1", "2-3", "2-3", "4+", "4+"]


def test_a_run_judges_every_turn_with_a_target(tmp_path):
    file = conversation_file(
        tmp_path, "judged.jsonl", line("a", [], [3]), line("a", [3], [4, 3]), line("b", [1], [1])
    )
    other = conversation_file(tmp_path, "other.jsonl", line("c", [4], [3]))
    results = run(
        [NAME],
        ["m6rec", REPEAT, MOST_NAMED, TASTE, TASTE_TALKED, "popularity", "markov"],
        tmp_path / "out",
        Scripted({WISH: ["id4", "id3"]}),
        catalog=CATALOG,
        interactions=checkerboard(),
        options=Options(files={NAME: (file,), TRAINING: (other,)}),
    )
    methods = results["tasks"][NAME]
    found = {name: [row["recall"] for row in part["rows"]] for name, part in methods.items()}
    assert found["m6rec"] == [1, 1]
    assert found[REPEAT] == [0, 0]
    assert found[MOST_NAMED] == [1, 1]
    assert found[TASTE] == found[TASTE_TALKED] == [1, 1]
    # Row 4 follows row 3 in every history of the checkerboard that goes on.
    assert methods["markov"]["rows"][1]["shown"][0] == "id4"
    assert [row["id"] for row in methods["m6rec"]["rows"]] == ["a#1", "a#2"]
    notes = " ".join(results["notes"])
    assert "2 of 3 recommender turns" in notes
    assert "2 recommendations repeated" in notes
    assert methods["m6rec"]["rows"][1]["faults"] == 1


@pytest.mark.parametrize(
    ("files", "methods", "message"),
    [
        ({}, [REPEAT], "needs recorded conversations"),
        ({NAME: ["a"]}, [MOST_NAMED], "needs other conversations"),
        ({NAME: ["a"], TRAINING: ["a"]}, [MOST_NAMED], "judged and learned from"),
        ({NAME: ["none"]}, [REPEAT], "recommends an item of catalog"),
        ({NAME: ["a"]}, ["markov"], "markov needs interactions"),
    ],
)
def test_what_is_missing_is_named(tmp_path, files, methods, message):
    conversation_file(tmp_path, "a.jsonl", line("a", [1], [3]))
    conversation_file(tmp_path, "none.jsonl", line("b", [1], [77]))
    paths = {name: tuple(tmp_path / f"{stem}.jsonl" for stem in s) for name, s in files.items()}
    with pytest.raises((ConfigError, CatalogError), match=message):
        run([TASK], methods, tmp_path / "out", catalog=CATALOG, options=Options(files=paths))
