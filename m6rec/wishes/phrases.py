"""Whole phrases that mean a value: "no subtitles", "a foreign film". They are data (`[phrases]`)."""

import re
from functools import lru_cache

from m6rec.catalog import Catalog
from m6rec.vocabulary import Said, Vocabulary
from m6rec.wishes.asked import alternatives
from m6rec.wishes.conditions import has_value
from m6rec.wishes.measures import Demand
from m6rec.wishes.negation import refused_from


def read_phrases(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[Demand]:
    """Conditions that phrases stand for; none where the catalog does not have the field."""
    grammar, names = _grammar(vocabulary)
    table = vocabulary.table("phrases")
    result = []
    for found in grammar.finditer(text):
        data = table[names[found.lastgroup or ""]]
        field = _field(catalog, vocabulary, data["field"])
        if field is None:
            continue
        start = refused_from(text, found.start())
        lacks = bool(data.get("lacks")) != (start is not None)
        test = has_value(Said(field, data["value"]), catalog)
        test, phrase = (f"not ({test})", "not ") if lacks else (test, "in ")
        begin = found.start() if start is None else start
        result.append(Demand(begin, found.end(), test, phrase + data["value"]))
    return result


def _field(catalog: Catalog, vocabulary: Vocabulary, name: str) -> str | None:
    return next((f for f in catalog.field_names if vocabulary.known_as(f) == name), None)


@lru_cache(maxsize=8)
def _grammar(vocabulary: Vocabulary) -> tuple[re.Pattern[str], dict[str, str]]:
    table = vocabulary.table("phrases")
    names = {f"phrase{number}": name for number, name in enumerate(table)}
    # "With or without subtitles" asks for nothing.
    parts = [
        rf"(?<!\bor )(?P<{group}>{alternatives(table[name]['says'])})"
        for group, name in names.items()
    ]
    return re.compile("|".join(parts) or "(?!)", re.IGNORECASE), names
