"""A stored result is known by the code that made it."""

import sys

import pytest

from m6rec.recipe import recipe


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "cooking_for_a_test.py"
    file.write_text("SALT = 1\n")
    yield file
    sys.modules.pop("cooking_for_a_test", None)


def test_changes_with_the_source(module):
    before = recipe(["cooking_for_a_test"])
    assert recipe(["cooking_for_a_test"]) == before
    module.write_text("SALT = 2\n")
    assert recipe(["cooking_for_a_test"]) != before


def test_changes_with_data_files_and_not_with_line_ends(module, tmp_path):
    data = tmp_path / "data.toml"
    data.write_bytes(b"a = 1\nb = 2\n")
    before = recipe(["cooking_for_a_test"], [data])
    data.write_bytes(b"a = 1\r\nb = 2\r\n")
    assert recipe(["cooking_for_a_test"], [data]) == before
    data.write_bytes(b"a = 1\nb = 3\n")
    assert recipe(["cooking_for_a_test"], [data]) != before


def test_text_that_moves_between_files_counts(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("ab")
    other.write_text("c")
    before = recipe([], [one, other])
    one.write_text("a")
    other.write_text("bc")
    assert recipe([], [one, other]) != before
