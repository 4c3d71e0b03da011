"""The tuning benchmark on a tiny random model: both sides see the same pairs, and all that is counted is
there."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tests.tiny_catalogs import base_folder, film_examples, film_index, films

SCRIPT = Path(__file__).parents[1] / "scripts" / "bench_tuning.py"


def loaded() -> ModuleType:
    # scripts/ is no package, so its files are loaded by path.
    spec = importlib.util.spec_from_file_location("bench_tuning", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULE = loaded()


def test_useful_tokens_are_the_decisions_on_the_path() -> None:
    tree = film_index().tree
    for example in film_examples(30):
        text = MODULE.Text.of(example, tree)
        path = example.paths[0]
        on_it = [n for n in example.nodes if tree.node_lo[n] <= path < tree.node_hi[n]]
        assert text.useful == len(on_it)
        assert text.ids[: text.n_prompt] == example.prompt
        assert text.ids[text.n_prompt :] == tree.path(path).tolist()


def test_the_peer_reads_rows_padded_on_the_right_with_labels_on_the_path() -> None:
    rows = [MODULE.Text([5, 6, 7, 8], 2, 1), MODULE.Text([5, 9], 1, 1)]
    batch = MODULE.Peer()._padded(rows)
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8], [5, 9, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch["labels"].tolist() == [[-100, -100, 7, 8], [-100, 9, -100, -100]]


def test_both_sides_take_turns_on_the_same_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    films().save(tmp_path / "movielens-tiny.jsonl")
    base = base_folder(tmp_path / "base")
    here = MODULE.main

    def run(command: list[str], *, check: bool) -> SimpleNamespace:
        """Python and torch are started once, not five times; one part is ended as by the system."""
        if MODULE.ALONE + "all layers" in command:
            return SimpleNamespace(returncode=-9)
        here(command[2:])
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(MODULE.subprocess, "run", run)
    out = tmp_path / "out.json"
    given = ["--catalog", str(tmp_path / "movielens-tiny.jsonl"), "--base", str(base)]
    MODULE.main(["--out", str(out), "--steps", "2", "--batch", "4", *given])
    assert "too little memory" in capsys.readouterr().out
    results = json.loads(out.read_text())
    assert set(results) == {"settings", *MODULE.PARTS}
    assert results["memory: ours"]["peak GB"] > 0.05
    assert "too little memory" in results["memory: all layers"]["failed"]
    for layers in MODULE.LAYERS:
        for side in ("ours", "Trainer"):
            figures = results[layers][side]
            assert figures["useful tokens/s"] > 0
            assert figures["examples/s"] > 0
        ratio = results[layers]["times the Trainer"]["examples/s"]
        mine, theirs = (results[layers][side]["examples/s"] for side in ("ours", "Trainer"))
        assert ratio == pytest.approx(mine / theirs, rel=1e-2)
