"""How people say the values of a catalog: data in `prompts/vocabulary/`, read here.

A value such as ``Sci-Fi`` has a spoken form for descriptions ("science fiction"), other names in
English and Chinese, and words that name it only when it is refused ("nothing scary"). What no list
knows is said as it is written, in lower case: ``young-adult`` is "young adult".
"""

import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.prompts import prompts_folder

GENERAL = "english"
"""The list that is always read: decades and numbers in words."""
LONGEST_FORM = 6
"""Words in the longest form that a sentence is searched for."""
_ENTRY_KEYS = frozenset({"say", "also", "zh", "avoid"})
_RECURRENCE = 1.2
"""A field says what kind of thing an item is when its values are used this often on average."""
_NEVER = frozenset({"also_known_as"})
_NOT_FIELDS = frozenset({"decades", "numbers", "words", "names", "fields"})


@dataclass(frozen=True, slots=True)
class Entry:
    """How one value is said.

    Attributes:
        spoken: The form used in descriptions.
        forms: All words that name the value, the spoken form first.
        avoid: Words that name it only when it is refused.
    """

    spoken: str
    forms: tuple[str, ...]
    avoid: tuple[str, ...] = ()


class Vocabulary:
    """Spoken forms of field values, from one or more lists.

    Args:
        lists: Parsed lists; a later one adds to and overrides an earlier one.

    Attributes:
        decades: Decades in words and the year they begin with.
        numbers: Numbers in words.
        words: Sets of ordinary words by name: ``pronouns``, ``nouns``, ``padding``.
    """

    def __init__(self, lists: Sequence[Mapping[str, Any]] = ()) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self._fields: dict[str, str] = {}
        self._names: set[str] = set()
        decades: dict[str, int] = {}
        numbers: dict[str, int] = {}
        words: dict[str, frozenset[str]] = {}
        for data in lists:
            decades |= data.get("decades", {})
            numbers |= data.get("numbers", {})
            words |= {name: frozenset(some) for name, some in data.get("words", {}).items()}
            self._names.update(data.get("names", ()))
            for field, others in data.get("fields", {}).items():
                self._fields |= {other.casefold(): field for other in others}
            for field, values in data.items():
                if field not in _NOT_FIELDS:
                    self._entries |= {
                        (field, v.casefold()): _entry(v, e) for v, e in values.items()
                    }
        self.decades: Mapping[str, int] = MappingProxyType(decades)
        self.numbers: Mapping[str, int] = MappingProxyType(numbers)
        self.words: Mapping[str, frozenset[str]] = MappingProxyType(words)

    @staticmethod
    def load(names: Sequence[str] = ("films",)) -> "Vocabulary":
        """Read lists of `prompts/vocabulary/` by name, the general one always included.

        Raises:
            ConfigError: There is no such list, or one cannot be read; the message says which.
        """
        return _load(tuple(dict.fromkeys((GENERAL, *names))))

    def known_as(self, field: str) -> str:
        """The field of the lists that a catalog's field is another name of, else the same name."""
        field = field.casefold()
        return self._fields.get(field, field)

    def proper(self, field: str) -> bool:
        """Whether a field's values are names of people or places."""
        return self.known_as(field) in self._names

    def entry(self, field: str, value: str) -> Entry:
        """All that is known about saying a value; for an unknown one, the value in plain words."""
        field = self.known_as(field)
        known = self._entries.get((field, value.casefold()))
        if known is not None:
            return known
        plain = value if field in self._names else re.sub(r"[-_\s]+", " ", value).strip().lower()
        return Entry(plain, (plain,))

    def spoken(self, field: str, value: str) -> str:
        """How a value is said in a description: ``science fiction`` for ``Sci-Fi``."""
        return self.entry(field, value).spoken

    def forms(self, field: str, value: str) -> tuple[str, ...]:
        """All words that name a value, the spoken form first, Chinese last."""
        return self.entry(field, value).forms

    def avoided(self, field: str, value: str) -> tuple[str, ...]:
        """Words that name a value only when it is refused: ``scary`` for ``Horror``."""
        return self.entry(field, value).avoid


def _entry(value: str, data: Mapping[str, Any]) -> Entry:
    unknown = set(data) - _ENTRY_KEYS
    if unknown:
        raise ConfigError(
            f"vocabulary entry {value!r} has the unknown key {min(unknown)!r}; "
            f"known are {', '.join(sorted(_ENTRY_KEYS))}"
        )
    spoken = str(data.get("say", value.lower()))
    forms = dict.fromkeys([spoken, value, *data.get("also", ()), *data.get("zh", ())])
    return Entry(spoken, tuple(forms), tuple(data.get("avoid", ())))


@lru_cache(maxsize=16)
def _load(names: tuple[str, ...]) -> Vocabulary:
    return Vocabulary([_read(prompts_folder() / "vocabulary" / f"{name}.toml") for name in names])


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml"))) or "none"
        raise ConfigError(f"no vocabulary list {path.stem!r} (there are: {known})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"vocabulary list {path} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """A value of a catalog that some words name."""

    field: str
    value: str


class SaidValues:
    """Which values of one catalog a word or phrase names.

    Only fields whose values recur take part (genres, people, languages; not plots or numbers).

    Args:
        catalog: The items.
        vocabulary: How their values are said.
    """

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary) -> None:
        named: defaultdict[str, dict[Said, None]] = defaultdict(dict)
        avoided: defaultdict[str, dict[Said, None]] = defaultdict(dict)
        for said in _recurring(catalog):
            entry = vocabulary.entry(said.field, said.value)
            for form in (*entry.forms, said.value):
                named[stem(form)][said] = None
            for form in entry.avoid:
                avoided[stem(form)][said] = None
        named.pop("", None)
        self._named = {form: tuple(values) for form, values in named.items()}
        self._avoided = {form: tuple(values) for form, values in avoided.items()}
        self.all_forms = tuple(dict.fromkeys([*self._named, *self._avoided]))
        self.cjk_forms = tuple(
            sorted((f for f in {*named, *avoided} if is_cjk(f)), key=lambda f: (-len(f), f))
        )

    def named(self, phrase: str) -> tuple[Said, ...]:
        """The values that a phrase names, singular or plural; empty when it names none."""
        return self._named.get(stem(phrase), ())

    def refused(self, phrase: str) -> tuple[Said, ...]:
        """The values that a phrase names when it is refused: those of `named`, or of `avoid`."""
        key = stem(phrase)
        return self._named.get(key) or self._avoided.get(key, ())


_INDEXES: "WeakKeyDictionary[Catalog, tuple[Vocabulary, SaidValues]]" = WeakKeyDictionary()


def said_values(catalog: Catalog, vocabulary: Vocabulary) -> SaidValues:
    """The index of a catalog's values, built once per catalog and vocabulary."""
    kept = _INDEXES.get(catalog)
    if kept is None or kept[0] is not vocabulary:
        kept = _INDEXES[catalog] = (vocabulary, SaidValues(catalog, vocabulary))
    return kept[1]


def _recurring(catalog: Catalog) -> Iterator[Said]:
    for field in catalog.field_names:
        if field in _NEVER:
            continue
        counts: Counter[str] = Counter()
        for item in catalog:
            if not isinstance(item.fields.get(field), int | float):
                counts.update(item.values(field))
        if counts.total() >= _RECURRENCE * len(counts):
            yield from (Said(field, v) for v in counts if len(v.split()) <= LONGEST_FORM)


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


def is_cjk(text: str) -> bool:
    """Whether the text has Chinese characters, which stand without blanks between words."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)
