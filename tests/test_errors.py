"""The error tree is what its drawing says."""

import re

import pytest

from m6rec import errors

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, Exception)
}


def drawn():
    """Return {class: parent} as the docstring draws it; four columns are one level."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for indent, name in re.findall(
        r"^    ([│├└─ ]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE
    ):
        depth = len(indent) // 4
        path = [*path[:depth], name]
        parents[name] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_drawing_is_the_tree():
    assert drawn() == {name: error.__bases__[0].__name__ for name, error in CLASSES.items()}


def test_the_drawing_has_all_levels():
    assert drawn()["FilterError"] == "UserError"
    assert drawn()["PullError"] == "M6RecError"


@pytest.mark.parametrize("name", CLASSES)
def test_every_error_says_when_it_occurs(name):
    assert (CLASSES[name].__doc__ or "").strip().endswith(".")
    with pytest.raises(errors.M6RecError, match="what, where, remedy"):
        raise CLASSES[name]("what, where, remedy")
