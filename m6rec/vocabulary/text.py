"""Words without their accidents: case, accents, punctuation, number."""

import re
import unicodedata


def plain(text: str) -> str:
    """Lower case, without accents and punctuation, one blank between words.

    Apostrophes vanish ("children's" is "childrens"), "&" is "and"; scripts other than Latin keep
    their marks, which tell letters apart there.
    """
    if not text.isascii():
        text = _unaccented(text)
    text = text.casefold().replace("&", " and ").replace("'", "")
    return " ".join(_WORD.findall(text))


_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f\u3099\u309a]+[^\W_]*)*")
_MARKS = str.maketrans("", "", "".join(map(chr, range(0x300, 0x370))))
_LATIN = re.compile(r"[A-Za-z][\u0300-\u036f]+")
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "œ": "oe", "’": "'", "‘": "'"}
)


def _unaccented(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    apart = _LATIN.sub(lambda found: found[0].translate(_MARKS), apart)
    return unicodedata.normalize("NFC", apart)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word


def stem(phrase: str) -> str:
    """`plain` with the last word in the singular."""
    head, _, last = plain(phrase).rpartition(" ")
    return f"{head} {_singular(last)}".strip()


def spelling(value: str) -> str:
    """What other spellings of a value share: ``children-s`` and ``Children``, ``sci-fi`` and ``SciFi``.

    Letters and digits alone, the last word in the singular, without the "-s" of a possessive.
    """
    return stem(_POSSESSIVE.sub("s", value)).replace(" ", "")


_POSSESSIVE = re.compile(r"[-_\s]s(?=$|[-_\s])")


def is_cjk(text: str) -> bool:
    """Whether the text has Chinese characters, which stand without blanks between words."""
    return not text.isascii() and any("\u4e00" <= c <= "\u9fff" for c in text)
