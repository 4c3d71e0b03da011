"""``m6rec eval``: measure a recommender beside others."""

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from m6rec.cli import loading
from m6rec.cli.door import verbose_option
from m6rec.cli.options import source_options

if TYPE_CHECKING:
    from m6rec.catalog import Catalog
    from m6rec.evaluation import Options
    from m6rec.interactions import Interactions
    from m6rec.recommender import Recommender

TASKS = ("requests", "next-item")
VARIANTS = {
    "m6rec": {},
    "m6rec-no-crowd": {"voices": {"crowd": 0.0}},
    "m6rec-lm-only": {
        "voices": {"crowd": 0.0, "popularity": 0.0, "popularity_within": 0.0, "mentioned": 0.0}
    },
    "m6rec-crowd-only": {"voices": {"language_model_history": 0.0, "crowd": 1.0}},
}
"""Our own methods by name: the settings that differ from the ones in use."""


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not names:
        raise click.BadParameter("names nothing; separate names by commas")
    return names


def _tasks(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    names = _names(context, parameter, value)
    for name in names or ():
        if name not in TASKS:
            raise click.BadParameter(f"no task {name!r}; there are {', '.join(TASKS)}")
    return names


@click.command(name="eval", short_help="Measure a recommender beside others.")
@click.option(
    "--tasks",
    callback=_tasks,
    default=",".join(TASKS),
    show_default=True,
    help="Which tasks, separated by commas.",
)
@click.option(
    "--methods",
    callback=_names,
    help="Which methods, separated by commas; default: m6rec and every peer that is installed.",
)
@click.option("--out", required=True, metavar="DIR", help="Where the results are written.")
@click.option("--interactions", metavar="FILE", help="Who chose what, for --catalog or --model.")
@click.option(
    "--requests", multiple=True, metavar="FILE", help="Request sets, instead of those in eval/."
)
@click.option("--limit", type=click.IntRange(min=1), help="Judge only so many cases of each task.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the cases of --limit.")
@source_options
@verbose_option
def evaluate(  # noqa: PLR0913, PLR0917 - one argument per option
    tasks: tuple[str, ...],
    methods: tuple[str, ...] | None,
    out: str,
    interactions: str | None,
    requests: tuple[str, ...],
    limit: int | None,
    seed: int,
    model: str | None,
    catalog: str | None,
    config: str | None,
) -> None:
    """Run the tasks with the methods, print the tables, and write every figure to DIR.

    What DIR already holds of the same settings is kept and not computed again.
    """
    from m6rec.evaluation import run

    chosen = methods or _installed(tasks)
    ours = [name for name in chosen if name in VARIANTS]
    recommender = loading.load_recommender(model, catalog, config) if ours else None
    items: Catalog = recommender.catalog if recommender else _read_catalog(catalog)
    own = model is not None or catalog is not None
    known = _read_interactions(interactions, items, own=own) if "next-item" in tasks else None
    options = _options(requests, limit, seed, {"model": model, "config": config})
    variants = _variants(recommender, ours) if recommender else None
    run(
        tasks,
        chosen,
        out,
        variants,
        catalog=items,
        interactions=known,
        options=options,
        retrain=lambda name, train: (
            variants[name].variant(interactions=train) if variants else None
        ),
    )
    click.echo((Path(out) / "report.md").read_text(encoding="utf-8").rstrip("\n"))


def _variants(recommender: "Recommender", names: Sequence[str]) -> dict[str, "Recommender"]:
    config = recommender.config
    return {name: recommender.variant(config.with_values(VARIANTS[name])) for name in names}


def _installed(tasks: tuple[str, ...]) -> tuple[str, ...]:
    from m6rec.evaluation import METHODS
    from m6rec.evaluation.methods import MINILM
    from m6rec.evaluation.peers import PACKAGE
    from m6rec.evaluation.plan import OURS

    missing = () if importlib.util.find_spec(PACKAGE) else tuple(MINILM)
    peers = [name for task in tasks for name in METHODS[task] if name not in missing]
    return (OURS, *dict.fromkeys(peers))


def _read_catalog(source: str | None) -> "Catalog":
    from m6rec.sources import read_catalog
    from m6rec.sources.movielens import NAME

    return read_catalog(source or NAME)


def _read_interactions(path: str | None, catalog: "Catalog", *, own: bool) -> "Interactions":
    if path is not None:
        from m6rec.sources import read_interactions

        return read_interactions(path, catalog)
    if own:
        raise click.UsageError(
            "the task next-item needs --interactions FILE for a catalog of your own; "
            "or leave it out with --tasks requests"
        )
    from m6rec.sources.movielens import load_default

    return load_default()[1]


def _options(
    requests: tuple[str, ...], limit: int | None, seed: int, settings: dict[str, str | None]
) -> "Options":
    from m6rec.evaluation import Options
    from m6rec.evaluation.plan import REQUEST_FILES

    return Options(
        request_files=tuple(Path(file) for file in requests) or REQUEST_FILES,
        limit=limit,
        seed=seed,
        settings=settings,
        progress=_progress if sys.stderr.isatty() else None,
    )


def _progress(what: str, done: int, total: int) -> None:
    click.echo(f"\r{what}: {done} of {total}", err=True, nl=done == total)
