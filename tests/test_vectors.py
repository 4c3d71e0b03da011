"""Vectors that somebody brings: read by item id, compared, kept, refused when they cannot be used.

Run: pytest tests/test_vectors.py -n 0
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from m6rec.candidates import crowd, taste, vectors
from m6rec.candidates.likeness import Likeness
from m6rec.errors import CatalogError, ModelFolderError
from tests.choices import CATALOG, N_ITEMS, TOGETHER, chosen, rows

IDS = [item.item_id for item in CATALOG]
PICTURES = np.array([[9.0, 0], [0, 9], [9, 1], [0, 8], [8, 0], [1, 9], [9, 0]])
BROUGHT = vectors.of(dict(zip(IDS, PICTURES, strict=True)), IDS)


def write(path: Path) -> Path:
    """The pictures in the form that the ending asks for, with the items in another order."""
    names, table = IDS[::-1], PICTURES[::-1]
    if path.suffix == ".npy":
        np.save(path, PICTURES)
    elif path.suffix == ".npz":
        np.savez(path, item_id=names, vectors=table)
    elif path.name == "list.parquet":
        pd.DataFrame({"item_id": names, "embedding": list(table)}).to_parquet(path)
    else:
        columns = pd.DataFrame(table, columns=["x", "y"])
        columns.assign(item_id=[int(name) for name in names]).to_parquet(path)
    return path


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "list.parquet", "columns.parquet"])
def test_every_form_gives_the_same(tmp_path: Path, name: str) -> None:
    found = vectors.read(write(tmp_path / name), IDS)
    np.testing.assert_allclose(found.units, BROUGHT.units, rtol=1e-6)


def test_they_are_centred_and_of_length_one() -> None:
    np.testing.assert_allclose(np.linalg.norm(BROUGHT.units, axis=1), 1, rtol=1e-6)
    like = BROUGHT.pull(rows(0), np.ones(1))
    assert like[0] == pytest.approx(1)
    assert like[[2, 4, 6]].min() > 0.9
    assert like[[1, 3, 5]].max() < -0.9


def test_an_item_without_a_vector_is_like_nothing() -> None:
    some = vectors.of({"0": PICTURES[0], "1": PICTURES[1], "elsewhere": PICTURES[2]}, IDS)
    assert some.units.any(axis=1).tolist() == [True, True, *[False] * 5]


def test_the_crowd_and_a_taste_hear_them() -> None:
    choices = chosen(*TOGETHER)
    learned = {crowd.VECTORS: Likeness(BROUGHT)}
    deaf, hearing = (
        crowd.fit(choices, N_ITEMS, learned=one).mass(rows(0)) for one in ({}, learned)
    )
    assert hearing[6] > deaf[6]
    few = taste.fit(CATALOG, choices).mass(rows(0))
    more = taste.fit(CATALOG, choices, brought=learned[crowd.VECTORS]).mass(rows(0))
    assert more[6] > few[6]
    assert more.sum() == pytest.approx(1)


def test_they_come_back_from_a_folder_for_a_catalog_that_has_grown(tmp_path: Path) -> None:
    crowd.save({crowd.VECTORS: Likeness(BROUGHT)}, tmp_path, IDS)
    loaded = crowd.load(tmp_path, [*IDS, "new"])[crowd.VECTORS]
    assert loaded.mass(rows(0)) == pytest.approx(Likeness(BROUGHT).mass(rows(0)), rel=1e-2)
    grown = taste.fit(CATALOG, brought=vectors_of_five()).mass(rows(0, 6))
    assert np.isfinite(grown).all()
    with pytest.raises(ModelFolderError, match="7 other items"):
        crowd.load(tmp_path, IDS[::-1])
    (tmp_path / "vectors.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelFolderError, match="no vectors that can be read"):
        crowd.load(tmp_path, IDS)


def vectors_of_five() -> Likeness:
    return Likeness(vectors.Vectors(BROUGHT.units[:5]))


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"x": np.ones(2)}, "none of the 1 vectors"),
        ({"0": np.ones(2), "1": np.ones(3)}, "different shapes"),
        ({"0": np.array([1, np.nan]), "1": np.ones(2)}, "'0' has a number that is not finite"),
    ],
)
def test_what_cannot_be_used_is_refused(found: dict[str, np.ndarray], why: str) -> None:
    with pytest.raises(CatalogError, match=why):
        vectors.of(found, IDS)


def test_a_file_that_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"nothing")
    np.save(tmp_path / "short.npy", PICTURES[:3])
    pd.DataFrame({"title": ["x"], "x": [1.0]}).to_parquet(tmp_path / "a.parquet")
    for name in ("a.npy", "short.npy", "a.parquet", "missing.npz", "a.txt"):
        with pytest.raises(CatalogError, match=name) as failure:
            vectors.read(tmp_path / name, IDS)
        assert "\n" not in str(failure.value)
