"""New items: what is withheld is withheld from everybody, and only fields can find it.

Run: pytest tests/test_next_item_new.py -n 0
"""

from pathlib import Path

import numpy as np
import pytest

from m6rec.errors import CatalogError, ConfigError
from m6rec.evaluation import run
from m6rec.evaluation.next_item_new import ALL, NEW, withhold_items
from m6rec.evaluation.plan import Options
from tests.choices import chosen
from tests.evaluation_fakes import CATALOG, Scripted, checkerboard

CHOICES = checkerboard()


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_known_to_have_chosen_a_withheld_item(seed: int) -> None:
    split = withhold_items(CHOICES, share=0.3, seed=seed)
    withheld = {*np.setdiff1d(CHOICES.row, split.train.row).tolist()}
    assert len(withheld) == 3
    for case in split:
        assert not withheld & {*case.history.tolist()}
        assert {*case.truth.tolist()} <= withheld
        whole = CHOICES.history(case.user_id).tolist()
        at = whole.index(int(case.truth[0]))
        assert case.history.tolist() == [row for row in whole[:at] if row not in withheld]
        assert not withheld & {*whole[at + 1 :]}, "the last choice of a withheld item"
    assert len(split) + split.n_users_left_out == CHOICES.n_users


def test_the_seed_draws_them() -> None:
    first, again, other = (withhold_items(CHOICES, seed=seed).train.row for seed in (0, 0, 4))
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="share"):
        withhold_items(CHOICES, share=share)


def test_nothing_to_predict_is_said() -> None:
    with pytest.raises(CatalogError, match="withhold a larger share"):
        withhold_items(chosen([0], [1], [2]))


def test_both_groups_are_judged_and_the_second_shows_withheld_items_only(tmp_path: Path) -> None:
    said = Scripted({"": ["id1", "id2"]})
    run(
        ["new-items"], ["m6rec", "popularity"], tmp_path, said, interactions=CHOICES,
        options=Options(k=2),
    )  # fmt: skip
    report = (tmp_path / "report.md").read_text()
    assert ALL in report
    assert NEW in report
    split = withhold_items(CHOICES, seed=0)
    known = {CATALOG.at(row).item_id for row in np.unique(split.train.row)}
    assert [known <= {*liked, *seen} for _, liked, seen in said.asked] == [
        *[False] * len(split),
        *[True] * len(split),
    ]
    assert "are withheld" in report
