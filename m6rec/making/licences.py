"""The terms of a base model, as far as they can be read."""

import re
from pathlib import Path

from m6rec.artifacts import ARTIFACTS

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---", re.DOTALL)
_LICENCE = re.compile(r"^license:\s*(.+?)\s*$", re.MULTILINE)


def licence_of(name: str, folder: Path) -> str:
    """The licence of a base model: as it was pinned, or as its own card says; "" when nobody says.

    Args:
        name: How the model was asked for.
        folder: Where it is.
    """
    artifact = ARTIFACTS.get(name)
    if artifact is not None:
        return artifact.licence
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    front = _FRONT_MATTER.search(text.replace("\r\n", "\n"))
    found = _LICENCE.search(front[1]) if front else None
    if found:
        return found[1].strip("'\"")
    files = [p.name for p in sorted(folder.glob("LICEN*"))] if folder.is_dir() else []
    return f"see {files[0]} beside it" if files else ""
