"""``m6rec tune``: make a model folder from a catalog, or from a model folder and new choices."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from m6rec.atomic import read_manifest
from m6rec.cli.door import verbose_option
from m6rec.tuning.adapters import METHODS

OBJECTIVES = ("catalog", "lm")
_SCORES = (
    ("loss_before", "loss", "validation loss"),
    ("old_before", "old_after", "on old pairs"),
    ("new_before", "new_after", "on new choices"),
)


@click.command(short_help="Tune a language model on a catalog.")
@click.argument("catalog", required=False)
@click.argument("interactions", required=False)
@click.option("--out", required=True, metavar="DIR", help="Where the model folder is written.")
@click.option("--base", metavar="MODEL", help="Base model: a name, a local folder, or a hub id.")
@click.option("--method", type=click.Choice(METHODS), show_default="lora", help="What is tuned.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    show_default="15",
    help="Time for all of it.",
)
@click.option("--load-in-4bit", is_flag=True, help="Keep the base model in 4 bits while tuning.")
@click.option(
    "--objective",
    type=click.Choice(OBJECTIVES),
    show_default="catalog",
    help="Learn choices among the catalog's children, or every token of a path.",
)
@click.option(
    "--accumulate",
    type=click.IntRange(min=1),
    metavar="N",
    help="Read each step in N pieces: less memory, the same result.",
)
@click.option(
    "--gradient-checkpointing",
    is_flag=True,
    help="Compute layers again on the way back: less memory, a third slower.",
)
@click.option(
    "--from",
    "model",
    metavar="DIR",
    help="Tune this model folder further on new interactions; 'default' is the shipped one.",
)
@click.option("--feedback", is_flag=True, help="With --from: learn from what users liked, too.")
@click.option(
    "--replay",
    type=click.FloatRange(min=0, max=1, max_open=True),
    show_default="0.5",
    help="With --from: share of old pairs, against forgetting.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Every random choice follows it."
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on where an interrupted run into DIR stopped; needs no other argument.",
)
@verbose_option
def tune(out: str, **given: Any) -> None:
    """Tune a language model on CATALOG, and on INTERACTIONS if you have any.

    With --from DIR the only argument is a file of new interactions, and DIR is tuned further.
    """
    try:
        _run(out, given)
    except KeyboardInterrupt:
        kept = (Path(f"{out.rstrip('/')}.tuning") / "asked.json").is_file()
        hint = f"go on with: m6rec tune --out {shlex.quote(out)} --resume"
        click.echo(f"m6rec: interrupted; {hint if kept else 'nothing was kept'}", err=True)
        raise click.Abort from None
    from m6rec.making.processes import Processes

    together = Processes()
    for line in _report(out) if together.is_first else ():
        click.echo(line, err=True)
    together.leave()


def _run(out: str, given: dict[str, Any]) -> None:
    loop: dict[str, Any] = {}
    accumulate, checkpointing = given.pop("accumulate"), given.pop("gradient_checkpointing")
    if accumulate is not None:
        loop["accumulate"] = accumulate
    if checkpointing:
        loop["gradient_checkpointing"] = True
    model, feedback, replay = given.pop("model"), given.pop("feedback"), given.pop("replay")
    if model is None and (feedback or replay is not None):
        raise click.UsageError(f"{'--feedback' if feedback else '--replay'} needs --from DIR")
    if model is None and given["catalog"] is None and not given["resume"]:
        raise click.UsageError("Missing argument 'CATALOG'")
    import m6rec.tune as tuning

    if model is not None:
        first, second = given.pop("catalog"), given.pop("interactions")
        catalog, interactions = (first, second) if second is not None else (None, first)
        share = {} if replay is None else {"replay": replay}
        tuning.continue_tuning(
            model, interactions, out=out, catalog=catalog, feedback=feedback, loop=loop, **share,
            **given,
        )  # fmt: skip
    elif given["catalog"] is None:
        tuning.resume_tuning(out)
    else:
        usual = {"method": given["method"] or "lora", "objective": given["objective"] or "catalog"}
        tuning.tune(out=out, loop=loop, **{**given, **usual})


def _report(out: str) -> Iterator[str]:
    scores = (read_manifest(Path(out)) or {}).get("scores", {})
    parts = [
        f"{what} {scores[before]:.3f} -> {scores[after]:.3f}"
        for before, after, what in _SCORES
        if before in scores and after in scores
    ]
    if parts:
        yield f"{', '.join(parts)} (nats per choice; {Path(out) / 'README.md'} tells more)"
    yield f'm6rec recommend --model {out} "..." answers from it'
