"""One evaluation run: resumable, refusing what makes no sense, written down whole.

Run: pytest tests/test_evaluation_run.py -n 0
"""

import json
import re
import sys
from pathlib import Path

import pytest

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError, MissingExtraError
from m6rec.evaluation import METHODS, TASKS, Options, run
from m6rec.interactions import Interactions
from m6rec.records import Item
from tests.evaluation_fakes import CATALOG, COMEDY, WAR, Scripted, checkerboard, request_file


def without_times(text: str) -> str:
    return re.sub(r'"(seconds|elapsed_ms\w*)": [\d.e-]+', "", text)


def options(folder: Path, **more: object) -> Options:
    return Options(request_files=(request_file(folder, COMEDY, WAR),), k=3, **more)  # type: ignore[arg-type]


def test_a_run_writes_results_and_a_report(tmp_path: Path) -> None:
    said = Scripted(
        {"a comedy": ["id0", "id1", "id2"], "a war film": ["id9", "id0", "id8"], "": []}
    )
    results = run(
        ["requests", "next-item"],
        ["m6rec", "popularity", "markov"],
        tmp_path / "out",
        said,
        interactions=checkerboard(),
        options=options(tmp_path),
    )
    asked = results["tasks"]["requests"]
    assert asked["m6rec"]["groups"]["toy"]["precision"]["mean"] == pytest.approx((1 + 2 / 3) / 2)
    assert asked["popularity"]["slices"]["toy / genre"]["precision"]["mean"] == 1 / 2
    assert set(asked) == {"m6rec", "popularity"}
    next_item = results["tasks"]["next-item"]
    assert next_item["markov"]["groups"]["all"]["hit_rate"]["mean"] == 1
    assert next_item["m6rec"]["groups"]["all"]["hit_rate"]["mean"] == 0
    assert any("left out markov;" in note for note in results["notes"])
    assert any("m6rec judged as given" in note for note in results["notes"])
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert written["tasks"]["requests"]["m6rec"]["rows"][0]["shown"] == ["id0", "id1", "id2"]
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "| m6rec | 2 | 0.833 (" in report
    assert "| markov | 12 | 1.000 (1.000-1.000) |" in report


def test_an_interrupted_run_resumes_to_the_same_result(tmp_path: Path) -> None:
    def result(out: str, stop_at: int | None = None) -> str:
        def stop(what: str, done: int, total: int) -> None:
            if stop_at is not None and (what, done) == ("next-item ease", stop_at):
                raise KeyboardInterrupt

        run(
            ["next-item"],
            ["markov", "ease"],
            tmp_path / out,
            catalog=CATALOG,
            interactions=checkerboard(),
            options=Options(k=3, limit=7, progress=stop),
        )
        return (tmp_path / out / "results.json").read_text(encoding="utf-8")

    whole = result("whole")
    with pytest.raises(KeyboardInterrupt):
        result("parts", stop_at=3)
    parts = tmp_path / "parts" / "parts"
    assert [path.name for path in parts.iterdir()] == ["next-item--markov.json"]
    kept = (parts / "next-item--markov.json").read_bytes()
    assert without_times(result("parts")) == without_times(whole)
    assert (parts / "next-item--markov.json").read_bytes() == kept
    assert len(json.loads(whole)["tasks"]["next-item"]["markov"]["rows"]) == 7


def test_parts_of_other_settings_are_refused(tmp_path: Path) -> None:
    said = Scripted({"a comedy": ["id0"], "a war film": []})
    out = tmp_path / "out"
    run(["requests"], ["m6rec"], out, said, options=options(tmp_path, settings={"alpha": 1}))
    with pytest.raises(ConfigError, match=r"made with other settings \(recommender\)"):
        run(["requests"], ["m6rec"], out, said, options=options(tmp_path, settings={"alpha": 2}))
    (out / "parts" / "requests--m6rec.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="delete it to make it again"):
        run(["requests"], ["m6rec"], out, said, options=options(tmp_path, settings={"alpha": 1}))


def test_several_recommenders_stand_in_one_table(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []

    def retrain(name: str, train: Interactions) -> Scripted:
        told.append((name, len(train)))
        return Scripted({"": ["id0"]})

    results = run(
        ["next-item"],
        ["plain", "voiced"],
        tmp_path,
        {"plain": Scripted({}), "voiced": Scripted({})},
        interactions=checkerboard(),
        retrain=retrain,
        options=Options(k=3),
    )
    assert list(results["tasks"]["next-item"]) == ["plain", "voiced"]
    assert told == [("plain", 36), ("voiced", 36)]
    assert not any("judged as given" in note for note in results["notes"])


@pytest.mark.parametrize(
    ("tasks", "methods", "message"),
    [
        (["request"], ["popularity"], "unknown task 'request'; did you mean 'requests'"),
        (["requests"], ["populariti"], "unknown method 'populariti'; did you mean 'popularity'"),
        (["requests"], ["m6rec"], "'m6rec'; it needs a recommender"),
        (["next-item"], ["markov"], "needs interactions"),
        ([], ["markov"], "no task to evaluate"),
        (["requests"], [], "no method to evaluate"),
    ],
)
def test_a_run_that_makes_no_sense_is_refused(
    tmp_path: Path, tasks: list[str], methods: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        run(tasks, methods, tmp_path, catalog=CATALOG, options=options(tmp_path))


def test_the_catalog_has_to_be_known_and_shared(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to evaluate on"):
        run(["requests"], ["popularity"], tmp_path)
    other = Scripted({}, catalog=Catalog([Item("x", "X")]))
    with pytest.raises(ConfigError, match="different catalogs"):
        run(["requests"], ["m6rec"], tmp_path, other, catalog=CATALOG)
    with pytest.raises(ConfigError, match="cannot be called 'popularity'"):
        run(["requests"], ["popularity"], tmp_path, {"popularity": Scripted({})})
    with pytest.raises(ConfigError, match="limit is 0"):
        Options(limit=0)


def test_minilm_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("m6rec.evaluation.peers.PACKAGE", "no_such_sentence_model")
    with pytest.raises(MissingExtraError, match="pip install"):
        run(["requests"], ["minilm"], tmp_path, catalog=CATALOG, options=options(tmp_path))


def test_the_door_is_light() -> None:
    import subprocess

    code = (
        "import sys, m6rec.evaluation; print({'torch', 'transformers', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"


def test_every_task_that_judges_recommenders_has_the_popularity_peer() -> None:
    without = {name for name, peers in METHODS.items() if "popularity" not in peers}
    silent = {name for name, task in TASKS.items() if not task.own}
    assert without == silent | {"dialogues"}, "popularity cannot hold a conversation"
