"""The model card says what the manifest and the journal know, and where the base model's terms are.

Run: pytest tests/test_card.py -n 0
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from m6rec.making.card import card
from m6rec.making.journal import Entry
from m6rec.making.licences import licence_of
from m6rec.making.scores import continued_scores, forgets
from m6rec.model_folder import Manifest

MANIFEST = Manifest(
    base="smollm2-135m-instruct",
    method="lora",
    catalog="",
    index_key="0123",
    template="ask 4567",
    seed=3,
    versions={"m6rec": "0.1.0", "torch": "2.13.0"},
    scores={"loss_before": 1.5, "loss": 0.75, "step": 80.0, "wish": 0.5},
)
RUN: dict[str, Any] = {
    "kind": "run", "minutes": 15, "catalog": "places", "catalog_hash": "abcd", "items": 12345,
    "paths": 23456, "interactions": 987, "users": 65, "licence": "Apache-2.0", "objective": "catalog",
    "fields": {"lead": "genres", "decades": True, "others": ["cast"], "describe": "several"},
    "adapter": {"rank": 16, "lowest_layer": 0.4, "n_virtual": 16}, "dtype": "bfloat16",
    "loop": {"batch_size": 48, "learning_rate": 0.0005},
}  # fmt: skip
REST: list[Entry] = [
    {"kind": "plan", "steps": 100, "validate_every": 10},
    {"kind": "validation", "step": 0, "loss": 1.5, "tasks": {"wish": 1.25}},
    {"kind": "end", "why": "all steps done", "step": 80, "minutes": 14.6, "peak_memory_mb": 2345.0},
]


def written(manifest: Manifest = MANIFEST, **other: Any) -> str:
    return card(manifest, [{**RUN, **other}, *REST], name="places-1", plot="loss.png")


@pytest.mark.parametrize(
    "fact",
    [
        "12,345 items of places", "sha256 abcd", "987 of 65 users", "genres, decade, cast (23,456 paths)",
        "smollm2-135m-instruct (licence: Apache-2.0)", "lora (rank 16, lowest_layer 0.4)",
        "Objective: catalog; batch_size 48, learning_rate 0.0005", "ask 4567", "seed: 3",
        "Asked for 15 minutes, took 14.6; best after step 80 of 100 (all steps done)", "2.35 GB",
        "m6rec 0.1.0, torch 2.13.0", "| all | 1.500 | 0.750 |", "| wish | 1.250 | 0.500 |",
        "![loss](loss.png)", "m6rec recommend --model places-1", "m6rec tune --from places-1 new.csv",
    ],
)  # fmt: skip
def test_the_card_has_the_facts(fact: str) -> None:
    assert fact in written()


def test_a_card_of_a_catalog_without_choices_says_so() -> None:
    text = written(interactions=None, users=0)
    assert "Interactions: none" in text
    assert "Without interactions" in text
    bare: dict[str, Any] = {"lead": None, "decades": False, "others": [], "describe": "several"}
    assert "there is no field that groups the items" in written(fields=bare)
    assert "bare titles" in written(fields={**bare, "describe": "bare"})


def test_a_card_of_a_continued_run_tells_old_from_new() -> None:
    scores = continued_scores(
        {"loss": 1.0, "wish": 1.0, "history": 3.0, "new: history": 4.0},
        {"loss": 0.9, "step": 5.0, "wish": 1.2, "history": 2.2, "new: history": 2.0},
        {"wish": 3, "history": 1, "new: history": 2},
        minutes=2.0,
    )
    assert scores["old_before"] == pytest.approx(6 / 4)
    assert scores["old_after"] == pytest.approx(5.8 / 4)
    assert (scores["new_before"], scores["new_after"]) == (4.0, 2.0)
    assert not forgets(scores)
    assert not forgets({**scores, "old_after": 1.52})
    assert forgets({**scores, "old_after": 1.54})
    assert not forgets({"loss": 1.0})
    facts: dict[str, Any] = {"from": "places-0", "added": 40, "source": "new.csv", "replay": 0.5}
    text = written(replace(MANIFEST, scores=scores), **facts)
    assert "Tuned further from places-0: 40 new interactions of new.csv" in text
    assert "Replay: 50% of the pairs" in text
    assert "| old pairs | 1.500 | 1.450 |" in text
    assert "| new choices | 4.000 | 2.000 |" in text


def test_no_folder_of_somebodys_machine_is_named(tmp_path: Path) -> None:
    text = written(replace(MANIFEST, base=str(tmp_path / "my-model")))
    assert "`my-model`" in text
    assert str(tmp_path) not in text


def test_the_licence_of_a_base_is_pinned_or_its_own_word(tmp_path: Path) -> None:
    assert licence_of("smollm2-135m-instruct", tmp_path) == "Apache-2.0"
    assert licence_of("own", tmp_path) == ""
    (tmp_path / "LICENSE.txt").write_text("...", encoding="utf-8")
    assert licence_of("own", tmp_path) == "see LICENSE.txt beside it"
    (tmp_path / "README.md").write_text("---\ntags: [a]\nlicense: mit\n---\n# A", encoding="utf-8")
    assert licence_of("own", tmp_path) == "mit"
    assert "licence: unknown" in written(licence="")
