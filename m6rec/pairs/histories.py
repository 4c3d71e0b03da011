"""History pairs: what a person chose so far, and what came next."""

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.interactions import Interactions
from m6rec.records import TextPair

SHORTEST, LONGEST = 1, 8
"""Items of history in one pair; more cost tokens faster than they add taste (about 8 each)."""


class HistoryPairs:
    """Draws (what was chosen so far -> next choice) pairs.

    Args:
        catalog: The items.
        interactions: Training interactions only: nothing held out may be among them.
        wishes: Words said along with the history, most often none.
    """

    def __init__(
        self, catalog: Catalog, interactions: Interactions, wishes: tuple[str, ...] = ()
    ) -> None:
        self._catalog = catalog
        self._rows = interactions.row
        self._wishes = wishes
        # A position can be predicted when the same user has one before it.
        same_user = interactions.user[1:] == interactions.user[:-1]
        self._positions: NDArray[np.int64] = np.flatnonzero(same_user) + 1
        self._first = np.searchsorted(interactions.user, interactions.user, side="left")

    def __len__(self) -> int:
        return len(self._positions)

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair, every position of every history equally likely.

        Raises:
            CatalogError: No user has two choices (`len` is 0).
        """
        position, before = self.stretch(rng)
        wish = ""
        if self._wishes and rng.random() < 0.3:
            wish = self._wishes[int(rng.integers(len(self._wishes)))]
        return self.pair(position, before, wish)

    def stretch(self, rng: np.random.Generator) -> tuple[int, NDArray[np.int32]]:
        """A position of the interactions, and the rows told before it, oldest first.

        Raises:
            CatalogError: No user has two choices (`len` is 0).
        """
        if not len(self):
            raise CatalogError(
                "no user has two choices, so no history leads to a next one; tune without "
                "interactions"
            )
        position = int(self._positions[int(rng.integers(len(self._positions)))])
        longest = min(LONGEST, position - int(self._first[position]))
        length = int(rng.integers(SHORTEST, longest + 1))
        return position, self._rows[position - length : position]

    def pair(self, position: int, before: NDArray[np.int32], wish: str = "") -> TextPair:
        """The pair that leads from what was told to the choice at a position."""
        return TextPair(
            "history",
            wish,
            liked=tuple(self._catalog.at(int(row)).item_id for row in before),
            item_ids=(self._catalog.at(int(self._rows[position])).item_id,),
        )
