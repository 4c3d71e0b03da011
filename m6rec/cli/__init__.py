"""The ``m6rec`` command: one file per command, and nothing heavy imported before it is needed."""

import click

from m6rec.cli.chat import chat
from m6rec.cli.config import config
from m6rec.cli.door import Door, print_version, verbose_option
from m6rec.cli.evaluate import evaluate
from m6rec.cli.pull import pull
from m6rec.cli.recommend import recommend
from m6rec.cli.tune import tune

__all__ = ["main"]


@click.group(
    cls=Door, name="m6rec", invoke_without_command=True, context_settings={"max_content_width": 96}
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=print_version,
    help="Print the version and leave.",
)
@verbose_option
@click.pass_context
def main(context: click.Context) -> None:
    r"""Recommend items of a catalog in answer to words, a history, or both.

    \b
    m6rec recommend "I want some comedy movies"
    m6rec chat
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (recommend, chat, tune, evaluate, pull, config):
    main.add_command(command)
