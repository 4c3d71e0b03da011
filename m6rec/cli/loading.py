"""Where the commands get their recommender and settings from; tests put a small one here."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from m6rec.catalog import Catalog
    from m6rec.config import Config
    from m6rec.recommender import Recommender


def load_config(path: str | None) -> "Config":
    """Return the settings of a TOML file, or the defaults."""
    from m6rec.config import Config

    return Config.load(Path(path)) if path else Config()


def load_recommender(model: str | None, catalog: str | None, config: str | None) -> "Recommender":
    """Load a recommender; None stands for the MovieLens default and the default settings."""
    # What load() has to fetch draws its own bar; a spinner over it would garble both.
    with status("starting"):
        from m6rec.recommender import Recommender

    settings = load_config(config) if config else None
    return Recommender.load(model, catalog=catalog, config=settings)


def load_items(model: str | None, catalog: str | None) -> "Catalog":
    """Load the items alone, as `load_recommender` would; neither model nor torch is needed."""
    from m6rec.catalog import Catalog

    if catalog is not None:
        from m6rec.sources import read_catalog

        return read_catalog(catalog)
    from m6rec.model_folder import open_model_folder, shipped_folder

    folder = open_model_folder(model) if model is not None else shipped_folder()
    if folder is not None and folder.catalog.is_file():
        return Catalog.load(folder.catalog)
    from m6rec.sources.movielens import load_default_catalog

    return load_default_catalog()


def status(message: str) -> AbstractContextManager[Any]:
    """Return a block with a spinner on stderr while it runs; silent when stderr is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    return console.status(message) if console.is_terminal else nullcontext()
