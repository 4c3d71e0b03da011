"""Settings: what is written is what is read, and nothing unknown slips in."""

import dataclasses
import math
import tomllib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from m6rec.config import DESCRIBE, SEARCH_METHODS, Config
from m6rec.errors import ConfigError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SECTIONS = [section.name for section in dataclasses.fields(Config)]


def drawn(setting: "dataclasses.Field[object]") -> st.SearchStrategy[object]:
    low, high = setting.metadata["low"], setting.metadata["high"]
    if setting.name == "method":
        return st.sampled_from(SEARCH_METHODS)
    if setting.name == "describe":
        return st.sampled_from(DESCRIBE)
    if isinstance(setting.default, str):
        return TEXT
    if isinstance(setting.default, tuple):
        return st.lists(TEXT, max_size=3)
    if isinstance(setting.default, float):
        return FINITE if low is None else st.floats(low, 1e300 if high is None else high)
    return st.integers(low or 0, 10**6)


def settings_of(section: str) -> dict[str, "dataclasses.Field[object]"]:
    return {f.name: f for f in dataclasses.fields(getattr(Config(), section))}


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        section: st.fixed_dictionaries(
            {}, optional={name: drawn(one) for name, one in settings_of(section).items()}
        )
        for section in SECTIONS
    },
)


@settings(deadline=None, max_examples=50)
@given(changes=CHANGES)
@example(changes={"prompt": {"noun": '"\\\n\r\t\x00\x7f\x85é'}})
def test_what_is_written_is_what_is_read(tmp_path_factory, changes):
    config = Config().with_values(changes)
    for section, values in changes.items():
        for name, value in values.items():
            expected = tuple(value) if isinstance(value, list) else value
            assert getattr(getattr(config, section), name) == expected
    file = tmp_path_factory.mktemp("config") / "config.toml"
    file.write_text(config.to_toml(), encoding="utf-8")
    assert Config.load(file) == config


def test_every_setting_is_explained_above_its_value():
    text = Config().to_toml()
    assert list(tomllib.loads(text)) == SECTIONS
    lines = text.splitlines()
    for section in SECTIONS:
        for name, setting in settings_of(section).items():
            position = lines.index(f"# {setting.metadata['doc']}", lines.index(f"[{section}]"))
            assert lines[position + 1].startswith(f"{name} = ")


def test_what_a_file_does_not_name_keeps_its_value(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("[voices]\npopularity = 2\n[prompt]\nnoun = 'Book'\n", encoding="utf-8")
    over = Config().with_values({"voices": {"crowd": 0.5, "popularity": 9.0}})
    config = Config.load(file, over=over)
    assert config.voices.popularity == 2.0
    assert isinstance(config.voices.popularity, float)
    assert (config.voices.crowd, config.prompt.noun) == (0.5, "Book")
    assert config.search == Config().search
    assert over.voices.popularity == 9.0


def test_nothing_can_be_set_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().voices.popularity = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"voice": {}}, r"unknown key 'voice' in settings; did you mean 'voices'\?"),
        ({"zzzz": 1}, "unknown key 'zzzz' in settings; known: model, prompt, search, voices"),
        (
            {"voices": {"popularty": 1.0}},
            r"unknown key 'popularty' in settings, section \[voices\]; did you mean 'popularity'\?",
        ),
        ({"voices": 1.0}, r"'voices' in settings is a section, not 1.0; write \[voices\]"),
        ({"ranking": {"lesser_known": 1.5}}, "'lesser_known' .* is 1.5; it must be at most 1"),
        ({"voices": {"crowd": "loud"}}, "'crowd' .* is 'loud'; it must be of type float"),
        ({"voices": {"crowd": True}}, "is True; it must be of type float"),
        ({"search": {"width": 2.0}}, "'width' .* is 2.0; it must be of type int"),
        ({"search": {"width": True}}, "is True; it must be of type int"),
        ({"prompt": {"noun": 3}}, "'noun' .* is 3; it must be of type str"),
        ({"prompt": {"examples": "one"}}, "'examples' .* is 'one'; it must be of type tuple"),
        ({"prompt": {"examples": ["one", 2]}}, "it must be of type tuple"),
        (
            {"search": {"method": "guess"}},
            "search method 'guess' is not known; choose one of exact, beam",
        ),
        ({"search": {"width": 0}}, "'width' .* is 0; it must be at least 1"),
        ({"voices": {"neutral": -0.1}}, "'neutral' .* is -0.1; it must be at least 0"),
        ({"prompt": {"history": -1}}, "'history' .* is -1; it must be at least 0"),
        ({"voices": {"crowd": math.nan}}, "'crowd' .* is nan; it must be a finite number"),
        ({"voices": {"crowd": -math.inf}}, "'crowd' .* is -inf; it must be a finite number"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(data, message):
    with pytest.raises(ConfigError, match=message):
        Config().with_values(data)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[voices\n", "is no valid TOML"),
        (b"\xff\xfe", "is no valid TOML"),
        (b"[serach]\nwidth = 1\n", "unknown key 'serach' in .*config.toml; did you mean 'search'"),
    ],
)
def test_a_bad_file_is_named(tmp_path, content, message):
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        Config.load(file)
    assert str(file) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read config .*nowhere\.toml: No such file"):
        Config.load(tmp_path / "nowhere.toml")
