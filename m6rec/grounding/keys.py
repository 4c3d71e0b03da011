"""What of a title counts when people type it: keys that forgive spelling habits.

"The Godfather: Part II", "godfather 2" and "Godfather, The: Part Two" have one key, ``godfather 2``.
"""

import re
import unicodedata
from functools import cache

from m6rec.vocabulary import Vocabulary, plain

_FIRST_YEAR, _LAST_YEAR = 1870, 2099
_TRAILING_ARTICLE = re.compile(
    r"^(.+),\s+(the|an?|les?|la|l'|il|lo|gli|i|el|los|las|un[ae]?|der|die|das|den|det|de|o|os)$",
    re.IGNORECASE,
)
ARTICLES = frozenset({"the", "a", "an", "le", "la", "les", "el", "il", "los", "las", "der", "das"})
LITTLE = frozenset({"the", "a", "an", "of", "and", "in", "to", "on", "at", "for", "s"})
_LETTERS_APART = re.compile(r"\b[a-z](?: [a-z]\b)+")
_ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = {
    "x" * tens + ones: str(10 * tens + digit)
    for tens in (0, 1)
    for digit, ones in enumerate(_ONES)
    if tens + digit > 0
}
_LONE_ROMAN = frozenset({"i", "v", "x"})
_PART_WORDS = frozenset({"part", "episode", "vol", "volume", "chapter", "pt", "ep", "no"})
_RUN = re.compile(r"([^\W\d])\1+")
_SPELT = {
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "4th": "fourth",
    "5th": "fifth",
    "versus": "vs",
}
_YEAR_AT_END = re.compile(r"[\s,]*[\s,(\[]((?:1[89]|20)\d\d)[)\]]?\s*$")
_YEAR_AT_START = re.compile(
    r"^\s*(?:the\s+)?((?:1[89]|20)\d\d)(?:'s)?\s+(?:version of\s+)?", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s*[:：]\s+|\s+[-–—]\s+|\s*/\s*|\.{3}\s+|\s+\(|\)\s*")


def title_key(title: str) -> str:
    """The key of a title or of what someone typed for it; may be empty for mere punctuation.

    Case, accents, punctuation, a leading or trailing article, "&" for "and", numbers in words or
    Roman figures, and "Part" before a number do not count.
    """
    moved = _TRAILING_ARTICLE.match(title.strip())
    if moved:
        title = f"{moved[2]} {moved[1]}"
    words = _LETTERS_APART.sub(_joined, plain(title)).split()
    if len(words) > 1 and words[0] in ARTICLES:
        del words[0]
    return " ".join(_numbered(words))


def _joined(found: re.Match[str]) -> str:
    """Initials as one word: "e t" is "et", "l a confidential" is "la confidential"."""
    return found[0].replace(" ", "")


def slim(key: str) -> str:
    """The key without little words, which people drop; empty when fewer than two words are left."""
    words = [word for word in key.split() if word not in LITTLE]
    return " ".join(words) if len(words) > 1 else ""


def _numbered(words: list[str]) -> list[str]:
    """Number words and Roman figures as digits, and no "part" before them."""
    result: list[str] = []
    last = len(words) - 1
    for place, word in enumerate(words):
        after_part = place > 0 and words[place - 1] in _PART_WORDS
        number = _in_words().get(word)
        if word in _ROMAN:
            sure = word not in _LONE_ROMAN or after_part or (place == last and place > 0)
            number = _ROMAN[word] if sure else None
        if after_part and (number or word.isdigit()) and len(result) > 1:
            result.pop()
        result.append(number or _SPELT.get(word, word))
    return result


def joined_words(key: str, word: str) -> str:
    """A key and one more word of running text, as `title_key` would write them together.

    The first word of a key is never an article or number word alone here; "part" waits for its number.
    """
    if not key:
        return _in_words().get(word) or _SPELT.get(word, word)
    if word in _PART_WORDS:
        return key
    number = _in_words().get(word) or (_ROMAN.get(word) if word not in _LONE_ROMAN else None)
    return f"{key} {number or word}"


@cache
def _in_words() -> dict[str, str]:
    return {word: str(number) for word, number in Vocabulary.load().numbers.items()}


def split_year(text: str) -> tuple[str, int | None]:
    """Text and the year that ends or begins it: "Hamlet (1996)", "Hamlet 1996", "the 1996 Hamlet"."""
    for pattern in (_YEAR_AT_END, _YEAR_AT_START):
        found = pattern.search(text)
        if found and _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
            rest = (text[: found.start()] + text[found.end() :]).strip()
            if rest:
                return rest, int(found[1])
    return text, None


def parts(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of a title's beginnings and of its endings, cut at colons, dashes and brackets.

    "Star Wars: Episode V - The Empire Strikes Back" begins with ``star wars`` and ends with
    ``empire strikes back``.
    """
    cuts = [(found.start(), found.end()) for found in _SEPARATOR.finditer(title)]
    heads = tuple(filter(None, (title_key(title[:start]) for start, _ in cuts)))
    tails = tuple(filter(None, (title_key(title[end:]) for _, end in cuts)))
    return heads, tails


def numbers(key: str) -> frozenset[str]:
    """The numbers in a key: titles that differ in one are different titles."""
    return frozenset(word for word in key.split() if word.isdigit())


def compact(key: str) -> str:
    """The key without blanks, for "spiderman" and "star wars" typed as one word."""
    return key.replace(" ", "")


def squeezed(key: str) -> str:
    """The key with each run of a letter as one letter: "alladin" and "aladdin" are one."""
    return _RUN.sub(r"\1", key)


def nfc(text: str) -> str:
    """The text in composed Unicode form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
