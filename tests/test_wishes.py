"""Sentences and what is understood of them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.filters import item_mask
from m6rec.grounding import Grounder
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary
from m6rec.wishes import Wish, read_wish

_WORDS = [
    *[
        "no",
        "not",
        "horror",
        ",",
        "and",
        "or",
        "but",
        "like",
        "loved",
        "The",
        "Matrix",
        "90s",
        "after",
        "1990",
        "a",
        "comedy",
        "without",
        "in",
    ],
    *[
        "French",
        "only",
        "3",
        '"',
        ".",
        "!",
        "不要",
        "恐怖",
        "片",
        "90年代",
        "《",
        "》",
        "n't",
        "-",
        "'",
        "(",
        ")",
    ],
]
_GENRES = "Action Adventure Animation Children Comedy Drama Horror Musical Romance Sci-Fi Thriller War Western"


def _films():
    people = [("Tom Cruise", "Meg Ryan"), ("Nicolas Cage",), ("Tom Cruise", "Nicolas Cage")]
    places = [("English", "United States"), ("French", "France"), ("Japanese", "Japan")]
    titles = {
        1994: "Old Story",
        1999: "The Matrix",
        1997: "Titanic",
        1979: "Alien",
        1957: "12 Angry Men",
    }
    for number, year in enumerate(range(1950, 2016)):
        genres = _GENRES.split()
        language, country = places[number % 3]
        fields: dict[str, int | tuple[str, ...]] = {
            "year": year,
            "genres": (genres[number % len(genres)], genres[(number * 5 + 1) % len(genres)]),
            "cast": people[number % 3],
            "directors": ("Clint O'Brien",) if number % 2 else ("Meg Ryan",),
            "languages": (language,),
            "countries": (country,),
        }
        yield Item(f"f{number}", titles.get(year, f"Untold {year}"), fields, float(100 - number))


CATALOG = Catalog(_films())
GROUNDER = Grounder(CATALOG)
WORDS = Vocabulary.load()


def wish(text: str) -> Wish:
    return read_wish(text, CATALOG, GROUNDER, WORDS)


_REFUSALS = [
    ("not horror", "not Horror", ""),
    ("a thriller, no romance", "not Romance", "a thriller"),
    ("something without animation", "not Animation", "something"),
    ("non-romantic comedy", "not Romance", "comedy"),
    ("romance-free action", "not Romance", "action"),
    ("anything but a western", "not Western", ""),
    ("nothing scary", "not Horror", ""),
    ("not too scary", "not Horror", ""),
    ("comedy that isn't romantic", "not Romance", "comedy"),
    ("action movie but no musicals please", "not Musical", "action movie"),
    ("not animated", "not Animation", ""),
    ("no war movies or westerns", "not War; not Western", ""),
    ("without horror, romance or war", "not Horror; not Romance; not War", ""),
    ("no drama, no romance, no musicals", "not Drama; not Romance; not Musical", ""),
    ("neither horror nor thriller", "not Horror; not Thriller", ""),
    ("comedies except horror", "not Horror", "comedies"),
    ("no horror, comedy please", "not Horror", "comedy please"),
    ("not a drama but a comedy", "not Drama", "a comedy"),
    ("no romantic comedies", "not Romance + Comedy", ""),
    ("I don't like horror movies, show me dramas", "not Horror", "show me dramas"),
    ("I hate musicals", "not Musical", ""),
    ("not a fan of westerns", "not Western", ""),
    ("not in the mood for romance", "not Romance", ""),
    ("don't include dramas", "not Drama", ""),
    ("don't show me anything animated", "not Animation", ""),
    ("please avoid horror and thrillers", "not Horror; not Thriller", ""),
    ("I've had enough of war movies", "not War", ""),
    ("a western with no romance in it", "not Romance", "a western"),
    ("instead of a comedy, a drama", "not Comedy", "a drama"),
    ("no kids movies", "not Children", ""),
    ("steer clear of horror", "not Horror", ""),
    ("not an American movie", "not United States", ""),
    ("comedies that are not for kids", "not Children", "comedies"),
    ("something that is neither animated nor for kids", "not Animation; not Children", "something"),
    ("not scary or violent", "not Horror", "not violent"),
    ("no violence or horror", "not Horror", "no violence"),
    ("Something dark. Not horror. Maybe slow.", "not Horror", "Something dark. Maybe slow."),
    ("NO HORROR PLEASE", "not Horror", ""),
    ("no Tom Cruise", "not Tom Cruise", ""),
    ("a comedy without tom cruise", "not Tom Cruise", "a comedy"),
    ("nothing with Meg Ryan", "not Meg Ryan", ""),
    ("not directed by Clint O'Brien", "not Clint O'Brien", ""),
    ("a thriller not in English", "not English", "a thriller"),
    ("no French films", "not French/France", ""),
    ("no US films", "not United States", ""),
    ("drama without war and not in Japanese", "not War; not Japanese", "drama"),
    ("a non-english movie", "not English", "a movie"),
    ("不要恐怖片", "not Horror", ""),
    ("不要太恐怖的", "not Horror", ""),
    ("不是动画片的喜剧", "not Animation", "喜剧"),
    ("除了爱情片", "not Romance", ""),
    ("我不喜欢恐怖片，想看喜剧", "not Horror", "想看喜剧"),
    ("不要恐怖片和战争片", "not Horror; not War", ""),
    ("没有爱情的动作片", "not Romance", "动作片"),
    ("别给我推荐动画片", "not Animation", ""),
    ("有没有不恐怖的惊悚片", "not Horror", "有没有惊悚片"),
]


@pytest.mark.parametrize(("text", "understood", "left"), _REFUSALS)
def test_refusals(text, understood, left):
    read = wish(text)
    assert "; ".join(read.understood) == understood
    assert read.text == left


@pytest.mark.parametrize(
    "text",
    [
        "I want some comedy movies",
        "not only comedy",
        "why not a comedy",
        "not bad",
        "I don't mind horror",
        "can't get enough of horror",
        "can't go wrong with a western",
        "I am not against horror",
        "nothing beats a good western",
        "not too romantic",
        "less romance",
        "no thanks",
        "no idea, surprise me",
        "not sure, maybe a comedy",
        "I don't know, maybe horror",
        "a good romance isn't boring",
        "isn't there a good comedy?",
        "don't you have any westerns?",
        "Horror? No. Comedy? Yes.",
        "a comedy but not black and white",
        "something funny but not stupid",
        "I do like horror",
        "never tired of westerns",
        "never say never to horror",
        "I can't live without comedies",
        "don't skip the horror",
        "not for us",
        "我不介意恐怖片",
        "除了喜剧，也想看动作片",
        "不仅要好笑还要感人",
        "我想看一些喜剧电影",
        "",
    ],
)
def test_nothing_is_refused(text):
    read = wish(text)
    assert read.filters == ()
    assert read.text == text


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("in French", "in French"),
        ("French-language drama", "in French"),
        ("a drama in Japanese please", "in Japanese"),
        ("in English or French", "in English or French"),
        ("English only", "in English"),
        ("法语片", "in French"),
        ("French films", "French"),
        ("a film about French people", ""),
        ("with subtitles in English", ""),
        ("a girl in English class", ""),
    ],
)
def test_languages(text, understood):
    assert "; ".join(wish(text).understood) == understood


def test_titles_and_what_is_thought_of_them():
    read = wish("I loved Alien but hated Titanic, I've seen The Matrix; something like Foo Barbaz")
    assert [m.title for m in read.liked] == ["Alien"]
    assert [m.title for m in read.disliked] == ["Titanic"]
    assert [m.title for m in read.seen] == ["The Matrix"]
    assert [m.mention for m in read.unmatched] == ["Foo Barbaz"]
    assert "Titanic" not in read.text
    assert "Alien" in read.text


def test_titles_are_not_read_as_years_or_refusals():
    catalog = Catalog(
        [
            Item("1", "1984", {"year": 1984, "genres": ("Horror", "War")}, 9),
            Item("2", "No War", {"year": 2001, "genres": ("Horror", "War")}, 9),
        ]
    )
    read = read_wish("like 1984 and No War", catalog, Grounder(catalog), WORDS)
    assert [m.item_id for m in read.liked] == ["1", "2"]
    assert read.filters == ()


@pytest.mark.parametrize("text", [text for text, *_ in _REFUSALS])
def test_every_filter_can_be_run(text):
    for expression in wish(text).filters:
        assert item_mask(expression, CATALOG).shape == (len(CATALOG),)


def test_refused_items_are_gone():
    mask = item_mask(
        " and ".join(f"({f})" for f in wish("no Meg Ryan, nothing after 1970").filters), CATALOG
    )
    kept = [CATALOG.at(int(row)) for row in mask.nonzero()[0]]
    assert kept
    for item in kept:
        assert "Meg Ryan" not in (*item.values("cast"), *item.values("directors"))
        assert int(item.values("year")[0]) <= 1970


def test_other_catalogs_work_by_their_own_values():
    books = Catalog(
        [
            Item("1", "Alpha", {"category": "young-adult", "on sale": "no-risk it's"}),
            Item("2", "Beta", {"category": "young-adult", "on sale": "no-risk it's"}),
            Item("3", "Gamma", {"category": "Crime", "on sale": "maybe"}),
        ]
    )
    grounder = Grounder(books)
    read = read_wish("no young adult please, after 1990", books, grounder, WORDS)
    assert read.filters == ("not (category == 'young-adult')",)
    assert item_mask(read.filters[0], books).tolist() == [False, False, True]
    hostile = read_wish("nothing no-risk it's", books, grounder, WORDS)
    assert item_mask(hostile.filters[0], books).tolist() == [False, False, True]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(_WORDS),
        max_size=14,
    )
)
def test_any_sentence_is_read(words):
    read = wish(" ".join(words))
    for expression in read.filters:
        item_mask(expression, CATALOG)
    assert len(read.text) <= len(" ".join(words)) + 1


@pytest.mark.parametrize(
    "part",
    ["no horror or ", "90s ", "not ", "a ", "x", "不要", "1990-", ", ", "only ", "like It, ", "1"],
)
def test_long_sentences_are_cut(part):
    began = time.perf_counter()
    read = wish(part * 30_000)
    assert time.perf_counter() - began < 5
    assert len(read.text) <= 2_000
