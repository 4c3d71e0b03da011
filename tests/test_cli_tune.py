"""``m6rec tune`` on the command line: what it asks for, what it says, and how it is gone on with.

Run: pytest tests/test_cli_tune.py -n 0
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import m6rec.tune
from m6rec.cli import main

Asked = list[tuple[str, tuple[Any, ...], dict[str, Any]]]


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["tune", *args])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the command asks of `m6rec.tune`, which is not done."""
    calls: Asked = []
    for name in ("tune", "continue_tuning", "resume_tuning"):
        monkeypatch.setattr(
            m6rec.tune, name, lambda *args, _name=name, **given: calls.append((_name, args, given))
        )
    return calls


def test_one_file_after_from_is_what_is_new(asked: Asked) -> None:
    result = run("--from", "models/a", "new.csv", "--out", "models/b", "--replay", "0.25")
    assert result.exit_code == 0, result.stderr
    [(name, args, given)] = asked
    assert (name, args) == ("continue_tuning", ("models/a", "new.csv"))
    assert (given["catalog"], given["replay"], given["feedback"]) == (None, 0.25, False)
    assert (given["method"], given["base"], given["objective"]) == (None, None, None)


def test_two_files_after_from_are_catalog_and_what_is_new(asked: Asked) -> None:
    run("--from", "a", "items.csv", "new.csv", "--out", "b", "--feedback", "--method", "lora")
    [(_, args, given)] = asked
    assert args == ("a", "new.csv")
    assert (given["catalog"], given["method"], given["feedback"]) == ("items.csv", "lora", True)
    assert "replay" not in given


def test_feedback_alone_is_new_enough(asked: Asked) -> None:
    assert run("--from", "default", "--feedback", "--out", "b").exit_code == 0
    assert asked[0][1] == ("default", None)


def test_a_run_is_resumed_without_its_arguments(asked: Asked) -> None:
    assert run("--out", "d", "--resume").exit_code == 0
    assert asked == [("resume_tuning", ("d",), {})]
    run("items.csv", "--out", "d", "--resume")
    assert (asked[1][0], asked[1][2]["resume"]) == ("tune", True)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--out", "d"), "Missing argument 'CATALOG'"),
        (("c.csv", "--out", "d", "--feedback"), "--feedback needs --from DIR"),
        (("c.csv", "--out", "d", "--replay", "0.5"), "--replay needs --from DIR"),
        (("--from", "a", "n.csv", "--out", "d", "--replay", "1"), "1.0 is not in the range"),
    ],
)
def test_what_does_not_go_together_is_refused(
    args: tuple[str, ...], message: str, asked: Asked
) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert asked == []


def test_what_was_reached_is_said_in_a_line(asked: Asked, tmp_path: Path) -> None:
    scores = {
        "loss_before": 1.5, "loss": 1.0, "old_before": 1.25, "old_after": 1.0,
        "new_before": 3.0, "new_after": 2.5,
    }  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps({"scores": scores}), encoding="utf-8")
    result = run("--from", "a", "n.csv", "--out", str(tmp_path))
    assert result.stdout == ""
    first = result.stderr.splitlines()[0]
    assert (
        "validation loss 1.500 -> 1.000, on old pairs 1.250 -> 1.000, on new choices 3.000" in first
    )
    assert str(tmp_path / "README.md") in first


@pytest.mark.parametrize("kept", [True, False])
def test_an_interruption_says_how_to_go_on(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "my model"

    def interrupt(**_: Any) -> None:
        if kept:
            (tmp_path / "my model.tuning").mkdir()
            (tmp_path / "my model.tuning" / "asked.json").write_text("{}", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(m6rec.tune, "tune", interrupt)
    result = CliRunner().invoke(main, ["tune", "c.csv", "--out", str(out)])
    assert result.exit_code == 130
    wanted = f"m6rec tune --out '{out}' --resume" if kept else "interrupted; nothing was kept"
    assert wanted in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
