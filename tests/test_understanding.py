"""Judging how sentences are understood."""

import json

import pytest

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.evaluation import run, understanding
from m6rec.evaluation.understanding import (
    FOLDER,
    READER,
    SETS,
    Sentence,
    judge_sentence,
    read_sentences,
    reader,
)
from m6rec.records import Item, Match
from m6rec.wishes import Wish

FILMS = Catalog(
    [
        Item("1", "The Matrix", {"year": 1999, "genres": ("Action",)}, 90),
        Item("2", "Titanic", {"year": 1997, "genres": ("Drama", "Romance")}, 80),
        Item("3", "Alien", {"year": 1979, "genres": ("Horror", "Drama")}, 70),
    ]
)


def _judge(sentence, wish):
    return judge_sentence(sentence, lambda _: wish, FILMS)


def _sentence(**expected):
    return Sentence("constraints", "c-1", "development", "en", "some words", **expected)


def test_other_filters_with_the_same_items_are_right():
    row = _judge(_sentence(where="year >= 1990"), Wish("", filters=("not ('Horror' in genres)",)))
    assert (row.n_right, row.n_expected, row.violated) == (1, 1, 0)


@pytest.mark.parametrize(
    ("filters", "right"),
    [(("year >= 1990",), 1), (("year >= 1999",), 1), ((), 0), (("year <= 1980",), 0)],
)
def test_a_vague_word_may_be_read_within_bounds(filters, right):
    sentence = _sentence(where="year >= 1990", keeps="year >= 1999")
    assert _judge(sentence, Wish("", filters=filters)).n_right == right


def test_a_demand_nothing_satisfies_is_violated_by_what_is_named_instead():
    row = _judge(_sentence(where="year >= 2010"), Wish("", filters=("year >= 2010",)))
    assert (row.n_right, row.violated) == (1, len(FILMS))


def test_a_count_and_what_was_seen_belong_to_the_demand():
    matrix = Match("the matrix", "1", "The Matrix", 1.0, "exact")
    sentence = _sentence(k=3, titles=("The Matrix",))
    assert _judge(sentence, Wish("", k=3, seen=(matrix,))).n_right == 1
    assert _judge(sentence, Wish("", k=2, seen=(matrix,))).n_right == 0
    assert _judge(sentence, Wish("", k=3)).n_right == 0


def test_sentiments_are_counted_by_title():
    of = {"liked": ("The Matrix",), "disliked": ("Titanic",)}
    sentence = Sentence(
        "sentiments",
        "s-1",
        "development",
        "en",
        "words",
        None,
        None,
        None,
        ("The Matrix", "Titanic"),
        of,
    )
    matrix, titanic, alien = (
        Match(item.title, item.item_id, item.title, 1.0, "exact") for item in FILMS
    )
    row = _judge(sentence, Wish("", liked=(matrix, titanic), seen=(alien,)))
    assert (row.n_expected, row.n_right, row.right, row.n_wrong) == (2, 1, 0.5, 1)


def test_a_sentence_without_a_title_is_right_when_none_is_found():
    sentence = Sentence("titles", "t-1", "development", "en", "words")
    alien = Match("alien", "3", "Alien", 1.0, "exact")
    assert _judge(sentence, Wish("")).right == 1
    assert _judge(sentence, Wish("", liked=(alien,))).right == 0


def test_titles_the_catalog_does_not_have_are_refused():
    with pytest.raises(CatalogError, match="'Heat', which catalog"):
        _judge(Sentence("titles", "t-1", "x", "en", "words", titles=("Heat",)), Wish(""))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "has no sentence"),
        ("{}", "line 1 is no sentence"),
        ("[1]", "line 1 is no sentence"),
        (
            '{"id": "1", "split": "x", "language": "en", "text": "a"}\n' * 2,
            "line 2: id '1' is used",
        ),
    ],
)
def test_bad_files_are_named(tmp_path, lines, message):
    (tmp_path / "titles.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(CatalogError, match=message):
        read_sentences(tmp_path, "titles")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CatalogError, match=r"cannot read .*titles\.jsonl"):
        read_sentences(tmp_path, "titles")


def test_the_sets_of_the_checkout_can_be_read():
    sets = {name: read_sentences(FOLDER, name) for name in SETS}
    assert {name: len(sentences) >= 100 for name, sentences in sets.items()} == dict.fromkeys(
        SETS, True
    )
    for sentences in sets.values():
        assert len({s.text for s in sentences}) == len(sentences)
        assert {s.language for s in sentences} == {"en", "zh"}


def test_the_task_runs_without_a_recommender(tmp_path, monkeypatch):
    record = {"id": "1", "split": "development", "language": "en", "text": "no horror"}
    for name in SETS:
        extra = {"where": "not ('Horror' in genres)"} if name == "constraints" else {}
        line = json.dumps({**record, **extra})
        (tmp_path / f"{name}.jsonl").write_text(line + "\n", encoding="utf-8")
    monkeypatch.setattr(understanding, "FOLDER", tmp_path)
    results = run(["understanding"], [READER], tmp_path / "out", catalog=FILMS)
    groups = results["tasks"]["understanding"][READER]["groups"]
    assert {name: group["right"] for name, group in groups.items()} == dict.fromkeys(SETS, 1.0)
    assert "Understanding" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_the_reader_understands_english_and_chinese():
    read = reader(FILMS)
    assert read("nothing scary").filters == read("不要恐怖片").filters
