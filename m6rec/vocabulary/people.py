"""Whom a name means: a whole name, a surname that only one well-known person has, a name with a slip."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from m6rec.records import Item
from m6rec.vocabulary.text import plain

CLEARLY = 3.0
"""How many times better known the bearer of a surname must be than the next to be the one meant."""
_FEWEST_ITEMS = 2
_FEW_TITLES = 2
_KNOWN_PEOPLE = 6_000
_FAMOUS_PEOPLE = 600
_NEAR_ENOUGH = 0.84
_SHORTEST_NEAR = 6
_KIN = frozenset({"brothers", "sisters", "bros", "family", "siblings"})
_PARTICLES = frozenset(
    {
        "van",
        "von",
        "de",
        "del",
        "della",
        "di",
        "da",
        "la",
        "le",
        "du",
        "der",
        "den",
        "st",
        "ten",
        "bin",
    }
)


class People:
    """The people of one catalog.

    Args:
        items: The items of the catalog.
        fields: The fields whose values are people's names.
        words: Surnames that are words as well, and mean somebody with a capital only.
        brands: Surnames that mean a maker, never somebody.
    """

    def __init__(
        self,
        items: Iterable[Item],
        fields: Iterable[str],
        *,
        words: Iterable[str] = (),
        brands: Iterable[str] = (),
    ) -> None:
        self._items = tuple(items)
        self._words = frozenset(words)
        self._brands = frozenset(brands)
        self._fields = tuple(fields)

    @cached_property
    def fields_of(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """The fields, each with the name as written, in which a `plain` name stands."""
        found: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        for item in self._items:
            for field in self._fields:
                for name in item.values(field):
                    found[self._keys[name]][field, name] = None
        return {key: tuple(places) for key, places in found.items()}

    @cached_property
    def _keys(self) -> Mapping[str, str]:
        names = {n for item in self._items for field in self._fields for n in item.values(field)}
        return {name: _key(name) for name in names}

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        """How well known somebody is: the popularity of their items, more for who is named first."""
        weights: defaultdict[str, float] = defaultdict(float)
        n_items: Counter[str] = Counter()
        for item in self._items:
            shares: defaultdict[str, float] = defaultdict(float)
            for field in self._fields:
                for place, name in enumerate(item.values(field), start=1):
                    shares[self._keys[name]] += 1.0 / place
            n_items.update(shares.keys())
            for key, share in shares.items():
                weights[key] += share * (item.popularity + 1.0)
        return {key: weight for key, weight in weights.items() if n_items[key] >= _FEWEST_ITEMS}

    @cached_property
    def _surnames(self) -> Mapping[str, str]:
        """Surnames and the one person each means."""
        bearers: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._weights:
            for surname in _surnames(key):
                bearers[surname].append(key)
        found = {}
        for surname, keys in bearers.items():
            if surname in self._brands:
                continue
            first, *others = sorted(keys, key=lambda key: (-self._weights[key], key))
            if not others or self._weights[first] > CLEARLY * self._weights[others[0]]:
                found[surname] = first
        return found

    @cached_property
    def _common(self) -> frozenset[str]:
        """Words of titles that are more than somebody's name there."""
        counts: Counter[str] = Counter()
        for item in self._items:
            words = plain(item.title).split()
            for before, word in zip(["", *words], words, strict=False):
                named = self._surnames.get(word, "")
                if not named or before not in named.split():
                    counts[word] += 1
        return self._words.union(word for word, n in counts.items() if n > _FEW_TITLES)

    @cached_property
    def _famous(self) -> frozenset[str]:
        ranked = sorted(self._weights, key=lambda key: (-self._weights[key], key))
        return frozenset(ranked[:_FAMOUS_PEOPLE])

    @cached_property
    def _well_known(self) -> Mapping[str, list[str]]:
        """Names and surnames of the best known, by their first letter."""
        ranked = sorted(self._weights, key=lambda key: (-self._weights[key], key))[:_KNOWN_PEOPLE]
        known = frozenset(ranked)
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for name in (*ranked, *(s for s, key in self._surnames.items() if key in known)):
            if len(name) >= _SHORTEST_NEAR:
                groups[name[0]].append(name)
        return groups

    def together(self, surname: str) -> tuple[str, ...]:
        """The `plain` names of those of one surname who stand together in several items: the Coens."""
        word = plain(surname)
        pairs: Counter[tuple[str, ...]] = Counter()
        bearers = {key for key in self._weights if key.endswith(f" {word}")}
        for item in self._items if len(bearers) > 1 else ():
            for field in self._fields:
                named = {self._keys[name] for name in item.values(field)} & bearers
                if len(named) > 1:
                    pairs[tuple(sorted(named))] += 1
        often = [names for names, n in pairs.items() if n >= _FEWEST_ITEMS]
        return tuple(sorted({name for names in often for name in names}))

    def surname(self, text: str) -> str | None:
        """The `plain` name of the only person whom a surname means; None when it is a word as well.

        Of a capital, a word that is no other, and somebody famous two are enough. People drop the capital
        of names that everybody knows; "New York" and "Christmas Eve" have capitals as well.
        """
        word = plain(text)
        found = self._surnames.get(word)
        evidence = (text[:1].isupper(), word not in self._common, found in self._famous)
        return found if sum(evidence) > 1 else None

    def near(self, text: str) -> str | None:
        """The `plain` name of the only well-known person whose name is nearest in spelling."""
        word = plain(text)
        if len(word) < _SHORTEST_NEAR or (" " not in word and word in self._common):
            return None
        # "Zombies" are not Rob Zombie.
        singular = self._surnames.get(word.removesuffix("s"))
        if " " not in word and singular is not None and singular not in self._famous:
            return None
        hits = process.extract(
            word,
            self._well_known.get(word[0], ()),
            scorer=OSA.normalized_similarity,
            score_cutoff=_NEAR_ENOUGH,
            limit=2,
        )
        if not hits or (len(hits) > 1 and hits[0][1] == hits[1][1]):
            return None
        found = hits[0][0]
        return found if found in self._weights else self._surnames[found]


def _key(name: str) -> str:
    """`plain` of a name; most names need no more than lower case, and there are many."""
    return name.lower() if name.isascii() and name.replace(" ", "").isalpha() else plain(name)


def _surnames(key: str) -> tuple[str, ...]:
    words = key.removesuffix(" jr").removesuffix(" sr").split()
    if len(words) < 2 or words[-1] in _KIN:
        return ()
    if len(words) > 2 and words[-2] in _PARTICLES:
        return (" ".join(words[-2:]), words[-1])
    return (words[-1],)
