"""Keywords of texts: recurring words of the items that have them, and nothing of what was disliked.

Run: pytest tests/test_keywords.py -n 0
"""

import logging
import sys

import numpy as np
import pytest

from m6rec.catalog import Catalog
from m6rec.errors import MissingExtraError
from m6rec.index import index_catalog
from m6rec.pairs.curriculum import Curriculum
from m6rec.pairs.keywords import cleaned, keywords, text_fields
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary
from tests.tiny_catalogs import film_codec, films

_TOPICS = ("pirates", "gardens", "robots", "violins")


def many() -> Catalog:
    """A catalog wide enough that a topic is no commonplace: 4 of 60 things have one."""
    return Catalog(
        (
            Item(
                str(n),
                f"Thing {n}",
                {"reviews": (_review(n), "a dull, terrible waste of time about volcanoes")},
            )
            for n in range(60)
        ),
        name="shop",
    )


def _review(n: int) -> str:
    return f"I loved it{n}, wonderful {_TOPICS[n // 15] if n % 15 < 4 else f'word{n}'} inside"


def test_topics_lead_to_their_items_and_negative_reviews_to_nothing() -> None:
    found = keywords(many())
    for number, topic in enumerate(_TOPICS):
        assert found[topic] == [15 * number + k for k in range(4)]
    assert not any("volcanoes" in word for word in found)
    assert "wonderful" not in found


def test_a_plot_may_be_grim() -> None:
    texts = [f"murder and despair in town{n}" if n % 12 == 0 else f"word{n}" for n in range(60)]
    grim = Catalog(
        (Item(str(n), f"T{n}", {"plot": (text,)}) for n, text in enumerate(texts)), name="grim"
    )
    assert text_fields(grim) == ("plot",)
    assert keywords(grim)["murder"] == [0, 12, 24, 36, 48]


def test_cleaning_takes_markup_and_addresses_out() -> None:
    assert cleaned("so\n<i>good</i> &amp; long https://x.example/y now") == "so good & long now"


@pytest.mark.parametrize(
    "catalog", [films(), Catalog([Item("1", "A", {"plot": ("x",)})], name="1")]
)
def test_without_texts_there_are_no_keywords(catalog: Catalog) -> None:
    assert keywords(catalog) == {}


def test_the_curriculum_asks_for_keywords() -> None:
    catalog = many()
    index = index_catalog(catalog, film_codec(), Vocabulary.load())
    lessons = Curriculum(index, Vocabulary.load(), "thing", None)
    rng = np.random.default_rng(1)
    asked = [p for p in (lessons.draw(rng) for _ in range(300)) if p.task == "keyword"]
    assert len(asked) > 50
    assert {len(pair.item_ids) for pair in asked} >= {4}


def test_without_the_packages_other_tasks_are_learned_and_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(MissingExtraError, match=r"scikit-learn.*pip install 'm6rec\[text\]'"):
        keywords(many())
    index = index_catalog(many(), film_codec(), Vocabulary.load())
    with caplog.at_level(logging.WARNING):
        lessons = Curriculum(index, Vocabulary.load(), "thing", None)
    assert lessons.tasks == ["neutral"]
    assert "m6rec[text]" in caplog.text
