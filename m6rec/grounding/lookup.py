"""Fast ways into the keys of titles: where one begins in running text, which is near, which holds words."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from m6rec.grounding.index import TitleIndex
from m6rec.grounding.keys import joined_words, squeezed

_N_NEAR = 10
_SHORTEST_START = 2
_COMMON_WORD = 400
"""A word in more keys than this says nothing about which title is meant."""


class TitleLookup:
    """Searches the keys of a catalog's titles without reading them all.

    Args:
        index: The keys.
    """

    def __init__(self, index: TitleIndex) -> None:
        self._index = index

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """The first words of all keys, one, two, three ..., as they stand in running text."""
        found: set[str] = set()
        for key in (*self._index.pool, *self._index.slims):
            words = key.split(" ")
            found.update(" ".join(words[:n]) for n in range(1, len(words) + 1))
        return frozenset(found)

    def ends(self, words: Sequence[str], most: int = 12) -> Iterator[int]:
        """How many of these words a title may have that begins with the first; most last.

        Args:
            words: Words of a sentence in plain form, the first of them no article.
            most: Words that are looked at.
        """
        key = ""
        for n, word in enumerate(words[:most], start=1):
            # "Vol. 2" and "part two" are written 2 in keys.
            more = joined_words(key, word)
            if more == key:
                continue
            key = more
            if key not in self._beginnings:
                compact = key.replace(" ", "")
                if n == 1 and compact in self._index.compacts:
                    yield n
                    # "spiderman 3": the blank before the number is the only one left.
                    if len(words) > 1 and f"{compact}{words[1]}" in self._index.compacts:
                        yield n + 1
                return
            if self._is_key(key):
                yield n

    def _is_key(self, key: str) -> bool:
        index = self._index
        return any(
            key in keys
            for keys in (index.titles, index.alternates, index.heads, index.tails, index.slims)
        )

    @cached_property
    def _by_shape(self) -> Mapping[str, tuple[list[int], list[str]]]:
        """Keys by first letter, sorted by length, with the lengths beside them."""
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._index.pool:
            groups[key[0]].append(key)
        for keys in groups.values():
            keys.sort(key=len)
        return {first: ([*map(len, keys)], keys) for first, keys in groups.items()}

    def near(self, key: str, threshold: float) -> list[tuple[str, float]]:
        """Keys with the same first letter of at least this edit similarity, nearest first."""
        lengths, keys = self._by_shape.get(key[:1], ([], []))
        # A similarity of s allows a difference in length of 1 - s of the longer key.
        low = bisect_left(lengths, int(len(key) * threshold))
        high = bisect_left(lengths, int(len(key) / max(threshold, 0.1)) + 2)
        hits = process.extract(
            key,
            keys[low:high],
            scorer=OSA.normalized_similarity,
            score_cutoff=threshold,
            limit=_N_NEAR,
        )
        return [(found, similarity) for found, similarity, _ in hits]

    @cached_property
    def _by_squeezed(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._index.pool:
            found[squeezed(key)].append(key)
        return found

    def doubled(self, key: str) -> list[str]:
        """Keys that differ in doubled letters only."""
        return [found for found in self._by_squeezed.get(squeezed(key), ()) if found != key]

    @cached_property
    def _by_word(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._index.pool:
            for word in dict.fromkeys(key.split(" ")):
                found[word].append(key)
        return found

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """In how many titles each word stands."""
        return Counter(word for key in self._index.titles for word in set(key.split(" ")))

    @cached_property
    def inner(self) -> Mapping[str, int]:
        """In how many titles each word stands that does not begin them, as a series' name would."""
        return Counter(word for key in self._index.titles for word in set(key.split(" ")[1:]))

    def containing(self, key: str) -> list[str]:
        """Keys of whole titles that have these words in a row; the last may be the start of a word."""
        words = key.split(" ")
        whole = [word for word in words[:-1] if word in self._by_word] or [words[-1]]
        rarest = min(whole, key=lambda word: len(self._by_word.get(word, ())))
        wanted = f" {key} "
        candidates = [k for k in self._by_word.get(rarest, ()) if k in self._index.titles]
        found = [k for k in candidates if wanted in f" {k} "]
        if found or len(words) < 2 or len(words[-1]) < _SHORTEST_START:
            return found
        return [k for k in candidates if f" {key}" in f" {k}"]

    def nearest(self, key: str, cutoff: float) -> list[str]:
        """Keys to offer for one that means nothing, best first."""
        groups = [self._by_word.get(word, []) for word in key.split(" ")]
        shared = [k for group in groups if len(group) <= _COMMON_WORD for k in group]
        alike = [k for k, _ in self.near(key, 0.5)]
        pool = list(dict.fromkeys([*alike, *shared]))
        hits = process.extract(key, pool, scorer=fuzz.WRatio, score_cutoff=cutoff, limit=_N_NEAR)
        return [found for found, _, _ in hits]
