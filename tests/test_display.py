"""Answers as text and as JSON."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from m6rec import display
from m6rec.errors import ModelError
from m6rec.records import Answer, Match, Recommendation


def item(rank=1, title="Heat", why="crime 1990s", **changes):
    return replace(Recommendation(rank, str(rank), title, 0.5, -1.0, {"lm": 0.5}, why), **changes)


def on_terminal(answer, width=80, **options):
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=True, color_system=None)
    console.print(display.answer_table(answer, **options))
    return screen.getvalue()


def test_columns_line_up_in_any_script():
    answer = Answer("x", (item(1, "Heat"), item(2, "千与千寻"), item(3, "Amélie")))
    lines = display.answer_lines(answer)
    assert {cell_len(line.partition("crime")[0]) for line in lines} == {14}


def test_a_long_title_is_never_cut_in_plain_lines():
    title = "The Englishman Who Went Up a Hill But Came Down a Mountain"
    assert title in display.answer_lines(Answer("x", (item(title=title),)))[0]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_fits_the_terminal(width):
    answer = Answer("x", tuple(item(n, f"Title {n} " * 5, "genre, " * 12) for n in range(1, 12)))
    shown = on_terminal(answer, width, explain=True)
    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert "score 0.50 = lm +0.50" in " ".join(shown.split())


def test_a_title_cannot_steer_the_terminal():
    nasty = "He\x1b[31mat\n[bold]x[/bold]"
    plain = display.answer_lines(Answer("x", (item(title=nasty, why="a\rb"),)))
    assert plain == [" 1. He [31mat [bold]x[/bold]  a b"]
    assert "[bold]x[/bold]" in on_terminal(Answer("x", (item(title=nasty),)))


def test_an_unproven_order_is_said_with_explain():
    answer = Answer("x", (item(),), exact=False)
    assert display.closing_lines(answer) == []
    assert "not proven" in display.closing_lines(answer, explain=True)[0]


def test_a_title_typed_as_it_is_needs_no_confirmation():
    certain = Match("heat", "1", "Heat", 1.0, "normalised")
    close = Match("haet", "1", "Heat", 0.755, "fuzzy")
    by_id = Match("1", "1", "Heat", 1.0, "exact")
    other_name = Match("盗火线", "1", "Heat", 1.0, "exact")
    lines = display.closing_lines(Answer("x", (), (certain, close, by_id, other_name)))
    assert lines == ['"haet" read as Heat (0.76)', '"盗火线" read as Heat']


def test_a_refused_title_says_why():
    unknown = Match("zzz", None)
    several = Match("hamlet", None, how="ambiguous", nearest=("Hamlet (1990)", "Hamlet (1996)"))
    assert display.unmatched_lines(Answer("x", (), (), (unknown, several))) == [
        '"zzz" not found',
        '"hamlet" could be several titles; nearest: Hamlet (1990), Hamlet (1996)',
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["score", "log_prob"])
def test_json_refuses_what_is_no_number(name, value):
    with pytest.raises(ModelError, match=f"{name} of 'Heat' is"):
        display.answer_json(Answer("x", (item(**{name: value}),)))


@settings(deadline=None)
@given(st.text(), st.floats(allow_nan=False, allow_infinity=False))
def test_json_keeps_every_text_and_number(text, number):
    answer = Answer(text, (item(title=text, score=number),))
    document = json.loads(display.answer_json(answer))
    assert document["request"] == document["items"][0]["title"] == text
    assert document["items"][0]["score"] == number


def test_what_had_to_be_given_up_is_named():
    answer = Answer("x", (item(),), understood=("not War",), relaxed=("nothing fits year 1912",))
    assert display.answer_lines(answer)[:2] == [
        "understood: not War",
        "relaxed: nothing fits year 1912",
    ]
    assert json.loads(display.answer_json(answer))["relaxed"] == ["nothing fits year 1912"]
