from pathlib import Path

import platformdirs
import pytest

from m6rec.home import home


def test_the_variable_wins_and_is_read_at_every_call(monkeypatch, tmp_path):
    monkeypatch.setenv("M6REC_HOME", str(tmp_path / "one"))
    assert home() == tmp_path / "one"
    monkeypatch.setenv("M6REC_HOME", "~/two")
    assert home() == Path.home() / "two"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_the_variable_it_is_the_users_cache_folder(monkeypatch, value):
    if value is None:
        monkeypatch.delenv("M6REC_HOME")
    else:
        monkeypatch.setenv("M6REC_HOME", value)
    assert home() == Path(platformdirs.user_cache_dir("m6rec", appauthor=False))
    assert home().name == "m6rec"
