"""The registry of peers, and how scorers are blended.

Run: pytest tests/test_methods.py -n 0
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from m6rec.evaluation.methods import (
    NEXT_ITEM_PEERS,
    SEARCHERS,
    Blend,
    fit_scorer,
)
from m6rec.evaluation.next_item import top_rows
from tests.choices import CATALOG, TOGETHER, chosen, rows
from tests.tiny_catalogs import films


@dataclass
class Fixed:
    """The same scores for everybody."""

    values: tuple[float, ...]

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        return np.array(self.values)


RISING, FALLING = Fixed((1, 2, 3)), Fixed((60, 40, 20))


def test_weights_say_who_is_heard() -> None:
    nobody = rows()
    alone = Blend((RISING,)).scores(nobody)
    assert alone.tolist() == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    # Both have the same shape once they are standard scores, so one cancels the other.
    assert Blend((RISING, FALLING)).scores(nobody).tolist() == pytest.approx([0, 0, 0])
    three_to_one = Blend((RISING, FALLING), (3, 1)).scores(nobody)
    assert three_to_one.tolist() == pytest.approx((alone / 2).tolist())
    assert Blend((RISING, FALLING), (1, 0)).scores(nobody).tolist() == alone.tolist()


def test_a_blend_of_a_wholly_seen_catalog_is_finite() -> None:
    blend = Blend((RISING, FALLING), (2, 1))
    assert np.isfinite(blend.scores(rows(0, 1, 2))).all()


def test_a_hybrid_reads_words_where_nobody_chose() -> None:
    catalog = films()
    hybrid = fit_scorer("hybrid", chosen(), catalog)
    shining, alien = (
        next(row for row, item in enumerate(catalog) if item.title == title)
        for title in ("The Shining", "Alien")
    )
    assert top_rows(hybrid, rows(shining), 1) == [alien]


def test_names_are_unique_and_known() -> None:
    assert len({*NEXT_ITEM_PEERS}) == len(NEXT_ITEM_PEERS)
    assert {"tfidf", "bm25"} <= {*NEXT_ITEM_PEERS} & {*SEARCHERS}
    with pytest.raises(KeyError, match="nobody"):
        fit_scorer("nobody", chosen(*TOGETHER), CATALOG)


@pytest.mark.parametrize("name", ["tfidf", "bm25"])
def test_searchers_answer_in_words(name: str) -> None:
    answer = SEARCHERS[name](films()).recommend("a western with clint eastwood", k=3)
    assert answer[0].title == "Unforgiven"
    assert [item.rank for item in answer] == [1, 2, 3]
