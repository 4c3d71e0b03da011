"""Templates as data, and the prompt of a request."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.errors import ConfigError
from m6rec.prompts import (
    PromptWriter,
    Template,
    load_template,
    prompts_folder,
    spoken_request,
)

ASK = Template("ask", "User: $request\n$noun:")


def test_a_template_is_filled():
    assert ASK.render(request="comedies", noun="Movie") == "User: comedies\nMovie:"


def test_what_fills_a_template_is_not_read_as_one():
    assert (
        ASK.render(request="under $noun or $5", noun="Movie") == "User: under $noun or $5\nMovie:"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"request": "x"}, r"template 'ask' needs \$noun, .*given: request"),
        ({}, r"template 'ask' needs \$request, .*given: nothing"),
    ],
)
def test_a_missing_variable_is_named(values, message):
    with pytest.raises(ConfigError, match=message):
        ASK.render(**values)


def test_a_dollar_that_begins_no_variable_is_explained():
    with pytest.raises(ConfigError, match=r"template 'price' has a \$ .*write \$\$"):
        Template("price", "under $5: $request").render(request="x")
    assert Template("price", "under $$5").render() == "under $5"


def test_the_hash_is_that_of_the_text():
    assert len(ASK.content_hash) == 16
    assert ASK.content_hash == Template("other", ASK.text).content_hash
    assert ASK.content_hash != Template("ask", ASK.text + " ").content_hash


def test_the_shipped_template_ends_where_the_answer_begins():
    ask = load_template("ask")
    assert ask.text == (prompts_folder() / "ask.txt").read_text("utf-8").removesuffix("\n")
    assert ask.render(request="r", noun="n").endswith(":")


def test_an_unknown_template_lists_those_there_are():
    with pytest.raises(ConfigError, match=r"no prompt template 'aks' in .* \(there are: .*ask"):
        load_template("aks")


def test_worked_examples_stand_before_the_question():
    writer = PromptWriter(ASK, "Movie", ("funny -> comedy: Bean", "scary->horror: Alien"))
    assert writer.write("a western") == (
        "User: funny\nMovie: comedy: Bean\n"
        "User: scary\nMovie: horror: Alien\n"
        "User: a western\nMovie:"
    )


def test_an_arrow_inside_an_answer_is_part_of_it():
    writer = PromptWriter(ASK, "Movie", ("odd -> A -> B",))
    assert writer.write("x").startswith("User: odd\nMovie: A -> B\n")


@pytest.mark.parametrize("example", ["comedy: Bean", "", "funny => comedy: Bean"])
def test_an_example_without_an_arrow_is_refused(example):
    with pytest.raises(ConfigError, match="has no arrow; write 'request -> description: title'"):
        PromptWriter(ASK, "Movie", (example,))


def test_the_history_stands_before_the_wish():
    assert spoken_request("more", ("Alien", "Heat")) == "I liked Alien; Heat. more"
    assert spoken_request("", ("Alien",)) == "I liked Alien."
    assert spoken_request("  a   western ", ()) == "a western"
    assert spoken_request("", ()) == ""


@settings(deadline=None)
@given(st.text())
def test_a_wish_cannot_end_its_question(wish):
    writer = PromptWriter(ASK, "Movie", ("funny -> comedy: Bean",))
    prompt = writer.write(wish)
    assert prompt.splitlines() == [
        "User: funny",
        "Movie: comedy: Bean",
        f"User: {' '.join(wish.split())}",
        "Movie:",
    ]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=9), st.lists(st.sampled_from(["Alien", "Heat"]), max_size=3))
def test_examples_come_first_and_blanks_around_a_wish_do_not_count(wish, liked):
    writer = PromptWriter(ASK, "Movie", ("funny -> comedy: Bean",))
    assert writer.write(wish, tuple(liked)).startswith("User: funny\nMovie: comedy: Bean\nUser: ")
    assert writer.write(wish, tuple(liked)) == writer.write(f" {wish}\n", tuple(liked))
