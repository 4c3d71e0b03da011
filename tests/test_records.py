"""Records are frozen, and an answer is a sequence."""

import dataclasses

import pytest

from m6rec import records
from m6rec.records import Answer, Item, Recommendation, Request

CLASSES = [
    value
    for value in vars(records).values()
    if isinstance(value, type) and dataclasses.is_dataclass(value)
]


@pytest.mark.parametrize("record", CLASSES, ids=lambda record: record.__name__)
def test_every_record_is_frozen_and_slotted(record):
    assert record.__dataclass_params__.frozen
    assert not hasattr(record, "__dict__") or "__slots__" in vars(record)
    assert [*record.__slots__] == [field.name for field in dataclasses.fields(record)]


@pytest.mark.parametrize("record", CLASSES, ids=lambda record: record.__name__)
def test_every_field_is_documented(record):
    described = record.__doc__.partition("Attributes:")[2]
    for field in dataclasses.fields(record):
        assert f" {field.name}: " in described


def test_a_field_reads_as_many_words_whatever_it_is():
    item = Item("1", "Heat", {"genres": ("Crime", "Drama"), "year": 1995, "language": "en"})
    assert item.values("genres") == ("Crime", "Drama")
    assert item.values("year") == ("1995",)
    assert item.values("language") == ("en",)
    assert item.values("cast") == ()


def test_an_item_without_fields_cannot_be_given_any():
    with pytest.raises(TypeError):
        Item("1", "Heat").fields["year"] = 1995  # type: ignore[index]


def test_an_answer_is_a_sequence_of_its_items():
    first, second = (Recommendation(n, str(n), f"T{n}", 0.0, -1.0, {}, "") for n in (1, 2))
    answer = Answer("x", (first, second))
    assert [*answer] == [first, second]
    assert (len(answer), answer[0], answer[-1]) == (2, first, second)
    assert (answer.exact, answer.lm_tokens, answer.matched) == (True, 0, ())


def test_a_request_asks_for_ten_of_everything():
    assert Request() == Request(text="", liked=(), disliked=(), seen=(), where=None, k=10)
