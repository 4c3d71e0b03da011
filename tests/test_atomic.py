import json
import threading
import time

import pytest

from m6rec.atomic import (
    clear_leftovers,
    locked,
    read_manifest,
    replaced_file,
    replaced_folder,
    write_text,
)


class Interrupted(BaseException):
    """Stands for Ctrl-C."""


def test_a_file_keeps_its_old_content_when_writing_fails(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    write_text(path, "old é\n")

    def interrupted():
        with replaced_file(path) as part:
            part.write_text("half")
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    assert path.read_bytes() == "old é\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_appears_whole_with_what_the_block_added_to_the_manifest(tmp_path):
    manifest: dict[str, object] = {"name": "x"}
    folder = tmp_path / "folder"
    with replaced_folder(folder, manifest) as part:
        (part / "data").write_text("1")
        manifest["bytes"] = 1
        assert not folder.exists()
    assert read_manifest(folder) == {"name": "x", "bytes": 1}
    with replaced_folder(folder, {"name": "y"}) as part:
        (part / "other").write_text("2")
    assert sorted(file.name for file in folder.iterdir()) == ["manifest.json", "other"]


def test_nothing_is_left_of_a_folder_that_failed(tmp_path):
    folder = tmp_path / "folder"

    def interrupted():
        with replaced_folder(folder, {}) as part:
            (part / "data").write_text("1")
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, "{", "[1]", "\udcff"])
def test_a_manifest_that_cannot_be_read_is_none(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content.encode(errors="surrogateescape"))
    assert read_manifest(tmp_path) is None


def test_the_manifest_is_readable_by_people(tmp_path):
    with replaced_folder(tmp_path / "f", {"name": "Amélie"}):
        pass
    text = (tmp_path / "f" / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"name": "Amélie"}
    assert "Amélie" in text


def test_a_lock_lets_one_in_at_a_time(tmp_path):
    inside, most, waited = [], [], []

    def work():
        with locked(tmp_path / "lock", waiting=lambda: waited.append(1)):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]
    assert waited


def test_what_a_killed_process_left_is_cleared_and_nothing_else(tmp_path):
    for name in (".models.x1.part", ".models.lock", ".model.x2.part", ".models.part", "models"):
        (tmp_path / name).mkdir()
    clear_leftovers(tmp_path / "models")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".model.x2.part", ".models.lock", ".models.part", "models"]
