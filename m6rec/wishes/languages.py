"""Demanded languages and countries: "in French", "a Korean film", "made in Italy", 法语片, 韩国电影."""

import re
from collections.abc import Iterator, Sequence

from m6rec.catalog import Catalog
from m6rec.vocabulary import Said, SaidValues, Vocabulary, is_cjk, said_values
from m6rec.wishes.asked import NOUNS
from m6rec.wishes.conditions import has_value
from m6rec.wishes.wording import BLANK

_LANGUAGES, _COUNTRIES = "languages", "countries"
PLACES = frozenset({_LANGUAGES, _COUNTRIES})
"""The fields of the lists that `read_languages` reads."""
_SPOKEN = re.compile(
    r"(?:(?:(?P<before>[\w ]{0,14})\b(?:spoken|made|shot)\s+)?in\s+(?:the\s+)?(?P<a>[a-z]+)(?:\s+or\s+(?:in\s+)?(?P<b>[a-z]+))?"
    r"(?=\s*(?:$|[.,;!?)]|(?:only|please|language|movies?|films?|books?|and|or|but|with|from|that|if|made|set|directed|starring|"
    r"about|audio|because|since|so|as|preferably|for|thanks|this|tonight|under|after|before|w)\b))"
    r"|\b(?:only|nothing but)\s+(?P<d>[a-z]+)(?=\W*$|\s*[,.;!?])|(?P<c>[a-z]+)[\s-](?:language|speaking|spoken|only|please)\b(?!\s+(?:movies?|films?)\s+about))",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"\b(?:from|made in|produced in|shot in|filmed in|out of|comes? from)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_OR = re.compile(
    r"\s*(?:,\s*(?:or\s+|and\s+)?|/|\bor\s+|\band\s+)\s*(?:from\s+|in\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
_ITEM = re.compile(NOUNS, re.IGNORECASE)
_WORD = re.compile(r"[\w'.]+")
_LONGEST_NAME = 3
_MODIFIED = re.compile(
    r"\b(?:latin|african|native|asian|anglo|about|in|or in|to)[\s-]+$", re.IGNORECASE
)
_MOST_BETWEEN = 4
_SOME = re.compile(
    r"(?:\b(?:something|anything|stuff|things?|some)\s+(?:\w+ly\s+)?|,\s*|^\W*)$", re.IGNORECASE
)
_STOP = re.compile(
    rf"\s*(?:$|[.,;!?{BLANK}]|(?:please|and|but|with|from|for|or|maybe|preferably|set|tonight)\b)",
    re.IGNORECASE,
)
_NOT_SPOKEN = re.compile(r"(?:subtitle\w*|subbed|dubbed|captions?|titled)\s*$", re.IGNORECASE)
_ABOUT = re.compile(r"(?:关于|发生在|设定在|在|讲)$")


def read_languages(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Filters for the languages and countries a sentence demands, each with its phrase.

    Args:
        text: The sentence, with titles and refusals blanked out.
        catalog: Whose languages and countries are meant.
        vocabulary: How they are said.
    """
    known = {f: vocabulary.known_as(f) for f in catalog.field_names}
    languages = [f for f, name in known.items() if name == _LANGUAGES]
    places = [f for f, name in known.items() if name == _COUNTRIES]
    if not (languages or places):
        return []
    values = said_values(catalog, vocabulary)
    spoken = dict.fromkeys(_spoken(text, values, languages))
    made = dict.fromkeys(_made(text, values, places))
    described = dict.fromkeys(_described(text, values, vocabulary, (*languages, *places)))
    result = []
    if spoken:
        shown = " or ".join(dict.fromkeys(s.value for s in spoken))
        result.append((" or ".join(has_value(s, catalog) for s in spoken), f"in {shown}"))
    for some, word in ((made, "from "), (described, "")):
        if some:
            names = (s.value if word else vocabulary.spoken(s.field, s.value) for s in some)
            shown = word + " or ".join(dict.fromkeys(names))
            result.append((" or ".join(has_value(s, catalog) for s in some), shown))
    return result


def _spoken(text: str, values: SaidValues, fields: Sequence[str]) -> Iterator[Said]:
    for found in _SPOKEN.finditer(text):
        if not _NOT_SPOKEN.search(text, 0, found.start()):
            for word in filter(None, (found["a"], found["b"], found["c"], found["d"])):
                yield from (s for s in values.kind(word) if s.field in fields)
    yield from _han(text, values, fields)


def _made(text: str, values: SaidValues, places: Sequence[str]) -> Iterator[Said]:
    """Countries said by where an item was made: "from France or Belgium"."""
    for cue in _MADE.finditer(text):
        position = cue.end()
        while (found := _longest(text, position, values, places)) is not None:
            yield from found[0]
            joint = _OR.match(text, found[1])
            position = joint.end() if joint else len(text)
    yield from _han(text, values, places)


def _longest(
    text: str, position: int, values: SaidValues, fields: Sequence[str]
) -> tuple[list[Said], int] | None:
    """The values that the words at `position` name, and their end."""
    words = list(_WORD.finditer(text, position, position + 40))[:_LONGEST_NAME]
    if not words or words[0].start() != position:
        return None
    for last in reversed(words):
        phrase = text[position : last.end()]
        said = [s for s in values.kind(phrase) if s.field in fields]
        if said and phrase != "us":
            return said, last.end()
    return None


def _described(
    text: str, values: SaidValues, vocabulary: Vocabulary, fields: Sequence[str]
) -> Iterator[Said]:
    """Countries and languages said by an adjective: "Korean thrillers", "French or Italian films"."""
    waiting: list[Said] = []
    listing = False
    position = 0
    for word in _WORD.finditer(text):
        if word.start() < position:
            continue
        found = _longest(text, word.start(), values, fields)
        # "Vietnam war movies" are about a place; its adjective says where they are from.
        if found is None or not values.adjective(text[word.start() : found[1]]):
            if word[0].casefold() != "or":
                waiting, listing = [], False
            continue
        position = found[1]
        if _MODIFIED.search(text, 0, word.start()):
            continue
        waiting += found[0]
        alone = _SOME.search(text, 0, word.start()) and _STOP.match(text, position)
        listing = listing or bool(alone)
        if listing or _names_items(text, position, values, vocabulary):
            yield from waiting


def _names_items(text: str, position: int, values: SaidValues, vocabulary: Vocabulary) -> bool:
    """Whether an item is named here: "good crime thriller", but not "food movie"."""
    padding = vocabulary.words.get("padding", frozenset())
    for word in list(_WORD.finditer(text, position, position + 60))[:_MOST_BETWEEN]:
        kinds = [s for s in values.kind(word[0]) if not vocabulary.proper(s.field)]
        if kinds or _ITEM.fullmatch(word[0]):
            return True
        if word[0].casefold() not in padding:
            return False
    return False


def _han(text: str, values: SaidValues, fields: Sequence[str]) -> Iterator[Said]:
    """Chinese words for a value, wherever they stand but after "about"."""
    if not is_cjk(text):
        return
    for form in values.kinds:
        if not is_cjk(form):
            continue
        place = text.find(form)
        if place >= 0 and not _ABOUT.search(text, 0, place):
            yield from (s for s in values.kind(form) if s.field in fields)
