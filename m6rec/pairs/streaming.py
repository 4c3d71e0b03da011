"""Pairs as a stream of the package `datasets`, for those who tune with tools of their own."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from m6rec.errors import MissingExtraError
from m6rec.pairs.curriculum import Curriculum

if TYPE_CHECKING:
    from datasets import IterableDataset


def pairs_dataset(curriculum: Curriculum, seed: int = 0, n: int | None = None) -> "IterableDataset":
    """Training pairs as a `datasets.IterableDataset` of dicts with the fields of `TextPair`.

    Nothing is stored: every pair is drawn when it is asked for, the same ones in the same order for
    the same seed. Take a number of them with ``.take(n)``, or give `n`.

    Args:
        curriculum: Draws the pairs.
        seed: Another seed, other pairs.
        n: How many; None for no end.

    Raises:
        MissingExtraError: The package ``datasets`` is not installed.
    """
    try:
        from datasets import IterableDataset
    except ImportError as error:
        raise MissingExtraError(
            "streaming pairs needs the package datasets; install it with: pip install 'm6rec[hub]'"
        ) from error
    return IterableDataset.from_generator(
        _rows, gen_kwargs={"curriculum": curriculum, "seed": seed, "n": n}
    )


def _rows(curriculum: Curriculum, seed: int, n: int | None) -> Iterator[dict[str, Any]]:
    for drawn, pair in enumerate(curriculum.stream(seed)):
        if n is not None and drawn >= n:
            return
        row = asdict(pair)
        yield {name: list(v) if isinstance(v, tuple) else v for name, v in row.items()}
