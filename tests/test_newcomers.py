"""New choices: every item known, nothing twice, later than the old; and what of it may be learned.

Run: pytest tests/test_newcomers.py -n 0
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.errors import CatalogError
from m6rec.feedback import Feedback
from m6rec.interactions import Interactions
from m6rec.making.newcomers import added, read_feedback, read_new
from m6rec.making.replaying import Replaying, learnable
from m6rec.making.scores import NEW
from m6rec.records import Interaction, TextPair
from m6rec.split import leave_last_out
from tests.tiny_catalogs import choices, films

FILMS = films()


def of(*told: tuple[str, str, int]) -> Interactions:
    records = [Interaction(user, item, None, when) for user, item, when in told]
    return Interactions.from_records(records, FILMS)


def history(found: Interactions, user: str) -> list[str]:
    return [FILMS.at(int(row)).item_id for row in found.history(user)]


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_an_unknown_item_is_refused_with_file_and_row(tmp_path: Path) -> None:
    path = written(tmp_path / "new.csv", "user_id,item_id", "u1,3", "u2,99", "u3,98")
    with pytest.raises(CatalogError) as caught:
        read_new(path, FILMS)
    assert str(caught.value).startswith(f"{path} row 2 (line 3) names the item '99'")
    assert "\n" not in str(caught.value)
    path = written(tmp_path / "fine.csv", "user_id,item_id,timestamp", "u1,3,7", "u2,4,8")
    assert len(read_new(path, FILMS)) == 2


def test_a_file_without_an_item_column_is_refused_as_any_other(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no item"):
        read_new(written(tmp_path / "new.csv", "user_id,thing", "u1,3"), FILMS)


def test_new_choices_come_after_the_old_ones_and_old_users_keep_their_numbers() -> None:
    old = of(("a", "1", 10), ("b", "2", 20), ("a", "3", 30))
    both = added(old, of(("c", "4", 5), ("a", "5", 0), ("b", "6", 25), ("a", "7", 0)), FILMS)
    assert both.user_ids == ("a", "b", "c")
    assert history(both, "a") == ["1", "3", "5", "7"], "without a time: after all that have one"
    assert history(both, "b") == ["2", "6"]
    assert history(both, "c") == ["4"]


def test_what_is_known_is_not_added_again() -> None:
    old = of(("a", "1", 10), ("a", "3", 30))
    both = added(old, of(("a", "1", 10), ("a", "3", 0), ("a", "1", 99)), FILMS)
    assert history(both, "a") == ["1", "3", "1"], "chosen again later is new"
    with pytest.raises(CatalogError, match="all 2 new interactions are known"):
        added(old, of(("a", "1", 10), ("a", "3", 0)), FILMS)
    again = of(("b", "2", 0))
    twice = added(added(old, again, FILMS), of(("c", "4", 50)), FILMS)
    with pytest.raises(CatalogError, match="known"):
        added(twice, again, FILMS)


def test_where_nobody_keeps_times_order_is_that_of_the_source() -> None:
    both = added(of(("a", "1", 0), ("a", "3", 0)), of(("a", "2", 0)), FILMS)
    assert history(both, "a") == ["1", "3", "2"]
    assert not both.timestamp.any()
    assert added(None, both, FILMS) is both


def test_feedback_that_was_liked_in_the_end_is_new(tmp_path: Path) -> None:
    kept = Feedback(str(tmp_path / "said.sqlite"))
    for user, item, verdict in (
        ("ann", "1", "liked"), ("bob", "2", "disliked"), ("ann", "3", "liked"),
        ("ann", "1", "disliked"), ("bob", "2", "liked"), ("bob", "99", "liked"), ("bob", "5", "seen"),
    ):  # fmt: skip
        kept.remember(FILMS.name, user, item, verdict)
    kept.remember("another catalog", "ann", "7", "liked")
    found = read_feedback(kept, FILMS)
    assert {user: history(found, user) for user in found.user_ids} == {"ann": ["3"], "bob": ["2"]}
    assert (found.timestamp > 1_600_000_000).all()
    with pytest.raises(CatalogError, match="no likes"):
        read_feedback(Feedback(str(tmp_path / "empty.sqlite")), FILMS)
    assert not (tmp_path / "empty.sqlite").exists()
    kept.close()


class Old:
    """Lessons that say only that they are old."""

    def draw(self, rng: np.random.Generator) -> TextPair:
        return TextPair("old", "a wish")

    def validation(self, n: int, rng: np.random.Generator) -> list[TextPair]:
        return [TextPair("old", "a wish")] * n


@given(st.lists(st.integers(0, 5), min_size=7, max_size=7), st.integers(0, 2**16))
@settings(deadline=None, max_examples=25)
def test_nobodys_last_choice_and_no_choice_to_validate_with_is_learned(
    more: list[int], seed: int
) -> None:
    old = choices(FILMS)
    told = [
        (f"u{user}", FILMS.at((user * 5 + step * 7 + 1) % len(FILMS)).item_id, 100 + step)
        for user, n in enumerate(more)
        for step in range(n)
    ]
    if not told:
        return
    both = added(old, of(*told), FILMS)
    lessons = Replaying(FILMS, Old(), old, both, replay=0.0)
    try:
        last = leave_last_out(both)
        before = leave_last_out(last.train)
    except CatalogError:  # everybody ends with what they had chosen before
        assert not len(lessons)
        return
    old_judged = leave_last_out(leave_last_out(old).train)
    secret = {(c.user_id, int(c.truth[0])) for split in (last, before) for c in split}
    secret |= {(c.user_id, int(c.truth[0])) for c in old_judged}
    names = {tuple(history(both, user)): user for user in both.user_ids}
    rng = np.random.default_rng(seed)
    for pair in (lessons.draw(rng) for _ in range(20)):
        if pair.task == "old":
            assert not len(lessons)
            continue
        told_before = (*pair.liked, *pair.item_ids)
        users = [u for path, u in names.items() if _holds(path, told_before)]
        assert any((u, FILMS.row(pair.item_ids[0])) not in secret for u in users)


def _holds(path: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(path[i : i + len(part)] == part for i in range(len(path)))


def test_the_share_of_old_pairs_is_the_replay() -> None:
    old = choices(FILMS)
    both = added(
        old, of(*((f"u{u}", str(u + s), 100 + s) for u in range(6) for s in (1, 8))), FILMS
    )
    lessons = Replaying(FILMS, Old(), old, both, replay=0.25)
    rng = np.random.default_rng(0)
    drawn = [lessons.draw(rng).task for _ in range(2000)]
    assert 0.22 < drawn.count("old") / 2000 < 0.28
    assert set(drawn) == {"old", "history"}
    judged = lessons.validation(20, rng)
    assert [pair.task for pair in judged[:20]] == ["old"] * 20
    assert {pair.task for pair in judged[20:]} == {f"{NEW}history"}
    assert 0 < len(judged[20:]) <= 10


def test_one_choice_of_a_stranger_teaches_no_order() -> None:
    old = choices(FILMS)
    both = added(old, of(("stranger", "3", 500)), FILMS)
    assert not learnable(old, both)[1].any()
    lessons = Replaying(FILMS, Old(), old, both)
    assert len(lessons) == 0
    assert lessons.draw(np.random.default_rng(0)).task == "old"
    alone = of(("a", "1", 1), ("b", "2", 2))
    assert learnable(None, alone)[0] is None
    assert len(Replaying(FILMS, Old(), None, alone)) == 0
