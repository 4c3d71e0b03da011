"""How people say the values of a catalog: data in `prompts/vocabulary/`, read here.

A value such as ``Sci-Fi`` has a spoken form for descriptions ("science fiction"), other names in
English and Chinese, and words that name it only when it is refused ("nothing scary"). Other spellings of a
listed value (``scifi``, ``science-fiction``, ``to-read-sci-fi``) are said as it is. What no list knows is
said as it is written, in lower case: ``slow-burn`` is "slow burn".
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from m6rec.errors import ConfigError
from m6rec.prompts import prompts_folder
from m6rec.vocabulary.text import plain, spelling

GENERAL = "english"
"""The list that is always read: decades and numbers in words."""
_ENTRY_KEYS = frozenset({"say", "also", "zh", "avoid"})
_TABLES = frozenset(
    {
        *(
            "ages",
            "amounts",
            "comparisons",
            "comparisons_behind",
            "measures",
            "opinions",
            "phrases",
        ),
        *("refused_behind", "roles", "roles_behind", "series", "spellings", "titles"),
    }
)
_NOT_FIELDS = frozenset({"decades", "numbers", "words", "names", "fields"}) | _TABLES


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
        self._tables: dict[str, dict[str, Any]] = {name: {} for name in _TABLES}
        for data in lists:
            for name in _TABLES & data.keys():
                self._tables[name] |= data[name]
            decades |= data.get("decades", {})
            numbers |= data.get("numbers", {})
            for name, some in data.get("words", {}).items():
                words[name] = words.get(name, frozenset()) | frozenset(some)
            self._names.update(data.get("names", ()))
            for field, others in data.get("fields", {}).items():
                self._fields |= {other.casefold(): field for other in others}
            for field, values in data.items():
                if field not in _NOT_FIELDS:
                    self._entries |= {
                        (field, v.casefold()): _entry(v, e) for v, e in values.items()
                    }
        self._listed = frozenset(field for field, _ in self._entries)
        self._spelled = self._spellings()
        self._habits = tuple(sorted(words.get("shelving", ()), key=len, reverse=True))
        self.decades: Mapping[str, int] = MappingProxyType(decades)
        self.numbers: Mapping[str, int] = MappingProxyType(numbers)
        self.words: Mapping[str, frozenset[str]] = MappingProxyType(words)

    @staticmethod
    def load(names: Sequence[str] = ("films", "books")) -> "Vocabulary":
        """Read lists of `prompts/vocabulary/` by name, the general one always included.

        Raises:
            ConfigError: There is no such list, or one cannot be read; the message says which.
        """
        return _load(tuple(dict.fromkeys((GENERAL, *names))))

    def table(self, name: str) -> Mapping[str, Any]:
        """A table of the grammar (``ages``, ``measures``, ...) as all lists together write it."""
        return MappingProxyType(self._tables[name])

    def known_as(self, field: str) -> str:
        """The field of the lists that a catalog's field is another name of, else the same name."""
        field = field.casefold()
        return self._fields.get(field, field)

    def proper(self, field: str) -> bool:
        """Whether a field's values are names of people or places."""
        return self.known_as(field) in self._names

    def lists(self, field: str) -> bool:
        """Whether any value of a field has an entry."""
        return self.known_as(field) in self._listed

    def listed(self, field: str, value: str) -> bool:
        """Whether a value has an entry, in this or another spelling."""
        field = self.known_as(field)
        at = (field, value.casefold())
        return at in self._entries or (field, spelling(value)) in self._spelled

    def entry(self, field: str, value: str) -> Entry:
        """All that is known about saying a value; for an unknown one, the value in plain words."""
        field = self.known_as(field)
        known = self._entries.get((field, value.casefold()))
        if known is not None:
            return known
        if field in self._names:
            return Entry(value, (value,))
        known = self._spelled_otherwise(field, value)
        if known is not None:
            return Entry(known.spoken, tuple(dict.fromkeys((*known.forms, value))), known.avoid)
        words = re.sub(r"[-_\s]+", " ", value).strip().lower()
        return Entry(words, (words,))

    def _spellings(self) -> dict[tuple[str, str], Entry]:
        """Entries by how their value, and then all that names it, is spelled; not names of people."""
        found: dict[tuple[str, str], Entry] = {}
        kinds = [(at, entry) for at, entry in self._entries.items() if at[0] not in self._names]
        for (field, value), entry in kinds:
            found.setdefault((field, spelling(value)), entry)
        for (field, _), entry in kinds:
            for form in entry.forms:
                found.setdefault((field, spelling(form)), entry)
        return found

    def _spelled_otherwise(self, field: str, value: str) -> Entry | None:
        """The entry of another spelling, also of one with a habit of shelves around it ("to-read-")."""
        if field not in self._listed:
            return None
        found = self._spelled.get((field, spelling(value)))
        rest = plain(value)
        while found is None:
            kept = next((r for habit in self._habits if (r := _without(rest, habit))), None)
            if kept is None:
                return None
            rest, found = kept, self._spelled.get((field, spelling(kept)))
        return found

    def spoken(self, field: str, value: str) -> str:
        """How a value is said in a description: ``science fiction`` for ``Sci-Fi``."""
        return self.entry(field, value).spoken

    def forms(self, field: str, value: str) -> tuple[str, ...]:
        """All words that name a value, the spoken form first, Chinese last."""
        return self.entry(field, value).forms

    def avoided(self, field: str, value: str) -> tuple[str, ...]:
        """Words that name a value only when it is refused: ``scary`` for ``Horror``."""
        return self.entry(field, value).avoid


def _without(text: str, habit: str) -> str:
    """The words before or behind a habit of shelves; empty when it is not there, or all there is."""
    return (text.removeprefix(f"{habit} ").removesuffix(f" {habit}") if text != habit else "") * (
        text.startswith(f"{habit} ") or text.endswith(f" {habit}")
    )


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
