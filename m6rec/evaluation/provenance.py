"""Where a number comes from: commit, versions, and hashes of what was judged."""

import hashlib
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from m6rec.interactions import Interactions

PACKAGES = ("m6rec", "numpy", "torch", "transformers", "peft")
"""Whose versions can change a result."""


def versions() -> dict[str, str]:
    """Python and the packages that can change a result; those not installed are left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The commit of the checkout this module was loaded from, with ``+changes`` if it has any.

    None when m6rec was installed without its history, or git is not there.
    """
    root = Path(__file__).parents[2]
    git = shutil.which("git")
    # Installed into some environment, the nearest repository would be somebody else's.
    if git is None or not (root / ".git").exists():
        return None
    head = _said(git, root, "rev-parse", "--short=12", "HEAD")
    if not head:
        return None
    return f"{head}+changes" if _said(git, root, "status", "--porcelain") else head


def _said(git: str, root: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - the words are ours
        [git, "-C", str(root), *words], capture_output=True, text=True, check=False, timeout=20
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def interactions_hash(interactions: Interactions) -> str:
    """The sha256 over users, items and times in order, without ratings."""
    digest = hashlib.sha256()
    for names in (interactions.user_ids, interactions.item_ids):
        digest.update("\n".join(names).encode() + b"\0")
    for column in (interactions.user, interactions.row, interactions.timestamp):
        digest.update(column.tobytes())
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """The sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
