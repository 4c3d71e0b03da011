"""Tasks beyond single requests: what is asked for together fits together, and histories stay true.

Run: pytest tests/test_pair_tasks.py -n 0
"""

import re
from collections import Counter

import numpy as np
import pytest

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.index import index_catalog
from m6rec.interactions import Interactions
from m6rec.pairs.augmentation import Augmentation
from m6rec.pairs.curriculum import Curriculum
from m6rec.records import TextPair
from m6rec.vocabulary import Vocabulary
from tests.tiny_catalogs import (
    bare_titles,
    choices,
    film_codec,
    film_index,
    film_maker,
    films,
    only,
)

FILMS = films()
MADE = choices(FILMS, n_users=6, length=14)


def curriculum(
    weights: dict[str, float] | None = None,
    catalog: Catalog | None = None,
    made: Interactions | None = MADE,
) -> Curriculum:
    vocabulary = Vocabulary.load()
    index = index_catalog(catalog, film_codec(), vocabulary) if catalog else film_index()
    plain = Augmentation.none()
    return Curriculum(index, vocabulary, "movie", made, weights=weights, augmentation=plain)


def only_task(name: str, n: int = 300, made: Interactions | None = MADE) -> list[TextPair]:
    nothing = dict.fromkeys(curriculum(made=made).tasks, 0.0)
    lessons = curriculum({**nothing, name: 1.0}, made=made)
    assert lessons.tasks == [name]
    rng = np.random.default_rng(5)
    return [lessons.draw(rng) for _ in range(n)]


def histories() -> list[list[str]]:
    return [[FILMS.at(int(r)).item_id for r in MADE.history(user)] for user in MADE.user_ids]


def test_the_usual_tasks_are_drawn_and_wishes_come_most() -> None:
    rng = np.random.default_rng(1)
    lessons = curriculum()
    counts = Counter(lessons.draw(rng).task for _ in range(3000))
    assert {"several", "alike", "history", "wish+history"} < set(counts)
    assert not {"describe", "like"} & set(counts)
    assert counts.most_common(1)[0][0] == "wish"


def test_an_unknown_task_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(ConfigError, match=r"no task 'negation'; choose among .*wish"):
        curriculum({"negation": 1.0})
    with pytest.raises(ConfigError, match="-1"):
        curriculum({"several": -1.0})
    with pytest.raises(ConfigError, match="none has a weight"):
        curriculum(dict.fromkeys(curriculum().tasks, 0.0))


def test_several_wants_are_all_met_by_every_item() -> None:
    vocabulary = Vocabulary.load()
    for pair in only_task("several"):
        assert pair.item_ids
        said = pair.request.casefold()
        items = [FILMS[item] for item in pair.item_ids]
        shared = {
            (field, value)
            for field in ("cast", "countries", "genres")
            for value in set.intersection(*(set(item.values(field)) for item in items))
            if any(form.casefold() in said for form in vocabulary.forms(field, value))
        }
        fields = {field for field, _ in shared}
        assert fields & {"cast", "countries"}, pair
        assert "genres" in fields, pair


def test_what_is_asked_for_together_is_all_of_it() -> None:
    """Every film of the catalog that fits is among the items: Tom Hanks in two comedies."""
    found = {
        frozenset(pair.item_ids)
        for pair in only_task("several", 900)
        if "comedy" in pair.request.casefold() and "tom hanks" in pair.request.casefold()
        and "0s" not in pair.request and "ties" not in pair.request.casefold()
    }  # fmt: skip
    assert found == {frozenset({"1", "6"})}


def test_several_wants_lead_to_paths_that_exist() -> None:
    maker = film_maker()
    for pair in only_task("several"):
        example = maker.make(pair, np.random.default_rng(0))
        assert example is not None, pair
        assert example.nodes


def test_like_a_title_but_another_kind_leads_to_that_kind() -> None:
    titled = 0
    for pair in only_task("alike"):
        kinds = {text.partition(" ")[0] for text in pair.descriptions}
        assert len(kinds) == 1, pair
        if not pair.liked:
            assert re.search(r"\bit\b", pair.request.casefold())
            assert pair.item_ids == ()
            continue
        titled += 1
        (liked,) = pair.liked
        assert liked not in pair.item_ids
        common = set.intersection(*(set(FILMS[i].values("genres")) for i in pair.item_ids))
        assert common
        assert film_maker().make(pair, np.random.default_rng(0)) is not None
    assert titled > 50


def test_those_who_chose_it_chose_what_is_alike() -> None:
    train = [history[:-2] for history in histories()]
    for pair in (p for p in only_task("alike") if p.liked):
        fans = [history for history in train if pair.liked[0] in history]
        for item in pair.item_ids:
            assert any(item in history for history in fans), pair


def test_without_choices_what_shares_fields_is_alike() -> None:
    pairs = [p for p in only_task("alike", made=None) if p.liked]
    assert pairs
    for pair in pairs:
        one = FILMS[pair.liked[0]]
        for item in pair.item_ids:
            shared = [n for n in ("genres", "countries", "cast")
                      if set(one.values(n)) & set(FILMS[item].values(n))]  # fmt: skip
            assert shared, pair


def test_a_wish_with_a_history_leads_to_later_choices_that_fit() -> None:
    for pair in only_task("wish+history"):
        assert pair.request
        assert pair.liked
        fitting = [
            history for history in histories()
            if any(tuple(history[at : at + len(pair.liked)]) == pair.liked
                   and set(pair.item_ids) <= set(history[at + len(pair.liked) : -2])
                   for at in range(len(history)))
        ]  # fmt: skip
        assert fitting, pair
        assert film_maker().make(pair, np.random.default_rng(0)) is not None


def test_a_title_is_described_by_its_own_paths() -> None:
    pairs = only_task("describe")
    assert {len(pair.item_ids) for pair in pairs} == {1}
    assert all(pair.liked == () and pair.answer is None for pair in pairs)
    asked = [p for p in pairs if FILMS[p.item_ids[0]].title.casefold() in p.request.casefold()]
    assert len(asked) > 0.85 * len(pairs)


def test_would_they_like_it_is_yes_for_the_next_choice_and_no_for_one_never_chosen() -> None:
    pairs = only_task("like")
    assert 0.4 < sum(pair.answer is True for pair in pairs) / len(pairs) < 0.6
    train = [history[:-2] for history in histories()]
    for pair in pairs:
        (item,) = pair.item_ids
        told = len(pair.liked)
        owners = [
            (history, at) for history in train for at in range(1, len(history))
            if tuple(history[max(0, at - told) : at]) == pair.liked
        ]  # fmt: skip
        if pair.answer:
            assert any(history[at] == item for history, at in owners), pair
        else:
            assert any(item not in history for history, _ in owners), pair


@pytest.mark.parametrize("fields", [("genres",), ("year",), ("cast",), ()], ids=str)
def test_any_catalog_yields_pairs_that_make_examples(fields: tuple[str, ...]) -> None:
    catalog = only(*fields) if fields else bare_titles()
    lessons = curriculum({"describe": 1.0}, catalog, None)
    rng = np.random.default_rng(2)
    pairs = [lessons.draw(rng) for _ in range(200)]
    assert {"neutral", "describe"} <= {pair.task for pair in pairs}
    assert len(lessons.validation(20, rng)) == 20
