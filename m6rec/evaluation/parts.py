"""Finished parts of a run on disk, one JSON file per task and method, so that a run can resume."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from m6rec.atomic import write_text
from m6rec.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Part:
    """What one method did on one task.

    Attributes:
        task: Name of the task.
        method: Name of the method.
        settings: Everything that decides the result, as JSON values.
        seconds: Wall time of fitting and judging.
        rows: One record per request or user, as JSON values.
    """

    task: str
    method: str
    settings: Mapping[str, Any]
    seconds: float
    rows: tuple[Mapping[str, Any], ...]


def part_path(out: Path, task: str, method: str) -> Path:
    """Where the part of a task and method is kept."""
    return out / "parts" / f"{task}--{method}.json"


def load_part(out: Path, task: str, method: str, settings: Mapping[str, Any]) -> Part | None:
    """Return a finished part, or None when it has still to be made.

    Raises:
        ConfigError: The file cannot be read, or was made with other settings: parts of different
            settings in one table would not be comparable.
    """
    path = part_path(out, task, method)
    if not path.exists():
        return None
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        part = Part(task, method, read["settings"], read["seconds"], tuple(read["rows"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error!r}); delete it to make it again"
        ) from error
    wanted = as_json(settings)
    if part.settings != wanted:
        names = sorted(
            name
            for name in part.settings.keys() | wanted.keys()
            if part.settings.get(name) != wanted.get(name)
        )
        raise ConfigError(
            f"{path} was made with other settings ({', '.join(names)}); "
            "choose another --out, or delete the file to make it again"
        )
    return part


def save_part(out: Path, part: Part) -> None:
    """Write a finished part, atomically."""
    record = {
        "task": part.task,
        "method": part.method,
        "settings": part.settings,
        "seconds": part.seconds,
        "rows": part.rows,
    }
    write_text(part_path(out, part.task, part.method), dumps(record))


def dumps(value: Any) -> str:
    """JSON with sorted keys, a row or another flat value to a line; NaN becomes null."""
    return "".join(_pieces(as_json(value), "")) + "\n"


def _pieces(value: Any, indent: str) -> Iterator[str]:
    if not _nested(value):
        yield json.dumps(value, ensure_ascii=False, sort_keys=True)
        return
    named = isinstance(value, dict)
    names: list[Any] = sorted(value) if named else [*range(len(value))]
    for place, name in enumerate(names):
        yield f"{',' if place else '{' if named else '['}\n{indent} "
        if named:
            yield f"{json.dumps(name, ensure_ascii=False)}: "
        yield from _pieces(value[name], f"{indent} ")
    yield f"\n{indent}{'}' if named else ']'}"


def _nested(value: Any) -> bool:
    """Whether there is a mapping inside; what holds none is flat enough for one line."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(one, dict) or _nested(one) for one in inner)


def as_json(value: Any) -> Any:
    """The value as JSON reads it back: string keys, tuples as lists, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
