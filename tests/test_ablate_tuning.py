"""The ablation on a tiny random model: every row is made once, by the product itself, and measured."""

import argparse
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from m6rec.catalog import Catalog
from m6rec.model_folder import open_model_folder
from tests.tiny_catalogs import base_folder, choices, films

SCRIPT = Path(__file__).parents[1] / "scripts" / "ablate_tuning.py"


def loaded() -> ModuleType:
    # scripts/ is no package, so its files are loaded by path.
    spec = importlib.util.spec_from_file_location("ablate_tuning", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULE = loaded()


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ablation")
    base_folder(folder / "base")
    return folder


def chosen(out: Path, **others: Any) -> argparse.Namespace:
    given = {"runs": ["lora", "bare-titles"], "seeds": [0], "minutes": None, "steps": 2} | others
    return argparse.Namespace(out=out / "out", base=str(out / "base"), films=15, users=3, **given)


@pytest.fixture(scope="module")
def made(out: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("M6REC_HOME", str(out / "home"))
        patch.setattr(MODULE, "FEWEST", 3)
        MODULE.ablate(chosen(out), (films(), choices(films())))
        result: dict[str, Any] = json.loads((out / "out" / "results.json").read_text())
        return result


def test_each_row_is_measured(made: dict[str, Any]) -> None:
    assert [(row["run"], row["seed"]) for row in made["rows"]] == [("lora", 0), ("bare-titles", 0)]
    for row in made["rows"]:
        assert "error" not in row
        assert {0 <= row[name] <= 1 for name in ("templates", "development", "next item")} == {True}
        assert row["losses"]["step"] == 2
        assert row["tokens"] > 0


def test_the_product_tuned_on_the_most_rated_items(out: Path, made: dict[str, Any]) -> None:
    kept = Catalog.load(out / "out" / "catalog.jsonl")
    most = sorted(films(), key=lambda item: -item.popularity)[:15]
    assert {item.item_id for item in kept} == {item.item_id for item in most}
    folder = open_model_folder(out / "out" / "models" / "bare-titles-0")
    assert 'describe = "bare"' in folder.config.read_text()
    merged = (out / "home" / "models").glob("merged-*")
    assert not any(path.is_dir() for path in merged), "a quarter of a gigabyte for each run"


def test_a_finished_run_is_kept_and_other_settings_are_refused(
    out: Path, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "FEWEST", 3)
    part = out / "out" / "runs" / "lora-0.json"
    before = part.stat().st_mtime_ns
    MODULE.ablate(chosen(out), (films(), choices(films())))
    assert part.stat().st_mtime_ns == before
    with pytest.raises(SystemExit, match="other settings"):
        MODULE.ablate(chosen(out, steps=3), (films(), choices(films())))


def test_the_table_averages_over_seeds_and_tells_what_failed() -> None:
    rows = [
        {"run": "lora", "seed": seed, "about": "as it is", "templates": value}
        for seed, value in ((0, 0.5), (1, 0.7))
    ]
    rows.append({"run": "ia3", "seed": 0, "about": "", "error": "no such thing"})
    lines = MODULE.table(rows, "Heading.").splitlines()
    assert "| lora | 0, 1 | 0.600 ± 0.100 |" in lines[-2]
    assert lines[-1].endswith("| failed: no such thing |")


def test_every_augmentation_has_a_row_that_changes_it_alone() -> None:
    usual = MODULE.Augmentation()
    for name in MODULE.SHARES:
        run = MODULE.RUNS.get(f"no-{name}") or MODULE.RUNS[f"with-{name}"]
        made = run.options["augmentation"]
        differing = {f for f in usual.__slots__ if getattr(usual, f) != getattr(made, f)}
        assert differing == {name}
