"""GroupLens' own MovieLens files (movies.csv, ratings.csv), for users who have them."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.interactions import Interactions
from m6rec.progress import Progress
from m6rec.pull import pull
from m6rec.sources.film_titles import split_year
from m6rec.sources.movielens import Film, Ratings, build, film_facts

NAME = "movielens-latest-small"
_MOVIES = ("movieId", "title", "genres")
_RATINGS = ("userId", "movieId", "rating", "timestamp")


def is_latest_small(path: Path) -> bool:
    """Tell whether a path is a folder or zip file with GroupLens' movies.csv."""
    if path.is_dir():
        return (path / "movies.csv").is_file()
    return path.suffix.lower() == ".zip" and path.is_file()


def load_latest_small(
    path: str | Path | None = None, *, progress: Progress | None = None
) -> tuple[Catalog, Interactions]:
    """Read GroupLens' zip file or its unpacked folder, cleaned as the default snapshot is.

    Args:
        path: The zip file or folder; None fetches ``movielens-latest-small``.
        progress: Receives the bytes of what must be fetched; None draws a bar on stderr.

    Raises:
        CatalogError: A file or column is missing, or a row cannot be read; names file and row.
        PullError: Nothing was given and the file cannot be fetched. Film facts that cannot be
            fetched only leave a note.
    """
    folder = Path(path) if path is not None else pull(NAME, progress=progress)
    films = list(_films(folder))
    ratings = _ratings(folder)
    facts, missing = film_facts(progress)
    return build(films, ratings, name=NAME, facts=facts, missing=missing)


def _films(folder: Path) -> Iterator[Film]:
    for movie_id, title, genres in _rows(folder, "movies.csv", _MOVIES):
        name, year = split_year(title)
        yield Film(movie_id, name, year, genres)


def _ratings(folder: Path) -> Ratings:
    users, movies, rating, times = [], [], [], []
    for number, (user, movie, stars, seconds) in enumerate(
        _rows(folder, "ratings.csv", _RATINGS), start=2
    ):
        try:
            rating.append(float(stars))
            times.append(int(seconds))
        except ValueError as error:
            raise CatalogError(
                f"ratings.csv in {folder} line {number} has rating {stars!r} and timestamp "
                f"{seconds!r}; both are numbers: fetch the file again"
            ) from error
        users.append(user)
        movies.append(movie)
    return Ratings(users, movies, np.array(rating, np.float32), np.array(times, np.int64))


def _rows(folder: Path, file: str, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the named cells of each row."""
    with _opened(folder, file) as content:
        reader = csv.reader(io.TextIOWrapper(content, encoding="utf-8-sig", newline=""))
        try:
            head = next(reader, [])
            places = [head.index(name) for name in names]
            for row in reader:
                yield [row[place] for place in places]
        except (ValueError, IndexError, csv.Error) as error:
            raise CatalogError(
                f"{file} in {folder} line {reader.line_num} lacks one of the columns "
                f"{', '.join(names)} or is not UTF-8 ({error}); fetch the file again"
            ) from error


@contextmanager
def _opened(folder: Path, file: str) -> Iterator[IO[bytes]]:
    """Open a file of the folder, or a member of the zip file wherever in it that is."""
    try:
        if folder.is_dir():
            with (folder / file).open("rb") as content:
                yield content
            return
        with zipfile.ZipFile(folder) as archive:
            member = next(
                (name for name in archive.namelist() if name.rpartition("/")[2] == file), file
            )
            with archive.open(member) as content:
                yield content
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise CatalogError(
            f"cannot read {file} in {folder} ({error}); give GroupLens' zip file or its folder"
        ) from error
