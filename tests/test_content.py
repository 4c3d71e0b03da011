"""Search by words, for requests and for histories.

Run: pytest tests/test_content.py -n 0
"""

import sys
from collections.abc import Callable
from math import log

import numpy as np
import pytest

from m6rec.candidates.content import Content, fit_bm25, fit_tfidf, item_words
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError, MissingExtraError
from m6rec.evaluation.lexical import LexicalSearch
from m6rec.records import FieldValue, Item
from tests.choices import rows
from tests.tiny_catalogs import films

FITS: tuple[Callable[[Catalog], Content], ...] = (fit_tfidf, fit_bm25)
FILMS = films()
TITLES = [item.title for item in FILMS]


def titles(content: Content, scores: list[float]) -> list[str]:
    return [TITLES[row] for row in np.argsort(-np.array(scores), kind="stable")]


def test_an_item_is_its_title_and_its_fields_in_words() -> None:
    fields: dict[str, FieldValue] = {
        "genres": ("War", "Drama"),
        "year": 1994,
        "runtime": 98,
        "awards": "Won 1 Oscar",
    }
    said = "Shadow. War. Drama. 1994 1990s. Won 1 Oscar"
    assert item_words(Item("x", "Shadow", fields)) == said
    assert item_words(Item("x", "Shadow")) == "Shadow"


@pytest.mark.parametrize("fit", FITS)
def test_words_of_a_request_find_items(fit: Callable[[Catalog], Content]) -> None:
    content = fit(FILMS)
    found = titles(content, content.match("harrison ford thrillers").tolist())
    assert {*found[:3]} == {"The Fugitive", "Witness", "Blade Runner"}
    # "Westerns" and "Western" have the same stem; "the" is not looked for.
    assert np.flatnonzero(content.match("the westerns")).tolist() == [TITLES.index("Unforgiven")]
    assert not content.match("xyzzy").any()
    assert not content.match("").any()


@pytest.mark.parametrize("fit", FITS)
def test_a_history_finds_what_is_like_it(fit: Callable[[Catalog], Content]) -> None:
    content = fit(FILMS)
    horror, diva = TITLES.index("The Shining"), TITLES.index("Diva")
    scores = content.scores(rows(horror))
    scores[horror] = 0
    assert TITLES[int(np.argmax(scores))] == "Alien"
    late, early = content.scores(rows(horror, diva)), content.scores(rows(diva, horror))
    french = TITLES.index("Amélie")
    assert late[french] > early[french] > 0


def test_tfidf_is_the_cosine() -> None:
    content = fit_tfidf(FILMS)
    for row in (0, 7):
        assert content.scores(rows(row))[row] == pytest.approx(1)


def test_bm25_by_hand() -> None:
    catalog = Catalog([Item("a", "red red fox"), Item("b", "fox"), Item("c", "hen")])
    content = fit_bm25(catalog, k1=1.5, b=0.5)
    # Three texts of 5/3 words on average; one has "red", twice. Lucene's inverse document frequency.
    idf = log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    long = 1.5 * (1 - 0.5 + 0.5 * 3 / (5 / 3))
    assert content.match("red").tolist() == pytest.approx([idf * 2 / (2 + long), 0, 0])
    assert content.match("red red").tolist() == content.match("red").tolist()


@pytest.mark.parametrize("fit", FITS)
def test_a_catalog_without_words_is_refused(fit: Callable[[Catalog], Content]) -> None:
    with pytest.raises(ConfigError, match='catalog "empty" has a word'):
        fit(Catalog([Item("a", "!"), Item("b", "?")], name="empty"))


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"history_decay is 0\.0"):
        fit_tfidf(FILMS, history_decay=0.0)
    with pytest.raises(ConfigError, match="k1 -1"):
        fit_bm25(FILMS, k1=-1)
    with pytest.raises(ConfigError, match="b 2"):
        fit_bm25(FILMS, b=2)


@pytest.mark.parametrize(("fit", "library"), [(fit_tfidf, "Stemmer"), (fit_bm25, "bm25s")])
def test_a_missing_library_is_named(
    fit: Callable[[Catalog], Content], library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"{library}.* pip install 'm6rec\[eval\]'"):
        fit(FILMS)


def test_a_search_box_breaks_near_ties_by_popularity() -> None:
    content = fit_bm25(FILMS)
    plain, known = (
        LexicalSearch(FILMS, content, weight).recommend("comedy", k=3) for weight in (0.0, 1e4)
    )
    assert all("Comedy" in FILMS[item.item_id].values("genres") for item in plain)
    assert [item.title for item in known][:2] == ["The Matrix", "Toy Story"]
    nothing = LexicalSearch(FILMS, content).recommend("xyzzy", k=1)
    assert [item.title for item in nothing] == ["The Matrix"]
    with pytest.raises(ConfigError, match="k is 0"):
        LexicalSearch(FILMS, content).recommend("comedy", k=0)
