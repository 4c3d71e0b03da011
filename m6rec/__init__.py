"""Open-ended recommendation: a causal language model that can only name items of your catalog.

The names below are the whole public surface. What needs a heavy import is loaded on first use, so
that ``import m6rec`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from m6rec.errors import (
    CatalogError,
    ConfigError,
    FilterError,
    M6RecError,
    MissingExtraError,
    ModelError,
    ModelFolderError,
    PullError,
    RequestError,
    UserError,
)
from m6rec.records import Answer, Interaction, Item, Match, Recommendation, Request

if TYPE_CHECKING:
    from m6rec.catalog import Catalog
    from m6rec.recommender import Recommender

    __version__: str

__all__ = [
    "Answer",
    "Catalog",
    "CatalogError",
    "ConfigError",
    "FilterError",
    "Interaction",
    "Item",
    "M6RecError",
    "Match",
    "MissingExtraError",
    "ModelError",
    "ModelFolderError",
    "PullError",
    "Recommendation",
    "Recommender",
    "Request",
    "RequestError",
    "UserError",
    "__version__",
]

_LAZY = {"Catalog": "m6rec.catalog", "Recommender": "m6rec.recommender"}


def __getattr__(name: str) -> Any:
    """Load a heavy export, or the version, when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("m6rec")
    elif name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
    else:
        raise AttributeError(f"module 'm6rec' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
