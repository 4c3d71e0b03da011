"""Results on disk: read a run's figures, and keep a run small enough for the repository."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from m6rec.atomic import replaced_file, write_text
from m6rec.errors import ConfigError

RESULTS = "results.json"
PACKED = "results.json.gz"
REPORT = "report.md"
PLOTS = "plots"


def read_results(folder: str | Path) -> dict[str, Any]:
    """Read the results of a run, or of a kept one.

    Raises:
        ConfigError: There are none, or they cannot be read.
    """
    path = Path(folder) / RESULTS
    try:
        if path.exists():
            text = path.read_text(encoding="utf-8")
        else:
            text = gzip.decompress((Path(folder) / PACKED).read_bytes()).decode()
        read = json.loads(text)
        tasks = read["tasks"]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} is no result of an evaluation ({error!r}); make one with m6rec eval --out DIR"
        ) from error
    if not isinstance(tasks, dict):
        raise ConfigError(f"{path} has no tasks; make it again with m6rec eval --out DIR")
    found: dict[str, Any] = read
    return found


def keep(run: str | Path, folder: str | Path) -> list[Path]:
    """Copy report, plots and packed results of a run; the parts stay behind.

    The same results give the same bytes, so a repository sees a change only when there is one.

    Args:
        run: Folder of a finished run.
        folder: Where to; made if need be.

    Returns:
        What was written.

    Raises:
        ConfigError: `run` holds no results.
    """
    source, target = Path(run), Path(folder)
    read_results(source)
    packed = gzip.compress((source / RESULTS).read_bytes(), compresslevel=9, mtime=0)
    with replaced_file(target / PACKED) as part:
        part.write_bytes(packed)
    write_text(target / REPORT, (source / REPORT).read_text(encoding="utf-8"))
    written = [target / PACKED, target / REPORT]
    for plot in sorted((source / PLOTS).glob("*.png")):
        with replaced_file(target / PLOTS / plot.name) as part:
            shutil.copyfile(plot, part)
        written.append(target / PLOTS / plot.name)
    return written
