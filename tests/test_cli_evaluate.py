"""``m6rec eval``: dials, comparisons, files of tasks.

Run: pytest tests/test_cli_evaluate.py -n 0
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from m6rec.cli import loading, main
from tests.fakes import FakeRecommender


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRecommender:
    recommender = FakeRecommender()
    monkeypatch.setattr(loading, "load_recommender", lambda *_: recommender)
    return recommender


def eval_(*args: str) -> Result:
    return CliRunner().invoke(main, ["eval", *args])


def westerns(folder: Path) -> str:
    case = {"id": "w", "kind": "genre", "request": "westerns", "predicate": "'Western' in genres"}
    path = folder / "genres.jsonl"
    path.write_text(json.dumps(case) + "\n", encoding="utf-8")
    return str(path)


def judged(folder: Path, out: str, *more: str) -> Result:
    chosen = ["--tasks", "requests", "--methods", "m6rec,popularity", "--requests"]
    light = ["--no-text-diversity", "--no-plots"]
    return eval_(*chosen, westerns(folder), *light, "--out", str(folder / out), *more)


def results(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return read


def test_a_dial_adds_methods(fake: FakeRecommender, tmp_path: Path) -> None:
    done = judged(tmp_path, "run", "--sweep", "voices.popularity=0,1")
    assert done.exit_code == 0, done.stderr
    found = results(tmp_path / "run")
    dials = ["m6rec+voices.popularity=0", "m6rec+voices.popularity=1"]
    assert {*found["tasks"]["requests"]} == {"m6rec", "popularity", *dials}
    assert found["command"].startswith("m6rec eval --tasks requests --methods m6rec,popularity --s")
    assert str(tmp_path / "run") not in found["command"]


def test_an_unknown_dial_is_the_users_mistake(fake: FakeRecommender, tmp_path: Path) -> None:
    done = judged(tmp_path, "run", "--sweep", "voices.popularty=0,1")
    assert done.exit_code == 2
    assert "unknown key 'popularty'" in done.stderr


def test_two_runs_are_compared(fake: FakeRecommender, tmp_path: Path) -> None:
    for out in ("a", "b"):
        assert judged(tmp_path, out).exit_code == 0
    done = eval_("--compare", str(tmp_path / "a"), str(tmp_path / "b"))
    assert done.exit_code == 0, done.stderr
    assert "# Comparison" in done.stdout
    assert "| m6rec | precision | 1 | 1.000 | 1.000 | +0.000 | 1.0000 |" in done.stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "--out DIR, or --compare DIR DIR"),
        (["--compare", "none-a", "none-b"], "is no result of an evaluation"),
        (["--out", "d", "--file", "conversations"], "write TASK=FILE"),
        (["--out", "d", "--tasks", "cooking"], "no task 'cooking'; there are requests, next-item"),
    ],
)
def test_mistakes_are_explained(args: list[str], message: str) -> None:
    done = eval_(*args)
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())
