"""Model folders: whole ones open, the others are refused in one clear line.

Run: pytest tests/test_model_folder.py -n 0
"""

import json
from pathlib import Path
from typing import Any

import pytest

from m6rec.atomic import replaced_folder
from m6rec.config import Config
from m6rec.errors import ModelFolderError
from m6rec.model_folder import FORMAT, Manifest, open_model_folder

MANIFEST = Manifest(
    base="some-base",
    method="lora",
    catalog="",
    index_key="abc",
    template="ask 0123",
    seed=3,
    versions={"m6rec": "0.1.0"},
    scores={"loss": 0.5},
)


def made(path: Path, *, weights: str = "adapter", **changes: Any) -> Path:
    with replaced_folder(path, {**MANIFEST.as_dict(), **changes}) as part:
        (part / "config.toml").write_text(Config().to_toml(), encoding="utf-8")
        (part / weights).mkdir()
    return path


def refused(path: Path) -> str:
    with pytest.raises(ModelFolderError) as caught:
        open_model_folder(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_whole_folder_opens_with_the_manifest_that_was_written(tmp_path: Path) -> None:
    folder = open_model_folder(made(tmp_path / "model"))
    assert folder.manifest == MANIFEST
    assert folder.manifest.format == FORMAT
    assert folder.weights == folder.path / "adapter"
    assert Config.load(folder.config) == Config()


def test_the_path_may_be_a_string(tmp_path: Path) -> None:
    assert open_model_folder(str(made(tmp_path / "model"))).path == tmp_path / "model"


def test_whole_weights_are_taken_where_full_tuning_wrote_them(tmp_path: Path) -> None:
    folder = open_model_folder(made(tmp_path / "model", weights="model", method="full"))
    assert folder.weights == folder.path / "model"


def test_what_may_be_absent_is_only_named(tmp_path: Path) -> None:
    folder = open_model_folder(made(tmp_path / "model"))
    for path in (folder.neutral, folder.catalog, folder.interactions):
        assert path.parent == folder.path
        assert not path.exists()


def test_a_missing_folder_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    assert "m6rec tune CATALOG --out DIR" in refused(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert "no model folder" in refused(tmp_path / "file")


@pytest.mark.parametrize("content", [None, "", "{", "[1]", "\x00"])
def test_without_a_readable_manifest_it_is_incomplete(tmp_path: Path, content: str | None) -> None:
    path = made(tmp_path / "model")
    manifest = path / "manifest.json"
    manifest.unlink()
    if content is not None:
        manifest.write_text(content, encoding="utf-8")
    assert "incomplete" in refused(path)


@pytest.mark.parametrize("missing", ["config.toml", "adapter"])
def test_the_part_that_lacks_is_named(tmp_path: Path, missing: str) -> None:
    path = made(tmp_path / "model")
    (path / missing).rmdir() if missing == "adapter" else (path / missing).unlink()
    assert f"lacks {missing}" in refused(path)


def test_another_format_is_refused_with_both_numbers(tmp_path: Path) -> None:
    message = refused(made(tmp_path / "model", format=FORMAT + 1))
    assert f"format {FORMAT + 1}" in message
    assert f"reads {FORMAT}" in message


@pytest.mark.parametrize("change", ["unknown", "lacking", "other"])
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, change: str) -> None:
    path = made(tmp_path / "model")
    data = MANIFEST.as_dict()
    if change == "unknown":
        data["speed"] = 3
    elif change == "lacking":
        del data["base"]
    else:
        data = {"name": "smollm2", "recipe": 1}
    (path / "manifest.json").write_text(json.dumps(data), encoding="utf-8")
    assert "not one of a model folder of this version" in refused(path)


def test_a_folder_of_a_later_version_with_more_keys_says_that_it_is_of_another_version(
    tmp_path: Path,
) -> None:
    assert "version" in refused(made(tmp_path / "model", format=FORMAT + 1, licence="x"))
