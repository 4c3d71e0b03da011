"""Tuning further: new choices are taken in, old pairs are judged before and after, nonsense is refused.

Run: pytest tests/test_continue_tuning.py -n 0
"""

from pathlib import Path

import pytest

from m6rec import Recommender
from m6rec.catalog import Catalog
from m6rec.errors import CatalogError, ConfigError, M6RecError, ModelFolderError
from m6rec.feedback import Feedback
from m6rec.interactions import Interactions
from m6rec.making import continuing
from m6rec.making import scores as scores_of_runs
from m6rec.making.journal import first, read_journal
from m6rec.model_folder import open_model_folder
from m6rec.records import Item
from m6rec.tune import continue_tuning
from m6rec.tuning.adapters import METHODS
from tests.tiny_catalogs import films
from tests.tiny_tuning import Place, same

NEW = [
    (f"u{user}", (user * 7 + step * 3) % 20, 100 + step)
    for user in range(4)
    for step in (10, 11, 12)
]
"""Three more choices of four users, none of which they had made."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("continue"))


@pytest.fixture(scope="module")
def tuned(place: Place) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("M6REC_HOME", str(place.path / "home"))
        return place.tune("tuned")


@pytest.fixture(scope="module")
def more(place: Place, tuned: Path) -> Path:
    """The tuned folder with twelve new choices, learned in steps large enough to see."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("M6REC_HOME", str(place.path / "home"))
        new = place.write("new.csv", NEW)
        place.plan("more", validate_every=3)
        return continue_tuning(
            tuned, new, out=place.path / "more", resume=True, loop={"learning_rate": 2e-3}
        )


def test_the_new_folder_knows_old_and_new_choices(tuned: Path, more: Path) -> None:
    old, new = (
        Interactions.load(open_model_folder(folder).interactions, films())
        for folder in (tuned, more)
    )
    assert len(new) == len(old) + len(NEW)
    history = Recommender.load(more).recommend("more", user="u2", k=20)
    assert len(history) == 20 - len({*new.history("u2").tolist()})
    assert (more / "crowd" / "sasrec.safetensors").read_bytes() != (
        tuned / "crowd" / "sasrec.safetensors"
    ).read_bytes()
    assert (more / "neutral.f16").read_bytes() == (tuned / "neutral.f16").read_bytes()
    assert (more / "config.toml").read_bytes() == (tuned / "config.toml").read_bytes()


def test_it_goes_on_from_the_weights_of_before(tuned: Path, more: Path) -> None:
    scores = open_model_folder(more).manifest.scores
    was = open_model_folder(tuned).manifest.scores
    # The old pairs are judged as they were when the folder was tuned.
    assert scores["old_before"] == pytest.approx(was["loss"], rel=0.02)
    assert not same(tuned, more)


def test_old_and_new_pairs_are_judged_before_and_after(more: Path) -> None:
    scores = open_model_folder(more).manifest.scores
    assert {"old_before", "old_after", "new_before", "new_after"} <= scores.keys()
    assert scores["loss"] < scores["loss_before"]
    assert scores["step"] > 0
    card = (more / "README.md").read_text(encoding="utf-8")
    assert "Tuned further from tuned: 12 new interactions of new.csv" in card
    assert f"| old pairs | {scores['old_before']:.3f} | {scores['old_after']:.3f} |" in card
    run = first(read_journal(more / "journal.jsonl"), "run")
    assert run is not None
    assert run["loop"]["batch_size"] == continuing.BATCH


def test_weights_that_forget_are_not_taken(
    place: Place, tuned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores_of_runs, "FORGETTING", -0.99)
    new = place.write("worse.csv", NEW)
    place.plan("worse")
    out = continue_tuning(tuned, new, out=place.path / "worse", resume=True)
    scores = open_model_folder(out).manifest.scores
    assert scores["step"] == 0
    assert scores["old_after"] == scores["old_before"]
    assert same(out, tuned)
    assert "the weights are those of before" in (out / "README.md").read_text(encoding="utf-8")


def test_feedback_flows_back(place: Place, tuned: Path, tmp_path: Path) -> None:
    kept = Feedback()
    for item in ("7", "11", "12", "8"):
        kept.remember(films().name, "ann", item, "liked")
    kept.close()
    out = continue_tuning(tuned, out=place.path / "liked", feedback=True, minutes=0.02)
    choices = Interactions.load(open_model_folder(out).interactions, films())
    assert [films().at(row).item_id for row in choices.history("ann").tolist()] == [
        "7", "11", "12", "8",
    ]  # fmt: skip
    with pytest.raises(CatalogError, match="known already"):
        continue_tuning(out, out=place.path / "again", feedback=True)


@pytest.mark.slow
@pytest.mark.parametrize("method", [name for name in METHODS if name != "lora"])
def test_a_folder_without_choices_gets_its_first(place: Place, method: str) -> None:
    plain = place.tune(f"plain-{method}", with_choices=False, method=method)
    out = continue_tuning(plain, place.choices, out=place.path / f"first-{method}", minutes=0.02)
    folder = open_model_folder(out)
    assert folder.manifest.method == method
    assert folder.interactions.is_file()
    assert len(Recommender.load(out).recommend("a comedy", k=3)) == 3


def refused(kind: type[M6RecError], place: Place, *args: object, **given: object) -> str:
    """The one line with which a run is refused; nothing is left behind."""
    with pytest.raises(kind) as caught:
        continue_tuning(*args, out=place.path / "refused", **given)  # type: ignore[arg-type]
    assert not list(place.path.glob("*refused*"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_cannot_work_is_refused_in_one_line(place: Place, tuned: Path) -> None:
    new = place.write("fine.csv", NEW)
    assert "nothing new to learn from" in refused(ConfigError, place, tuned)
    assert "method 'lora', not 'ia3'" in refused(ConfigError, place, tuned, new, method="ia3")
    assert "leave --base out" in refused(ConfigError, place, tuned, new, base="another")
    assert "not 'lm'" in refused(ConfigError, place, tuned, new, objective="lm")
    assert "replay is 1.0" in refused(ConfigError, place, tuned, new, replay=1.0)
    assert "known already" in refused(CatalogError, place, tuned, place.choices)
    unknown = place.path / "unknown.csv"
    unknown.write_text("user_id,item_id\nu1,3\nu1,nope\n", encoding="utf-8")
    message = refused(CatalogError, place, tuned, unknown)
    assert f"{unknown} row 2 (line 3) names the item 'nope'" in message
    other = place.path / "others.jsonl"
    Catalog([*films(), Item("new", "A New One")], name="others").save(other)
    message = refused(CatalogError, place, tuned, new, catalog=other)
    assert "others is not the catalog that" in message
    assert "item 'new'" in message
    refused(ModelFolderError, place, place.path / "nowhere", new)
