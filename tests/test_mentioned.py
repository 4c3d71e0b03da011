"""What a request names is found, longest phrase first, and lifts the items that have it."""

import numpy as np
import pytest

from m6rec.candidates.mentioned import FACTOR, mentions, weights
from m6rec.catalog import Catalog
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary, said_values

CATALOG = Catalog(
    [
        Item("1", "Amelie", {"genres": ("Comedy", "Romance"), "languages": ("French",),
                             "cast": ("Audrey Tautou",)}),
        Item("2", "Alien", {"genres": ("Horror", "Sci-Fi"), "languages": ("English",),
                            "cast": ("Sigourney Weaver",)}),
        Item("3", "Ghostbusters", {"genres": ("Comedy", "Sci-Fi"), "languages": ("English",),
                                   "cast": ("Sigourney Weaver", "Bill Murray")}),
        Item("4", "Priceless", {"genres": ("Comedy", "Romance"), "languages": ("French",),
                                "cast": ("Audrey Tautou",)}),
        Item("5", "Stripes", {"genres": ("Comedy", "War"), "languages": ("English",),
                              "cast": ("Bill Murray",)}),
    ]
)  # fmt: skip
SAID = said_values(CATALOG, Vocabulary.load())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("I want some comedy movies", ["Comedy"]),
        ("romantic comedies", ["Romance", "Comedy"]),
        ("a science fiction film", ["Sci-Fi"]),
        ("something with Bill Murray", ["Bill Murray"]),
        ("a SIGOURNEY WEAVER horror", ["Sigourney Weaver", "Horror"]),
        ("我想看一些喜剧电影", ["Comedy"]),
        ("comedy, comedy and more comedy", ["Comedy"]),
        ("越吓人越好", ["Horror"]),  # in English such words only refuse: "nothing scary"
        ("something scary", []),
        ("make me laugh", []),
        ("", []),
    ],
)
def test_named_values_are_found(text, values):
    found = mentions(text, SAID)
    assert all(v in {said.value for said in g} for g, v in zip(found, values, strict=True))


def test_each_satisfied_mention_multiplies_the_weight():
    found = mentions("romantic comedies in French", SAID)
    expected = [FACTOR**4, 1.0, FACTOR, FACTOR**4, FACTOR]
    np.testing.assert_allclose(weights(found, CATALOG), expected)


def test_a_lone_mention_has_no_premium():
    np.testing.assert_allclose(
        weights(mentions("war films", SAID), CATALOG), [1.0, 1.0, 1.0, 1.0, FACTOR]
    )


def test_a_word_that_only_refuses_suggests_beside_a_named_kind():
    found = mentions("a scary comedy", SAID)
    assert [[said.value for said in values] for values in found] == [["Comedy"], ["Horror"]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("in the mood for some Weaver", ["Sigourney Weaver"]),
        ("in the mood for some weaver", []),
        ("Weaver of dreams", []),  # the first word has a capital whatever it is
        ("Bill Murray演的电影", ["Bill Murray"]),
    ],
)
def test_surnames_count_with_a_capital(text, names):
    assert [values[0].value for values in mentions(text, SAID)] == names


def test_nothing_named_leaves_all_items_alike():
    np.testing.assert_array_equal(weights((), CATALOG), np.ones(len(CATALOG)))


def test_a_name_that_is_a_word_is_nobody_without_a_capital():
    said = said_values(
        Catalog([Item(str(n), "One", {"cast": ("Rain", "Cher")}) for n in range(2)]),
        Vocabulary.load(),
    )
    assert mentions("rain and neon lights", said) == ()
    assert [values[0].value for values in mentions("cher", said)] == ["Cher"]
    assert said.person("Rain")
