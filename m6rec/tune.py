"""``tune``: from a catalog and its histories to a model folder, within a time budget, resumable.

While it runs, the state is kept beside the target in ``DIR.tuning``; the model folder itself appears
whole, when everything is done. The same call resumes an interrupted run. Under ``accelerate launch`` every
process makes the same call; the first one writes.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from m6rec.assembly import DEFAULT_CATALOG, noun_of
from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.interactions import Interactions
from m6rec.making.calls import read_back, written_down
from m6rec.making.crowd import learned_crowd
from m6rec.making.order import Order, called, check_target
from m6rec.making.processes import Processes
from m6rec.making.replaying import REPLAY
from m6rec.pairs.augmentation import Augmentation
from m6rec.pairs.curriculum import Curriculum
from m6rec.pairs.histories import LONGEST
from m6rec.sources import read_catalog, read_interactions
from m6rec.sources.movielens import load_default
from m6rec.tuning.adapters import AdapterSettings

__all__ = ["continue_tuning", "learned_crowd", "resume_tuning", "tune"]

MINUTES = 15.0
TUNED_VOICES = {"neutral": 1.0, "popularity": 0.3, "popularity_within": 1.4, "titles": 0.6}
"""Dials of decoding after tuning, chosen on eval/requests/development.jsonl (eval/LOG.md)."""
SMALL_CATALOG, SMALL_BATCH = 200, 16
"""Fewer items than this say so little in all that a step of fewer examples learns as much from them."""


def tune(  # noqa: PLR0913 - the options of `m6rec tune`, keyword-only
    catalog: str | Path,
    interactions: str | Path | None = None,
    *,
    out: str | Path,
    base: str | None = None,
    method: str = "lora",
    minutes: float | None = None,
    load_in_4bit: bool = False,
    seed: int = 0,
    resume: bool = False,
    adapter: AdapterSettings | None = None,
    config: Config | None = None,
    objective: str = "catalog",
    loop: Mapping[str, Any] | None = None,
    augmentation: Augmentation | None = None,
) -> Path:
    """Tune a base model on a catalog and write a model folder.

    The model never learns from each user's last choice, so that it can be judged on it. The crowd learns from
    all choices: an evaluation trains it anew on what it may know.

    Args:
        catalog: A file of items, or a known catalog's name.
        interactions: A file of who chose what; the known catalog has its own.
        out: The model folder to write.
        base: Base model; None for the default.
        method: Tuning method, see `m6rec.tuning.adapters.METHODS`.
        minutes: How long all of it may take; None for 15. Tuning gets what reading the data, the crowd and
            the neutral request leave, but at least a third.
        load_in_4bit: Keep the frozen weights in 4 bits (bitsandbytes NF4).
        seed: Of everything drawn.
        resume: Go on where an interrupted run into `out` stopped.
        adapter: Size of the adapter; None for the default of the method.
        config: What is read and written (`paths`, `prompt`, number format); the dials of decoding and
            the base model are set here.
        objective: One of `m6rec.tuning.objective.OBJECTIVES`.
        loop: Settings of `m6rec.tuning.loop.LoopSettings` by name, such as ``batch_size``; the number
            of steps follows from the minutes.
        augmentation: How requests are changed before they are learned; None for the defaults.

    Returns:
        The model folder.

    Raises:
        ModelFolderError: `out` is already there, or an interrupted run is and `resume` is False.
        CatalogError: A file cannot be used.
        ConfigError: A setting is not known or cannot be written down, or the interrupted run was begun with
            another.
        MissingExtraError: 4 bits were asked for without bitsandbytes.
    """
    call, begun, together = written_down(locals()), time.monotonic(), Processes()
    from m6rec.making.run import carry_out

    out = Path(out)
    with together.first_then_others():
        work = check_target(out, resume=resume or not together.is_first)
        items, known, choices = _data(catalog, interactions)
    order = Order(
        catalog=items,
        known=known,
        choices=choices,
        config=_config_for(items, base, config or Config()),
        adapter=adapter or AdapterSettings(method),
        seed=seed,
        teach=lambda index, vocabulary, noun: Curriculum(
            index, vocabulary, noun, choices, augmentation=augmentation
        ),
        objective=objective,
        load_in_4bit=load_in_4bit,
        loop={**_sized(items), **(loop or {})},
        facts={"augmentation": asdict(augmentation)} if augmentation else {},
    )
    carry_out(
        order, out, work, minutes=minutes or MINUTES, call=call, begun=begun, together=together
    )
    return out


def continue_tuning(  # noqa: PLR0913 - the options of `m6rec tune --from`, keyword-only
    model: str | Path,
    interactions: str | Path | None = None,
    *,
    out: str | Path,
    feedback: bool = False,
    catalog: str | Path | None = None,
    replay: float = REPLAY,
    method: str | None = None,
    base: str | None = None,
    objective: str | None = None,
    minutes: float | None = None,
    load_in_4bit: bool = False,
    seed: int = 0,
    resume: bool = False,
    loop: Mapping[str, Any] | None = None,
) -> Path:
    """Tune a model folder further on new choices, and write another folder.

    Small steps, from the folder's own weights, with old pairs among the new ones. Weights that are no
    better on the old and new validation pairs together, or 2 % worse on the old ones, are not taken; the crowd
    is trained anew on all choices in any case.

    Args:
        model: The folder, or ``default`` for the one that is shipped.
        interactions: A file of new choices for the folder's catalog.
        out: The model folder to write.
        feedback: Learn from what users liked, as the feedback says, too.
        catalog: The folder's catalog, for a check; None for none.
        replay: Share of old pairs, at least 0 and below 1.
        method: The folder's method, for a check; None for none.
        base: The folder's base model, likewise.
        objective: The folder's objective, likewise.
        minutes: How long all of it may take; None for 15. It ends earlier when each new choice was seen
            a few times.
        load_in_4bit: Keep the frozen weights in 4 bits.
        seed: Of everything drawn.
        resume: Go on where an interrupted run into `out` stopped.
        loop: Settings of the loop, as for `tune`.

    Returns:
        The model folder. Its scores hold ``old_before``, ``old_after``, ``new_before``, ``new_after``: the
        loss on pairs of before and on new ones, with the weights of before and with those written.

    Raises:
        ModelFolderError: There is no model folder, or `out` cannot be written.
        CatalogError: The new choices cannot be used: an unknown item, or nothing new.
        ConfigError: A setting is not the folder's own, or nothing new was named.
    """
    call, begun, together = written_down(locals()), time.monotonic(), Processes()
    from m6rec.making.continuing import continued_order, folder_to_continue
    from m6rec.making.run import carry_out

    out = Path(out)
    with together.first_then_others():
        work = check_target(out, resume=resume or not together.is_first)
        order = continued_order(
            folder_to_continue(model), interactions, feedback=feedback, catalog=catalog,
            asked={"method": method, "base": base, "objective": objective}, replay=replay, seed=seed,
        )  # fmt: skip
    order = replace(order, load_in_4bit=load_in_4bit, loop={**order.loop, **(loop or {})})
    carry_out(
        order, out, work, minutes=minutes or MINUTES, call=call, begun=begun, together=together
    )
    return out


def resume_tuning(out: str | Path) -> Path:
    """Go on with an interrupted run into `out`, as it was called: with all settings that it was given.

    Raises:
        ModelFolderError: No run was interrupted there.
    """
    call = {**read_back(called(Path(out))), "out": out, "resume": True}
    return continue_tuning(**call) if "model" in call else tune(**call)


def _config_for(items: Catalog, base: str | None, config: Config) -> Config:
    return replace(
        config,
        model=replace(config.model, base=base or config.model.base),
        prompt=replace(config.prompt, noun=noun_of(items), history=LONGEST),
        voices=replace(config.voices, **TUNED_VOICES),
    )


def _sized(items: Catalog) -> dict[str, int]:
    return {"batch_size": SMALL_BATCH} if len(items) < SMALL_CATALOG else {}


def _data(
    catalog: str | Path, interactions: str | Path | None
) -> tuple[Catalog, str, Interactions | None]:
    """The items, their known name or "", and who chose what."""
    if str(catalog) == DEFAULT_CATALOG and interactions is None:
        items, choices = load_default()
        return items, DEFAULT_CATALOG, choices
    items = read_catalog(catalog)
    return items, "", None if interactions is None else read_interactions(interactions, items)
