"""How the command line starts, fails and ends: one clear line, and an exit code that means it."""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from m6rec.errors import M6RecError, UserError

ANSWERED, OURS, USERS, INTERRUPTED = 0, 1, 2, 130

Function = TypeVar("Function", bound=Callable[..., Any])
logger = logging.getLogger("m6rec")


class Door(click.Group):
    """A command group whose failures are one line on stderr.

    Exit codes: 0 answered, 2 the user's mistake, 1 ours, 130 after Ctrl-C. A reader that goes away
    (``| head``) is no failure. An unexpected exception is one line too; ``-v`` adds its traceback.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command and leave the process, unless `standalone_mode` is False."""

        def run() -> Any:
            return super(Door, self).main(
                args, prog_name or "m6rec", complete_var, standalone_mode=False, **extra
            )

        return sys.exit(_guarded(run)) if standalone_mode else run()

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it wrote is flushed here, where a closed pipe can be handled."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes stdout once more when it ends; let that go nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ANSWERED
        return result


def _guarded(run: Callable[[], Any]) -> int:
    """Return the exit code of `run`, with its failure told in one line."""
    try:
        code = run()
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        return _fail(_usage_line(error), USERS)
    except M6RecError as error:
        return _fail(str(error), USERS if isinstance(error, UserError) else OURS)
    except Exception as error:
        told = logger.isEnabledFor(logging.INFO)
        if told:
            logger.exception("the command failed")
        hint = "" if told else " (this is a fault of m6rec; -v shows where)"
        return _fail(f"unexpected {type(error).__name__}: {error}{hint}", OURS)
    return code if isinstance(code, int) else ANSWERED


def _fail(message: str, code: int) -> int:
    click.echo(f"m6rec: {' '.join(message.split())}", err=True)
    return code


def _usage_line(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    message = error.format_message().rstrip(".")
    return f"{message}; see `{context.command_path} --help`" if context else message


def print_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    """Print name and version and leave."""
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"m6rec {version('m6rec')}")
        context.exit()


def verbose_option(function: Function) -> Function:
    """Add ``-v``, which may stand before or after the name of the command."""
    return click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        is_eager=True,
        callback=_set_logging,
        help="Say on stderr what is being done; -vv says more.",
    )(function)


def _set_logging(context: click.Context, _: click.Parameter, count: int) -> None:
    if context.parent is not None and count == 0:
        return
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s", "%H:%M:%S"))
    logger.addHandler(handler)
    logger.setLevel({0: logging.WARNING, 1: logging.INFO}.get(count, logging.DEBUG))
