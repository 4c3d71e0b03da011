"""Where the commands get their recommender and settings from; tests put a small one here."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def status(message: str) -> AbstractContextManager[Any]:
    """Return a block with a spinner on stderr while it runs; silent when stderr is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    return console.status(message) if console.is_terminal else nullcontext()
