"""Who asks: from every place where something is said about them."""

import pytest

from m6rec.errors import CatalogError, FilterError, RequestError
from m6rec.feedback import Feedback
from m6rec.grounding import Grounder
from m6rec.profile import People, Profile, allowed_items
from m6rec.records import Item, Match
from m6rec.wishes import Wish
from tests.tiny_catalogs import choices, films

FILMS = films()


def people(tmp_path, *, data=True, name="kept"):
    interactions = choices(FILMS) if data else None
    return People(
        FILMS, Grounder(FILMS), lambda: interactions, Feedback(str(tmp_path / f"{name}.sqlite"))
    )


def liked(profile):
    return [FILMS.at(row).item_id for row in profile.liked]


def test_a_verdict_of_one_process_is_known_in_the_next(tmp_path):
    people(tmp_path).remember("ann", "7", "liked")
    again = people(tmp_path)
    assert again.knows("ann")
    assert liked(again.profile(Wish(""), user="ann")) == ["7"]


def test_a_verdict_comes_on_top_of_the_history(tmp_path):
    some = people(tmp_path)
    history = liked(some.profile(Wish(""), user="u0"))
    some.remember("u0", history[0], "disliked")
    after = some.profile(Wish(""), user="u0")
    assert liked(after) == history[1:]
    assert FILMS.row(history[0]) in after.refused


def test_a_like_moves_to_the_end(tmp_path):
    some = people(tmp_path)
    history = liked(some.profile(Wish(""), user="u0"))
    some.remember("u0", history[0], "liked")
    assert liked(some.profile(Wish(""), user="u0")) == [*history[1:], history[0]]


def test_a_verdict_on_an_item_the_catalog_lost_says_nothing(tmp_path):
    Feedback(str(tmp_path / "kept.sqlite")).remember(FILMS.name, "ann", "gone", "liked")
    assert liked(people(tmp_path).profile(Wish(""), user="ann")) == []


@pytest.mark.parametrize("data", [True, False])
def test_an_unknown_user_is_refused(tmp_path, data):
    some = people(tmp_path, data=data)
    assert not some.knows("nobody")
    with pytest.raises(RequestError, match="nobody"):
        some.profile(Wish(""), user="nobody")


def test_an_item_that_is_not_there_cannot_be_judged(tmp_path):
    some = people(tmp_path)
    with pytest.raises(CatalogError, match="no-such"):
        some.remember("ann", "no-such", "liked")
    assert not some.knows("ann")


def test_people_of_a_grown_catalog_remember(tmp_path):
    some = people(tmp_path)
    some.remember("ann", "7", "liked")
    grown = FILMS.with_items([Item("n1", "New")])
    after = some.with_catalog(grown, Grounder(grown))
    after.remember("ann", "n1", "liked")
    assert [grown.at(row).item_id for row in after.profile(Wish(""), user="ann").liked] == [
        "7",
        "n1",
    ]


def profile_of(*, refused=(), liked=()):
    profile = Profile()
    for item_id in liked:
        profile.judge(FILMS.row(item_id), "liked")
    for item_id in refused:
        profile.judge(FILMS.row(item_id), "disliked")
    return profile


def test_what_is_known_is_never_allowed():
    found = allowed_items(FILMS, Wish(""), profile_of(refused=("1",), liked=("2",)), None)
    assert not found.allowed[[FILMS.row("1"), FILMS.row("2")]].any()
    assert found.allowed.sum() == len(FILMS) - 2


def test_where_is_never_relaxed():
    with pytest.raises(FilterError, match="fits the filter"):
        allowed_items(FILMS, Wish(""), profile_of(), "year > 3000")


def test_when_all_is_seen_it_is_said():
    everything = profile_of(refused=tuple(item.item_id for item in FILMS))
    with pytest.raises(FilterError, match="seen already"):
        allowed_items(FILMS, Wish(""), everything, None)


def test_a_wish_that_nothing_fits_is_relaxed_and_named():
    wish = Wish("", ("'Comedy' in genres", "year == 1979"), ("Comedy", "year 1979"))
    found = allowed_items(FILMS, wish, profile_of(), None)
    assert found.kept == ("Comedy",)
    assert found.notes == ("nothing fits year 1979 as well; the nearest is year 1980",)


def test_a_title_is_matched_once():
    profile = Profile()
    match = Match("heat", "1", "Toy Story", 1.0, "exact")
    profile.note(match, 0, "liked")
    profile.note(match, 0, "liked")
    profile.note(Match("zzz", None), None, "liked")
    assert (profile.matched, len(profile.unmatched), profile.liked) == ([match], 1, [0])
