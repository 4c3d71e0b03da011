"""Options that several commands share, so that they are named and explained alike."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def source_options(function: Function) -> Function:
    """Add ``--model``, ``--catalog`` and ``--config``."""
    function = click.option("--config", metavar="FILE", help="Settings; see `m6rec config`.")(
        function
    )
    function = click.option(
        "--catalog", metavar="FILE", help="Items of your own: CSV, Parquet or JSONL."
    )(function)
    return click.option(
        "--model", metavar="DIR", help="Model folder made by `m6rec tune`; default: MovieLens."
    )(function)


def clean_text(text: str) -> str:
    """Return what was typed, with bytes that are no text replaced, on one line."""
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(text.split())
