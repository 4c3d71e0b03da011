"""The request sets of eval/: readable, complete, and strict enough to mean something.

Run: pytest tests/test_request_sets.py -n 0
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from m6rec.catalog import Catalog
from m6rec.evaluation.requests import RequestCase, read_requests
from m6rec.filters import item_mask
from m6rec.records import Item

FOLDER = Path(__file__).parents[1] / "eval" / "requests"
GENRES = frozenset(
    (
        "Action",
        "Adventure",
        "Animation",
        "Children",
        "Comedy",
        "Crime",
        "Documentary",
        "Drama",
        "Fantasy",
        "Film-Noir",
        "Horror",
        "IMAX",
        "Musical",
        "Mystery",
        "Romance",
        "Sci-Fi",
        "Thriller",
        "War",
        "Western",
    )
)
TEMPLATES = read_requests(FOLDER / "templates.jsonl")
FREE = read_requests(FOLDER / "free.jsonl")
UNHEARD = read_requests(FOLDER / "unheard.jsonl")
NAMED_SETS = {
    name: read_requests(FOLDER / f"{name}.jsonl") for name in ("pairs", "persons", "facts")
}
NAMED = re.compile(
    r"action|adventur|animat|children|comed|crime|documentar|drama|fantas|noir|horror|imax|musical"
    r"|myster|romanc|romantic|sci-?fi|science fiction|thriller|\bwars?\b|western"
    r"|动作|冒险|动画|儿童|喜剧|犯罪|纪录|剧情|奇幻|恐怖|音乐剧|悬疑|爱情|科幻|惊悚|战争|西部",
    re.IGNORECASE,
)


def genres_of(predicate: str) -> set[str]:
    return set(re.findall(r"'([^']+)' in genres", predicate))


def asked(predicate: str) -> set[str]:
    """The genres a predicate asks for, without those it excludes."""
    return genres_of(re.sub(r"not \([^)]*\)", "", predicate))


@pytest.fixture(scope="module")
def one_film_a_genre() -> Catalog:
    return Catalog(
        Item(genre, f"A {genre} film", {"genres": (genre,), "year": 1985})
        for genre in sorted(GENRES)
    )


def test_the_counts_are_as_stated() -> None:
    assert len(TEMPLATES) == 61
    assert Counter(case.kind for case in TEMPLATES) == {
        "genre": 21,
        "genre+decade": 20,
        "negation": 20,
    }
    assert len(FREE) == 40
    assert len(UNHEARD) == 100
    assert {name: len(cases) for name, cases in NAMED_SETS.items()} == {
        "pairs": 55,
        "persons": 55,
        "facts": 45,
    }
    for cases in NAMED_SETS.values():
        assert sum(case.kind == "second reading" for case in cases) == 15


def test_ids_and_wishes_are_unique_over_all_sets() -> None:
    cases = (*TEMPLATES, *FREE, *UNHEARD, *(c for some in NAMED_SETS.values() for c in some))
    assert len({case.id for case in cases}) == len(cases)
    assert len({case.request.casefold() for case in cases}) == len(cases)


def test_the_seed_sentence_is_first() -> None:
    assert TEMPLATES[0].request == "I want some comedy movies"


@pytest.mark.parametrize("kind", ["genre", "genre+decade"])
def test_each_kind_asks_for_every_genre(kind: str) -> None:
    assert set().union(*(asked(c.predicate) for c in TEMPLATES if c.kind == kind)) == GENRES


def test_negations_exclude_every_genre() -> None:
    negations = [case for case in TEMPLATES if case.kind == "negation"]
    excluded = [genres_of(case.predicate) - asked(case.predicate) for case in negations]
    assert all(excluded)
    assert set().union(*excluded) == GENRES


def test_decades_are_whole_decades() -> None:
    for case in TEMPLATES:
        years = [int(year) for year in re.findall(r"year [<>]= (\d{4})", case.predicate)]
        if case.kind == "genre+decade":
            low, high = years
            assert low % 10 == 0
            assert high == low + 9
        else:
            assert not years


@pytest.mark.parametrize("case", [*TEMPLATES, *FREE, *UNHEARD], ids=lambda case: case.id)
def test_every_predicate_is_a_filter_over_known_genres(
    case: RequestCase, one_film_a_genre: Catalog
) -> None:
    assert genres_of(case.predicate)
    assert genres_of(case.predicate) <= GENRES
    item_mask(case.predicate, one_film_a_genre)


def test_pairs_ask_for_two_genres_or_more() -> None:
    for case in NAMED_SETS["pairs"]:
        assert asked(case.predicate) <= GENRES
        assert len(asked(case.predicate)) >= 2, case.id


def test_persons_are_asked_for_by_what_they_did() -> None:
    for case in NAMED_SETS["persons"]:
        assert re.search(r"'[^']+' in (cast|directors)", case.predicate), case.id


def test_free_wording_names_no_genre() -> None:
    named = {
        case.id: NAMED.findall(case.request)
        for case in (*FREE, *UNHEARD)
        if NAMED.search(case.request)
    }
    assert named == {}


def test_free_wording_covers_many_genres_and_four_chinese_requests() -> None:
    assert len(set().union(*(asked(case.predicate) for case in FREE))) >= 14
    lines = (FOLDER / "free.jsonl").read_text(encoding="utf-8").splitlines()
    languages = Counter(json.loads(line)["language"] for line in lines)
    assert languages == {"en": 36, "zh": 4}
    chinese = [case for case in FREE if re.search(r"[\u4e00-\u9fff]", case.request)]
    assert len(chinese) == 4


def test_unheard_wording_covers_every_genre_and_twelve_chinese_requests() -> None:
    assert set().union(*(asked(case.predicate) for case in UNHEARD)) == GENRES - {"IMAX"}
    assert {case.kind for case in UNHEARD} == {case.kind for case in FREE}
    assert sum("-era-" in case.id and "year" in case.predicate for case in UNHEARD) == 10
    assert sum("-two-" in case.id and " and " in case.predicate for case in UNHEARD) == 10
    lines = (FOLDER / "unheard.jsonl").read_text(encoding="utf-8").splitlines()
    languages = {case["id"]: case["language"] for case in map(json.loads, lines)}
    assert Counter(languages.values()) == {"en": 88, "zh": 12}
    chinese = {case.id for case in UNHEARD if re.search(r"[\u4e00-\u9fff]", case.request)}
    assert chinese == {name for name, language in languages.items() if language == "zh"}


@pytest.mark.real
def test_base_rates_on_the_default_catalog() -> None:
    from m6rec.sources.movielens import load_default_catalog

    catalog = load_default_catalog()
    for case in (*TEMPLATES, *FREE, *UNHEARD):
        mask = item_mask(case.predicate, catalog)
        assert mask.sum() >= 30, case.id
        if case in (*FREE, *UNHEARD):
            assert mask.mean() < 0.35, case.id
    fewest = {"pairs": 15, "persons": 7, "facts": 9}
    for name, cases in NAMED_SETS.items():
        for case in cases:
            assert item_mask(case.predicate, catalog).sum() >= fewest[name], case.id
