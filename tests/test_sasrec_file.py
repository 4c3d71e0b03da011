"""A network comes back from disk as it was, and only for the items it was trained with.

Run: pytest tests/test_sasrec_file.py -n 0
"""

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from m6rec.candidates import sasrec, sasrec_file
from m6rec.errors import ConfigError, ModelFolderError
from tests.choices import CATALOG, N_ITEMS, TOGETHER, chosen, rows

IDS = [item.item_id for item in CATALOG]
SMALL = sasrec.Settings(width=8, length=4, batch=8, epochs=2, negatives=0, seed=3)


@pytest.fixture(scope="module")
def model() -> sasrec.SasRec:
    return sasrec.fit(chosen(*TOGETHER), N_ITEMS, SMALL)


@pytest.fixture
def path(model: sasrec.SasRec, tmp_path: Path) -> Path:
    path = tmp_path / "sasrec.safetensors"
    sasrec_file.save(model, path, IDS)
    return path


@pytest.mark.parametrize("history", [(), (0,), (2, 3, 4, 0, 1)])
def test_it_scores_as_before(model: sasrec.SasRec, path: Path, history: tuple[int, ...]) -> None:
    loaded = sasrec_file.load(path, IDS)
    assert loaded.settings == SMALL
    assert np.allclose(loaded.scores(rows(*history)), model.scores(rows(*history)), atol=0.01)


def test_the_header_says_how_it_was_trained_and_numbers_are_halved(path: Path) -> None:
    with safe_open(path, framework="pt") as opened:
        assert '"seed": 3' in opened.metadata()["settings"]
        assert str(opened.get_tensor("biases").dtype) == "torch.float16"


def test_a_catalog_that_has_grown_may_use_it(model: sasrec.SasRec, path: Path) -> None:
    loaded = sasrec_file.load(path, [*IDS, "new"])
    assert loaded.scores(rows(1)).shape == (N_ITEMS,)


@pytest.mark.parametrize("ids", [IDS[:-1], [*reversed(IDS)], []])
def test_other_items_are_refused(path: Path, ids: list[str]) -> None:
    with pytest.raises(ModelFolderError, match="7 other items"):
        sasrec_file.load(path, ids)


def test_what_is_no_network_is_refused_in_one_line(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelFolderError, match="tune again") as caught:
        sasrec_file.load(path, IDS)
    assert "\n" not in str(caught.value)


def test_ids_must_be_those_of_all_items(model: sasrec.SasRec, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="6 ids for 7 items"):
        sasrec_file.save(model, tmp_path / "x", IDS[:-1])
    assert not list(tmp_path.iterdir())
