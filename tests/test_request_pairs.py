"""Request pairs: what is asked for is in the catalog, and the words are whole.

Run: pytest tests/test_request_pairs.py -n 0
"""

from collections import Counter
from itertools import islice

import numpy as np
import pytest

from m6rec.catalog import Catalog
from m6rec.facets import FacetPlan
from m6rec.pairs.phrasebook import Phrasebook, Wish, load_phrasebook
from m6rec.pairs.requests import RequestPairs
from m6rec.records import Item, TextPair
from m6rec.vocabulary import Vocabulary, is_cjk
from tests.tiny_catalogs import bare_titles, descriptions, films, only

N = 600


def pairs_of(catalog: Catalog, domain: str | None = "films", seed: int = 1) -> list[TextPair]:
    return list(
        islice(maker(catalog, load_phrasebook(domain)).stream(np.random.default_rng(seed)), N)
    )


def maker(catalog: Catalog, book: Phrasebook) -> RequestPairs:
    plan = FacetPlan.choose(catalog)
    return RequestPairs(descriptions(catalog), plan, book, Vocabulary.load(), ("movie", "movies"))


@pytest.fixture(scope="module")
def film_pairs() -> list[TextPair]:
    return pairs_of(films())


def test_the_same_seed_draws_the_same_pairs_and_another_seed_others() -> None:
    first = pairs_of(films(), seed=5)
    assert pairs_of(films(), seed=5) == first
    assert pairs_of(films(), seed=6) != first


def test_drawing_does_not_depend_on_the_order_of_the_catalog() -> None:
    forward, backward = films(), Catalog(reversed(films().items), name="movielens-tiny")
    texts = {d.text for d in descriptions(forward)}
    assert {d.text for d in descriptions(backward)} == texts
    for pair in pairs_of(backward):
        assert set(pair.descriptions) <= texts


def test_every_description_is_one_of_the_catalog(film_pairs: list[TextPair]) -> None:
    known = {d.text for d in descriptions(films())}
    for pair in film_pairs:
        assert set(pair.descriptions) <= known, pair


def test_every_kind_of_request_comes_up(film_pairs: list[TextPair]) -> None:
    counts = Counter(pair.task for pair in film_pairs)
    assert set(counts) == {
        "neutral", "wish", "value", "value+decade", "decade", "pair", "cast", "countries",
    }  # fmt: skip
    assert counts["wish"] > counts["value"] > counts["neutral"]


def test_only_a_request_for_nothing_in_particular_fits_everything(
    film_pairs: list[TextPair],
) -> None:
    for pair in film_pairs:
        assert (pair.descriptions == ()) == (pair.task == "neutral"), pair
        assert pair.item_ids == ()
        assert pair.liked == ()


def test_no_brace_is_left_over_and_no_request_is_empty(film_pairs: list[TextPair]) -> None:
    for pair in film_pairs:
        assert pair.request.strip()
        assert not set("{}") & set(pair.request), pair


def test_a_value_may_hold_braces_of_its_own() -> None:
    odd = Catalog(
        (Item(str(n), f"Thing {n}", {"genres": ("{odd} {0}",)}) for n in range(4)), name="odd"
    )
    values = [pair for pair in pairs_of(odd, None) if pair.task == "value"]
    assert values
    assert all("{odd} {0}" in pair.request.lower() for pair in values)


def test_what_is_asked_for_is_what_the_words_say(film_pairs: list[TextPair]) -> None:
    vocabulary = Vocabulary.load()
    texts = {"comedy", "western", "science fiction", "horror"}
    genres = {"comedy": "Comedy", "western": "Western", "science fiction": "Sci-Fi",
              "horror": "Horror"}  # fmt: skip
    checked = 0
    for pair in (p for p in film_pairs if p.task == "value"):
        for spoken in texts:
            if all(d.startswith(spoken) for d in pair.descriptions):
                forms = vocabulary.forms("genres", genres[spoken])
                assert any(form.lower() in pair.request.lower() for form in forms), pair
                checked += 1
    assert checked > 10


def test_a_genre_with_its_decade_leads_to_that_one_description(film_pairs: list[TextPair]) -> None:
    for pair in (p for p in film_pairs if p.task == "value+decade"):
        assert len(pair.descriptions) == 1
        assert pair.descriptions[0].endswith("0s")


def test_a_decade_alone_leads_to_all_its_genres(film_pairs: list[TextPair]) -> None:
    by_decade = {
        decade: {d.text for d in descriptions(films()) if ("decade", decade) in d.facets}
        for decade in ("1970s", "1980s", "1990s", "2000s")
    }
    seen = [set(pair.descriptions) for pair in film_pairs if pair.task == "decade"]
    assert seen
    assert all(found in by_decade.values() for found in seen)


def test_chinese_names_come_in_chinese_sentences(film_pairs: list[TextPair]) -> None:
    frames = load_phrasebook("films").frames
    chinese = [p for p in film_pairs if p.task.startswith("value") and is_cjk(p.request)]
    assert chinese
    for pair in chinese:
        starts = {f.split("{")[0] for f in (*frames["value_zh"], *frames["value_decade_zh"])}
        assert any(pair.request.startswith(start) for start in starts), pair


@pytest.mark.parametrize(("n_rare", "often"), [(10, False), (60, True)], ids=["few", "many"])
def test_of_many_values_the_common_ones_are_asked_for_more_often(n_rare: int, often: bool) -> None:
    rare = [f"rare{n}" for n in range(n_rare)]
    things = [*(["common"] * 100), *rare]
    catalog = Catalog(
        (Item(str(n), f"T{n}", {"genres": (value,)}) for n, value in enumerate(things)), name="big"
    )
    asked = Counter(p.descriptions for p in pairs_of(catalog, None) if p.task == "value")
    mean = sum(asked.values()) / (n_rare + 1)
    assert (asked[("common",)] > 5 * mean) == often


def test_a_catalog_without_years_is_asked_for_no_decade() -> None:
    pairs = pairs_of(only("genres"))
    assert {"value", "wish", "pair"} <= {p.task for p in pairs}
    assert not {"decade", "value+decade"} & {p.task for p in pairs}


def test_a_wish_for_a_decade_is_left_out_where_nothing_has_a_year() -> None:
    book = Phrasebook(
        load_phrasebook(None).frames,
        (
            Wish(("neon and synths",), any_of=("Comedy",), decade="1980s"),
            Wish(("ha",), ("Comedy",)),
        ),
        ("anything",),
    )
    wishes = {
        p.request.lower().rstrip(".") for p in drawn(book, only("genres")) if p.task == "wish"
    }
    assert wishes == {"ha"}


def test_a_wish_nothing_in_the_catalog_can_grant_is_never_taken_for_an_idle_one() -> None:
    """An empty list of descriptions means that anything fits: cowboys must not teach that."""
    book = Phrasebook(
        load_phrasebook(None).frames,
        (Wish(("cowboys",), any_of=("Western",)), Wish(("both",), all_of=("Comedy", "Western"))),
        ("anything",),
    )
    no_westerns = Catalog((i for i in films() if "Western" not in i.values("genres")), name="tiny")
    assert {"cowboys", "both"}.isdisjoint(
        p.request.lower().rstrip(".") for p in drawn(book, no_westerns)
    )


def test_genres_that_are_wanted_together_match_in_either_order() -> None:
    for both in (("Comedy", "Sci-Fi"), ("Sci-Fi", "Comedy")):
        book = Phrasebook(load_phrasebook(None).frames, (Wish(("both",), all_of=both),), ("any",))
        found = {p.descriptions for p in drawn(book, films()) if p.task == "wish"}
        assert len(found) == 1
        (only_one,) = found
        assert [sorted(text.split()) for text in only_one] == [["comedy", "fiction", "science"]]


def test_a_wish_is_granted_whatever_the_spelling() -> None:
    wishes = (
        Wish(("one",), any_of=("scifi", "SCI_FIS")),
        Wish(("both",), all_of=("sci fi", "comedies")),
        Wish(("other name",), any_of=("Science-Fiction",)),
    )
    book = Phrasebook(load_phrasebook(None).frames, wishes, ("any",))
    granted = {
        p.request.lower().rstrip("."): p.descriptions
        for p in drawn(book, films())
        if p.task == "wish"
    }
    assert set(granted) == {"one", "both", "other name"}
    assert granted["other name"] == granted["one"]
    assert all(text.startswith("science fiction") for text in granted["one"])
    assert len(granted["one"]) > 1
    assert [sorted(text.split()) for text in granted["both"]] == [["comedy", "fiction", "science"]]


def test_a_catalog_with_nothing_but_titles_yields_idle_requests() -> None:
    pairs = pairs_of(bare_titles(), None)
    assert {p.task for p in pairs} == {"neutral"}


def test_a_catalog_with_nothing_but_years_yields_idle_requests_too() -> None:
    assert {p.task for p in pairs_of(only("year"), None)} == {"neutral"}


def test_years_on_some_items_and_genres_on_others_still_draw() -> None:
    mixed = Catalog(
        [
            *(Item(f"g{n}", f"Genre {n}", {"genres": ("Comedy",)}) for n in range(4)),
            *(Item(f"y{n}", f"Year {n}", {"year": 1990 + n}) for n in range(4)),
        ],
        name="mixed",
    )
    assert {p.task for p in pairs_of(mixed, None)} == {"neutral", "value", "decade"}


def drawn(book: Phrasebook, catalog: Catalog) -> list[TextPair]:
    return list(islice(maker(catalog, book).stream(np.random.default_rng(3)), N))
