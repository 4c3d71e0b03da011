"""``m6rec chat``: read lines, show replies; the conversation itself is in `m6rec.chat`."""

import sys
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import click

from m6rec.cli import loading
from m6rec.cli.door import verbose_option
from m6rec.cli.lines import LineReader
from m6rec.cli.options import clean_text, source_options
from m6rec.errors import UserError

if TYPE_CHECKING:
    from m6rec.catalog import Catalog
    from m6rec.chat import Dialogue, Reply
    from m6rec.chat.state import Accompanies, Grounds
    from m6rec.recommender import Recommender
    from m6rec.records import Answer


@click.command(short_help="Talk about what you would like.")
@click.option(
    "--user",
    metavar="NAME",
    help="A user of the data, or your name: what you say is remembered, and a conversation you "
    "kept with /save goes on.",
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

    recommender = Later(model, catalog, config)
    dialogue = Dialogue(recommender, user=user, k=k)
    lines = LineReader(recommender.titles)
    if lines.terminal:
        click.echo("What would you like? /help shows how to say it, /quit leaves.")
    resume(dialogue, recommender, terminal=lines.terminal)
    cancelled = False
    while True:
        try:
            line = lines.read()
            if line is None:
                return
            cancelled = False
            reply = dialogue.reply(clean_text(line))
            show_reply(reply, terminal=lines.terminal)
            keep(reply, dialogue, recommender)
        except KeyboardInterrupt:
            if cancelled:
                raise
            cancelled = True
            click.echo("\nCancelled; Ctrl-C again leaves.", err=True)
            continue
        if reply.quit:
            return


def resume(dialogue: "Dialogue", recommender: "Later", *, terminal: bool) -> None:
    """Go on with the conversation that is kept under the user's name, if there is one."""
    from m6rec.cli import chats

    if dialogue.user is not None and chats.chat_file(dialogue.user).is_file():
        state = chats.load_chat(dialogue.user, recommender.catalog)
        show_reply(dialogue.resume(state), terminal=terminal)


def keep(reply: "Reply", dialogue: "Dialogue", recommender: "Later") -> None:
    """Save or export, if the reply asks for it, and say so."""
    from m6rec.cli import chats

    try:
        if reply.save is not None:
            click.echo(chats.save_chat(reply.save, dialogue, recommender.catalog))
        if reply.export is not None:
            click.echo(chats.export_chat(reply.export, dialogue))
    except UserError as error:
        click.echo(str(error))
    if reply.save is not None or reply.export is not None:
        sys.stdout.flush()


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
    if reply.question:
        click.echo(display.printable(reply.question))


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

    def titles(self) -> Sequence[str]:
        """The titles to complete, the best known first; none when the catalog cannot be read."""
        model, catalog, _ = self._source
        loaded: Recommender | None = vars(self).get("_loaded")
        try:
            items = loaded.catalog if loaded is not None else loading.load_items(model, catalog)
        except UserError:
            return ()
        return [item.title for item in sorted(items, key=lambda item: -item.popularity)]

    @property
    def grounder(self) -> "Grounds":
        """The loaded recommender's grounder."""
        return self._loaded.grounder

    @property
    def catalog(self) -> "Catalog":
        """The loaded recommender's items."""
        return self._loaded.catalog

    @property
    def companion(self) -> "Accompanies":
        """The loaded recommender's companion."""
        return self._loaded.companion

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
