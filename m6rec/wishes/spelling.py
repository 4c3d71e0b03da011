"""A sentence as it was meant to be typed: short forms written out, slips of the pen mended.

Only words that nobody knows are touched: not in any title, not a name, not a word of the grammar. A name or
title keeps its spelling here; the grounder has its own way with those.
"""

import re
from functools import lru_cache
from weakref import WeakKeyDictionary

from rapidfuzz import process
from rapidfuzz.distance import OSA

from m6rec.catalog import Catalog
from m6rec.vocabulary import Vocabulary, plain, said_values, stem

_SHORTEST = 5
"""Letters of a word that can be mended; one letter makes another word of a shorter one."""
_LONG = 8
"""Letters of a word that may have two slips."""
_ENDINGS = frozenset({"s", "d", "r", "es", "ed", "er", "rs", "ing", "ly", "y", "n", "ns", "e"})
_WORD = re.compile(r"(?<![\w'])[A-Za-z][A-Za-z'-]*[A-Za-z](?![\w'])")
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|《[^》]*》|「[^」]*」")
_FIGURES = re.compile(
    r"(?<![\w.])(?=\w*\d)[12lI][\doOlI]{3}(?=(?:'?s)?(?!\w))|(?<!\w)[2-9][oO](?='?s\b)"
)
_DOUBLE = re.compile(
    r"\b(?:don't|do not|can't|cannot|won't|doesn't)\s+(?:\w+\s+){0,2}?anything\s+(?:but|other than|except)\b",
    re.IGNORECASE,
)
"""Two refusals that make a demand: "I don't speak anything but English"."""
_TO_DIGITS = str.maketrans("oOlI", "0011")


def mended(text: str, catalog: Catalog, vocabulary: Vocabulary) -> str:
    """The sentence with its slips mended; what stands in quotation marks is left as it is."""
    spelling = _spelling(catalog, vocabulary)
    pieces, position = [], 0
    for quotation in _QUOTED.finditer(text):
        pieces += [spelling.mend(text[position : quotation.start()]), quotation[0]]
        position = quotation.end()
    return "".join([*pieces, spelling.mend(text[position:])])


class _Spelling:
    """What is a word in sentences about one catalog."""

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary) -> None:
        words = vocabulary.words
        values = said_values(catalog, vocabulary)
        forms = {word for form in values.kinds for word in form.split() if word.isascii()}
        spelled = words.get("spelled", frozenset())
        several = {f"{word.removesuffix('y')}ies" for word in forms if word.endswith("y")}
        right = spelled | forms | several
        self._right = tuple(sorted(w for w in right if len(w) >= _SHORTEST))
        titles = (plain(item.title) for item in catalog)
        self._known = {word for title in titles for word in title.split()}
        self._known.update(forms, spelled, *words.values(), vocabulary.numbers, vocabulary.decades)
        self._people = values.people
        short = vocabulary.table("spellings")
        longest = sorted(short, key=len, reverse=True)
        self._short = short
        self._shorts = re.compile(
            rf"(?<![\w'/])(?:{'|'.join(map(re.escape, longest)) or '(?!)'})(?![\w'/])"
        )
        self.word = lru_cache(maxsize=4096)(self._word)

    def mend(self, text: str) -> str:
        text = _FIGURES.sub(lambda found: found[0].translate(_TO_DIGITS), text)
        text = _DOUBLE.sub("nothing but", text)
        text = self._shorts.sub(lambda found: self._short[found[0]], text)
        return _WORD.sub(lambda found: self.word(found[0], found.start() == 0), text)

    def _word(self, word: str, first: bool) -> str:
        """The word, or the only right one that is a slip away from it."""
        small = word.lower()
        # A capital inside a sentence is a name's.
        named = word[0].isupper() and not (word.isupper() or first)
        if named or len(small) < _SHORTEST or not small.isalpha():
            return word
        right = None if {small, stem(small)} & self._known else self._nearest(small)
        # Names last: it takes a moment to gather a catalog's people for the first time.
        if right is None or self._people.surname(small) is not None:
            return word
        if word.isupper():
            return right.upper()
        return right.capitalize() if word[0].isupper() else right

    def _nearest(self, word: str) -> str | None:
        slips = 1 + (len(word) >= _LONG)
        found = process.extract(word, self._right, scorer=OSA.distance, score_cutoff=slips, limit=2)
        near = [(right, n) for right, n, _ in found if right[0] == word[0]]
        # "Watches" is "watch" with an ending, not a slip of "watched".
        if any(word.removeprefix(right[:-1]) in _ENDINGS for right, _ in near):
            return None
        clear = len(near) == 1 or (len(near) > 1 and near[0][1] != near[1][1])
        return near[0][0] if clear else None


_KEPT: "WeakKeyDictionary[Catalog, tuple[Vocabulary, _Spelling]]" = WeakKeyDictionary()


def _spelling(catalog: Catalog, vocabulary: Vocabulary) -> _Spelling:
    kept = _KEPT.get(catalog)
    if kept is None or kept[0] is not vocabulary:
        kept = _KEPT[catalog] = (vocabulary, _Spelling(catalog, vocabulary))
    return kept[1]
