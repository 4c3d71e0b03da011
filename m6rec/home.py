"""Where m6rec keeps what it fetched and made: one folder per user."""

import os
from pathlib import Path


def home() -> Path:
    """Return the folder for fetched artifacts, converted models and data.

    The environment variable ``M6REC_HOME`` overrides the user's cache folder. The variable is read
    at every call, so a test or a service can redirect it. The folder need not exist yet.
    """
    chosen = os.environ.get("M6REC_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("m6rec", appauthor=False)
