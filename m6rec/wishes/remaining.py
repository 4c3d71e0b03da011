"""Whether a sentence still asks for something once its titles and conditions are understood."""

import re
from collections.abc import Collection
from functools import lru_cache

from m6rec.catalog import Catalog
from m6rec.vocabulary import Vocabulary, said_values
from m6rec.wishes.wording import BLANK

_WORD = re.compile(r"[^\W_\u4e00-\u9fff]+(?:['’][^\W_\u4e00-\u9fff]+)*|[\u4e00-\u9fff]+")


def asks_more(text: str, catalog: Catalog, vocabulary: Vocabulary, fields: Collection[str]) -> bool:
    """Whether any word is left that could move a list: "like Alien, but funnier", not "like Alien please".

    A word that no list knows counts, so a sentence is only silent when all of it is understood.

    Args:
        text: The sentence, with titles and conditions blanked out.
        catalog: Whose values are meant.
        vocabulary: Which words ask for nothing.
        fields: Fields that are filtered by already; the words for their values ask for nothing more.
    """
    words, han = _silent(vocabulary)
    values = said_values(catalog, vocabulary)
    for found in _WORD.finditer(text.replace(BLANK, " ")):
        word = found[0].casefold().replace("’", "'")
        if word in words or word.isdecimal() or word in vocabulary.numbers:
            continue
        rest = han.sub("", word)
        if not rest or any(said.field in fields for said in values.kind(rest)):
            continue
        return True
    return False


@lru_cache(maxsize=8)
def _silent(vocabulary: Vocabulary) -> tuple[frozenset[str], re.Pattern[str]]:
    words = vocabulary.words.get("silent", frozenset())
    han = sorted((w for w in words if not w.isascii()), key=len, reverse=True)
    numbers = [w for w in vocabulary.numbers if not w.isascii()]
    return words, re.compile("|".join(map(re.escape, [*han, *numbers])) or "(?!)")
