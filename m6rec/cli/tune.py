"""``m6rec tune``: make a model folder from a catalog."""

import click

from m6rec.cli.door import verbose_option

METHODS = ("lora", "ia3", "full")


@click.command(short_help="Tune a language model on a catalog.")
@click.argument("catalog")
@click.argument("interactions", required=False)
@click.option("--out", required=True, metavar="DIR", help="Where the model folder is written.")
@click.option("--base", metavar="MODEL", help="Base model: a name, a local folder, or a hub id.")
@click.option(
    "--method", type=click.Choice(METHODS), default="lora", show_default=True, help="What is tuned."
)
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Time to tune for.")
@click.option("--load-in-4bit", is_flag=True, help="Keep the base model in 4 bits while tuning.")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Every random choice follows it."
)
@click.option("--resume", is_flag=True, help="Go on where an interrupted run in DIR stopped.")
@verbose_option
def tune(  # noqa: PLR0913, PLR0917 - one argument per option
    catalog: str,
    interactions: str | None,
    out: str,
    base: str | None,
    method: str,
    minutes: float | None,
    load_in_4bit: bool,
    seed: int,
    resume: bool,
) -> None:
    """Tune a language model on CATALOG, and on INTERACTIONS if you have any."""
    from m6rec.tune import tune as run

    run(
        catalog=catalog,
        interactions=interactions,
        out=out,
        base=base,
        method=method,
        minutes=minutes,
        load_in_4bit=load_in_4bit,
        seed=seed,
        resume=resume,
    )
    click.echo(f'm6rec recommend --model {out} "..." answers from it', err=True)
