"""Probes: shares that sum to one, files that are read back, items that fit as their kinds do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.decoding.probe import FLOOR, Probe, granting, pairs_of_kinds
from m6rec.errors import ModelFolderError

PROBE = Probe(
    ("comedy", "war", "western"),
    np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], np.float32),
    np.array([0.0, 0.25, -0.5], np.float32),
    "Movie",
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=2))
def test_shares_are_a_distribution(state):
    shares = PROBE.shares(np.array(state, np.float32))
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()


def test_shares_are_the_softmax_worked_by_hand():
    logits = np.array([2.0, 1.25, 1.0])
    expected = np.exp(logits) / np.exp(logits).sum()
    assert PROBE.shares(np.array([2.0, 1.0], np.float32)) == pytest.approx(expected, abs=1e-6)


def test_a_saved_probe_is_the_same_probe(tmp_path):
    PROBE.save(tmp_path / "probe.safetensors")
    read = Probe.load(tmp_path / "probe.safetensors")
    assert (read.kinds, read.noun) == (PROBE.kinds, PROBE.noun)
    np.testing.assert_array_equal(read.weights, PROBE.weights)
    np.testing.assert_array_equal(read.biases, PROBE.biases)


@pytest.mark.parametrize("content", [b"", b"not a probe", b"\x00" * 64])
def test_a_file_that_is_no_probe_is_refused(tmp_path, content):
    path = tmp_path / "probe.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFolderError, match="not a probe"):
        Probe.load(path)


def test_a_probe_with_too_few_kinds_is_refused(tmp_path):
    path = tmp_path / "probe.safetensors"
    Probe(PROBE.kinds[:2], PROBE.weights, PROBE.biases, "Movie").save(path)
    with pytest.raises(ModelFolderError, match="damaged"):
        Probe.load(path)


def test_an_item_fits_as_likely_as_all_its_kinds_together():
    spoken = [("comedy",), ("comedy", "war"), (), ("musical",), ("war", "war")]
    rows, which = pairs_of_kinds(PROBE.names, spoken)
    fits = granting(np.array([0.5, 0.3, 0.2]), rows, which, len(spoken))
    mean = (0.5 + 0.8 + 0.3) / 3
    assert fits == pytest.approx(FLOOR + np.array([0.5, 0.8, mean, mean, 0.3]))


def test_a_catalog_of_unknown_kinds_is_left_alone():
    rows, which = pairs_of_kinds(PROBE.names, [("lamp",), ()])
    assert len(set(granting(np.array([0.5, 0.3, 0.2]), rows, which, 2))) == 1
