"""MovieLens: the default catalog and interactions, from the pinned snapshot."""

import hashlib
import io
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.artifacts import ARTIFACTS
from m6rec.atomic import clear_leftovers, locked, read_manifest, replaced_folder
from m6rec.catalog import Catalog
from m6rec.errors import PullError
from m6rec.home import home
from m6rec.interactions import Interactions
from m6rec.progress import Progress, shown_status
from m6rec.pull import pull
from m6rec.recipe import recipe
from m6rec.records import FieldValue, Item
from m6rec.sources.film_facts import join_film_facts, read_film_facts
from m6rec.sources.film_titles import split_title

NAME = "movielens-default"
CATALOG_FILE = "catalog.jsonl"
INTERACTIONS_FILE = "interactions.parquet"
PREPARED_BY = (
    *("m6rec.sources.movielens", "m6rec.sources.film_titles", "m6rec.sources.film_facts"),
    *("m6rec.catalog", "m6rec.interactions"),
)
"""The modules whose change makes old conversions stale."""

RETRY_SECONDS = 3600
"""How long a conversion without film facts is served before the facts are asked for again."""

_NO_GENRES = "(no genres listed)"


@dataclass(frozen=True, slots=True)
class Film:
    """One film as MovieLens lists it; an empty title when it has none."""

    movie_id: str
    title: str
    year: int | None
    genres: str


@dataclass(frozen=True, slots=True)
class Ratings:
    """Parallel columns of length n: who rated which film how and when (seconds since 1970)."""

    users: list[str]
    movies: list[str]
    rating: NDArray[np.float32]
    timestamp: NDArray[np.int64]


def load_default(progress: Progress | None = None) -> tuple[Catalog, Interactions]:
    """Return the pinned MovieLens snapshot, fetched and converted at the first call.

    100,004 ratings of 671 users; 9,061 titled films with genres and year, and people, countries,
    languages, awards and runtime where the film facts join (the catalog's `notes` give the rate).

    Raises:
        PullError: The ratings are not here yet and cannot be fetched. Film facts that cannot be
            fetched only leave a note.
    """
    folder = default_folder(progress)
    catalog = Catalog.load(folder / CATALOG_FILE)
    return catalog, Interactions.load(folder / INTERACTIONS_FILE, catalog)


def load_default_catalog(progress: Progress | None = None) -> Catalog:
    """Return only the catalog of `load_default`, which is faster."""
    return Catalog.load(default_folder(progress) / CATALOG_FILE)


def default_folder(progress: Progress | None = None) -> Path:
    """Return the folder of the converted snapshot, made at the first call.

    Raises:
        PullError: As for `load_default`.
    """
    folder = home() / "data" / NAME
    if _is_current(folder):
        return folder
    with locked(folder.parent / f".{NAME}.lock"):
        if not _is_current(folder):
            clear_leftovers(folder)
            _convert_default(folder, progress)
    return folder


def _expected() -> dict[str, Any]:
    """Return what the manifest of an up-to-date conversion says about its sources."""
    sources = {name: getattr(ARTIFACTS[name], "sha256", "") for name in (NAME, "film-facts")}
    return {"recipe": recipe(PREPARED_BY), "sources": sources}


def _is_current(folder: Path) -> bool:
    manifest = read_manifest(folder)
    if manifest is None or any(manifest.get(key) != want for key, want in _expected().items()):
        return False
    return bool(manifest.get("complete")) or time.time() - manifest["made"] < RETRY_SECONDS


def _convert_default(folder: Path, progress: Progress | None) -> None:
    snapshot = pull(NAME, progress=progress)
    facts, missing = film_facts(progress)
    with shown_status("preparing MovieLens", progress):
        films, ratings = _read_snapshot(snapshot, _expected()["sources"][NAME])
        catalog, interactions = build(films, ratings, name=NAME, facts=facts, missing=missing)
        manifest = {
            "name": NAME,
            **_expected(),
            "complete": facts is not None,
            "made": int(time.time()),
            "items": len(catalog),
            "interactions": len(interactions),
            "content_hash": catalog.content_hash,
            "notes": list(catalog.notes),
        }
        with replaced_folder(folder, manifest) as new:
            catalog.save(new / CATALOG_FILE)
            interactions.save(new / INTERACTIONS_FILE)


def film_facts(progress: Progress | None) -> tuple[Path | None, str]:
    """Return the film facts' file, fetched if need be, or None and the reason why there is none."""
    try:
        return pull("film-facts", progress=progress), ""
    except PullError as error:
        return None, str(error)


def _read_snapshot(path: Path, sha256: str) -> tuple[list[Film], Ratings]:
    """Read the pickled table; its hash is checked on the very bytes that are unpickled."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PullError(f"{path} was changed after it was fetched: refused; delete its folder")
    import pandas as pd

    table = pd.read_pickle(io.BytesIO(content), compression="xz")  # noqa: S301 - hash checked above
    first = table.drop_duplicates("movieId").sort_values("movieId")
    films = [
        Film(
            str(movie_id),
            title if isinstance(title, str) else "",
            None if math.isnan(year) else int(year),
            genres,
        )
        for movie_id, title, year, genres in zip(
            first["movieId"].tolist(),
            first["title"].tolist(),
            first["year"].tolist(),
            first["genres"].astype(str).tolist(),
            strict=True,
        )
    ]
    ratings = Ratings(
        [str(user) for user in table["userId"].tolist()],
        [str(movie) for movie in table["movieId"].tolist()],
        table["rating"].to_numpy(np.float32),
        table["timestamp"].to_numpy(np.int64),
    )
    return films, ratings


def build(
    films: Sequence[Film],
    ratings: Ratings,
    *,
    name: str,
    facts: Path | None = None,
    missing: str = "",
) -> tuple[Catalog, Interactions]:
    """Clean titles, join the film facts and count popularity (how many ratings a film has).

    Films without a title are left out with their ratings; the catalog's `notes` say which.

    Args:
        films: In the order of the catalog's rows.
        ratings: In source order.
        name: What the catalog is called.
        facts: The SQLite file of the film facts; None joins nothing.
        missing: Why there are no facts, for the notes.
    """
    counts = Counter(ratings.movies)
    items = [_item(film, counts[film.movie_id]) for film in films if film.title.strip()]
    untitled = [film.movie_id for film in films if not film.title.strip()]
    notes = []
    if untitled:
        lost = sum(counts[movie_id] for movie_id in untitled)
        notes.append(
            f"{_counted(len(untitled), 'film')} without a title left out (ids "
            f"{', '.join(untitled)}), with {_counted(lost, 'rating')}"
        )
    if facts is not None:
        items, n = join_film_facts(items, read_film_facts(facts))
        notes.append(
            f"film facts joined for {n} of {len(items)} films ({100 * n / len(items):.1f} %)"
        )
    else:
        notes.append(f"no film facts joined{missing and ': ' + missing}")
    catalog = Catalog(items, name=name, notes=notes)
    return catalog, _interactions(ratings, set(untitled), catalog)


def _counted(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def _item(film: Film, popularity: int) -> Item:
    title, others = split_title(film.title)
    genres = tuple(g.strip() for g in film.genres.split("|") if g.strip() not in ("", _NO_GENRES))
    every: dict[str, FieldValue | None] = {
        "genres": genres,
        "year": film.year,
        "also_known_as": others,
    }
    fields = {name: value for name, value in every.items() if value}
    return Item(film.movie_id, title, fields, float(popularity))


def _interactions(ratings: Ratings, left_out: set[str], catalog: Catalog) -> Interactions:
    keep = np.array([movie not in left_out for movie in ratings.movies], dtype=bool)
    kept = np.flatnonzero(keep).tolist()
    return Interactions.from_columns(
        [ratings.users[i] for i in kept],
        [ratings.movies[i] for i in kept],
        ratings.rating[keep],
        ratings.timestamp[keep],
        catalog,
        source=catalog.name,
    )
