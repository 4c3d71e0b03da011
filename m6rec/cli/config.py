"""``m6rec config``: show the settings."""

import click

from m6rec.cli import loading
from m6rec.cli.door import verbose_option


@click.command(short_help="Print the settings in force.")
@click.option("--config", "path", metavar="FILE", help="Settings to be merged into the defaults.")
@verbose_option
def config(path: str | None) -> None:
    """Print the settings in force as TOML, each with its meaning; a start for a file of your own."""
    click.echo(loading.load_config(path).to_toml().rstrip("\n"))
