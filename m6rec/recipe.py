"""Which code made a stored result: a digest of its sources, so that nobody has to count versions.

What is prepared once and kept (a converted data set, a tree) is only as good as the code that prepared
it. A number that people must raise by hand was forgotten within a day; the sources cannot be.
"""

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path


def recipe(modules: Iterable[str], files: Iterable[Path] = ()) -> str:
    """A digest that changes with the text of modules and data files.

    Line ends do not count, so that a checkout on another system agrees.

    Args:
        modules: Dotted names of modules whose sources decide what is stored.
        files: Data files that decide as well.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for module in modules:
        spec = find_spec(module)
        # Without sources (a frozen application) nothing can change below a running version either.
        if spec is not None and spec.origin is not None and Path(spec.origin).is_file():
            _add(digest, module, Path(spec.origin))
    for file in files:
        _add(digest, file.name, file)
    return digest.hexdigest()[:16]


def _add(digest: "hashlib._Hash", name: str, file: Path) -> None:
    digest.update(name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
