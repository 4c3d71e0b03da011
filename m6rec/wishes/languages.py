"""A demanded language: "in French", "French-language", 法语片."""

import re

from m6rec.catalog import Catalog
from m6rec.vocabulary import Said, Vocabulary, is_cjk, said_values
from m6rec.wishes.conditions import has_value

_FIELD = "languages"
_ENGLISH = re.compile(
    r"\b(?:(?:(?P<before>[\w ]{0,14})\b(?:spoken|made|shot)\s+)?in\s+(?:the\s+)?(?P<a>[a-z]+)(?:\s+or\s+(?:in\s+)?(?P<b>[a-z]+))?"
    r"(?=\s*(?:$|[.,;!?)]|(?:only|please|language|movies?|films?|and|or|but|with|from|that|if|made|set|directed|starring|about|audio)\b))"
    r"|(?P<c>[a-z]+)[\s-](?:language|speaking|spoken|only)\b)",
    re.IGNORECASE,
)
_NOT_SPOKEN = re.compile(r"(?:subtitle\w*|subbed|dubbed|captions?|titled)\s*$", re.IGNORECASE)
_HINT = re.compile(r"\bin\b|only|language|speaking|spoken|[语文话]", re.IGNORECASE)


def read_languages(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Filters for the languages a sentence demands, each with its phrase; at most one."""
    fields = [f for f in catalog.field_names if vocabulary.known_as(f) == _FIELD]
    if not fields or not _HINT.search(text):
        return []
    values = said_values(catalog, vocabulary)
    said: dict[Said, None] = {}
    for found in _ENGLISH.finditer(text):
        if _NOT_SPOKEN.search(text, 0, found.start()):
            continue
        for word in (found["a"], found["b"], found["c"]):
            if word:
                said |= dict.fromkeys(s for s in values.kind(word) if s.field in fields)
    for form in values.kinds if is_cjk(text) else ():
        if is_cjk(form) and form in text:
            said |= dict.fromkeys(s for s in values.kind(form) if s.field in fields)
    if not said:
        return []
    test = " or ".join(has_value(value, catalog) for value in said)
    return [(test, "in " + " or ".join(dict.fromkeys(s.value for s in said)))]
