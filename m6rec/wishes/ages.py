"""Years said without a number: "recent", "an old film", "the last ten years", 最近的.

They are counted back from the catalog's last year, so that the words mean the same in every catalog.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from m6rec.vocabulary import Vocabulary
from m6rec.wishes.asked import ITEMS, alternatives
from m6rec.wishes.years import Years

_NUMBER = r"(?P<n>\d{1,3}|[a-z]+(?:[- ][a-z]+)?)"
_LAST = re.compile(
    rf"\b(?:(?:in|from|within|of|over|during)\s+)?(?:the\s+|these\s+)?(?:last|past|previous)\s+(?:(?P<few>few|couple(?:\s+of)?|several)|{_NUMBER})?\s*"
    r"(?P<unit>years?|decades?|yrs)\b"
    r"|(?:最近|过去|近|这)(?P<han>\d{1,3}|[一二两三四五六七八九十几]+)(?P<hanunit>年|十年)(?:来|内|里|间)?",
    re.IGNORECASE,
)
_OLDER = re.compile(
    rf"\b(?P<way>older|newer|younger|more recent|earlier|less)\s+than\s+{_NUMBER}\s+(?P<unit>years?|decades?)\b(?:\s+(?:ago|old))?"
    rf"|\b(?:at\s+least|more\s+than|over)\s+{_NUMBER.replace('<n>', '<m>')}\s+(?P<unit2>years?|decades?)\s+(?P<old>old|ago)\b",
    re.IGNORECASE,
)
_FEW = 5
_EITHER = re.compile(
    r"\b(?:old|older|classics?)\s+(?:ones?\s+)?(?:and|or|&|to)\s+new|\bnew(?:er)?\s+(?:ones?\s+)?(?:and|or|&|to)\s+(?:old|classic)",
    re.IGNORECASE,
)
"""Old and new alike is no demand."""
# "Like that but newer" compares with something that was shown, which a sentence alone does not know.
_POINTED = re.compile(
    r"(?:\b(?:that|those|this|these|it|them|same|one)|#\s?\d+)\W+(?:(?:but|only|just|and|bit|a|a little|something)\s+)+$",
    re.IGNORECASE,
)
# "I liked the newer one" tells two items apart.
_THAT_ONE = re.compile(r"\b(?:the|that was|was|is that)\s+$", re.IGNORECASE)
_ONE = re.compile(r"\s*(?:$|[.!?,]|(?:one|version|movie|film|book)\b)", re.IGNORECASE)


def read_ages(text: str, vocabulary: Vocabulary, latest: int) -> list[Years]:
    """The spans of years that a sentence names by their distance from now, not yet refused.

    Args:
        text: The sentence, with titles blanked out.
        vocabulary: The words, and numbers in words.
        latest: The catalog's last year, which counts as now.
    """
    found = [*_counted(text, vocabulary, latest), *_named(text, vocabulary, latest)]
    result: list[Years] = []
    for span in sorted(found, key=lambda s: (s.start, -s.end)):
        if not result or span.start >= result[-1].end:
            result.append(span)
    return result


def _counted(text: str, vocabulary: Vocabulary, latest: int) -> Iterator[Years]:
    for found in _LAST.finditer(text):
        said = found["n"] or found["han"]
        n = _FEW if found["few"] or said == "几" else _number(said or "one", vocabulary)
        if n:
            unit = found["unit"] or found["hanunit"]
            years = n * (10 if unit.startswith(("decade", "十年")) else 1)
            yield Years(found.start(), found.end(), latest - years + 1, None)
    for found in _OLDER.finditer(text):
        n = _number(found["n"] or found["m"], vocabulary)
        if not n:
            continue
        unit = found["unit"] or found["unit2"]
        edge = latest - n * (10 if unit.startswith("decade") else 1)
        old = found["old"] or found["way"].casefold() in {"older", "earlier"}
        low, high = (None, edge - 1) if old else (edge, None)
        yield Years(found.start(), found.end(), low, high)


def _number(said: str, vocabulary: Vocabulary) -> int | None:
    return int(said) if said.isdecimal() else vocabulary.numbers.get(said.casefold())


def _named(text: str, vocabulary: Vocabulary, latest: int) -> Iterator[Years]:
    table = vocabulary.table("ages")
    grammar, names = _grammar(vocabulary)
    if _EITHER.search(text):
        return
    for found in grammar.finditer(text):
        told = _THAT_ONE.search(text, 0, found.start()) and _ONE.match(text, found.end())
        if told or _POINTED.search(text, 0, found.start()):
            continue
        low, high = _bounds(table[names[found.lastgroup or ""]], latest)
        yield Years(found.start(), found.end(), low, high, vague=True)


def _bounds(age: Mapping[str, Any], latest: int) -> tuple[int | None, int | None]:
    if "within" in age:
        return latest - age["within"] + 1, None
    if "before" in age:
        return None, latest - age["before"]
    return age.get("low"), age.get("high")


@lru_cache(maxsize=8)
def _grammar(vocabulary: Vocabulary) -> tuple[re.Pattern[str], dict[str, str]]:
    names: dict[str, str] = {}
    parts = []
    for number, (name, age) in enumerate(vocabulary.table("ages").items()):
        group = f"age{number}"
        names[group] = name
        said = alternatives(age.get("says", ()))
        adjectives = alternatives(age.get("adjectives", ()))
        parts.append(
            rf"(?P<{group}>{said}(?!\s+than\b)|{adjectives}(?:的?(?=电影|片|书|小说)|(?=\s+{ITEMS})))"
        )
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE), names
