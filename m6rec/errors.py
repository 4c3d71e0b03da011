"""Everything m6rec raises on purpose.

::

    M6RecError                  never raised itself
    ├── UserError               the user's mistake; the command line prints one line and exits 2
    │   ├── CatalogError        a catalog or interactions file cannot be used as it is
    │   ├── ConfigError         a setting is unknown or out of range
    │   ├── FilterError         a filter cannot be parsed, or leaves no item
    │   ├── RequestError        a request cannot be answered as it was put
    │   └── ModelFolderError    a model folder is missing, incomplete or made for other data
    ├── PullError               nothing could be fetched, or what came has the wrong hash
    ├── MissingExtraError       an optional dependency is not installed
    └── ModelError              the language model returned something unusable (NaN, wrong shape)

Each message is one line: what is wrong, the value, where it was found, what to do.
"""


class M6RecError(Exception):
    """Root of the tree, for callers who want to catch everything m6rec raises on purpose."""


class UserError(M6RecError):
    """The user can mend it; shown as one line, exit code 2."""


class CatalogError(UserError):
    """A catalog or interactions file cannot be used; names file, row and remedy."""


class ConfigError(UserError):
    """A setting is unknown, of the wrong type or out of range."""


class FilterError(UserError):
    """A filter expression cannot be parsed, names no field, or leaves no item."""


class RequestError(UserError):
    """A request cannot be answered as it was put (nothing asked, k below 1, too long)."""


class ModelFolderError(UserError):
    """A model folder is missing, incomplete, or was made for other data."""


class PullError(M6RecError):
    """Nothing reachable had the artifact, or what arrived has the wrong hash."""


class MissingExtraError(M6RecError):
    """An optional dependency is not installed; the message gives the pip line."""


class ModelError(M6RecError):
    """The language model returned something unusable, such as NaN."""
