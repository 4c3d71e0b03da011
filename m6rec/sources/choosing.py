"""Which column is the id, the title, the year: by name, as people name them."""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from m6rec.errors import CatalogError
from m6rec.sources.cells import is_gap
from m6rec.sources.rows import Table

IDS = ("item_id", "itemid", "id")
TITLES = (
    *("title", "name", "item", "product", "product_name", "item_name", "product_title"),
    *("item_title", "display_name", "book_title", "movie_title", "film_title", "track_name"),
    *("song_name", "song_title", "track_title", "track", "song", "movie", "film", "book"),
    *("hotel_name", "hotel", "restaurant", "game", "course", "headline", "label"),
)
POPULARITIES = (
    *("popularity", "ratings_count", "rating_count", "num_ratings", "n_ratings", "vote_count"),
    *("number_of_ratings", "votes", "num_votes", "numvotes", "review_count", "reviews_count"),
    *("num_reviews", "number_of_reviews", "reviews", "units_sold", "sales", "purchases", "orders"),
    *("downloads", "play_count", "playcount", "plays", "streams", "listeners", "view_count"),
    *("views", "likes", "count"),
)
YEARS = (
    *("year", "release_year", "publication_year", "original_publication_year", "published_year"),
    *("year_published", "year_of_publication", "year_released", "production_year"),
)
DATES = ("release_date", "released", "publication_date", "published", "pubdate", "date")


def spelling(name: str) -> str:
    """Return a column name as it is compared: lower case, words joined by "_"; "movieId" too."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s\-.]+", "_", parted).lower()


def named(table: Table, wanted: str, *, role: str) -> str:
    """Return the column a person asked for, whatever its case.

    Raises:
        CatalogError: There is none; offers those there are.
    """
    for column in table.columns:
        if column == wanted:
            return column
    for column in table.columns:
        if column.casefold() == wanted.strip().casefold():
            return column
    near = difflib.get_close_matches(wanted, table.columns, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise CatalogError(
        f"{table.source} has no {role} column {wanted!r}; its columns are "
        f"{', '.join(table.columns)}{hint}"
    )


def first_named(table: Table, names: Sequence[str], *, but: Iterable[str] = ()) -> str | None:
    """Return the column that has the earliest of `names`; None when there is none."""
    spelled = {spelling(column): column for column in table.columns if column not in set(but)}
    return next((spelled[name] for name in names if name in spelled), None)


def first_ending(
    table: Table, endings: tuple[str, ...], fits: Callable[[Sequence[Any]], bool]
) -> str | None:
    """Return the first column whose name ends so and whose cells fit; None when there is none."""
    for column, cells in table.columns.items():
        if spelling(column).endswith(endings) and fits(cells):
            return column
    return None


def id_column(table: Table, wanted: str | None) -> str | None:
    """Return the id column: the one asked for, "item_id" or "id", or a unique one ending in "_id".

    None when no column can be the id; the rows must then be numbered.
    """
    if wanted is not None:
        return named(table, wanted, role="id")
    return first_named(table, IDS) or first_ending(table, ("_id",), _is_unique)


def title_column(table: Table, wanted: str | None, taken: str | None) -> str:
    """Return the title column: the one asked for, or the first with a usual name.

    Raises:
        CatalogError: No column has a usual name; offers those there are.
    """
    if wanted is not None:
        return named(table, wanted, role="title")
    usual = first_named(table, TITLES, but=() if taken is None else (taken,))
    found = usual or first_ending(table, ("_title", "_name"), lambda _: True)
    if found is None:
        raise CatalogError(
            f"{table.source} has no title column (title, name, product, ...); say which of its "
            f"columns it is: {', '.join(table.columns)}"
        )
    return found


def _is_unique(cells: Sequence[Any]) -> bool:
    texts = {str(cell).strip() for cell in cells if not is_gap(cell)}
    return len(texts) == len(cells)
