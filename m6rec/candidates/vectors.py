"""Vectors that somebody brings: of images, sounds, texts, whatever an encoder made of the items.

Compared with each other they are one more source of the crowd and of a taste. Which encoder made them
does not matter, and nothing is trained.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import replaced_file
from m6rec.candidates.kept import digest
from m6rec.errors import CatalogError, ModelFolderError

IDS = ("item_id", "id", "movieid")
VECTORS = ("vector", "vectors", "embedding", "embeddings")
ENDINGS = (".npy", ".npz", ".parquet")


@dataclass(frozen=True, eq=False, slots=True)
class Vectors:
    """Items as directions.

    Attributes:
        units: Centred vectors of length 1, shape (n_items, width); zeros for an item that has none.
    """

    units: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.units)

    def pull(self, rows: NDArray[np.int32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted sum of the cosines with the rows, shape (n_items,)."""
        wanted = weights.astype(np.float32) @ self.units[rows]
        pulled: NDArray[np.float64] = (self.units @ wanted).astype(np.float64)
        return pulled


def of(found: Mapping[str, NDArray[Any]], item_ids: Sequence[str]) -> Vectors:
    """Vectors by item id as those of a catalog; what all items share is taken off, it tells nothing.

    Args:
        found: By item id, all of one width; ids that the catalog does not have are left out.
        item_ids: Ids of the catalog in the order of its rows.

    Raises:
        CatalogError: No item of the catalog has a vector, or widths differ, or a number is not finite.
    """
    rows = [row for row, item_id in enumerate(item_ids) if item_id in found]
    if not rows:
        raise CatalogError(
            f"none of the {len(found)} vectors is of an item of the catalog, whose ids look like "
            f"{item_ids[0]!r}; name the items as the catalog does"
        )
    widths = {np.shape(found[item_ids[row]]) for row in rows}
    if len(widths) > 1:
        raise CatalogError(f"the vectors have different shapes: {sorted(widths)[:3]}; give one")
    given = np.array([found[item_ids[row]] for row in rows], np.float64)
    wrong = ~np.isfinite(given).all(axis=1)
    if wrong.any():
        name = item_ids[rows[int(np.argmax(wrong))]]
        raise CatalogError(f"the vector of item {name!r} has a number that is not finite")
    given -= given.mean(axis=0)
    lengths = np.linalg.norm(given, axis=1, keepdims=True)
    units = np.zeros((len(item_ids), given.shape[1]), np.float32)
    units[rows] = given / np.where(lengths > 0, lengths, 1)
    return Vectors(units)


def read(path: Path, item_ids: Sequence[str]) -> Vectors:
    """Read the vectors of a catalog's items.

    Args:
        path: ``.parquet`` with a column of item ids and one of vectors (or one column per number);
            ``.npz`` with the arrays ``item_id`` and ``vectors``; or ``.npy`` with one row for each item
            in the order of the catalog.
        item_ids: Ids of the catalog in the order of its rows.

    Raises:
        CatalogError: The file cannot be used.
    """
    readers = {".npy": _from_npy, ".npz": _from_npz, ".parquet": _from_parquet}
    if path.suffix.lower() not in readers:
        raise CatalogError(f"{path} is none of {', '.join(ENDINGS)}; write the vectors as one")
    try:
        names, table = readers[path.suffix.lower()](path, item_ids)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogError(
            f"{path} has no vectors that can be read ({error}); give item ids and one vector each"
        ) from error
    if len(names) != len(table):
        raise CatalogError(
            f"{path} has {len(table)} vectors for {len(names)} items; give one for each"
        )
    try:
        return of(dict(zip(names, table, strict=True)), item_ids)
    except CatalogError as error:
        raise CatalogError(f"{path}: {error}") from error


def save(vectors: Vectors, path: Path, item_ids: Sequence[str]) -> None:
    """Write vectors in half precision, for `load`."""
    import torch
    from safetensors.torch import save_file

    header = {"n_items": str(len(vectors)), "items": digest(item_ids[: len(vectors)])}
    with replaced_file(path) as part:
        save_file({"units": torch.from_numpy(vectors.units).half()}, part, metadata=header)
        # The library makes a file for its owner alone.
        part.chmod(path.parent.stat().st_mode & 0o666)


def load(path: Path, item_ids: Sequence[str]) -> Vectors:
    """Read what `save` wrote.

    Raises:
        ModelFolderError: The file cannot be read, or is about other items than the catalog's first.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as opened:
            header, units = opened.metadata() or {}, opened.get_tensor("units")
        n_items, items = int(header["n_items"]), header["items"]
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelFolderError(
            f"{path} has no vectors that can be read; write them again"
        ) from error
    if n_items > len(item_ids) or digest(item_ids[:n_items]) != items:
        raise ModelFolderError(
            f"{path} is about {n_items} other items than the catalog has; write it again, or remove it"
        )
    return Vectors(units.astype(np.float32))


def _from_npy(path: Path, item_ids: Sequence[str]) -> tuple[Sequence[str], Any]:
    return item_ids, np.load(path, allow_pickle=False)


def _from_npz(path: Path, _: Sequence[str]) -> tuple[Sequence[str], Any]:
    with np.load(path, allow_pickle=False) as arrays:
        return [str(name) for name in arrays["item_id"].tolist()], arrays["vectors"]


def _from_parquet(path: Path, _: Sequence[str]) -> tuple[Sequence[str], Any]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    columns = {name.casefold(): name for name in table.column_names}
    id_column = next((columns[name] for name in IDS if name in columns), None)
    if id_column is None:
        raise KeyError(f"no column {' or '.join(IDS)}")
    names = [str(name) for name in table.column(id_column).to_pylist()]
    one = next((columns[name] for name in VECTORS if name in columns), None)
    if one is not None:
        return names, [np.array(cell, np.float64) for cell in table.column(one).to_pylist()]
    rest = [table.column(name).to_numpy() for name in table.column_names if name != id_column]
    return names, np.stack(rest, axis=1).astype(np.float64)
