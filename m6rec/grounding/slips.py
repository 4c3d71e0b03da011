"""Titles with slips in their spelling: which keys may be meant by one that is none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from m6rec.grounding.index import TitleIndex
from m6rec.grounding.keys import LITTLE, numbers
from m6rec.grounding.lookup import TitleLookup

_ONE_SLIP = 0.88
_DOUBLED = 0.95
_LONG = 9
_OBSCURE, _FAR = 2.0, 20.0


class Slips:
    """Finds the keys near a mistyped one, and tells slips from other titles.

    Args:
        index: The keys.
        lookup: Fast ways into them.
        popularity: Popularity of each row; shape (items,).
        famous: From which popularity on an item is well known.
    """

    def __init__(
        self,
        index: TitleIndex,
        lookup: TitleLookup,
        popularity: NDArray[np.float64],
        famous: float,
    ) -> None:
        self._index = index
        self._lookup = lookup
        self._popularity = popularity
        self._famous = famous

    def near(self, key: str, threshold: float) -> list[tuple[str, float]]:
        """Keys that may be meant and their similarity, nearest first; a doubled letter is no slip.

        Args:
            key: The key as typed.
            threshold: Least edit similarity in [0, 1].
        """
        doubled = [(found, _DOUBLED) for found in self._lookup.doubled(key)]
        return doubled or [
            (found, similarity)
            for found, similarity in self._lookup.near(key, threshold)
            if numbers(found) == numbers(key)
            if self._mistyped(key, found) or self._one_slip(found, similarity)
        ]

    def _mistyped(self, key: str, found: str) -> bool:
        """Whether the words that differ are no words: "state" for "shape" is another title."""
        odd = set(key.split()) - set(found.split()) - LITTLE
        return not (odd & self._index.words)

    def _one_slip(self, found: str, similarity: float) -> bool:
        """Whether a title is so near and so famous that a wrong but real word is forgiven."""
        rows = self._index.named(found) or self._index.heads.get(found, ())
        famous = max(map(self._weight, rows), default=0.0) >= self._famous
        return famous and similarity >= _ONE_SLIP and len(found) >= _LONG

    def twin(self, key: str, rows: Sequence[int]) -> int | None:
        """The row of a famous title one slip away from an obscure one: "inglorious bastards".

        Args:
            key: The key of the obscure title.
            rows: Its rows.
        """
        weight = max(map(self._weight, rows))
        if len(key) < _LONG or " " not in key or weight > _OBSCURE:
            return None
        near = [k for k, s in self._lookup.near(key, _ONE_SLIP) if s < 1]
        named = [
            r for k in near if numbers(k) == numbers(key) for r in self._index.titles.get(k, ())
        ]
        best = max(named, key=self._weight, default=None)
        if best is None or self._weight(best) < max(self._famous, _FAR * weight):
            return None
        return best

    def _weight(self, row: int) -> float:
        return float(self._popularity[row])
