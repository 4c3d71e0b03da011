"""Figures, comparisons and pictures of a run; leaks that fail it; the same seed twice.

Run: pytest tests/test_evaluation_results.py -n 0
"""

import importlib.util
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, ConfigError, MissingExtraError
from m6rec.evaluation import TASKS, Options, plots, run
from m6rec.evaluation.compare import comparison, differences
from m6rec.evaluation.described import described, diversity_field
from m6rec.evaluation.dials import swept
from m6rec.evaluation.kept import keep, read_results
from m6rec.evaluation.measures import figures, mean, median, slowest, total
from m6rec.evaluation.next_item_task import length_class, next_item_task
from m6rec.evaluation.parts import dumps
from m6rec.evaluation.report import cell
from m6rec.evaluation.task import Scope, Task
from m6rec.interactions import Interactions
from m6rec.records import Item
from m6rec.split import Split, leave_last_out
from tests.evaluation_fakes import CATALOG, COMEDY, WAR, Scripted, checkerboard, request_file

LIGHT = ("popularity", "markov", "ease")


def judged(out: Path, methods: Sequence[str] = LIGHT, **more: Any) -> dict[str, Any]:
    settings = {"k": 3} | more
    return run(
        ["next-item"], methods, out, catalog=CATALOG, interactions=checkerboard(),
        options=Options(**settings),
    )  # fmt: skip


def without_times(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r'"(seconds|elapsed_ms\w*)": [\d.e-]+', "", text)


def test_the_same_seed_twice_gives_the_same_file_but_for_times(tmp_path: Path) -> None:
    for out in ("one", "two"):
        judged(tmp_path / out, limit=7, seed=3)
    one, two = (without_times(tmp_path / out / "results.json") for out in ("one", "two"))
    assert one == two
    judged(tmp_path / "other", limit=7, seed=4)
    assert without_times(tmp_path / "other" / "results.json") != one


# Leaks ------------------------------------------------------------------------------------------


def test_a_split_that_leaks_fails_the_run_and_is_named(tmp_path: Path) -> None:
    def leaky(interactions: Interactions) -> Split:
        return replace(leave_last_out(interactions), train=interactions)

    task = next_item_task("leaky", "Leaky", "Planted", leaky)
    with pytest.raises(
        CatalogError, match="leak: user 'user 0' with item 'id3' is in training and"
    ):
        run([task], ["markov"], tmp_path, catalog=CATALOG, interactions=checkerboard())
    assert not (tmp_path / "results.json").exists()


@dataclass
class Knowing(Scripted):
    """A recommender that says what it has learned from."""

    interactions: Interactions | None = None


def test_a_recommender_that_knows_the_answer_fails_the_run(tmp_path: Path) -> None:
    every = checkerboard()
    knows = Knowing({"": ["id0"]}, interactions=every)
    with pytest.raises(CatalogError, match=r"m6rec: leak: user 'user 0' with item 'id3' is known"):
        run(["next-item"], ["m6rec"], tmp_path, knows, interactions=every)
    results = run(
        ["next-item"], ["m6rec"], tmp_path, knows, interactions=every,
        retrain=lambda _, train: Knowing({"": ["id0"]}, interactions=train),
    )  # fmt: skip
    assert results["tasks"]["next-item"]["m6rec"]["groups"]["all"]["n"] == 12


def test_the_global_split_is_a_task(tmp_path: Path) -> None:
    # The walks of the fakes end at time 103; only the last step of each is after the cutoff.
    results = run(
        ["next-item-global"], ["markov", "popularity"], tmp_path,
        catalog=CATALOG, interactions=checkerboard(), options=Options(k=3),
    )  # fmt: skip
    part = results["tasks"]["next-item-global"]["markov"]
    assert part["settings"]["protocol"] == "global-time-last"
    assert part["settings"]["cutoff"] == 103
    assert part["groups"]["all"]["hit_rate"]["mean"] == 1
    assert any("36 of 48 interactions are before the cutoff" in note for note in results["notes"])


# Figures ----------------------------------------------------------------------------------------


def test_figures_of_rows() -> None:
    rows: list[dict[str, Any]] = [{"a": 1.0, "t": 10}, {"a": 0.0, "t": 30}, {"a": None, "t": 50}]
    measures = (mean("a"), median("t"), total("t"), slowest("t"))
    found = figures((measures[0], measures[1], measures[3]), rows, Scope(CATALOG))
    assert (found["n"], found["a"]["mean"], found["a"]["n_undefined"]) == (3, 1 / 2, 1)
    assert (found["t"], found["t_p95"]) == (30, 50)
    assert figures(measures[2:3], rows, Scope(CATALOG))["t"] == 90
    assert np.isnan(figures(measures[1:2], [{}], Scope(CATALOG))["t"])


def test_lists_are_described_by_fields_and_texts() -> None:
    vectors = np.eye(10, dtype=np.float32)
    (row,) = described([{"shown": ["id0", "id9", "nowhere"]}], CATALOG, vectors)
    assert (row["diversity"], row["diversity_text"], row["popularity"]) == (1, 1, (10 + 1) / 2)
    (blind,) = described([{"shown": ["id0", "id9"]}], CATALOG, None)
    assert np.isnan(blind["diversity_text"])
    assert described([{"other": 1}], CATALOG, None) == [{"other": 1}]
    assert diversity_field(Catalog([Item("x", "X", {"tags": ("a", "b"), "year": 1})])) == "tags"
    assert diversity_field(Catalog([Item("x", "X")])) is None


def test_the_best_peer_is_what_all_are_held_against(tmp_path: Path) -> None:
    part = judged(tmp_path, ["popularity", "markov"])["tasks"]["next-item"]
    assert part["markov"]["against_best_peer"] == {}
    against = part["popularity"]["against_best_peer"]["all"]
    assert against["peer"] == "markov"
    popular = part["popularity"]["groups"]["all"]["hit_rate"]["mean"]
    assert against["mean"] == pytest.approx(popular - 1)
    # Markov is right about all; of the signs of its n leads only all plus and all minus reach so far.
    assert against["p"] == pytest.approx(2 / 2 ** round(12 * (1 - popular)))
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "| method | hit_rate - markov | p | n |" in report
    assert "HR by number of earlier choices:" in report
    assert "| method | 1-30 (n = 12) |" in report


def test_calibration_counts_those_that_state_a_probability(tmp_path: Path) -> None:
    # Scripted says log P = 0 for each item: certain of five, and right about none or one.
    certain = Scripted({"": ["id0"]})
    groups = run(
        ["next-item"], ["m6rec", "markov"], tmp_path, certain,
        interactions=checkerboard(), options=Options(k=3),
    )["tasks"]["next-item"]  # fmt: skip
    right = groups["m6rec"]["groups"]["all"]["hit_rate"]["mean"]
    assert groups["m6rec"]["groups"]["all"]["calibration_error"] == pytest.approx(1 - right)
    assert np.isnan(groups["markov"]["groups"]["all"]["calibration_error"])


@pytest.mark.parametrize(
    ("n", "name"), [(1, "1-30"), (30, "1-30"), (31, "31-70"), (200, "71-200"), (2000, "201+")]
)
def test_classes_of_history_length(n: int, name: str) -> None:
    assert length_class(n) == name


def test_cells() -> None:
    assert cell({"mean": 0.25, "low": 0.2, "high": 0.3}) == "0.250 (0.200-0.300)"
    assert cell({"mean": -0.1, "low": -0.2, "high": 0.05}) == "-0.100 (-0.200 to 0.050)"
    assert cell({"mean": 0.1, "low": 0.0, "high": 0.2}, signed=True) == "+0.100 (+0.000 to +0.200)"
    assert cell({"mean": 0.1, "low": float("nan"), "high": float("nan")}) == "0.100"
    assert (cell(None), cell(float("nan")), cell(3, 0)) == ("-", "-", "3")


def test_a_row_is_a_line_of_the_file() -> None:
    value = {"rows": [{"b": (1, 2), "a": float("nan")}, {"b": [], "a": 1}], "n": 2, "none": []}
    text = dumps(value)
    assert json.loads(text) == {"rows": [{"b": [1, 2], "a": None}, {"b": [], "a": 1}]} | {
        "n": 2,
        "none": [],
    }
    assert '  {"a": null, "b": [1, 2]},\n' in text


# Tasks, dials, missing extras -------------------------------------------------------------------


def test_every_task_is_complete() -> None:
    for name, task in TASKS.items():
        assert task.name == name
        names = [measure.name for measure in task.measures]
        assert len({*names}) == len(names), name
        assert task.compared[0] in names, name
    with pytest.raises(ConfigError, match="cannot be called 'a b'"):
        replace(TASKS["requests"], name="a b")


def test_a_dial_is_a_method_per_value() -> None:
    assert swept(["voices.popularity=0,0.5"]) == {
        "m6rec+voices.popularity=0": {"voices": {"popularity": 0}},
        "m6rec+voices.popularity=0.5": {"voices": {"popularity": 0.5}},
    }
    novelty = swept(["ranking.novelty=1"])["m6rec+ranking.novelty=1"]
    assert novelty == {"ranking": {"novelty": 1}}


@pytest.mark.parametrize("dial", ["novelty=1", "ranking.novelty", "ranking.novelty=", ".a=1"])
def test_what_is_no_dial_is_refused(dial: str) -> None:
    with pytest.raises(ConfigError, match="is no dial; write SECTION"):
        swept([dial])
    with pytest.raises(ConfigError, match=r"'x' in 'a\.b=x' is no number"):
        swept(["a.b=x"])


def test_a_missing_extra_fails_or_is_noted(tmp_path: Path) -> None:
    def prepare(methods: Any, plan: Any) -> Any:
        prepared = TASKS["next-item"].prepare(methods, plan)

        def rows(method: str) -> Any:
            if method == "ease":
                raise MissingExtraError("ease needs a package; install it with: pip install ease")
            return prepared.rows(method)

        return replace(prepared, rows=rows)

    task: Task = replace(TASKS["next-item"], name="next", prepare=prepare)
    given: dict[str, Any] = {"catalog": CATALOG, "interactions": checkerboard()}
    with pytest.raises(MissingExtraError, match="pip install ease"):
        run([task], LIGHT, tmp_path / "strict", **given)
    results = run([task], LIGHT, tmp_path / "mild", options=Options(skip_missing=True), **given)
    assert [*results["tasks"]["next"]] == ["popularity", "markov"]
    assert "next: left out ease; ease needs a package" in " ".join(results["notes"])

    def no_vectors(_: Catalog) -> Any:
        raise MissingExtraError("vectors need a package")

    results = run([task], ["markov"], tmp_path / "v", options=Options(embed=no_vectors), **given)
    assert "text diversity left out; vectors need a package" in results["notes"]


# Pictures ---------------------------------------------------------------------------------------


def test_pictures_are_drawn_and_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    said = Scripted({"": ["id1", "id7"]})
    run(
        ["next-item"], ["m6rec", "m6rec+a.b=1", "m6rec+a.b=2", *LIGHT], tmp_path,
        {"m6rec": said, "m6rec+a.b=1": said, "m6rec+a.b=2": said},
        interactions=checkerboard(),
        options=Options(k=3, plots=True),
    )  # fmt: skip
    drawn = {path.name for path in (tmp_path / "plots").iterdir()}
    kinds = ("diversity", "latency", "dial-a.b", "popularity", "slices")
    assert drawn == {f"next-item-{kind}.png" for kind in kinds}
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "![next-item-diversity.png](plots/next-item-diversity.png)" in report


def test_a_dial_that_was_turned_has_a_picture_of_its_own() -> None:
    pytest.importorskip("matplotlib")
    row = {"hit_rate": {"mean": 0.2}, "ndcg": {"mean": 0.1}, "diversity": 0.5, "novelty": 9.0}
    turned = {**row, "ndcg": {"mean": 0.09}, "diversity": 0.6}
    figures = {"m6rec": row, "m6rec+a.b=2": turned, "m6rec+a.b=0": row, "m6rec+a.c=1": row}
    drawn = dict(plots._figures(TASKS["next-item"], "hit_rate", figures, {}, Scope(CATALOG)))
    assert [name for name in drawn if name.startswith("dial")] == ["dial-a.b"]
    lines = {line.get_label(): line.get_xydata() for line in drawn["dial-a.b"].axes[0].lines}
    assert lines["ndcg"].tolist() == [[0, 0], [2, pytest.approx(-10)]]
    assert lines["diversity"].tolist() == [[0, 0], [2, pytest.approx(20)]]
    assert "coverage" not in lines


def test_without_matplotlib_the_run_succeeds_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("m6rec.evaluation.plots.PACKAGE", "no_such_drawing_package")
    results = judged(tmp_path, plots=True)
    assert any("pip install 'm6rec[eval]'" in note for note in results["notes"])
    assert not (tmp_path / "plots").exists()
    assert importlib.util.find_spec("no_such_drawing_package") is None


# Comparisons ------------------------------------------------------------------------------------


def test_two_folders_are_compared_row_by_row(tmp_path: Path) -> None:
    request = request_file(tmp_path, COMEDY, WAR)
    settings = Options(k=2, request_files=(request,))
    worse = Scripted({"a comedy": ["id0", "id9"], "a war film": ["id8", "id9"]})
    better = Scripted({"a comedy": ["id0", "id1"], "a war film": ["id8", "id9"]})
    run(["requests"], ["m6rec", "popularity"], tmp_path / "a", worse, options=settings)
    run(["requests"], ["m6rec"], tmp_path / "b", better, options=settings)
    found, notes = differences(read_results(tmp_path / "a"), read_results(tmp_path / "b"))
    (precision,) = [row for row in found if row.metric == "precision"]
    assert (precision.task, precision.group, precision.method) == ("requests", "toy", "m6rec")
    assert (precision.before, precision.after) == (3 / 4, 1)
    assert (precision.change.mean, precision.change.n, precision.p) == (1 / 4, 2, 1)
    assert notes == ["requests: popularity is only in the first folder"]
    text = comparison(tmp_path / "a", tmp_path / "b")
    assert "| m6rec | precision | 2 | 0.750 | 1.000 | +0.250 (" in text


def test_other_cases_are_not_paired(tmp_path: Path) -> None:
    judged(tmp_path / "a")
    judged(tmp_path / "b", k=4)
    found, notes = differences(read_results(tmp_path / "a"), read_results(tmp_path / "b"))
    assert found
    assert all(np.isnan(row.change.mean) and np.isnan(row.p) for row in found)
    assert "next-item markov: other cases (k differ); not paired" in notes


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no result of an evaluation"):
        read_results(tmp_path)
    (tmp_path / "results.json").write_text('{"tasks": []}', encoding="utf-8")
    with pytest.raises(ConfigError, match="has no tasks"):
        read_results(tmp_path)


def test_what_is_kept_can_be_compared_and_is_the_same_each_time(tmp_path: Path) -> None:
    judged(tmp_path / "run")
    first = {path.name: path.read_bytes() for path in keep(tmp_path / "run", tmp_path / "kept")}
    again = {path.name: path.read_bytes() for path in keep(tmp_path / "run", tmp_path / "kept")}
    assert first == again
    assert {*first} == {"results.json.gz", "report.md"}
    assert read_results(tmp_path / "kept") == read_results(tmp_path / "run")
    found, notes = differences(read_results(tmp_path / "run"), read_results(tmp_path / "kept"))
    assert notes == []
    assert {row.change.mean for row in found} == {0}
    with pytest.raises(ConfigError, match="is no result"):
        keep(tmp_path / "none", tmp_path / "kept")
