"""Where catalogs and interactions come from: files, data sets on the hub, MovieLens."""

from pathlib import Path

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.progress import Progress
from m6rec.sources.hub import PREFIX, catalog_from_dataset
from m6rec.sources.latest_small import NAME as LATEST_SMALL
from m6rec.sources.latest_small import is_latest_small, load_latest_small
from m6rec.sources.movielens import NAME, load_default_catalog
from m6rec.sources.ratings import read_interactions
from m6rec.sources.table import catalog_from_file

__all__ = ["catalog_from_dataset", "read_catalog", "read_interactions"]


def read_catalog(
    source: str | Path,
    *,
    id_column: str | None = None,
    title_column: str | None = None,
    progress: Progress | None = None,
) -> Catalog:
    """Read a catalog from a file or by name.

    Args:
        source: ``movielens-default`` or ``movielens-latest-small``; ``hf:owner/name`` for a dataset
            on the Hugging Face hub; or the path of a CSV, Parquet or JSON lines file, of a catalog
            that was saved, or of GroupLens' zip file or folder.
        id_column: None finds it by its name, or numbers the rows.
        title_column: None finds it by its name.
        progress: Receives the bytes of what must be fetched; None draws a bar on stderr.

    Raises:
        CatalogError: The source cannot be used; one line names file, row and remedy.
        PullError: A named source is not here yet and cannot be fetched.
        MissingExtraError: A dataset was named and the package ``datasets`` is not installed.
    """
    text = str(source)
    if text == NAME:
        return load_default_catalog(progress)
    if text == LATEST_SMALL:
        return load_latest_small(progress=progress)[0]
    if text.startswith(PREFIX):
        return catalog_from_dataset(
            text.removeprefix(PREFIX), id_column=id_column, title_column=title_column
        )
    path = Path(source).expanduser()
    if is_latest_small(path):
        return load_latest_small(path, progress=progress)[0]
    if not path.exists() and not path.suffix:
        raise CatalogError(
            f"no catalog {text!r}: there is no such file, and the names are {NAME} and "
            f"{LATEST_SMALL} ({PREFIX}owner/name for a dataset on the Hugging Face hub)"
        )
    return catalog_from_file(path, id_column=id_column, title_column=title_column)
