"""The README is true: its commands exist, its snippets run, its transcripts are what is printed."""

import re
import shlex
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import m6rec
from m6rec.chat import Dialogue
from m6rec.chat.dialogue import HELP
from m6rec.cli import loading, main
from m6rec.decoding.loading import choose_dtype
from m6rec.display import reply_lines
from tests.fakes import FakeRecommender

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
HEADINGS = [
    *("Install", "Python", "Command line", "How it works", "Results", "Your own catalog"),
    *("Limits", "Developing", "Papers and licence"),
]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def transcripts():
    """Return (command, printed) of every ``$`` line in the console blocks."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def commands():
    """Return every m6rec command line the README shows."""
    indented = re.findall(r"^    (?:.*&& )?(m6rec .*)$", TEXT, re.MULTILINE)
    quoted = re.findall(r"`(m6rec [^`]*)`", TEXT)
    return [*indented, *quoted, *(command for command, _ in transcripts())]


def run_snippets():
    names: dict[str, object] = {}
    for snippet in blocks("python"):
        exec(compile(snippet, "README.md", "exec"), names)
    return names


@pytest.fixture(scope="module")
def real_recommender():
    return m6rec.Recommender.load()


def test_the_first_commands_are_one_line_each():
    lines = [line.strip() for line in TEXT.splitlines() if line.startswith("    ")]
    assert lines[:2] == [
        'pip install . && m6rec recommend "I want some comedy movies"',
        "pip install -e '.[dev]' && pytest",
    ]


def test_it_is_short_and_in_order():
    assert len(TEXT.splitlines()) <= 200
    assert re.findall(r"^## (.*)$", TEXT, re.MULTILINE) == HEADINGS
    assert TEXT.index("```console") < TEXT.index("## Install")


def test_every_figure_and_transcript_is_filled_in():
    assert re.findall(r"@@[A-Z-]+@@", TEXT) == []


def test_every_command_and_option_exists():
    shown = commands()
    assert len(shown) > 10
    for line in shown:
        words = shlex.split(line)[1:]
        if not words or words[0].startswith("-"):
            continue
        command = main.commands[words[0]]
        options = {name for parameter in command.params for name in parameter.opts}
        asked = {word for word in words if re.match(r"--?[a-z]", word)}
        assert asked <= options, line


def test_every_option_of_recommend_is_named():
    table = next(line for line in TEXT.splitlines() if "one list;" in line)
    for option in re.findall(r"`(-[^`]*)`", table):
        assert option in {name for p in main.commands["recommend"].params for name in p.opts}


@pytest.mark.parametrize("text", [TEXT, "\n".join(HELP)], ids=["README", "help"])
def test_every_slash_command_exists(text):
    named = set(re.findall(r"(?:^|[\s`(])/([a-z]+)\b", text))
    assert len(named) >= 6
    assert named <= {*Dialogue(FakeRecommender()).commands()}


def test_every_file_of_the_tree_exists():
    tree = next(block for block in blocks("text") if block.startswith("m6rec/"))
    inside = [
        ROOT / "m6rec" / name
        for line in tree.splitlines()[1:]
        if line.startswith("  ")
        for name in re.split(r" {2,}", line.strip())[0].split(", ")
    ]
    outside = [ROOT / line.split()[0] for line in tree.splitlines() if not line.startswith(" ")]
    assert len(inside) > 15
    assert [path for path in [*inside, *outside] if not path.exists()] == []


def test_the_sources_are_acknowledged():
    for words in ("GroupLens", "Harper", "Konstan", "non-commercial", "Wikidata", "CC0", "SmolLM2"):
        assert words in TEXT
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_snippets_run_on_a_toy(monkeypatch, capsys):
    class Toy:
        load = staticmethod(FakeRecommender)

    monkeypatch.setitem(vars(m6rec), "Recommender", Toy)
    names = run_snippets()
    assert "new-1" in names["rec"].catalog
    assert capsys.readouterr().out.startswith("1 6 Shrek ")


@pytest.mark.real
def test_the_snippets_run_on_the_default(capsys):
    run_snippets()
    assert len(capsys.readouterr().out.splitlines()) == 11


@pytest.mark.real
@pytest.mark.parametrize(("command", "printed"), transcripts(), ids=[c for c, _ in transcripts()])
def test_the_transcripts_are_what_is_printed(monkeypatch, real_recommender, command, printed):
    if choose_dtype("auto")[0] != torch.bfloat16:
        pytest.skip("the transcripts were made in bfloat16; close scores may swap in float32")
    monkeypatch.setattr(loading, "load_recommender", lambda *_: real_recommender)
    words = shlex.split(command)[1:]
    if words[0] != "chat":
        assert CliRunner().invoke(main, words).output == printed
        return
    dialogue = Dialogue(real_recommender, k=int(words[words.index("-k") + 1]))
    said = []
    for line in printed.splitlines():
        if line.startswith("> "):
            said += [line, *reply_lines(dialogue.reply(line.removeprefix("> ")))]
    assert "\n".join(said) + "\n" == printed
