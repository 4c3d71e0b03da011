"""Lessons of new choices among old pairs, so that what was learned is not forgotten.

What is new is every choice that may be learned from now and could not be before: still no user's last one,
which is for judging, nor the one before it, which is for validation. The old validation choices
stay unlearned too, so that the old score means the same before and after.
"""

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.interactions import Interactions
from m6rec.leaks import pairs
from m6rec.making.order import Lessons
from m6rec.making.scores import NEW
from m6rec.pairs.histories import HistoryPairs
from m6rec.records import TextPair
from m6rec.split import Split, leave_last_out

REPLAY = 0.5
"""Share of old pairs. Fewer forget, more learn the new ones slowly."""
TOLD = 5
"""Choices told in a validation pair."""


class NewHistories(HistoryPairs):
    """History pairs whose next choice is new.

    Args:
        catalog: The items.
        choices: What may be learned from, old and new.
        is_new: Which of them are, bool, shape (n,).
    """

    def __init__(self, catalog: Catalog, choices: Interactions, is_new: NDArray[np.bool_]) -> None:
        super().__init__(catalog, choices)
        self._positions = self._positions[is_new[self._positions]]


class Replaying:
    """Draws old pairs and new ones in turn.

    Args:
        catalog: The items.
        lessons: What the model was tuned on, made of the old choices alone.
        old: The choices it was tuned with; None for none.
        choices: Old and new ones; users are numbered as in `old`.
        replay: Share of old pairs, from 0 to below 1.
    """

    def __init__(
        self,
        catalog: Catalog,
        lessons: Lessons,
        old: Interactions | None,
        choices: Interactions,
        replay: float = REPLAY,
    ) -> None:
        self._catalog, self._lessons, self._replay = catalog, lessons, replay
        self._kept, is_new, self._judged = learnable(old, choices)
        train = choices if self._kept is None else self._kept.train
        self._new = NewHistories(catalog, train, is_new)

    def __len__(self) -> int:
        """How many new choices there are to learn from."""
        return len(self._new)

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair to learn from; old ones only where no new choice follows another."""
        if not len(self._new) or rng.random() < self._replay:
            return self._lessons.draw(rng)
        return self._new.draw(rng)

    def validation(self, n: int, rng: np.random.Generator) -> list[TextPair]:
        """About `n` old pairs, the same as ever, and at most half as many new ones."""
        old = self._lessons.validation(n, rng)
        cases = [] if self._kept is None else list(self._kept)
        new = [case for case in cases if self._is_judged(case.user_id)]
        size = min(len(new), n // 2)
        chosen = rng.choice(len(new), size=size, replace=False) if new else ()
        pairs_of_new = [
            TextPair(
                f"{NEW}history",
                "",
                liked=self._ids(new[int(i)].history[-TOLD:]),
                item_ids=self._ids(new[int(i)].truth[:1]),
            )
            for i in chosen
        ]
        return [*old, *pairs_of_new]

    def _is_judged(self, user_id: str) -> bool:
        return user_id in self._judged

    def _ids(self, rows: NDArray[np.int32]) -> tuple[str, ...]:
        return tuple(self._catalog.at(int(row)).item_id for row in rows)


def learnable(
    old: Interactions | None, choices: Interactions
) -> tuple[Split | None, NDArray[np.bool_], frozenset[str]]:
    """What may be learned from now, and which of it is new.

    Returns:
        The split to learn from, None where nobody has choices enough; which of its training choices
        are new and follow another of the same user; and the users whose choice for validation was not known or was for judging.
    """
    now, before = _kept_back(choices), None if old is None else _kept_back(old)
    if now is None:
        return None, np.zeros(len(choices), np.bool_), frozenset()
    n_items = len(choices.item_ids)
    known = [] if before is None else [pairs(before.train, n_items), pairs(before.test, n_items)]
    taken = np.concatenate([np.empty(0, np.int64), *known])
    is_new = ~np.isin(pairs(now.train, n_items), taken)
    # A first choice follows nothing.
    is_new[:1] = False
    is_new[1:] &= now.train.user[1:] == now.train.user[:-1]
    judged = ~np.isin(pairs(now.test, n_items), taken)
    return now, is_new, frozenset(choices.user_ids[user] for user in now.test.user[judged])


def _kept_back(choices: Interactions) -> Split | None:
    try:
        return leave_last_out(leave_last_out(choices).train)
    except CatalogError:
        return None
