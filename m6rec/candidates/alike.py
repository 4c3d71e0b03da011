"""Items like those that were named, by what the items say of themselves.

A person who names three films in a conversation has said which kinds, people, series and years they
like. Needs no interactions and no language model, and a new item is found by its fields at once.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.popular import check_rows
from m6rec.catalog import Catalog
from m6rec.records import Item

MOST_KINDS = 64
"""A field with more different values than this names people or things, not kinds."""
FEWEST_WITH_A_WORD = 2
"""A word or name that one item alone has makes nothing alike."""
_WORD = re.compile(r"[^\W_]+")
_LITTLE = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "de",
        "for",
        "from",
        "in",
        "la",
        "le",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    ]
)


@dataclass(frozen=True, eq=False, slots=True)
class Alike:
    """Items as kinds, words and a year.

    Attributes:
        kinds: Unit vectors over the values of the field of kinds, shape (n_items, n_kinds); a row of
            zeros for an item without any.
        starts: Where each item's words begin, shape (n_items + 1,).
        words: Words and names of each item, item after item.
        word_starts: Where each word's items begin, shape (n_words + 1,).
        rows: Items of each word, word after word.
        weights: Weight of each word in its items, in the order of `words`: TF-IDF, of length 1 per item.
        word_weights: The same in the order of `rows`.
        years: Year of each item, NaN where it has none.
    """

    kinds: NDArray[np.float32]
    starts: NDArray[np.int64]
    words: NDArray[np.int64]
    word_starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    word_weights: NDArray[np.float64]
    years: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.kinds)

    def by_kind(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Mean cosine of kinds with the items of the history, in [0, 1], shape (n_items,).

        0 for an empty history.

        Raises:
            ConfigError: The history names a row that is not in the catalog.
        """
        check_rows(history, len(self.kinds))
        if not len(history):
            return np.zeros(len(self.kinds))
        alike: NDArray[np.float64] = (self.kinds @ self.kinds[history].mean(axis=0)).astype(float)
        return alike

    def by_words(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Mean cosine of names and title words, rare ones counting more, in [0, 1], shape (n_items,).

        What finds the other films of a series and of the same people. 0 for an empty history.

        Raises:
            ConfigError: The history names a row that is not in the catalog.
        """
        check_rows(history, len(self.kinds))
        return self.pull(history, np.full(len(history), 1 / max(len(history), 1)))

    def pull(self, rows: NDArray[np.int32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted sum of the cosines of `by_words` with each of the rows, shape (n_items,)."""
        score = np.zeros(len(self.kinds))
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            for at in range(self.starts[row], self.starts[row + 1]):
                word = self.words[at]
                there = slice(self.word_starts[word], self.word_starts[word + 1])
                score[self.rows[there]] += weight * self.weights[at] * self.word_weights[there]
        return score

    def by_year(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Decades to the nearest year in the history, at most 0, shape (n_items,).

        An item without a year is as far as the median one; all 0 when no year is known.

        Raises:
            ConfigError: The history names a row that is not in the catalog.
        """
        check_rows(history, len(self.kinds))
        named = self.years[history]
        named = named[~np.isnan(named)]
        if not len(named):
            return np.zeros(len(self.kinds))
        far = np.abs(self.years[:, None] - named[None]).min(axis=1) / 10
        near: NDArray[np.float64] = -np.where(np.isnan(far), np.nanmedian(far), far)
        return near


def fit(catalog: Catalog) -> Alike:
    """Read kinds, words and years of a catalog; 9,061 films take about a second.

    Kinds are the values of the first many-valued field with at most `MOST_KINDS` of them, such as
    genres. Words are the values of all many-valued fields and the words of the title, weighed by
    log(n_items / n_items with it) (Salton & Buckley 1988).
    """
    kind = kind_field(catalog)
    said = [frozenset(_words(item)) for item in catalog]
    counts = Counter(word for words in said for word in words)
    shared = sorted(w for w, n in counts.items() if n >= FEWEST_WITH_A_WORD)
    number = {word: at for at, word in enumerate(shared)}
    numbers = [sorted(number[word] for word in words if word in number) for words in said]
    lengths = np.array([len(words) for words in numbers])
    words = np.array([word for of_item in numbers for word in of_item], np.int64)
    owner = np.repeat(np.arange(len(catalog)), lengths)
    rarity = np.log(len(catalog) / np.array([counts[word] for word in shared], np.float64))
    weights = rarity[words] if len(words) else np.zeros(0)
    norms = np.sqrt(np.bincount(owner, weights**2, minlength=len(catalog)))
    weights /= np.where(norms > 0, norms, 1)[owner]
    order = np.argsort(words, kind="stable")
    return Alike(
        _kinds(catalog, kind),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        words,
        np.searchsorted(words[order], np.arange(len(shared) + 1)).astype(np.int64),
        owner[order],
        weights,
        weights[order],
        catalog.numeric("year"),
    )


def kind_field(catalog: Catalog) -> str | None:
    """The field that says what kind an item is; None when there is none."""
    for name in catalog.field_names:
        values = {value for item in catalog for value in _many(item, name)}
        if 1 < len(values) <= MOST_KINDS:
            return name
    return None


def _many(item: Item, name: str) -> tuple[str, ...]:
    """The values of a field with many; none of a field with one."""
    return item.values(name) if isinstance(item.fields.get(name), tuple) else ()


def _words(item: Item) -> Iterator[tuple[str, str]]:
    """Field and value of every name, decade and title word."""
    for name in item.fields:
        for value in _many(item, name):
            yield name, value
    year = item.fields.get("year")
    if isinstance(year, int):
        yield "decade", str(year // 10)
    for word in _WORD.findall(item.title.casefold()):
        if word not in _LITTLE:
            yield "title", word


def _kinds(catalog: Catalog, name: str | None) -> NDArray[np.float32]:
    values = dict.fromkeys(v for item in catalog for v in _many(item, name)) if name else {}
    column = {value: at for at, value in enumerate(values)}
    kinds = np.zeros((len(catalog), len(column)), np.float32)
    for row, item in enumerate(catalog):
        for value in _many(item, name) if name else ():
            kinds[row, column[value]] = 1
    lengths = np.linalg.norm(kinds, axis=1, keepdims=True)
    return (kinds / np.where(lengths > 0, lengths, 1)).astype(np.float32)
