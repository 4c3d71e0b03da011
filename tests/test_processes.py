"""Two processes that share each step end where one process ends, and only the first writes.

Run: pytest tests/test_processes.py -n 0
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tiny_tuning import Place, losses, weights
from tests.two_processes import main

SCRIPT = Path(__file__).with_name("two_processes.py")
LAUNCH = (
    # `--cpu` would start one process; the variable keeps both off any accelerator instead.
    *("accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1"),
    *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"),
)


def launched(*command: str) -> subprocess.CompletedProcess[str]:
    """A script, or a module after ``-m``, as two processes."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(SCRIPT.parent.parent),
        "ACCELERATE_USE_CPU": "true",
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",
    }
    return subprocess.run(
        [sys.executable, "-m", *LAUNCH, *command],
        env=environment, capture_output=True, text=True, timeout=480, check=False,
    )  # fmt: skip


def two(folder: Path, *chosen: str) -> list[dict[str, Any]]:
    """What each of two processes ended with."""
    done = launched(str(SCRIPT), str(folder), *chosen)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.slow
def test_two_processes_end_where_one_does(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    main(tmp_path / "one", "lora", "catalog", 2)
    one = json.loads((tmp_path / "one" / "0.json").read_text())
    first, second = two(tmp_path / "two", "lora", "catalog", "2")
    # Sums of thousands of numbers in float32: the order of adding shows in the sixth digit.
    assert first["tuned"] == pytest.approx(one["tuned"], rel=1e-4, abs=1e-5)
    assert first["tuned"] == second["tuned"], "the processes must not drift apart"
    assert first["reported"] == pytest.approx(one["reported"], rel=1e-4)
    assert second["reported"] == [], "only the first process reports"
    assert first["history"] == second["history"]
    for found, expected in zip(first["history"], one["history"], strict=True):
        assert found == pytest.approx(expected, rel=1e-4)
    assert first["tokens"] == one["tokens"]
    assert first["seconds"] == second["seconds"], "both must plan the same number of steps"
    assert {p.name for p in (tmp_path / "two" / "run").iterdir()} == {"best", "last"}


@pytest.mark.slow
def test_the_whole_command_as_two_processes_makes_the_folder_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("M6REC_HOME", str(tmp_path / "home"))
    place = Place(tmp_path)
    one, out = place.tune("one"), tmp_path / "two"
    place.plan("two")
    files = [str(place.films), str(place.choices), "--base", str(place.base)]
    done = launched("-m", "m6rec.cli", "tune", *files, "--out", str(out), "--resume")
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr.count("reading the neutral request") == 1, "only the first process tells"
    assert done.stderr.count("validation loss") == 1
    assert not (tmp_path / "two.tuning").exists()
    assert {p.name for p in out.iterdir()} == {p.name for p in one.iterdir()}
    mine, theirs = weights(out), weights(one)
    assert mine.keys() == theirs.keys()
    # The folder's weights are rounded to eight bits, and the sums differ in the sixth digit.
    assert all(np.allclose(mine[name], theirs[name], rtol=2e-2, atol=1e-4) for name in mine)
    for found, expected in zip(losses(out), losses(one), strict=True):
        assert found[:2] == expected[:2]
        # The model computes in bfloat16 where the processor can: three digits.
        assert found[2] == pytest.approx(expected[2], rel=5e-3)
    again = launched("-m", "m6rec.cli", "tune", *files, "--out", str(out))
    assert again.returncode != 0
    assert again.stderr.count("is already there") == 1, (
        "one line of error, not one for each process"
    )
