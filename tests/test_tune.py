"""Tuning from files to a folder that answers: whole or not there, resumable, and honest about errors.

Run: pytest tests/test_tune.py -n 0
"""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from m6rec import Recommender
from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.errors import CatalogError, ConfigError, ModelFolderError
from m6rec.making.journal import first, read_journal
from m6rec.model_folder import open_model_folder
from m6rec.pairs.augmentation import Augmentation
from m6rec.records import Item
from m6rec.tune import resume_tuning, tune
from m6rec.tuning.adapters import METHODS, AdapterSettings
from tests.tiny_catalogs import choices, films, only
from tests.tiny_tuning import STEPS, Place, losses, same, weights


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("tune"))


@pytest.fixture(scope="module")
def tuned(place: Place) -> Path:
    """A folder tuned with LoRA on films and choices, without a break."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("M6REC_HOME", str(place.path / "home"))
        return place.tune("tuned")


def test_the_folder_is_whole_and_says_what_it_was_made_from(place: Place, tuned: Path) -> None:
    folder = open_model_folder(tuned)
    assert {p.name for p in tuned.iterdir()} == {
        "manifest.json", "config.toml", "adapter", "neutral.f16", "catalog.jsonl",
        "interactions.parquet", "crowd", "probe.safetensors", "README.md", "journal.jsonl", "loss.png", "logs",
    }  # fmt: skip
    assert [p.name for p in (tuned / "crowd").iterdir()] == ["sasrec.safetensors"]
    manifest = folder.manifest
    assert (manifest.base, manifest.method, manifest.catalog) == (str(place.base), "lora", "")
    assert set(manifest.versions) == {"m6rec", "torch", "transformers", "peft"}
    assert manifest.template.startswith("ask ")
    assert any(np.abs(w).max() > 0 for name, w in weights(tuned).items() if "lora_B" in name)


def test_the_loss_on_validation_fell(tuned: Path) -> None:
    scores = open_model_folder(tuned).manifest.scores
    assert 0 < scores["loss"] < scores["loss_before"]
    assert scores["minutes"] > 0


def test_it_answers_with_the_catalog_and_the_histories_it_was_tuned_on(tuned: Path) -> None:
    rec = Recommender.load(tuned)
    assert rec.catalog.content_hash == films().content_hash
    answer = rec.recommend("I want some comedy movies", k=5)
    assert len(answer) == 5
    history = {films().at(int(row)).item_id for row in choices(films()).history("u2")}
    answer = rec.recommend("more", user="u2", k=20)
    assert len(answer) == len(films()) - len(history)
    assert not history & {r.item_id for r in answer}


def test_the_neutral_request_was_read_to_the_end(tuned: Path) -> None:
    table = np.fromfile(tuned / "neutral.f16", dtype=np.float16)
    assert len(table)
    assert np.isfinite(table).all()
    rec = Recommender.load(tuned)
    first = rec.recommend("a western", k=3).lm_tokens
    assert rec.recommend("a western", k=3).lm_tokens < first, "only the prompt is not read again"


def test_a_run_that_was_interrupted_goes_on_and_ends_the_same(place: Place, tuned: Path) -> None:
    """Ctrl-C after the first checkpoint; nothing answers to the name of the folder until it is whole."""
    out, work = place.path / "interrupted", place.path / "interrupted.tuning"

    def interrupt() -> None:
        deadline = time.monotonic() + 60
        while not (work / "last" / "manifest.json").is_file() and time.monotonic() < deadline:
            time.sleep(0.002)
        signal.raise_signal(signal.SIGINT)

    watcher = threading.Thread(target=interrupt)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        place.tune("interrupted")
    watcher.join()
    signal.signal(signal.SIGINT, handler)
    assert not out.exists()
    assert not list(place.path.glob(".interrupted*"))
    with pytest.raises(ModelFolderError, match=r"interrupted run.*--resume"):
        tune(place.films, place.choices, out=out, base=str(place.base))
    with pytest.raises(ConfigError, match="other settings"):
        place.tune("interrupted", seed=4)
    (work / "plan.json").unlink()
    place.plan("interrupted")
    assert resume_tuning(out) == out
    assert same(out, tuned)
    assert losses(out) == losses(tuned)


def test_the_journal_and_the_card_tell_how_it_went(place: Place, tuned: Path) -> None:
    entries = read_journal(tuned / "journal.jsonl")
    steps = [entry["step"] for entry in entries if entry["kind"] == "step"]
    assert steps == list(range(1, STEPS + 1))
    judged = {e["step"]: e["loss"] for e in entries if e["kind"] == "validation"}
    scores = open_model_folder(tuned).manifest.scores
    assert (judged[0], min(judged.values())) == (scores["loss_before"], scores["loss"])
    run, end = first(entries, "run"), first(entries, "end")
    assert run is not None
    assert (run["items"], run["interactions"], run["users"]) == (20, 54, 6)
    assert run["fields"]["lead"] == "genres"
    assert end is not None
    assert end["why"] == "all steps done"
    assert end["peak_memory_mb"] > 50
    card = (tuned / "README.md").read_text(encoding="utf-8")
    assert films().content_hash[:16] in card
    assert f"| all | {scores['loss_before']:.3f} | {scores['loss']:.3f} |" in card
    assert str(place.path) not in card


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_and_ends_the_same(place: Place, tuned: Path) -> None:
    """kill -9 after the first checkpoint; all that is called afterwards is ``resume_tuning``.

    What only a program can give is restored, too.
    """
    out, work = place.path / "killed", place.path / "killed.tuning"
    place.plan("killed", validate_every=2)
    given: dict[str, Any] = {
        "adapter": AdapterSettings(rank=3, lowest_layer=0.5),
        "config": Config().with_values({"voices": {"taste": 0.25}}),
        "loop": {"batch_size": 6, "learning_rate": 2e-3},
        "augmentation": Augmentation(misspellings=0.5, carriers=0.0),
    }
    code = (
        "from m6rec.config import *\n"
        "from m6rec.pairs.augmentation import Augmentation\n"
        "from m6rec.tune import tune\n"
        "from m6rec.tuning.adapters import AdapterSettings\n"
        f"tune(**{place.call('killed', **given)!r})"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (work / "last" / "manifest.json").is_file():
            time.sleep(0.002)
        process.kill()
    assert not out.exists()
    resume_tuning(out)
    place.plan("unbroken", validate_every=2)
    whole = place.tune("unbroken", **given)
    assert same(out, whole)
    assert losses(out) == losses(whole)
    assert not same(out, tuned)
    assert (out / "config.toml").read_text() == (whole / "config.toml").read_text()
    run = first(read_journal(out / "journal.jsonl"), "run")
    assert run is not None
    assert (run["adapter"]["rank"], run["loop"]["batch_size"]) == (3, 6)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "lora"])
def test_every_method_ends_in_a_folder_that_answers(place: Place, method: str) -> None:
    out = place.tune(method, method=method, with_choices=False)
    assert open_model_folder(out).manifest.method == method
    assert len(Recommender.load(out).recommend("a comedy", k=3)) == 3


def test_what_was_needed_on_the_way_is_cleared_away(place: Place, tuned: Path) -> None:
    assert tuned.is_dir()
    assert not (place.path / "tuned.tuning").exists()


def test_a_folder_that_is_there_is_never_written_over(place: Place, tuned: Path) -> None:
    before = (tuned / "manifest.json").read_bytes()
    with pytest.raises(ModelFolderError, match="already there"):
        tune(place.films, out=tuned, base=str(place.base))
    assert (tuned / "manifest.json").read_bytes() == before
    full = place.path / "photos"
    full.mkdir()
    (full / "dog.jpg").write_bytes(b"dog")
    with pytest.raises(ModelFolderError, match="already there"):
        tune(place.films, out=full, base=str(place.base))
    with pytest.raises(ModelFolderError, match="already there"):
        tune(place.films, out=place.films, base=str(place.base))


def test_minutes_become_a_number_of_steps_and_choices_may_be_absent(
    place: Place, tuned: Path
) -> None:
    begin = time.monotonic()
    brief = tune(place.films, out=place.path / "brief", base=str(place.base), minutes=0.005, seed=1)
    assert time.monotonic() - begin < 60
    scores = open_model_folder(brief).manifest.scores
    assert 1 <= scores["step"] < 100
    assert "history" not in scores
    assert not (brief / "interactions.parquet").exists()
    assert not same(brief, tuned)


def test_titles_and_choices_are_enough(place: Place) -> None:
    """Paths of bare titles: nothing is known of an item but its name and who chose it."""
    path = place.path / "titles.jsonl"
    only().save(path)
    out = tune(path, place.choices, out=place.path / "bare", base=str(place.base), minutes=0.01)
    assert "no field that groups the items" in (out / "README.md").read_text(encoding="utf-8")
    rec = Recommender.load(out)
    assert len(rec.recommend("something to watch", k=4)) == 4
    assert len(rec.recommend(liked=["Alien"], k=4)) == 4


def test_nothing_is_resumed_where_nothing_was_interrupted(place: Place, tuned: Path) -> None:
    with pytest.raises(ModelFolderError, match="nothing to resume"):
        resume_tuning(place.path / "never")


def test_an_unknown_method_leaves_nothing_behind(place: Place) -> None:
    with pytest.raises(ConfigError, match="'magic' is not known"):
        tune(place.films, out=place.path / "odd", base=str(place.base), method="magic")
    with pytest.raises(ModelFolderError, match="no base model"):
        tune(place.films, out=place.path / "odd", base="./nowhere/at all", minutes=0.01)
    assert not list(place.path.glob("*odd*"))


def test_a_missing_catalog_leaves_nothing_behind(place: Place) -> None:
    with pytest.raises(CatalogError, match="nowhere"):
        tune(place.path / "nowhere.csv", out=place.path / "none", base=str(place.base))
    assert not list(place.path.glob("*none*"))


def test_a_catalog_with_nothing_to_choose_is_refused(place: Place) -> None:
    path = place.path / "one.jsonl"
    Catalog([Item("1", "Alone")], name="one").save(path)
    with pytest.raises(CatalogError, match="one item"):
        tune(path, out=place.path / "lonely", base=str(place.base), minutes=0.01)
    assert [p.name for p in place.path.glob("*lonely*")] == []
