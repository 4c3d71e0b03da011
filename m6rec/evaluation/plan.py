"""What a run is made of, checked before anything is computed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.interactions import Interactions

OURS = "m6rec"
"""The method name of a recommender that is given without one."""

Progress = Callable[[str, int, int], None]
"""Called with what is being judged, how many cases are done, and how many there are."""
Recommend = Any
"""A recommender: `TextRecommender` and `HistoryRecommender` say what the tasks ask of it."""
Retrain = Callable[[str, Interactions], Recommend]
"""Called with a method name and training interactions; returns the recommender that knows no more."""

Embed = Callable[[Catalog], NDArray[np.float32]]
"""Called with a catalog; returns one unit vector per item, shape (n_items, width)."""
T = TypeVar("T")

NAMED_SETS = ("pairs", "persons", "facts")
"""Request sets of what people name: two genres at once, people, places and other facts."""
REQUEST_FILES = tuple(
    Path(__file__).parents[2] / "eval" / "requests" / f"{name}.jsonl"
    for name in ("templates", "free", "unheard", *NAMED_SETS)
)
"""The request sets of the checkout; an installed package has none and must be given some."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Settings of a run.

    Attributes:
        request_files: Request sets; the file's stem names the set.
        k: List length and cut-off, at least 1.
        seed: Of the sample that `limit` draws and of the bootstrap.
        limit: Judge only so many cases of each task, drawn by `seed`; None judges all.
        history_length: How many of a user's last choices a recommender is told as liked: no more
            than its model was trained on.
        settings: What else decides what the recommenders answer (model, config), for the record;
            parts made with other settings are refused.
        progress: Called after every case.
        files: Files of tasks that read some of their own, by task name.
        embed: Makes the item vectors of text diversity; None leaves that column empty.
        skip_missing: Leave out a method whose extra is not installed, with a note, instead of
            failing.
        command: What was typed, for the record.
        plots: Whether to draw; a note says so when matplotlib is not installed.

    Raises:
        ConfigError: A number is out of range.
    """

    request_files: tuple[Path, ...] = REQUEST_FILES
    k: int = 10
    seed: int = 0
    limit: int | None = None
    history_length: int = 20
    settings: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress | None = None
    files: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    embed: Embed | None = None
    skip_missing: bool = False
    command: str = ""
    plots: bool = False

    def __post_init__(self) -> None:
        for name in ("k", "history_length", "limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} is {value}; choose at least 1")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Plan:
    """Everything a task needs.

    Attributes:
        catalog: The items that are judged.
        recommenders: The project's own methods, by name.
        retrain: See `Retrain`; None judges `recommenders` as they are.
        interactions: Needed by the next-item task.
        out: Folder of the run.
        options: Settings.
    """

    catalog: Catalog
    recommenders: Mapping[str, Recommend]
    retrain: Retrain | None
    interactions: Interactions | None
    out: Path
    options: Options

    def tell(self, what: str, done: int, total: int) -> None:
        """Report progress, if somebody listens."""
        if self.options.progress is not None:
            self.options.progress(what, done, total)

    def sample(self, cases: Sequence[T]) -> list[T]:
        """At most `limit` of the cases, drawn by the seed, in their own order."""
        limit = self.options.limit
        if limit is None or limit >= len(cases):
            return list(cases)
        generator = np.random.default_rng(self.options.seed)
        chosen = generator.choice(len(cases), size=limit, replace=False)
        return [cases[at] for at in sorted(chosen.tolist())]


def named(
    recommender: Recommend | Mapping[str, Recommend] | None, peers: Sequence[str]
) -> Mapping[str, Recommend]:
    """Recommenders by method name; a single one is called `OURS`.

    Raises:
        ConfigError: A name is a peer's, or could not be part of a file name.
    """
    if recommender is None:
        return MappingProxyType({})
    if not isinstance(recommender, Mapping):
        return MappingProxyType({OURS: recommender})
    for name in recommender:
        if name in peers or not re.fullmatch(r"[\w.+=,-]+", name) or name.startswith("."):
            raise ConfigError(
                f"a recommender cannot be called {name!r}: use letters, digits and . + = , _ - and "
                f"none of {', '.join(peers)}"
            )
    return MappingProxyType(dict(recommender))


def catalog_of(catalog: Catalog | None, recommenders: Iterable[Recommend]) -> Catalog:
    """The catalog that was given, or the one all recommenders share.

    Raises:
        ConfigError: There is none, or recommenders have different ones.
    """
    candidates = [getattr(recommender, "catalog", None) for recommender in recommenders]
    found = [catalog, *candidates] if catalog is not None else candidates
    known = [one for one in found if isinstance(one, Catalog)]
    if not known:
        raise ConfigError("nothing to evaluate on: give a catalog, or a recommender that has one")
    if len({one.content_hash for one in known}) > 1:
        raise ConfigError("the recommenders have different catalogs; evaluate them on the same one")
    return known[0]


def check_names(what: str, names: Sequence[str], choices: Sequence[str]) -> None:
    """Refuse names that do not exist, and none at all.

    Args:
        what: ``task`` or ``method``, for the message.
        names: What was asked for.
        choices: What there is.

    Raises:
        ConfigError: A name is unknown (with the nearest one), or none is given.
    """
    if not names:
        raise ConfigError(f"no {what} to evaluate; choose from {', '.join(choices)}")
    for name in names:
        if name not in choices:
            near = get_close_matches(name, choices, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            need = "it needs a recommender; " if name == OURS else ""
            raise ConfigError(
                f"unknown {what} {name!r}; {need}{hint}choose from {', '.join(choices)}"
            )
