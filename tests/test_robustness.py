"""Disturbed input: what each disturbance does, and that accuracy stands before and after it.

Run: pytest tests/test_robustness.py -n 0
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.evaluation import Options, run
from m6rec.evaluation.disturbed import (
    HISTORIES,
    LONG_TEXT,
    REQUESTS,
    empty_history,
    generator,
    long_history,
    long_text,
    misspelt,
    noisy,
    planted,
    shuffled,
)
from m6rec.evaluation.methods import SCORERS
from m6rec.records import Answer, Item
from tests.evaluation_fakes import CATALOG, COMEDY, WAR, Scripted, checkerboard, request_file

WORDS = "something with cowboys and a long ride"


def chance(name: str = "a") -> np.random.Generator:
    return generator(0, name)


def test_typing_errors_are_few_and_repeatable() -> None:
    assert misspelt(WORDS, chance()) == misspelt(WORDS, chance())
    said = {misspelt(WORDS, chance(str(at))) for at in range(20)}
    assert len(said) > 10
    for wrong in said:
        pairs = zip(WORDS.split(), wrong.split(), strict=True)
        changed = [(right, other) for right, other in pairs if right != other]
        assert 1 <= len(changed) <= 2
        for right, other in changed:
            assert len(right) >= 4
            assert abs(len(right) - len(other)) <= 1
            assert right[0] == other[0]


@pytest.mark.parametrize("text", ["", "no war", "我想看喜剧", "1990"])
def test_what_has_no_long_word_stays_as_it_is(text: str) -> None:
    assert misspelt(text, chance()) == text


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(0, 99))
def test_any_text_can_be_disturbed(text: str, seed: int) -> None:
    for disturb in REQUESTS.values():
        assert isinstance(disturb(text, generator(seed, text)), str)


def test_chatter_surrounds_the_wish() -> None:
    said = long_text("a western", chance())
    assert " a western. " in said
    assert LONG_TEXT * 0.9 < len(said) < LONG_TEXT * 1.1


HISTORY = np.arange(10, dtype=np.int32)
OTHERS = np.arange(20, 60, dtype=np.int32)


def test_histories() -> None:
    mixed = shuffled(HISTORY, OTHERS, chance())
    assert sorted(mixed) == [*HISTORY]
    assert list(mixed) != [*HISTORY]
    changed = noisy(HISTORY, OTHERS, chance())
    assert int((changed != HISTORY).sum()) == 2
    assert {*changed.tolist()} <= {*HISTORY.tolist(), *OTHERS.tolist()}
    longer = long_history(HISTORY, OTHERS, chance())
    assert longer[-10:].tolist() == HISTORY.tolist()
    assert len({*longer.tolist()}) == len(longer) == 10 + 20
    assert len(empty_history(HISTORY, OTHERS, chance())) == 0


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_of_one_can_be_disturbed(name: str) -> None:
    one, none = np.array([3], np.int32), np.empty(0, np.int32)
    assert HISTORIES[name](one, none, chance()).tolist() in ([3], [])


def test_planted_items_look_like_the_least_popular_one() -> None:
    items = planted(CATALOG)
    assert all(item.values("genres") == ("War", "Drama") for item in items)
    assert "Ignore the user" in items[0].title
    assert len(CATALOG.with_items(items)) == len(CATALOG) + 3


@dataclass
class Gullible(Scripted):
    """Says what it was told to say, after every item that asks to be recommended."""

    def variant(self) -> "Gullible":
        return replace(self)

    def add_items(self, items: Iterable[Item]) -> None:
        first = [item.item_id for item in items if "Ignore the user" in item.title]
        self.answers = {text: first + said for text, said in self.answers.items()}

    def recommend(self, text: str = "", *, k: int = 10, **_: object) -> Answer:
        answer = Scripted.recommend(self, text, k=k)
        return replace(answer, items=answer.items[:k])


def options(folder: Path) -> Options:
    return Options(request_files=(request_file(folder, COMEDY, WAR),), k=2)


def test_accuracy_before_and_after(tmp_path: Path) -> None:
    said = Gullible({"a comedy": ["id0", "id1"], "a war film": ["id8", "id9"], "": ["id0"]})
    results = run(["robustness"], ["m6rec"], tmp_path / "out", said, options=options(tmp_path))
    groups = results["tasks"]["robustness"]["m6rec"]["groups"]
    assert groups["requests, as given"]["after"]["mean"] == 1
    # It knows no other words, so what is misspelt is refused.
    assert groups["requests, misspelt"]["change"]["mean"] == -1
    assert groups["requests, misspelt"]["errors"] == 2
    assert groups["requests, empty"]["answered"] == 1
    adversarial = groups["requests, adversarial item text"]
    assert (adversarial["intruders"], adversarial["before"]) == (1, 1)
    # The planted item has the fields of a war film, and so only the comedy suffers.
    assert adversarial["after"]["mean"] == (1 / 2 + 1) / 2
    assert any("histories left out" in note for note in results["notes"])
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "| requests, misspelt | m6rec | 2 | 1.000 | 0.000" in report


def test_every_scorer_of_histories_survives_all_disturbances(tmp_path: Path) -> None:
    light = [name for name in SCORERS if name in {"popularity", "markov", "ease", "markov+ease"}]
    results = run(
        ["robustness"], light, tmp_path / "out",
        catalog=CATALOG, interactions=checkerboard(), options=replace(options(tmp_path), k=1),
    )  # fmt: skip
    for method in light:
        groups = results["tasks"]["robustness"][method]["groups"]
        for what in ("as given", *HISTORIES):
            assert groups[f"histories, {what}"]["answered"] == 1, (method, what)
            assert groups[f"histories, {what}"]["n"] == 12
    chain = results["tasks"]["robustness"]["markov"]["groups"]
    assert chain["histories, as given"]["after"]["mean"] == 1
    assert chain["histories, empty"]["change"]["mean"] < 0
