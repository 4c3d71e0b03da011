"""``m6rec eval``: measure a recommender beside others."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from m6rec.cli import loading
from m6rec.cli.door import verbose_option
from m6rec.cli.options import source_options

if TYPE_CHECKING:
    from m6rec.candidates.crowd import Massive
    from m6rec.catalog import Catalog
    from m6rec.evaluation import Options
    from m6rec.interactions import Interactions
    from m6rec.recommender import Recommender

DEFAULT_TASKS = ("requests", "next-item")
VARIANTS: Mapping[str, Mapping[str, Any]] = {
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
    if names and names != DEFAULT_TASKS:
        from m6rec.evaluation import TASKS

        for name in names:
            if name not in TASKS:
                raise click.BadParameter(f"no task {name!r}; there are {', '.join(TASKS)}")
    return names


def _files(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[Path, ...]]:
    files: dict[str, tuple[Path, ...]] = {}
    for value in values:
        task, equals, path = value.partition("=")
        if not (task and equals and path):
            raise click.BadParameter(f"{value!r} names no task and file; write TASK=FILE")
        files[task] = (*files.get(task, ()), Path(path))
    return files


@click.command(name="eval", short_help="Measure a recommender beside others.")
@click.option(
    "--tasks",
    callback=_tasks,
    default=",".join(DEFAULT_TASKS),
    show_default=True,
    help="Which tasks, separated by commas; a name there is not lists all.",
)
@click.option(
    "--methods",
    callback=_names,
    help="Which methods, separated by commas; default: m6rec and every peer that is installed.",
)
@click.option("--out", metavar="DIR", help="Where the results are written.")
@click.option(
    "--compare",
    nargs=2,
    metavar="DIR DIR",
    help="Compare two result folders instead, and print what changed.",
)
@click.option("--interactions", metavar="FILE", help="Who chose what, for --catalog or --model.")
@click.option(
    "--requests", multiple=True, metavar="FILE", help="Request sets, instead of those in eval/."
)
@click.option(
    "--file",
    "files",
    multiple=True,
    callback=_files,
    metavar="TASK=FILE",
    help="A file that a task reads; may be repeated.",
)
@click.option(
    "--sweep",
    multiple=True,
    metavar="SETTING=V1,V2",
    help="Judge m6rec also with a setting turned, such as ranking.novelty=0,0.5,1.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Judge only so many cases of each task.")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Draws cases, noise and intervals."
)
@click.option(
    "--text-diversity/--no-text-diversity",
    default=True,
    show_default=True,
    help="Measure diversity by sentence vectors too; new catalogs are embedded once.",
)
@click.option("--plots/--no-plots", default=True, show_default=True, help="Draw DIR/plots.")
@source_options
@verbose_option
def evaluate(  # noqa: PLR0913, PLR0917 - one argument per option
    tasks: tuple[str, ...],
    methods: tuple[str, ...] | None,
    out: str | None,
    compare: tuple[str, str] | None,
    interactions: str | None,
    requests: tuple[str, ...],
    files: dict[str, tuple[Path, ...]],
    sweep: tuple[str, ...],
    limit: int | None,
    seed: int,
    text_diversity: bool,
    plots: bool,
    model: str | None,
    catalog: str | None,
    config: str | None,
) -> None:
    """Run the tasks with the methods, print the tables, and write every figure to DIR.

    What DIR already holds of the same settings is kept and not computed again.
    """
    if compare:
        from m6rec.evaluation.compare import comparison

        click.echo(comparison(*compare).rstrip("\n"))
        return
    if out is None:
        raise click.UsageError("say where the results go with --out DIR, or --compare DIR DIR")
    from m6rec.evaluation import run
    from m6rec.evaluation.dials import swept
    from m6rec.evaluation.peers import item_vectors

    dials = swept(sweep)
    known_variants = {**VARIANTS, **dials}
    chosen = (*(methods or _installed(tasks)), *dials)
    ours = [name for name in dict.fromkeys(chosen) if name in known_variants]
    recommender = loading.load_recommender(model, catalog, config) if ours else None
    items: Catalog = recommender.catalog if recommender else _read_catalog(catalog)
    own = model is not None or catalog is not None
    options = _options(
        requests,
        {"model": model, "config": config},
        limit=limit,
        seed=seed,
        files=files,
        skip_missing=methods is None,
        embed=item_vectors if text_diversity else None,
        plots=plots,
        command=_command(tasks, chosen, click.get_current_context()),
    )
    variants = _variants(recommender, ours, known_variants) if recommender else None
    run(
        tasks,
        chosen,
        out,
        variants,
        catalog=items,
        interactions=_interactions_of(tasks, interactions, items, own=own),
        options=options,
        retrain=_retrained(variants or {}),
    )
    click.echo((Path(out) / "report.md").read_text(encoding="utf-8").rstrip("\n"))


def _variants(
    recommender: "Recommender", names: Sequence[str], settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, "Recommender"]:
    config = recommender.config
    return {name: recommender.variant(config.with_values(settings[name])) for name in names}


def _retrained(
    variants: Mapping[str, "Recommender"],
) -> "Callable[[str, Interactions], Recommender]":
    """Makes a variant that knows the given choices alone; the crowd is trained once for all of them."""
    trained: dict[int, tuple[Interactions, Mapping[str, Massive]]] = {}

    def retrain(name: str, train: "Interactions") -> "Recommender":
        from m6rec.candidates import crowd

        variant = variants[name]
        if not variant.config.voices.crowd:
            return variant.variant(interactions=train)
        # The choices are kept beside, so that their id stays theirs.
        if id(train) not in trained:
            trained[id(train)] = (train, crowd.learn(train, len(variant.catalog)))
        return variant.variant(interactions=train, learned=trained[id(train)][1])

    return retrain


def _installed(tasks: tuple[str, ...]) -> tuple[str, ...]:
    """Ours and every peer; one whose extra is missing is left out by the run, with a note."""
    from m6rec.evaluation import METHODS, TASKS
    from m6rec.evaluation.plan import OURS

    peers = dict.fromkeys(name for task in tasks for name in METHODS[task])
    return (OURS, *peers) if any(TASKS[task].own for task in tasks) else tuple(peers)


def _interactions_of(
    tasks: Sequence[str], path: str | None, catalog: "Catalog", *, own: bool
) -> "Interactions | None":
    from m6rec.evaluation import TASKS
    from m6rec.evaluation.task import NEEDED, UNUSED

    wishes = {TASKS[task].interactions for task in tasks}
    if wishes <= {UNUSED} or (own and path is None and NEEDED not in wishes):
        return None
    return _read_interactions(path, catalog, own=own)


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
    requests: tuple[str, ...], settings: dict[str, str | None], **others: Any
) -> "Options":
    from m6rec.evaluation import Options
    from m6rec.evaluation.plan import REQUEST_FILES

    return Options(
        request_files=tuple(Path(file) for file in requests) or REQUEST_FILES,
        settings=settings,
        progress=_progress if sys.stderr.isatty() else None,
        **others,
    )


def _command(tasks: Sequence[str], methods: Sequence[str], context: click.Context) -> str:
    """What makes the same figures again; where they are written does not belong to it."""
    words = ["m6rec eval", f"--tasks {','.join(tasks)}"]
    named = [name for name in methods if "=" not in name]
    words.append(f"--methods {','.join(dict.fromkeys(named))}")
    words += [f"--sweep {dial}" for dial in context.params["sweep"]]
    for name in ("limit", "seed", "model", "catalog", "config", "interactions"):
        value = context.params[name]
        if value not in {None, 0}:
            words.append(f"--{name} {value}")
    words += [f"--requests {path}" for path in context.params["requests"]]
    for task, paths in context.params["files"].items():
        words += [f"--file {task}={path}" for path in paths]
    return " ".join(words)


def _progress(what: str, done: int, total: int) -> None:
    click.echo(f"\r{what}: {done} of {total}", err=True, nl=done == total)
