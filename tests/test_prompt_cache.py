"""Only what is new is read, and no more is kept than allowed."""

import pytest
import torch

from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.prompt_cache import PromptCache
from m6rec.errors import RequestError
from tests.tiny import TOLERANCE, shared_lm


@pytest.fixture
def model() -> LanguageModel:
    return LanguageModel(shared_lm())


def fresh(ids) -> torch.Tensor:
    return LanguageModel(shared_lm()).read(ids).hidden


def test_a_chat_that_grows_reads_what_is_new(model):
    cache = PromptCache(model)
    cache.read((1, 2, 3, 4))
    before = model.tokens
    state = cache.read((1, 2, 3, 4, 5, 6))
    assert model.tokens - before == 2
    assert len(cache) == 1, "the longer prompt holds the shorter one"
    torch.testing.assert_close(state.hidden, fresh((1, 2, 3, 4, 5, 6)), atol=TOLERANCE, rtol=0)


def test_somebody_else_in_between_does_not_matter(model):
    cache = PromptCache(model)
    cache.read((1, 2, 3, 4))
    cache.read((9, 9, 9))
    before = model.tokens
    cache.read((1, 2, 3, 7))
    assert model.tokens - before == 1
    assert len(cache) == 3
    cache.read((9, 9, 9))
    assert model.tokens - before == 1


def test_the_least_recently_used_go_first(model):
    cache = PromptCache(model, most_tokens=8)
    for first in (1, 2, 3):
        cache.read((first, 5, 6, 7))
    assert (len(cache), cache.tokens) == (2, 8)
    before = model.tokens
    cache.read((2, 5, 6, 7))
    cache.read((3, 5, 6, 7))
    assert model.tokens == before
    cache.read((1, 5, 6, 7))
    assert model.tokens == before + 4


def test_one_prompt_is_kept_however_long(model):
    cache = PromptCache(model, most_tokens=2)
    cache.read((1, 2, 3, 4))
    assert len(cache) == 1
    cache.clear()
    assert len(cache) == 0


def test_a_refused_prompt_changes_nothing(model):
    cache = PromptCache(model)
    cache.read((1, 2))
    with pytest.raises(RequestError):
        cache.read(())
    assert len(cache) == 1
