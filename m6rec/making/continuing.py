"""The order for tuning a model folder further: what it was tuned on, what is new, and how much of each."""

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.errors import CatalogError, ConfigError, ModelFolderError
from m6rec.feedback import Feedback
from m6rec.index import CatalogIndex
from m6rec.interactions import Interactions
from m6rec.making.journal import JOURNAL, Entry, first, read_journal
from m6rec.making.newcomers import added, read_feedback, read_new
from m6rec.making.order import Lessons, Order, Teach
from m6rec.making.replaying import Replaying, learnable
from m6rec.model_folder import ModelFolder, open_model_folder, shipped_folder
from m6rec.pairs.curriculum import Curriculum
from m6rec.sources import read_catalog
from m6rec.sources.movielens import load_default
from m6rec.tuning.adapters import AdapterSettings, method_of
from m6rec.vocabulary import Vocabulary

DEFAULT = "default"
"""Names the folder that is shipped with the package."""
BATCH = 16
"""Examples per step: new choices are few, and many small steps learn more of them than few large ones."""
GENTLER = 0.2
"""The learning rate, as a share of the method's own: what is there is to be bent, not made anew."""
PASSES = 3
"""How often each new choice is drawn, on average, if the time allows."""
FEWEST_STEPS = 10


def folder_to_continue(model: str | Path) -> ModelFolder:
    """A model folder by its path, or the shipped one by the name ``default``.

    Raises:
        ModelFolderError: There is no complete model folder.
    """
    if str(model) == DEFAULT and not Path(DEFAULT).exists():
        shipped = shipped_folder()
        if shipped is None:
            raise ModelFolderError("this build has no tuned default; name a model folder")
        return shipped
    return open_model_folder(model)


def continued_order(
    start: ModelFolder,
    interactions: str | Path | None,
    *,
    feedback: bool,
    catalog: str | Path | None,
    asked: Mapping[str, str | None],
    replay: float,
    seed: int,
) -> Order:
    """What to tune when a folder is tuned further.

    Args:
        start: The folder.
        interactions: A file of new choices; None for none.
        feedback: Whether what users liked is new, too.
        catalog: A catalog that must be the folder's own; None for no check.
        asked: Settings that must be the folder's own unless None: ``method``, ``base``,
            ``objective``.
        replay: Share of old pairs.
        seed: Of everything drawn.

    Raises:
        ConfigError: A setting is not the folder's, `replay` is out of range, or nothing new was named.
        CatalogError: The new choices cannot be used, or the catalog is another one.
    """
    _check_settings(start, asked, replay)
    items, old = _data(start)
    if catalog is not None:
        _check_catalog(read_catalog(catalog), items, start)
    config = Config.load(start.config)
    choices, sources = old, list[str]()
    if interactions is not None:
        choices = added(choices, read_new(interactions, items), items)
        sources.append(Path(interactions).name)
    if feedback:
        choices = added(choices, read_feedback(Feedback(config.feedback.place), items), items)
        sources.append("feedback")
    if choices is None or not sources:
        raise ConfigError("nothing new to learn from: name a file of interactions, or --feedback")

    method = start.manifest.method
    n_old = 0 if old is None else len(old)
    return Order(
        catalog=items,
        # The folder must keep what is new, so it keeps the catalog, too.
        known="",
        choices=choices,
        config=config,
        adapter=_adapter(start),
        seed=seed,
        teach=_teach(items, old, choices, replay),
        objective=_objective(start),
        start=start,
        loop={"batch_size": BATCH, "learning_rate": GENTLER * method_of(method).LEARNING_RATE},
        most_steps=_most_steps(old, choices, replay),
        facts={
            "from": start.path.name,
            "added": len(choices) - n_old,
            "source": " and ".join(sources),
            "replay": replay,
        },
    )


def _teach(items: Catalog, old: Interactions | None, choices: Interactions, replay: float) -> Teach:
    def teach(index: CatalogIndex, vocabulary: Vocabulary, noun: str) -> Lessons:
        return Replaying(items, Curriculum(index, vocabulary, noun, old), old, choices, replay)

    return teach


def _most_steps(old: Interactions | None, choices: Interactions, replay: float) -> int:
    """Steps in which every new choice is drawn a few times; one where none can be learned from."""
    n_new = int(learnable(old, choices)[1].sum())
    return max(FEWEST_STEPS, math.ceil(PASSES * n_new / (BATCH * (1 - replay)))) if n_new else 1


def _told(start: ModelFolder) -> Entry:
    """What the folder's journal says of its run; nothing for a folder without one."""
    return first(read_journal(start.path / JOURNAL), "run") or {}


def _objective(start: ModelFolder) -> str:
    return str(_told(start).get("objective", "catalog"))


def _adapter(start: ModelFolder) -> AdapterSettings:
    """The settings of the folder's adapter, as far as they are known."""
    run = _told(start)
    known = asdict(AdapterSettings(start.manifest.method))
    kept = {name: value for name, value in run.get("adapter", {}).items() if name in known}
    tuples: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
    }
    return replace(AdapterSettings(start.manifest.method), **tuples)


def _data(start: ModelFolder) -> tuple[Catalog, Interactions | None]:
    if not start.catalog.is_file():
        return load_default()
    items = Catalog.load(start.catalog)
    known = start.interactions
    return items, Interactions.load(known, items) if known.is_file() else None


def _check_settings(start: ModelFolder, asked: Mapping[str, str | None], replay: float) -> None:
    manifest = start.manifest
    was = {"method": manifest.method, "base": manifest.base, "objective": _objective(start)}
    for name, wanted in asked.items():
        if wanted is not None and wanted != was[name]:
            raise ConfigError(
                f"{start.path} was tuned with {name} {was[name]!r}, not {wanted!r}; leave --{name} out, or "
                "tune anew without --from"
            )
    if not 0 <= replay < 1:
        raise ConfigError(f"replay is {replay}; choose at least 0 and below 1")


def _check_catalog(given: Catalog, items: Catalog, start: ModelFolder) -> None:
    if given.content_hash == items.content_hash:
        return
    theirs, ours = {i.item_id for i in given}, {i.item_id for i in items}
    odd = sorted(theirs ^ ours)
    what = f"such as item {odd[0]!r}" if odd else "in the fields or the order of its items"
    raise CatalogError(
        f"{given.name} is not the catalog that {start.path} was tuned on: they differ {what}; leave it "
        "out, or tune anew without --from"
    )
