"""A place to tune in: the films, who chose what, a tiny base model, and a fixed number of steps."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.making.journal import read_journal
from m6rec.tune import tune
from tests.tiny_catalogs import base_folder, choices, films

STEPS = 11
WISHES = 240


class Place:
    """A folder with the films, who chose what, and a tiny base model."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.base = base_folder(path / "base")
        self.films = path / "movielens-tiny.jsonl"
        films().save(self.films)
        made = choices(films())
        told = zip(made.user.tolist(), made.row.tolist(), made.timestamp.tolist(), strict=True)
        self.choices = self.write("choices.csv", [(f"u{u}", row, when) for u, row, when in told])

    def write(self, name: str, told: list[tuple[str, int, int]]) -> Path:
        """Interactions as a file: user, row of the films, and time."""
        path = self.path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["user_id", "item_id", "rating", "timestamp"])
            writer.writerows((u, films().at(row).item_id, 4.0, when) for u, row, when in told)
        return path

    def plan(self, out: str, validate_every: int = 10) -> None:
        """Fix the steps of a run, so that they do not follow from the processor's speed."""
        work = self.path / f"{out}.tuning"
        work.mkdir(exist_ok=True)
        plan = {"steps": STEPS, "validate_every": validate_every, "wishes": WISHES}
        (work / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    def call(self, out: str, *, with_choices: bool = True, **other: Any) -> dict[str, Any]:
        """Arguments of `tune`, as plain text."""
        return {
            "catalog": str(self.films),
            "interactions": str(self.choices) if with_choices else None,
            "out": str(self.path / out),
            "base": str(self.base),
            "resume": True,
            **other,
        }

    def tune(self, out: str, **other: Any) -> Path:
        """Tune for exactly `STEPS` steps."""
        if not (self.path / f"{out}.tuning").exists():
            self.plan(out)
        return tune(**self.call(out, **other))


def weights(folder: Path) -> dict[str, NDArray[np.float32]]:
    """The adapter of a model folder."""
    from safetensors.torch import load_file

    path = folder / "adapter" / "adapter_model.safetensors"
    return {name: tensor.float().numpy() for name, tensor in load_file(path).items()}


def same(left: Path, right: Path) -> bool:
    """Whether two folders have the same adapter, to the bit."""
    a, b = weights(left), weights(right)
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def losses(folder: Path) -> list[tuple[str, int, float]]:
    """Every step and validation of a folder's journal, in order, without what differs in time."""
    entries = read_journal(folder / "journal.jsonl")
    return [
        (e["kind"], e["step"], e["loss"]) for e in entries if e["kind"] in {"step", "validation"}
    ]
