"""How waiting is shown: a bar or a status line in a terminal, one plain line elsewhere; on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int | None], None]
"""Called with what is fetched, the bytes so far, and the bytes in all (None when unknown)."""


@contextmanager
def shown_bytes(
    what: str, total: int | None, progress: Progress | None
) -> Iterator[Callable[[int], None]]:
    """Yield a function to be called with the bytes fetched so far.

    `progress` receives every call when it is given; otherwise a bar is drawn on stderr if that is a
    terminal, and one line says what is being fetched if it is not.
    """
    if progress is not None:
        yield lambda done: progress(what, done, total)
    elif _is_terminal():
        yield from _bar(what, total)
    else:
        size = "" if total is None else f" ({total / 1e6:.0f} MB)"
        sys.stderr.write(f"fetching {what}{size}\n")
        sys.stderr.flush()
        yield lambda _: None


@contextmanager
def shown_status(what: str, progress: Progress | None) -> Iterator[None]:
    """Show what is being done for the length of the block; `progress` is called once with 0 bytes."""
    if progress is not None:
        progress(what, 0, None)
        yield
    elif _is_terminal():
        from rich.console import Console

        # Bound to the present stderr, so that the block may silence what others write to it.
        with Console(file=sys.stderr).status(what):
            yield
    else:
        sys.stderr.write(f"{what}\n")
        sys.stderr.flush()
        yield


@contextmanager
def shown_share(what: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Yield a function to be called with the steps done and a few words on how it goes.

    A bar with the time left in a terminal; elsewhere a plain line every twentieth of the way.
    """
    if not _is_terminal():
        every = max(1, total // 20)
        begin: list[tuple[int, float]] = []

        def line(done: int, words: str) -> None:
            # What was done before, by a run that was interrupted, tells nothing about the pace.
            begin[:] = begin or [(done, time.monotonic())]
            if done % every == 0 or done == total:
                left = _left(*begin[0], done, total)
                sys.stderr.write(f"{what}: {done} of {total}, {words}{left}\n")
                sys.stderr.flush()

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), TextColumn("{task.fields[words]}"),
    )  # fmt: skip
    with Bar(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task(what, total=total, words="")
        yield lambda done, words: bar.update(task, completed=done, words=words)


def _left(first: int, since: float, done: int, total: int) -> str:
    """How much longer it takes at the pace since the first call; "" where that is not known."""
    if done <= first or done >= total:
        return ""
    seconds = round((time.monotonic() - since) * (total - done) / (done - first))
    return f", {seconds // 60}:{seconds % 60:02} left"


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Bar(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task(f"fetching {what}", total=total)
        yield lambda done: bar.update(task, completed=done)
