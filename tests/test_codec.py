"""Text to token ids: one form of path, one end, nothing that begins another path."""

from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.codec import Codec, path_text
from m6rec.errors import CatalogError, ModelError
from m6rec.tree import build
from tests.tiny import tokenizer

CODEC = Codec(tokenizer())
LINES = st.text(
    st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=12
)


class Splitting:
    """A tokenizer that needs two tokens for a line end: its bytes, each after an escape."""

    ESCAPE: ClassVar[int] = 256

    def __init__(self, eos_token_id: int | None) -> None:
        self.eos_token_id = eos_token_id

    def __call__(self, text: list[str], *, add_special_tokens: bool) -> dict[str, list[list[int]]]:
        assert not add_special_tokens
        ids = [
            [
                id_
                for byte in line.encode()
                for id_ in ([self.ESCAPE, byte] if byte < 32 else [byte])
            ]
            for line in text
        ]
        return {"input_ids": ids}


def decoded(ids: list[int]) -> str:
    text = tokenizer().decode(ids)
    assert isinstance(text, str)
    return text


def test_the_form_of_a_path():
    assert path_text("comedy 1990s", "Bean") == " comedy 1990s: Bean"
    assert path_text("", "Bean") == " Bean"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.one_of(st.just(""), LINES), LINES), min_size=1, max_size=5))
def test_a_path_says_its_text_and_ends_once(pairs):
    descriptions, titles = [d for d, _ in pairs], [t for _, t in pairs]
    paths = CODEC.paths(descriptions, titles)
    for path, (description, title) in zip(paths, pairs, strict=True):
        assert path[-1] == CODEC.terminator
        assert CODEC.terminator not in path[:-1]
        assert decoded(path) == path_text(description, title) + "\n"
        # Alone or among others, a text has the same tokens.
        assert CODEC.paths([description], [title]) == [path]


@settings(deadline=None, max_examples=60)
@given(st.lists(LINES, min_size=1, max_size=8, unique=True))
def test_different_titles_make_a_tree(titles):
    longer = [t + end for t in titles for end in ("", " 3")]
    unique = list(dict.fromkeys(longer))
    tree = build(CODEC.paths([""] * len(unique), unique), range(len(unique)))
    assert sorted(tree.rows.tolist()) == list(range(len(unique)))


@pytest.mark.parametrize("title", ["Alien\n3", "Alien\n", "\n"])
def test_a_title_of_two_lines_is_refused(title):
    with pytest.raises(CatalogError, match="contains a line end; write titles on one line"):
        CODEC.paths(["", ""], ["Heat", title])


def test_as_many_titles_as_descriptions():
    with pytest.raises(ValueError, match="zip"):
        CODEC.paths([""], ["Alien", "Heat"])


def test_a_prompt_gets_no_special_token():
    assert decoded(CODEC.prompt("User: hello\nMovie:")) == "User: hello\nMovie:"
    assert tokenizer().eos_token_id not in CODEC.prompt("User: hello")
    assert CODEC.prompt("") == []


def test_the_end_is_a_line_end_where_there_is_one_token_for_it():
    assert decoded([CODEC.terminator]) == "\n"


def test_the_end_of_sequence_token_ends_paths_elsewhere():
    codec = Codec(Splitting(300))
    assert codec.terminator == 300
    assert codec.paths([""], ["A"]) == [[32, 65, 300]]


def test_a_tokenizer_without_any_end_is_refused():
    with pytest.raises(ModelError, match="paths cannot be terminated; choose another base model"):
        Codec(Splitting(None))


def test_the_fingerprint_tells_tokenizers_apart():
    others = [CODEC, Codec(tokenizer(262)), Codec(Splitting(300)), Codec(Splitting(301))]
    assert len({codec.fingerprint for codec in others}) == 4
    assert Codec(tokenizer()).fingerprint == CODEC.fingerprint
