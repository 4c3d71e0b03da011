"""What is asked for: the data, the settings, and the place; and the claim on that place.

The state of a run is kept beside its target, in ``DIR.tuning``, until the model folder is whole.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from m6rec.atomic import read_manifest, write_text
from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.errors import CatalogError, ConfigError, ModelFolderError
from m6rec.index import CatalogIndex
from m6rec.interactions import Interactions
from m6rec.model_folder import ModelFolder
from m6rec.records import TextPair
from m6rec.tuning.adapters import AdapterSettings
from m6rec.vocabulary import Vocabulary

ASKED = "asked.json"


class Lessons(Protocol):
    """Where pairs come from."""

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair to learn from."""
        ...

    def validation(self, n: int, rng: np.random.Generator) -> list[TextPair]:
        """About `n` pairs to judge by, which are never learned from."""
        ...


Teach = Callable[[CatalogIndex, Vocabulary, str], Lessons]
"""Makes the lessons of a catalog, given how values are named and what one item is called."""


@dataclass(frozen=True, slots=True)
class Order:
    """One run: what is tuned on what.

    Attributes:
        catalog: The items.
        known: The catalog's name when it is a known one, else "".
        choices: Who chose what, all of it; None for a catalog without.
        config: The settings that the folder will have.
        adapter: Which weights are tuned.
        seed: Of everything drawn.
        teach: Makes the lessons.
        objective: One of `m6rec.tuning.objective.OBJECTIVES`.
        load_in_4bit: Whether the frozen weights are kept in 4 bits.
        start: The model folder whose weights are tuned further; None begins with the base model.
        loop: Settings of the loop that differ from its defaults, such as ``batch_size``.
        most_steps: Bound on the steps, whatever the time; None for none.
        facts: What else the journal and the card tell.
    """

    catalog: Catalog
    known: str
    choices: Interactions | None
    config: Config
    adapter: AdapterSettings
    seed: int
    teach: Teach
    objective: str = "catalog"
    load_in_4bit: bool = False
    start: ModelFolder | None = None
    loop: Mapping[str, Any] = field(default_factory=dict)
    most_steps: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a catalog of one item.

        Raises:
            CatalogError: There is nothing to choose.
        """
        if len(self.catalog) < 2:
            raise CatalogError(
                f"{self.catalog.name} has one item, so there is nothing to choose and nothing to learn; "
                "tune on a larger catalog"
            )

    def asked(self) -> dict[str, Any]:
        """What a resumed run must agree in; plain data."""
        choices = self.choices
        asked = {
            "catalog": self.catalog.content_hash[:16],
            "interactions": None if choices is None else len(choices),
            "seed": self.seed,
            "objective": self.objective,
            "4-bit": self.load_in_4bit,
            "from": None if self.start is None else str(self.start.path.resolve()),
            "base": self.config.model.base,
            "settings": self.config.to_toml(),
            **asdict(self.adapter),
            **self.loop,
            **self.facts,
        }
        # As JSON gives it back: tuples become lists.
        plain: dict[str, Any] = json.loads(json.dumps(asked, default=str))
        return plain


def work_folder(out: Path) -> Path:
    """Where the state of a run into `out` is kept."""
    return out.with_name(out.name + ".tuning")


def check_target(out: Path, *, resume: bool) -> Path:
    """Refuse a place that is taken; returns where the state of the run belongs.

    Raises:
        ModelFolderError: `out` is already there, or an interrupted run is and `resume` is False.
    """
    work = work_folder(out)
    if read_manifest(out) or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise ModelFolderError(f"{out} is already there; choose another --out or remove it first")
    if work.exists() and not resume:
        raise ModelFolderError(
            f"{work} holds an interrupted run; go on with --resume, or remove it to start anew"
        )
    return work


def claim(order: Order, work: Path, call: Mapping[str, Any]) -> None:
    """Note in the state of a run what was asked for, or check that the same is asked for again.

    Args:
        order: What is asked for.
        work: The state of the run; made if it is missing.
        call: How the run was called, for `called`; plain data.

    Raises:
        ConfigError: The run was begun with something else; names the first difference.
    """
    path = work / ASKED
    asked = order.asked()
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))["order"]
        for name in (*before, *asked):
            was, now = before.get(name), asked.get(name)
            if was != now:
                shown = "" if name == "settings" else f" {was!r}, now {now!r}"
                raise ConfigError(
                    f"{work} was begun with other settings: {name}{shown}; go on with the same ones, "
                    "or remove it to start anew"
                )
        return
    work.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps({"order": asked, "call": dict(call)}))


def called(out: Path) -> dict[str, Any]:
    """How the interrupted run into `out` was called.

    Raises:
        ModelFolderError: No run was interrupted there.
    """
    path = work_folder(out) / ASKED
    if not path.is_file():
        raise ModelFolderError(
            f"no run into {out} was interrupted, so there is nothing to resume; name a catalog"
        )
    call: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["call"]
    return call
