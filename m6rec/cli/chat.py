"""``m6rec chat``: read lines, show replies; the conversation itself is in `m6rec.chat`."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import click

from m6rec.cli import loading
from m6rec.cli.door import verbose_option
from m6rec.cli.options import clean_text, source_options
from m6rec.errors import UserError

if TYPE_CHECKING:
    from m6rec.chat import Reply
    from m6rec.chat.state import Grounds
    from m6rec.recommender import Recommender
    from m6rec.records import Answer

PROMPT = "> "


@click.command(short_help="Talk about what you would like.")
@click.option(
    "--user", metavar="ID", help="A user of the data; what you say is remembered for them."
)
@click.option("-k", type=click.IntRange(min=1), default=10, show_default=True, help="List length.")
@source_options
@verbose_option
def chat(
    user: str | None, k: int, model: str | None, catalog: str | None, config: str | None
) -> None:
    """Talk about what you would like; every line refines the request, /help shows how.

    Works in a pipe too: one line in, one reply out. Ctrl-C takes back a line, twice leaves; so does
    Ctrl-D.
    """
    from m6rec.chat import Dialogue

    dialogue = Dialogue(Later(model, catalog, config), user=user, k=k)
    lines = LineReader()
    if lines.terminal:
        click.echo("What would you like? /help shows how to say it, /quit leaves.")
    cancelled = False
    while True:
        try:
            line = lines.read()
            if line is None:
                return
            cancelled = False
            reply = dialogue.reply(clean_text(line))
            show_reply(reply, terminal=lines.terminal)
        except KeyboardInterrupt:
            if cancelled:
                raise
            cancelled = True
            click.echo("\nCancelled; Ctrl-C again leaves.", err=True)
            continue
        if reply.quit:
            return


def show_reply(reply: "Reply", *, terminal: bool) -> None:
    """Write one reply to stdout, at once, so that a program on a pipe can wait for it."""
    from m6rec import display
    from m6rec.cli.recommend import show_table

    if not terminal:
        lines = display.reply_lines(reply)
        if lines:
            click.echo("\n".join(lines))
        sys.stdout.flush()
        return
    for line in reply.lines:
        click.echo(display.printable(line))
    if reply.answer is not None:
        show_table(reply.answer)
        for line in display.unmatched_lines(reply.answer):
            click.echo(line)


class LineReader:
    """Lines from a terminal, with a prompt and editing, or from a pipe, with neither."""

    def __init__(self) -> None:
        self.terminal = sys.stdin.isatty() and sys.stdout.isatty()
        if self.terminal:
            # Importing it gives input() editing and a history; not every platform has it.
            with suppress(ImportError):
                import readline  # noqa: F401
        elif hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="replace")

    def read(self) -> str | None:
        """Return the next line without its ending, or None at the end of the input."""
        if not self.terminal:
            line = sys.stdin.readline()
            return line.rstrip("\r\n") if line else None
        try:
            return input(PROMPT)
        except EOFError:
            click.echo()
            return None


class Later:
    """A recommender that is loaded when the first line needs it, so that the prompt comes at once."""

    def __init__(self, model: str | None, catalog: str | None, config: str | None) -> None:
        self._source = (model, catalog, config)

    @cached_property
    def _loaded(self) -> "Recommender":
        try:
            return loading.load_recommender(*self._source)
        except UserError as error:
            # Inside the conversation a UserError is a line and the talk goes on; this one ends it.
            raise click.ClickException(str(error)) from error

    @property
    def grounder(self) -> "Grounds":
        """The loaded recommender's grounder."""
        return self._loaded.grounder

    def recommend(
        self,
        text: str = "",
        *,
        liked: Sequence[str] = (),
        disliked: Sequence[str] = (),
        seen: Sequence[str] = (),
        user: str | None = None,
        where: str | None = None,
        k: int = 10,
    ) -> "Answer":
        """Answer with the loaded recommender."""
        recommender = self._loaded
        with loading.status("thinking"):
            return recommender.recommend(
                text, liked=liked, disliked=disliked, seen=seen, user=user, where=where, k=k
            )

    def feedback(self, user: str, item_id: str, verdict: str) -> None:
        """Pass a verdict on to the loaded recommender."""
        self._loaded.feedback(user, item_id, verdict)
