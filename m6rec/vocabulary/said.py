"""Which values of a catalog the words of a sentence name."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from weakref import WeakKeyDictionary

from m6rec.catalog import Catalog
from m6rec.records import Item
from m6rec.vocabulary.people import People
from m6rec.vocabulary.text import is_cjk, plain, stem
from m6rec.vocabulary.words import Vocabulary

LONGEST_FORM = 6
"""Words in the longest form that a sentence is searched for."""
_RECURRENCE = 1.2
"""A field says what kind of thing an item is when its values are used this often on average."""
_NEVER = frozenset({"also_known_as"})


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """A value of a catalog that some words name."""

    field: str
    value: str


class SaidValues:
    """Which values of one catalog a word or phrase names.

    Only fields whose values recur take part (genres, people, languages; not plots or numbers). People's
    names are many and are gathered only when a phrase is none of the other values.

    Args:
        catalog: The items.
        vocabulary: How their values are said.

    Attributes:
        kinds: All forms but the names of people, as `stem` writes them.
    """

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary) -> None:
        self._items = catalog.items
        self._vocabulary = vocabulary
        fields = [field for field in catalog.field_names if field not in _NEVER]
        self._name_fields = [f for f in fields if vocabulary.proper(f) and not vocabulary.lists(f)]
        named: defaultdict[str, list[Said]] = defaultdict(list)
        avoided: defaultdict[str, list[Said]] = defaultdict(list)
        for field in fields:
            if field not in self._name_fields:
                for said in _recurring(self._items, field):
                    entry = vocabulary.entry(field, said.value)
                    for form in dict.fromkeys(map(stem, (*entry.forms, said.value))):
                        named[form].append(said)
                    for form in dict.fromkeys(map(stem, entry.avoid)):
                        avoided[form].append(said)
        named.pop("", None)
        words = vocabulary.words
        self._never_names = frozenset((*words.get("pronouns", ()), *words.get("ordinary", ())))
        self._adjectives = frozenset(
            stem(form)
            for form, some in named.items()
            for said in some
            for form in _describing(vocabulary, said)
        )
        self._kinds = {form: tuple(values) for form, values in named.items()}
        self._avoided = {form: tuple(values) for form, values in avoided.items()}
        self.kinds = tuple(dict.fromkeys([*self._kinds, *self._avoided]))

    @cached_property
    def people(self) -> People:
        """Those whom the fields of proper names speak of."""
        recurring = (f for f in self._name_fields if next(_recurring(self._items, f), None))
        words = self._vocabulary.words
        surnames, brands = words.get("surnames", ()), words.get("brands", ())
        return People(self._items, recurring, words=surnames, brands=brands)

    @cached_property
    def cjk_forms(self) -> tuple[str, ...]:
        """All Chinese forms, longest first."""
        forms = filter(is_cjk, {*self.kinds, *self.people.fields_of})
        return tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def kind(self, phrase: str) -> tuple[Said, ...]:
        """The values but for people's names that a phrase names, singular or plural."""
        return self._kinds.get(stem(phrase), ())

    def adjective(self, phrase: str) -> bool:
        """Whether a word describes by a value ("Korean") instead of naming it ("Korea")."""
        return stem(phrase) in self._adjectives

    def named(self, phrase: str) -> tuple[Said, ...]:
        """The values that a phrase names, people included; empty when it names none."""
        return self.kind(phrase) or self.person(phrase)

    def person(self, phrase: str) -> tuple[Said, ...]:
        """A person by whole name, in each field the name stands in; empty when there is none.

        Somebody called "You" is nobody: the word means something else nearly always. So does "rain"
        without a capital.
        """
        name = plain(phrase)
        if name in self._never_names or phrase in self._vocabulary.words.get("surnames", ()):
            return ()
        return tuple(starmap(Said, self.people.fields_of.get(name, ())))

    def somebody(self, phrase: str) -> tuple[Said, ...]:
        """A person by whole name, by a surname only one well-known person has, or with a slip."""
        found = self.person(phrase)
        if found:
            return found
        name = self.people.surname(phrase) or self.people.near(phrase)
        return self.person(name) if name else ()

    def refused_kind(self, phrase: str) -> tuple[Said, ...]:
        """The values but for people's names that a phrase names when it is refused."""
        key = stem(phrase)
        return self._kinds.get(key) or self._avoided.get(key, ())

    def refused(self, phrase: str) -> tuple[Said, ...]:
        """The values that a phrase names when it is refused: those of `named`, or of `avoid`."""
        return self.refused_kind(phrase) or self.named(phrase)


_INDEXES: "WeakKeyDictionary[Catalog, tuple[Vocabulary, SaidValues]]" = WeakKeyDictionary()


def said_values(catalog: Catalog, vocabulary: Vocabulary) -> SaidValues:
    """The index of a catalog's values, built once per catalog and vocabulary."""
    kept = _INDEXES.get(catalog)
    if kept is None or kept[0] is not vocabulary:
        kept = _INDEXES[catalog] = (vocabulary, SaidValues(catalog, vocabulary))
    return kept[1]


def _describing(vocabulary: Vocabulary, said: Said) -> tuple[str, ...]:
    """The forms that stand before a noun: what is said, and others that are not a place's name."""
    entry, places = vocabulary.entry(said.field, said.value), vocabulary.words.get("places", ())
    return tuple(f for f in entry.forms if f == entry.spoken or f not in {said.value, *places})


def _recurring(items: tuple[Item, ...], field: str) -> Iterator[Said]:
    """A field's values of a few words; none when its values seldom recur."""
    counts: Counter[str] = Counter()
    for item in items:
        if not isinstance(item.fields.get(field), int | float):
            counts.update(item.values(field))
    if counts.total() >= _RECURRENCE * len(counts):
        yield from (Said(field, value) for value in counts if value.count(" ") < LONGEST_FORM)
