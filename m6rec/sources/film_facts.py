"""Facts about films (people, countries, languages, awards, runtime) joined by title and year.

The facts come from Wikidata (CC0) by way of the SQLite file of the artifact ``film-facts``.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from m6rec.errors import CatalogError
from m6rec.records import FieldValue, Item
from m6rec.sources.cells import split_list
from m6rec.sources.film_titles import part_keys, title_key

MAX_CAST = 12
"""How many of a film's actors are kept, best known first."""

_COLUMNS = (
    'Title, Year, Runtime, Genre, Director, Writer, "Cast", Language, Country, Awards, Oscars'
)
_NAMELESS = re.compile(r"^(?:Q\d+|list of .*)$")


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What is known about one film; absent facts are empty, 0 or None."""

    title: str
    year: int
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    writers: tuple[str, ...]
    cast: tuple[str, ...]
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    awards: str
    runtime: int
    oscars: int

    def fields(self, cast: tuple[str, ...]) -> dict[str, FieldValue]:
        """Return the fields of an item, without the empty ones; `cast` replaces the own order."""
        every: dict[str, FieldValue] = {
            "directors": self.directors,
            "writers": self.writers,
            "cast": cast,
            "countries": self.countries,
            "languages": self.languages,
            "awards": self.awards,
            "oscars": self.oscars,
            "runtime": self.runtime,
        }
        return {name: value for name, value in every.items() if value}


def read_film_facts(path: Path) -> list[FilmFacts]:
    """Read every film of the SQLite file, in its own order.

    Raises:
        CatalogError: The file is not the database of the artifact ``film-facts``.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM omdb WHERE Title IS NOT NULL ORDER BY ID"  # noqa: S608 - constant
            ).fetchall()
    except sqlite3.Error as error:
        raise CatalogError(f"cannot read film facts from {path}: {error}") from error
    return [
        FilmFacts(
            title=title,
            year=int(year or 0),
            genres=names(genre),
            directors=names(director),
            writers=names(writer),
            cast=names(cast),
            countries=names(country),
            languages=names(language),
            awards=(awards or "").strip().rstrip("."),
            runtime=round(runtime or 0),
            oscars=int(oscars or 0),
        )
        for (
            title,
            year,
            runtime,
            genre,
            director,
            writer,
            cast,
            language,
            country,
            awards,
            oscars,
        ) in rows
    ]


def names(text: str | None) -> tuple[str, ...]:
    """Split "A, B, C Jr." into names, each once; ids without a name and lists are left out."""
    return tuple(name for name in split_list(text or "", ",") if not _NAMELESS.match(name))


def join_film_facts(items: Sequence[Item], facts: Sequence[FilmFacts]) -> tuple[list[Item], int]:
    """Return the items with the facts of the film of the same title and year, and how many joined.

    Titles agree by `title_key`, the item's `also_known_as` included; the year is the same, or else
    one off where only one film fits. Last, one of the two may lack the other's subtitle ("Borat")
    or series ("The Wrong Trousers") if the year is the same. A film's facts serve one item. The cast is ordered by the
    popularity of all the films of the catalog a person plays in, best known first.
    """
    found = _matches(items, facts)
    known: defaultdict[str, float] = defaultdict(float)
    for row, film in found.items():
        for person in film.cast:
            known[person] += items[row].popularity
    joined = []
    for row, item in enumerate(items):
        film_facts = found.get(row)
        if film_facts is None:
            joined.append(item)
            continue
        cast = sorted(film_facts.cast, key=lambda person: (-known[person], person))[:MAX_CAST]
        fields = {**item.fields, **film_facts.fields(tuple(cast))}
        joined.append(Item(item.item_id, item.title, fields, item.popularity))
    return joined, len(found)


def _matches(items: Sequence[Item], facts: Sequence[FilmFacts]) -> dict[int, FilmFacts]:
    """Match item rows to films, surest matches first; no film twice."""
    whole = _index(facts, lambda title: (title_key(title),))
    parts = _index(facts, part_keys)
    own = [(title_key(item.title),) for item in items]
    other = [tuple(map(title_key, item.values("also_known_as"))) for item in items]
    cut = [part_keys(item.title) for item in items]
    passes = (
        (own, whole, (0,)),
        (other, whole, (0,)),
        (own, whole, (-1, 1)),
        (other, whole, (-1, 1)),
        (cut, whole, (0,)),
        (own, parts, (0,)),
    )
    found: dict[int, int] = {}
    used: set[int] = set()
    for keys_of, index, offsets in passes:
        for row, item in enumerate(items):
            year = item.fields.get("year")
            if row in found or not isinstance(year, int):
                continue
            near = [(key, year + offset) for key in keys_of[row] if key for offset in offsets]
            fit = {place for key in near for place in index.get(key, ())} - used
            chosen = _only(item, fit, facts)
            if chosen is not None:
                found[row] = chosen
                used.add(chosen)
    return {row: facts[place] for row, place in found.items()}


def _index(
    facts: Sequence[FilmFacts], keys: Callable[[str], Iterable[str]]
) -> dict[tuple[str, int], list[int]]:
    places: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for place, film in enumerate(facts):
        for key in keys(film.title):
            places[key, film.year].append(place)
    return places


def _only(item: Item, fit: Iterable[int], facts: Sequence[FilmFacts]) -> int | None:
    """Return the one film that fits; of several, the one that shares most genres, if it is alone."""
    places = sorted(fit)
    if len(places) < 2:
        return places[0] if places else None
    genres = set(item.values("genres"))
    shared = [len(genres & set(facts[place].genres)) for place in places]
    best = max(shared)
    return places[shared.index(best)] if shared.count(best) == 1 else None
