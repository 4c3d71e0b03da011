"""A conversation read as one wish: what is kept, what is left out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.chat.transcript import LONGEST_WISH, wish_of


def test_small_talk_and_short_answers_are_left_out():
    lines = [
        "Hello, how are you?",
        "I am good thanks",
        "I want a scary film",
        "yes I did",
        "Thanks!",
    ]
    assert wish_of(lines) == "I want a scary film"


def test_titles_become_a_pronoun_with_their_year():
    lines = ["I liked Dirty Dancing (1987) and also heat", "The heater broke down again"]
    assert wish_of(lines, ["Dirty Dancing (1987)", "Heat (1995)"]) == (
        "I liked it and also it The heater broke down again"
    )


def test_the_longest_title_wins():
    assert wish_of(["more like Alien 3 (1992) please"], ["Alien", "Alien 3"]) == (
        "more like it please"
    )


def test_a_year_in_parentheses_is_no_wish_for_that_year():
    assert wish_of(["have you seen Unheard Of (2017) yet"]) == "have you seen Unheard Of yet"


def test_marks_of_web_pages_are_read():
    assert wish_of(["Mr &amp; Mrs Smith was quite good"], ["Mr & Mrs Smith"]) == "it was quite good"
    assert wish_of(["something &quot;dark&quot; for tonight"]) == 'something "dark" for tonight'


def test_the_latest_words_stay_whole():
    text = wish_of([f"line number {n} about nothing" for n in range(100)])
    assert len(text) <= LONGEST_WISH
    assert text.endswith("line number 99 about nothing")
    assert text.split()[0] in {"line", "number", "about", "nothing", *map(str, range(100))}


def test_nothing_said_is_an_empty_wish():
    assert wish_of([]) == ""
    assert wish_of(["hi", ""], [" ", "(1999)"]) == ""


@given(st.lists(st.text(max_size=80), max_size=8), st.lists(st.text(max_size=20), max_size=4))
@settings(deadline=None, max_examples=60)
def test_any_lines_and_titles_make_one_short_line(lines, titles):
    text = wish_of(lines, titles)
    assert len(text) <= LONGEST_WISH
    assert text == " ".join(text.split())
