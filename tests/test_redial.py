"""Reading recorded conversations: both layouts, the join to the catalog, and what is refused."""

import json

import pytest

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.records import Item
from m6rec.sources.redial import RECOMMENDER, SEEKER, Said, read_conversations

CATALOG = Catalog(
    (
        Item("1", "Heat", {"year": 1995}),
        Item("2", "Titanic", {"year": 1997}),
        Item("3", "Titanic", {"year": 1953}),
        Item("4", "The Matrix", {"year": 1999, "also_known_as": ("Matrix",)}),
        Item("5", "Seven", {"year": 1995, "also_known_as": ("Se7en",)}),
    )
)
SEEKS, RECOMMENDS = 956, 957


def message(who, text):
    return {"timeOffset": 0, "text": text, "senderWorkerId": who, "messageId": 1}


def published(*messages, titles, conversation="391"):
    return {
        "conversationId": conversation,
        "initiatorWorkerId": SEEKS,
        "respondentWorkerId": RECOMMENDS,
        "movieMentions": titles,
        "respondentQuestions": {
            number: {"suggested": 1, "seen": 0, "liked": 1} for number in titles
        },
        "initiatorQuestions": {},
        "messages": list(messages),
    }


def one_turn(named=(), targets=(), **more):
    return {
        "dialog_id": "7",
        "context": [{"role": "user", "text": "Something like Heat (1995)"}],
        "mentioned": ["Heat (1995)"],
        "mentioned_movieIds": list(named),
        "target_movieIds": list(targets),
        **more,
    }


def read(tmp_path, *records):
    path = tmp_path / "conversations.jsonl"
    path.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    return read_conversations(path, CATALOG)


def test_a_published_conversation_becomes_one_turn_per_recommending_message(tmp_path):
    titles = {"11": "Heat (1995)", "12": "The Matrix  (1999)", "13": "Se7en (1995)"}
    turns = read(
        tmp_path,
        published(
            message(RECOMMENDS, "Hello"),
            message(SEEKS, "I liked @11 a lot"),
            message(RECOMMENDS, "Then try @12  and @11!"),
            message(SEEKS, "I have seen @12"),
            message(RECOMMENDS, "And @13?"),
            titles=titles,
        ),
    )
    assert [turn.id for turn in turns] == ["391#1", "391#2"]
    first, second = turns
    assert first.said == (Said(RECOMMENDER, "Hello"), Said(SEEKER, "I liked Heat (1995) a lot"))
    assert (first.named, first.targets, first.repeated) == (("1",), ("4",), 1)
    assert first.titles == ("Heat (1995)",)
    assert (second.named, second.targets, second.repeated) == (("1", "4"), ("5",), 0)
    assert second.titles == ("Heat (1995)", "The Matrix  (1999)")
    assert len(second.said) == 4


def test_films_are_joined_by_title_and_year(tmp_path):
    titles = {
        "1": "Titanic (1953)",
        "2": "Titanic (1996)",
        "3": "Titanic (2012)",
        "4": "Titanic",
        "5": "Matrix",
        "6": "HEAT (1995)",
        "7": "Nobody Knows (2004)",
    }
    named = " ".join(f"@{number}" for number in titles)
    (turn,) = read(tmp_path, published(message(RECOMMENDS, named), titles=titles))
    # 2012 is another film, "Titanic" alone may be either, and the last is not in the catalog.
    assert turn.targets == ("3", "2", "4", "1")


def test_a_conversation_without_films_has_an_empty_list_and_no_turn(tmp_path):
    silent = published(message(RECOMMENDS, "Hello @99"), titles={}) | {"movieMentions": []}
    turns = read(tmp_path, silent, one_turn(targets=[2]))
    assert [turn.conversation for turn in turns] == ["7"]


def test_a_turn_a_line_takes_its_numbers_as_ids(tmp_path):
    (turn,) = read(tmp_path, one_turn(named=[1, 77, 1], targets=[2, 1, 99, 2]))
    assert turn.named == ("1",)
    assert turn.targets == ("2",)
    assert turn.repeated == 1
    assert turn.said == (Said("user", "Something like Heat (1995)"),)


def test_turns_of_one_conversation_are_numbered_over_lines(tmp_path):
    turns = read(tmp_path, one_turn(targets=[2]), one_turn(named=[2], targets=[4]))
    assert [turn.id for turn in turns] == ["7#1", "7#2"]


@pytest.mark.parametrize("line", ["{", '"text"', "[]", '{"dialog_id": "1"}', '{"messages": [{}]}'])
def test_a_line_that_is_no_conversation_is_refused_by_its_number(tmp_path, line):
    path = tmp_path / "broken.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"broken\.jsonl line 2 is no conversation"):
        read_conversations(path, CATALOG)


def test_an_empty_and_a_missing_file_are_refused(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(CatalogError, match="no recommender turn"):
        read_conversations(tmp_path / "empty.jsonl", CATALOG)
    with pytest.raises(CatalogError, match="cannot read conversations"):
        read_conversations(tmp_path / "absent.jsonl", CATALOG)
