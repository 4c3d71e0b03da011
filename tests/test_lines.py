"""Lines from a terminal and from a pipe, and completion of titles."""

import os
import re
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from m6rec.cli.lines import TitleIndex, endings, title_completer

ROOT = Path(__file__).parent.parent
TAB = CompleteEvent(completion_requested=True)
QUIET = 0.3
"""Seconds without output after which the prompt waits for a key."""
TITLES = ("The Matrix", "Toy Story", "The Mask", "Maverick", "A Fish Called Wanda", "千与千寻")
WITH_FAKE = (
    "from m6rec.cli import loading, main\n"
    "from tests.fakes import FakeRecommender, toy_catalog\n"
    "loading.load_recommender = lambda *_: FakeRecommender()\n"
    "loading.load_items = lambda *_: toy_catalog()\n"
    "main(prog_name='m6rec')\n"
)


def offered(line):
    completer = title_completer(lambda: TITLES)
    return [c.text for c in completer.get_completions(Document(line), TAB)]


@pytest.mark.parametrize(
    ("line", "titles"),
    [
        ("something like the ma", ["The Matrix", "The Mask"]),
        ("/like toy", ["Toy Story"]),
        ("ma", ["The Matrix", "The Mask", "Maverick"]),
        ("I loved fish called", ["A Fish Called Wanda"]),
        ("千与", ["千与千寻"]),
        ("m", []),
        ("like nothing at all", []),
        ("", []),
    ],
)
def test_titles_are_completed_from_the_last_words(line, titles):
    assert offered(line) == titles


def test_the_better_known_comes_first():
    assert TitleIndex(["Heat", "Heathers"]).starting("hea") == ["Heat", "Heathers"]
    assert TitleIndex(["Heathers", "Heat"]).starting("hea") == ["Heathers", "Heat"]


def test_what_is_typed_is_replaced():
    found = next(iter(title_completer(lambda: TITLES).get_completions(Document("a toy s"), TAB)))
    assert (found.text, found.start_position) == ("Toy Story", -5)


@given(st.text())
def test_endings_are_endings(text):
    for ending in endings(text):
        assert text.endswith(ending)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
class TestTerminal:
    """A conversation in a real pseudo-terminal."""

    def talk(self, *keys, columns=80, **environment):
        """Type keys, each once the prompt is there; return the screen's text and the exit code."""
        import fcntl
        import pty
        import struct
        import termios

        terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        wanted = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), **environment}
        child = subprocess.Popen(
            [sys.executable, "-c", WITH_FAKE, "chat", "-k", "3"],
            cwd=ROOT, env=wanted, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        screen = b""
        for key in keys:
            screen += self.read(terminal, True)
            os.write(terminal, key.encode())
        screen += self.read(terminal, False)
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5)
        child.kill()
        os.close(terminal)
        return screen.decode("utf-8", "replace"), child.wait()

    def read(self, terminal, until_prompt):
        """Read until the prompt stands and nothing more comes, or until the other end closes."""
        read, end = b"", time.monotonic() + 20
        while time.monotonic() < end:
            quiet = not select.select([terminal], [], [], QUIET)[0]
            if quiet and until_prompt and b">" in read:
                break
            if not quiet:
                try:
                    some = os.read(terminal, 65536)
                except OSError:
                    break
                # Where the cursor stands is asked of every terminal.
                if b"\x1b[6n" in some:
                    os.write(terminal, b"\x1b[1;1R")
                read += some
        return read

    def test_a_list_is_a_table_and_ctrl_d_leaves(self):
        screen, code = self.talk("comedies\r", "\x04")
        assert "Toy Story" in screen
        assert "Traceback" not in screen
        assert code == 0

    def test_ctrl_c_takes_back_a_line_and_twice_leaves(self):
        screen, code = self.talk("com\x03", "\x03")
        assert "Ctrl-C again leaves" in screen
        assert "Traceback" not in screen
        assert code == 130

    def test_tab_completes_a_title(self):
        screen, _ = self.talk("/like unforg\t\r", "/quit\r")
        assert "liked: Unforgiven" in screen

    def test_no_colour_where_none_is_wanted(self):
        screen, _ = self.talk("comedies\r", "/quit\r", NO_COLOR="1")
        row = next(line for line in screen.splitlines() if "animation, comedy" in line)
        assert re.findall(r"\x1b\[[\d;]*m", row) == []
        screen, _ = self.talk("comedies\r", "/quit\r")
        row = next(line for line in screen.splitlines() if "animation, comedy" in line)
        assert re.findall(r"\x1b\[[\d;]*m", row) != []
