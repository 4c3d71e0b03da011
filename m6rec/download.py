"""Fetch a file by URL; an interrupted download goes on where it stopped."""

import http.client
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from m6rec.errors import PullError
from m6rec.progress import Progress, shown_bytes

CHUNK = 1 << 18
TIMEOUT = 30.0
"""Seconds without a byte after which a server counts as gone."""


def download(url: str, part: Path, *, what: str, progress: Progress | None = None) -> int:
    """Write the file at `url` to `part` and return how many bytes this call fetched.

    When `part` exists from an earlier call, only the rest is asked for, provided the server still
    has the same file (its ETag or date is kept beside `part`); otherwise it starts afresh.

    Raises:
        PullError: The server cannot be reached, refuses, or stops early; `part` keeps what came.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            fetched = _fetch(url, part, what, progress)
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            # All of it was here already, or another edition is shorter: start afresh.
            _tag_file(part).unlink(missing_ok=True)
            fetched = _fetch(url, part, what, progress)
    except (OSError, http.client.HTTPException) as error:
        raise PullError(
            f"cannot fetch {what}: tried {url} ({_reason(error)}); check the network and call "
            "again, or fetch the file by hand and give its path"
        ) from error
    _tag_file(part).unlink(missing_ok=True)
    return fetched


def _fetch(url: str, part: Path, what: str, progress: Progress | None) -> int:
    have, tag = _earlier(part)
    request = urllib.request.Request(url, headers={"User-Agent": "m6rec"})  # noqa: S310 - table URL
    if have:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", tag)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0
        _tag_file(part).write_text(_tag(response.headers), encoding="utf-8")
        length = response.headers.get("Content-Length")
        total = None if length is None else have + int(length)
        with (
            part.open("ab" if have else "wb") as out,
            shown_bytes(what, total, progress) as show,
        ):
            done = have
            while chunk := response.read(CHUNK):
                done += out.write(chunk)
                show(done)
    if total is not None and done < total:
        raise http.client.IncompleteRead(b"", total - done)
    return done - have


def _earlier(part: Path) -> tuple[int, str]:
    """Return how much of the file is here and which edition it is of; 0 when that is unknown."""
    try:
        tag = _tag_file(part).read_text(encoding="utf-8")
        have = part.stat().st_size
    except OSError:
        return 0, ""
    return (have, tag) if tag else (0, "")


def _tag_file(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _tag(headers: Any) -> str:
    """Return what names this edition of the file for If-Range; empty when nothing reliable does."""
    etag = headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return str(etag)
    return str(headers.get("Last-Modified", ""))


def _reason(error: BaseException) -> str:
    if isinstance(error, http.client.IncompleteRead):
        return f"the connection broke with {error.expected} bytes missing"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return " ".join(str(reason).split()) or type(error).__name__
