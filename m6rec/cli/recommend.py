"""``m6rec recommend``: one request, one list."""

import logging
import os
import sys
from typing import TYPE_CHECKING

import click

from m6rec.cli import loading
from m6rec.cli.door import verbose_option
from m6rec.cli.options import clean_text, source_options

if TYPE_CHECKING:
    from m6rec.records import Answer

logger = logging.getLogger(__name__)


@click.command(short_help="Answer one request with a list.")
@click.argument("text", nargs=-1)
@click.option("--like", "liked", multiple=True, metavar="TITLE", help="A title or id you like.")
@click.option("--dislike", "disliked", multiple=True, metavar="TITLE", help="One you do not like.")
@click.option("--seen", multiple=True, metavar="TITLE", help="One not to be shown again.")
@click.option("--user", metavar="ID", help="A user of the data, whose history counts.")
@click.option(
    "--history",
    metavar="FILE",
    help="Titles or ids, oldest first: one a line, CSV or JSONL. With a rating column, what is "
    "rated below half of the best rating counts as disliked.",
)
@click.option("--where", metavar="EXPR", help="Only items with, for example, 'year>=1990'.")
@click.option("-k", type=click.IntRange(min=1), default=10, show_default=True, help="List length.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--explain", is_flag=True, help="Show what each score is made of.")
@source_options
@verbose_option
def recommend(  # noqa: PLR0913, PLR0917 - one argument per option
    text: tuple[str, ...],
    liked: tuple[str, ...],
    disliked: tuple[str, ...],
    seen: tuple[str, ...],
    user: str | None,
    history: str | None,
    where: str | None,
    k: int,
    as_json: bool,
    explain: bool,
    model: str | None,
    catalog: str | None,
    config: str | None,
) -> None:
    r"""Recommend items for a wish in words, for likes, for a history, or all together.

    \b
    m6rec recommend "something like the matrx but funny" --where 'year>=1990' -k 5
    m6rec recommend --like "Toy Story" --like Heat
    """
    if history is not None:
        from m6rec.cli.history import read_history

        past = read_history(history)
        liked, disliked = (*past.liked, *liked), (*past.disliked, *disliked)
    wish = clean_text(" ".join(text))
    if not (wish or liked or user is not None):
        click.echo("Nothing asked: this is what suits many. Say what you would like.", err=True)
    recommender = loading.load_recommender(model, catalog, config)
    with loading.status("thinking"):
        answer = recommender.recommend(
            wish, liked=liked, disliked=disliked, seen=seen, user=user, where=where, k=k
        )
    logger.info(
        "%d items in %.0f ms, %d tokens in %d calls of the language model, exact: %s",
        len(answer),
        answer.elapsed_ms,
        answer.lm_tokens,
        answer.lm_calls,
        answer.exact,
    )
    show_answer(answer, as_json=as_json, explain=explain)


def show_answer(answer: "Answer", *, as_json: bool = False, explain: bool = False) -> None:
    """Write an answer to stdout: JSON, a table in a terminal, or plain lines; refusals to stderr."""
    from m6rec import display

    if as_json:
        click.echo(display.answer_json(answer))
    elif sys.stdout.isatty():
        show_table(answer, explain=explain)
    else:
        click.echo("\n".join(display.answer_lines(answer, explain=explain)))
    for line in display.unmatched_lines(answer):
        click.echo(line, err=True)


def show_table(answer: "Answer", *, explain: bool = False) -> None:
    """Write an answer to the terminal, as wide as it is."""
    from rich.console import Console

    from m6rec import display

    for line in display.understood_lines(answer):
        click.echo(line)
    # NO_COLOR leaves bold and dim to rich; whoever sets it wants none of that either.
    console = Console(color_system=None if os.environ.get("NO_COLOR") else "auto")
    console.print(display.answer_table(answer, explain=explain))
    for line in display.closing_lines(answer, explain=explain):
        click.echo(line)
