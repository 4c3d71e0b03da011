"""What to ask back: the one question whose answer would tell most about which item is meant.

The tree's first choices carry exact masses after a prompt; below them the voices' item weights stand
in for what has not been read, so that a question costs no token. For every question that could be
asked the expected fall of the entropy over items is computed, which is the mutual information of
answer and item: an item with two of the offered genres answers either half the time.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from m6rec.decoding.distribution import Question
from m6rec.decoding.reader import TreeReader
from m6rec.index import CatalogIndex
from m6rec.records import Choice, Clarification
from m6rec.tree import LEAF

Shares = NDArray[np.float64]

PAIR = "pair"
"""The topic of a question between two items."""
YEAR = "year"
_OPTIONS = 3
"""Values offered in one question; more are hard to keep in mind."""
_CONSIDERED = 6
"""Values, and items of pairs, that take part in the search for the best question."""
_LEAST_SHARE, _MOST_SHARE = 0.03, 0.9
"""A value that hardly any or nearly every likely item has is not worth offering."""
_DOUBT = 0.5
"""What is added to the likeness of an item with each of a pair: people answer pairs by feeling."""


class Questioner:
    """Finds questions about the items of one catalog.

    Args:
        index: The catalog, its tree and its descriptions.
    """

    def __init__(self, index: CatalogIndex) -> None:
        self._index = index

    def best(self, shares: Shares, without: Collection[str] = ()) -> Clarification | None:
        """The question with the highest expected gain; None when nothing can be asked.

        Args:
            shares: P(item), shape (n_items,), summing to one.
            without: Topics not to ask about: a field name, ``year`` or ``pair``.
        """
        found = [
            *self._about_kind(shares, without),
            *self._about_decade(shares, without),
            *self._about_pair(shares, without),
        ]
        best = max(found, key=lambda c: c.gain, default=None)
        return best and replace(best, focus=self._focus(shares))

    def _focus(self, shares: Shares) -> float:
        values, rows, which = self._kinds
        if not values:
            return float(shares.max())
        return float(_masses(which, shares[rows], len(values)).max())

    def _about_kind(self, shares: Shares, without: Collection[str]) -> Iterator[Clarification]:
        lead = self._index.describer.plan.lead
        if lead is None or lead in without:
            return
        values, rows, which = self._kinds
        mass = _masses(which, shares[rows], len(values))
        offered = _worth_offering(mass)
        for size in range(2, _OPTIONS + 1):
            for chosen in combinations(offered, size):
                inside = np.isin(which, chosen)
                fits = np.bincount(rows[inside], minlength=len(shares))
                answers = [*(_answered(rows, which, n, fits, shares) for n in chosen)]
                gain = _entropy([*answers, 1 - sum(answers)]) - _left(shares, fits)
                choices = tuple(self._kind(lead, values[n]) for n in chosen)
                yield Clarification(lead, choices, gain, _entropy(shares))

    def _kind(self, lead: str, value: str) -> Choice:
        said = self._index.describer.say(((lead, value),))
        return Choice(said, said, f"no {said}")

    def _about_decade(self, shares: Shares, without: Collection[str]) -> Iterator[Clarification]:
        if not self._index.describer.plan.decades or YEAR in without:
            return
        decades = self._decades
        known = decades > 0
        names, which = np.unique(decades[known], return_inverse=True)
        mass = _masses(which, shares[known], len(names))
        offered = _worth_offering(mass)[:_OPTIONS]
        if len(offered) < 2:
            return
        answers = [float(mass[n]) for n in offered]
        choices = tuple(
            Choice(f"{names[n]}s", f"from the {names[n]}s", f"not from the {names[n]}s")
            for n in sorted(offered)
        )
        gain = _entropy([*answers, 1 - sum(answers)])
        yield Clarification(YEAR, choices, gain, _entropy(shares))

    def _about_pair(self, shares: Shares, without: Collection[str]) -> Iterator[Clarification]:
        if PAIR in without:
            return
        likeliest = np.argsort(-shares, kind="stable")[:_CONSIDERED]
        alike = {int(row): self._likeness(int(row)) for row in likeliest if shares[row] > 0}
        for one, other in combinations(alike, 2):
            first, second = alike[one] + _DOUBT, alike[other] + _DOUBT
            says_first = first / (first + second)
            told = float(shares @ says_first)
            unsure = -says_first * np.log(says_first) - (1 - says_first) * np.log1p(-says_first)
            gain = _entropy([told, 1 - told]) - float(shares @ unsure)
            items = [self._index.catalog.at(row) for row in (one, other)]
            choices = tuple(
                Choice(item.title, "", f"nothing like {item.title}", item.item_id) for item in items
            )
            yield Clarification(PAIR, choices, gain, _entropy(shares))

    def _likeness(self, row: int) -> Shares:
        """How many kinds and decades every item shares with one, shape (n_items,)."""
        _, rows, which = self._kinds
        alike = np.bincount(rows[np.isin(which, which[rows == row])], minlength=len(self._decades))
        same_decade = (self._decades == self._decades[row]) & (self._decades > 0)
        likeness: Shares = alike.astype(np.float64) + same_decade
        return likeness

    @cached_property
    def _kinds(self) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
        """The leading values, and for each pair of item and value the row and the value's index."""
        lead = self._index.describer.plan.lead
        numbers: dict[str, int] = {}
        values: dict[str, str] = {}
        rows: list[int] = []
        which: list[int] = []
        for row, item in enumerate(self._index.catalog if lead else ()):
            for value in self._index.describer.leads(item):
                rows.append(row)
                # Two spellings of one kind are one thing to ask about.
                said = self._index.describer.say(((lead or "", value),))
                which.append(numbers.setdefault(said, len(numbers)))
                values.setdefault(said, value)
        return (
            list(values.values()),
            np.array(rows, dtype=np.int64),
            np.array(which, dtype=np.int64),
        )

    @cached_property
    def _decades(self) -> NDArray[np.int64]:
        """The decade of each item, shape (n_items,); 0 when unknown."""
        years = self._index.catalog.numeric(YEAR)
        return (np.nan_to_num(years) // 10 * 10).astype(np.int64)


def item_shares(reader: TreeReader, question: Question, allowed: NDArray[np.bool_]) -> Shares:
    """P(item) as far as the open nodes tell, given that it is allowed.

    Args:
        reader: A tree after a prompt; what is below its open nodes is spread by the voices' weights.
        question: The question the reader answers.
        allowed: Items that may be meant, shape (n_items,); at least one.

    Returns:
        Shape (n_items,), summing to one.
    """
    tree = reader.tree
    weight = np.zeros(len(allowed))
    for voice in question.voices:
        loud = voice.weight_at(1)
        if loud:
            with np.errstate(divide="ignore"):
                weight += loud * np.log(voice.item_weights)
    below = np.exp(weight - weight.max())[tree.rows]
    shares = np.zeros(tree.n_paths)
    waiting: list[tuple[int, float]] = [(0, 1.0)] if tree.n_nodes else []
    while waiting:
        node, mass = waiting.pop()
        children = tree.children(node)
        masses = mass * np.exp(reader.children(node))
        for lo, hi, child, part in zip(
            tree.child_lo[children], tree.child_hi[children], tree.child_node[children], masses,
            strict=True,
        ):  # fmt: skip
            if child != LEAF and reader.is_open(int(child)):
                waiting.append((int(child), float(part)))
            elif (total := below[lo:hi].sum()) > 0:
                shares[lo:hi] = part * below[lo:hi] / total
    of_items = np.bincount(tree.rows, weights=shares, minlength=len(allowed)) * allowed
    if not of_items.sum() > 0:
        of_items = allowed.astype(np.float64)
    normalised: Shares = of_items / of_items.sum()
    return normalised


def _masses(which: NDArray[np.int64], shares: Shares, n: int) -> Shares:
    masses: Shares = np.bincount(which, weights=shares, minlength=n).astype(np.float64)
    return masses


def _worth_offering(mass: Shares) -> list[int]:
    order = np.argsort(-mass, kind="stable")[:_CONSIDERED]
    return [int(n) for n in order if _LEAST_SHARE <= mass[n] <= _MOST_SHARE]


def _answered(
    rows: NDArray[np.int64],
    which: NDArray[np.int64],
    value: int,
    fits: NDArray[np.int64],
    shares: Shares,
) -> float:
    """How likely this value is the answer when each item names one of its offered values."""
    having = rows[which == value]
    return float((shares[having] / fits[having]).sum())


def _left(shares: Shares, fits: NDArray[np.int64]) -> float:
    """Entropy of the answer when the item is known: log of how many offered values it has."""
    return float(shares @ np.log(np.maximum(fits, 1)))


def _entropy(shares: Sequence[float] | Shares) -> float:
    """In nats; what is 0 or, by rounding, below adds nothing."""
    values = np.asarray(shares, dtype=np.float64)
    values = values[values > 1e-12]
    return float(-(values * np.log(values)).sum())
