"""What every peer of the next-item task keeps to, whoever wrote it.

Run: pytest tests/test_scorers.py -n 0
"""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.errors import MissingExtraError
from m6rec.evaluation.methods import NEXT_ITEM_PEERS, fit_scorer
from m6rec.evaluation.next_item import Scorer, top_rows
from m6rec.interactions import Interactions
from m6rec.records import Interaction, Item
from m6rec.split import Split, leave_last_out
from tests.choices import rows
from tests.tiny_catalogs import films

pytestmark = pytest.mark.parametrize("name", NEXT_ITEM_PEERS)
N_KNOWN = 18
"""Films that somebody chose; the catalog's last two are new."""
FILMS = films()
NEW = rows(18, 19)


def world(last: int) -> tuple[Catalog, Split]:
    """Eight users whose last choice, the held-out one, lies `last` rows after the one before it.

    The catalog's popularity counts all choices, the held-out ones too, as that of a real source does.
    """
    histories = [[(user * 2 + step) % N_KNOWN for step in range(8)] for user in range(8)]
    for history in histories:
        history.append((history[-1] + last) % N_KNOWN)
    counts = np.bincount(np.concatenate(histories), minlength=len(FILMS))
    catalog = Catalog(
        Item(item.item_id, item.title, item.fields, float(count))
        for item, count in zip(FILMS, counts, strict=True)
    )
    interactions = Interactions.from_records(
        (
            Interaction(f"user {user}", catalog.at(row).item_id, 4.0, time)
            for user, history in enumerate(histories)
            for time, row in enumerate(history)
        ),
        catalog,
    )
    return catalog, leave_last_out(interactions)


def fresh(name: str, last: int = 1) -> Scorer:
    catalog, split = world(last)
    try:
        return fit_scorer(name, split.train, catalog)
    except MissingExtraError as missing:
        pytest.skip(str(missing))


@cache
def fitted(name: str) -> Scorer:
    return fresh(name)


def scored(scorer: Scorer, *history: int) -> NDArray[np.float64]:
    return np.array(scorer.scores(rows(*history)))


@pytest.mark.parametrize(
    "history",
    [(), (3,), (5, 3, 4), (4, 3, 4), (18,), (2, 19), tuple(range(len(FILMS)))],
    ids=["empty", "one", "three", "repeat", "new", "known and new", "everything"],
)
def test_one_usable_score_per_item(name: str, history: tuple[int, ...]) -> None:
    scores = fitted(name).scores(rows(*history))
    assert scores.shape == (len(FILMS),)
    assert scores.dtype == np.float64
    assert (np.isfinite(scores) | np.isneginf(scores)).all()


def test_the_same_training_gives_the_same_scores(name: str) -> None:
    assert scored(fresh(name), 5, 3, 4).tolist() == scored(fitted(name), 5, 3, 4).tolist()


def test_answers_leave_no_trace(name: str) -> None:
    scorer = fitted(name)
    first = scored(scorer, 5, 3)
    scored(scorer, 1, 2, 9)
    scored(scorer)
    assert scored(scorer, 5, 3).tolist() == first.tolist()


def test_a_history_is_only_read(name: str) -> None:
    history = rows(5, 3, 4)
    history.flags.writeable = False
    fitted(name).scores(history)
    assert history.tolist() == [5, 3, 4]


def columns_of(split: Split) -> list[list[float]]:
    return [
        column.tolist()
        for part in (split.train, split.test)
        for column in (part.user, part.row, part.rating, part.timestamp)
    ]


def test_training_data_is_only_read(name: str) -> None:
    catalog, split = world(1)
    before = columns_of(split)
    popularity, content_hash = catalog.popularity.copy(), catalog.content_hash
    try:
        fit_scorer(name, split.train, catalog)
    except MissingExtraError as missing:
        pytest.skip(str(missing))
    assert columns_of(split) == before
    assert catalog.popularity.tolist() == popularity.tolist()
    assert catalog.content_hash == content_hash


def test_held_out_choices_change_nothing(name: str) -> None:
    history = rows(5, 3, 4)
    one, other = world(1), world(5)
    assert one[1].train.row.tolist() == other[1].train.row.tolist()
    assert one[1].test.row.tolist() != other[1].test.row.tolist()
    assert one[0].popularity.tolist() != other[0].popularity.tolist()
    assert fitted(name).scores(history).tolist() == fresh(name, 5).scores(history).tolist()


def test_a_list_is_as_long_as_there_are_unseen_items(name: str) -> None:
    listed = top_rows(fitted(name), rows(5, 3, 4), len(FILMS))
    assert len({*listed}) == len(listed) <= len(FILMS) - 3
    assert not {5, 3, 4} & {*listed}


def test_what_everybody_chose_after_is_above_what_nobody_chose(name: str) -> None:
    if name in {"tfidf", "bm25"}:
        pytest.skip("reads words alone")
    scores = scored(fitted(name), 2, 3, 4)
    # Whoever chose rows 2 to 4 went on to 5.
    assert scores[5] > scores[NEW].max()
