"""How people say the values of a catalog, and which values their words name."""

from m6rec.vocabulary.said import LONGEST_FORM, Said, SaidValues, said_values
from m6rec.vocabulary.text import is_cjk, plain, spelling, stem
from m6rec.vocabulary.words import Entry, Vocabulary

__all__ = [
    "LONGEST_FORM",
    "Entry",
    "Said",
    "SaidValues",
    "Vocabulary",
    "is_cjk",
    "plain",
    "said_values",
    "spelling",
    "stem",
]
