"""Protocols and peers on a catalog whose right answers are known.

Run: pytest tests/test_evaluation.py -n 0
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from m6rec.errors import CatalogError, ModelError
from m6rec.evaluation.methods import Blend, MostPopular, listed
from m6rec.evaluation.next_item import judge_next_item, rank_by_recommender, top_rows
from m6rec.evaluation.next_item_task import shared_timestamps
from m6rec.evaluation.peers import item_text
from m6rec.evaluation.requests import RequestCase, judge_requests, read_requests
from m6rec.interactions import Interactions
from m6rec.records import Answer, Interaction, Item
from m6rec.split import leave_last_out
from tests.evaluation_fakes import CATALOG, COMEDY, WAR, Scripted, checkerboard, request_file


def test_precision_counts_the_places_that_satisfy() -> None:
    said = Scripted({"a comedy": ["id0", "id7", "id1"], "a war film": ["id9"]})
    first, second = judge_requests([COMEDY, WAR], said, CATALOG, name="toy", k=4)
    assert (first.precision, first.base_rate, first.popularity) == (2 / 4, 6 / 10, 9)
    assert (second.precision, second.n_shown, second.lm_tokens) == (1 / 4, 1, 7)


def test_outside_items_and_repeats_are_counted_and_earn_nothing() -> None:
    said = Scripted({"a comedy": ["id0", "id0", "nowhere", "id1"]})
    (row,) = judge_requests([COMEDY], said, CATALOG, name="toy", k=4)
    assert (row.outside, row.repeats, row.precision) == (1, 1, 2 / 4)


def test_a_refusal_is_a_row_of_zero_with_its_reason() -> None:
    (row,) = judge_requests([COMEDY], Scripted({}), CATALOG, name="toy")
    assert (row.precision, row.popularity, row.error) == (0, None, "cannot answer 'a comedy'")


def test_a_request_for_another_catalog_is_refused() -> None:
    western = RequestCase("x", "genre", "a western", "'Western' in genres")
    with pytest.raises(CatalogError, match="no item of the catalog satisfies"):
        list(judge_requests([western], Scripted({}), CATALOG, name="toy"))


def test_request_files_round_trip(tmp_path: Path) -> None:
    assert read_requests(request_file(tmp_path, COMEDY, WAR)) == (COMEDY, WAR)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no request"),
        ("not json\n", r"toy\.jsonl line 1 is no request"),
        ('{"id": "a"}\n', "line 1 is no request"),
        ('{"id": "a", "kind": "", "request": "b", "predicate": "c"}\n', "kind is ''"),
        ('{"id": "a", "kind": "k", "request": "b", "predicate": "c"}\n' * 2, "'a' is used twice"),
    ],
)
def test_a_bad_request_file_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "toy.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=message):
        read_requests(path)
    with pytest.raises(CatalogError, match="cannot read request file"):
        read_requests(tmp_path / "none.jsonl")


@dataclass
class Fixed:
    """The same scores for everybody."""

    values: list[float]

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        return np.array(self.values)


def test_ranking_leaves_out_the_history_and_breaks_ties_by_row() -> None:
    history = np.array([1], np.int32)
    assert top_rows(Fixed([1, 9, 1, 5]), history, 2) == [3, 0]
    assert top_rows(Fixed([1, 9, 1, 5]), history, 10) == [3, 0, 2]
    with pytest.raises(ModelError, match="score of row 2 is NaN"):
        top_rows(Fixed([1, 9, np.nan, 5]), history, 2)


def test_a_ranker_that_knows_the_rule_scores_one() -> None:
    split = leave_last_out(checkerboard())
    perfect = judge_next_item(
        split, lambda case, k: [f"id{(case.history[-1] + 1) % 10}"], CATALOG, k=3
    )
    rows = list(perfect)
    assert [(row.hit_rate, row.ndcg, row.mrr, row.faults) for row in rows] == [(1, 1, 1, 0)] * 12
    stubborn = judge_next_item(
        split, lambda case, k: [f"id{case.history[0]}", "nowhere"], CATALOG, k=3
    )
    assert {(row.hit_rate, row.faults) for row in stubborn} == {(0, 2)}


def test_a_recommender_is_told_the_recent_as_liked_and_the_rest_as_seen() -> None:
    said = Scripted({"": ["id3"]})
    ranker = rank_by_recommender(said, CATALOG, history_length=2)
    case = next(iter(leave_last_out(checkerboard())))
    answer = ranker(case, 5)
    assert isinstance(answer, Answer)
    assert [item.item_id for item in answer] == ["id3"]
    assert said.asked == [("", ("id1", "id2"), ("id0",))]


def test_a_refusal_misses() -> None:
    ranker = rank_by_recommender(Scripted({}), CATALOG, history_length=2)
    rows = list(judge_next_item(leave_last_out(checkerboard()), ranker, CATALOG))
    assert {row.hit_rate for row in rows} == {0}
    assert {row.error for row in rows} == {"cannot answer ''"}


def test_a_blend_is_the_mean_of_standard_scores_over_the_unseen() -> None:
    blend = Blend((Fixed([0, 2, 99]), Fixed([7, 7, 7])))
    assert blend.scores(np.array([2], np.int32))[:2].tolist() == [-1 / 2, 1 / 2]


def test_most_popular_does_not_listen() -> None:
    peer = MostPopular(CATALOG)
    ids = [item.item_id for item in peer.recommend("a war film", k=3)]
    assert ids == ["id0", "id1", "id2"]
    assert [item.title for item in listed("", CATALOG, [4], np.zeros(10))] == ["Film 4"]


def test_item_texts() -> None:
    assert item_text(CATALOG["id9"]) == "Film 9. war, drama movie, 1980s"
    assert item_text(Item("x", "Untold")) == "Untold. movie"


def test_shared_timestamps() -> None:
    assert shared_timestamps(checkerboard()) == 0
    records = [Interaction("ann", f"id{row}", None, time) for row, time in enumerate([1, 1, 2, 3])]
    assert shared_timestamps(Interactions.from_records(records, CATALOG)) == 2 / 4
    assert shared_timestamps(Interactions.from_records([], CATALOG)) == 0
