"""How a run was called: kept as plain data, and the same when it is read back.

Run: pytest tests/test_calls.py -n 0
"""

import json
from pathlib import Path

import pytest

from m6rec.config import Config
from m6rec.errors import ConfigError
from m6rec.making.calls import read_back, written_down
from m6rec.pairs.augmentation import Augmentation
from m6rec.tuning.adapters import AdapterSettings

CALL = {
    "catalog": "movielens-default",
    "interactions": None,
    "method": "lora",
    "minutes": 0.5,
    "resume": False,
    "adapter": AdapterSettings("prompt", rank=3, initial=(4, 5), answers=(1, 2)),
    "config": Config().with_values({"paths": {"describe": "one"}, "voices": {"popularity": 0.7}}),
    "loop": {"batch_size": 5, "learning_rate": 1e-3, "gradient_checkpointing": True},
    "augmentation": Augmentation(misspellings=0.5, carriers=0.0),
}


def test_what_a_program_gave_is_the_same_after_a_file() -> None:
    kept = json.loads(json.dumps(written_down(CALL)))
    assert read_back(kept) == CALL


def test_paths_hold_in_any_folder_and_other_words_are_no_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("films.csv", "lora"):
        Path(name).touch()
    kept = written_down({"catalog": "films.csv", "base": "some/hub-id", "method": "lora"})
    assert kept == {
        "catalog": str(tmp_path / "films.csv"), "base": "some/hub-id", "method": "lora",
    }  # fmt: skip


@pytest.mark.parametrize("odd", [{"learning_rate": float("nan")}, {"seed": object()}])
def test_what_cannot_be_kept_is_refused_before_anything_is_done(odd: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="loop cannot be kept for resuming") as caught:
        written_down({"loop": odd})
    assert "\n" not in str(caught.value)


def test_settings_of_another_version_are_told() -> None:
    with pytest.raises(ConfigError, match="another version"):
        read_back({"adapter": {"method": "lora", "depth": 3}})
    with pytest.raises(ConfigError, match="unknown key"):
        read_back({"config": {"no such section": {}}})
