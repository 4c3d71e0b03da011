"""Lines from a terminal, with editing, a history and completion of titles, or from a pipe."""

import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from m6rec.home import home

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer

PROMPT = "> "
_LONGEST_TITLE_WORDS = 8
_FEWEST_LETTERS = 2
_MOST_OFFERED = 20


class LineReader:
    """Lines from a terminal, with a prompt and editing, or from a pipe, with neither.

    Args:
        titles: Gives the titles to complete; called when completion is first asked for.
    """

    def __init__(self, titles: Callable[[], Sequence[str]] = tuple) -> None:
        self.terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._titles = titles
        self._session: PromptSession[str] | None = None
        if not self.terminal and hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="replace")

    def read(self) -> str | None:
        """Return the next line without its ending, or None at the end of the input."""
        if not self.terminal:
            line = sys.stdin.readline()
            return line.rstrip("\r\n") if line else None
        if self._session is None:
            self._session = self._new_session()
        try:
            return self._session.prompt(PROMPT)
        except EOFError:
            return None

    def _new_session(self) -> "PromptSession[str]":
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory, InMemoryHistory

        path = home() / "chat_history"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab"):
                history: FileHistory | InMemoryHistory = FileHistory(str(path))
        except OSError:
            history = InMemoryHistory()
        return PromptSession(
            history=history,
            completer=title_completer(self._titles),
            complete_while_typing=False,
            complete_in_thread=True,
        )


class TitleIndex:
    """Titles by how they begin, without case and leading article.

    Args:
        titles: Display titles, the better known first.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        keys = [(key, place, title) for place, title in enumerate(titles) for key in _keys(title)]
        self._entries = sorted(keys)

    def starting(self, text: str) -> list[str]:
        """Titles that begin with a text, the better known first, at most some twenty."""
        wanted = text.casefold()
        found: dict[str, int] = {}
        at = bisect_left(self._entries, (wanted,))
        while at < len(self._entries) and self._entries[at][0].startswith(wanted):
            _, place, title = self._entries[at]
            found[title] = min(place, found.get(title, place))
            at += 1
        return sorted(found, key=lambda title: found[title])[:_MOST_OFFERED]


def endings(text: str) -> Iterator[str]:
    """Yield what a title could have been begun with: the last words of a line, the longest first."""
    words = text.split(" ")
    for n in range(min(_LONGEST_TITLE_WORDS, len(words)), 0, -1):
        ending = " ".join(words[-n:])
        if len(ending.strip()) >= _FEWEST_LETTERS and not ending.startswith(" "):
            yield ending


def title_completer(titles: Callable[[], Sequence[str]]) -> "Completer":
    """Return what offers titles after Tab; for prompt_toolkit."""
    from prompt_toolkit.completion import Completer, Completion

    class Titles(Completer):
        index: TitleIndex | None = None

        def get_completions(self, document: Any, _: Any) -> Iterator[Completion]:
            if self.index is None:
                self.index = TitleIndex(titles())
            for ending in endings(document.text_before_cursor):
                found = self.index.starting(ending)
                if found:
                    yield from (Completion(title, -len(ending)) for title in found)
                    return

    return Titles()


def _keys(title: str) -> set[str]:
    key = title.casefold()
    first, _, rest = key.partition(" ")
    return {key, rest} if first in {"the", "a", "an"} and rest else {key}
