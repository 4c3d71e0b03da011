import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.sources.film_titles import article_first, split_title, split_year, title_key


@pytest.mark.parametrize(
    ("written", "shown", "others"),
    [
        ("Matrix, The", "The Matrix", ()),
        ("Avventura, L' (Adventure, The)", "L'Avventura", ("The Adventure",)),
        ("Misérables, Les", "Les Misérables", ()),
        ("Vitelloni, I (a.k.a. The Young and the Passionate)", "I Vitelloni", ("The Young and the Passionate",)),
        ("Power of Nightmares, The: The Rise", "The Power of Nightmares: The Rise", ()),
        ("Fast and the Furious: Tokyo Drift, The", "The Fast and the Furious: Tokyo Drift", ()),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly", ()),
        ("Crazy, Stupid, Love", "Crazy, Stupid, Love", ()),
        ("I Love You, Man", "I Love You, Man", ()),
        ("Yi Yi", "Yi Yi", ()),
        ("Monsters, Inc.", "Monsters, Inc.", ()),
        ("Seven (a.k.a. Se7en)", "Seven", ("Se7en",)),
        ("European Vacation (aka National Lampoon's European Vacation)", "European Vacation", ("National Lampoon's European Vacation",)),
        ("Spirited Away (Sen to Chihiro no kamikakushi)", "Spirited Away", ("Sen to Chihiro no kamikakushi",)),
        ("Eye, The (Gin gwai) (Jian gui)", "The Eye", ("Gin gwai", "Jian gui")),
        ("Legend, The (Legend of Fong Sai-Yuk, The) (Fong Sai Yuk)", "The Legend", ("The Legend of Fong Sai-Yuk", "Fong Sai Yuk")),
        ("To Have, or Not (En avoir (ou pas))", "To Have, or Not", ("En avoir (ou pas)",)),
        ("(500) Days of Summer", "(500) Days of Summer", ()),
        ("Birdman: Or (The Unexpected Virtue of Ignorance)", "Birdman: Or (The Unexpected Virtue of Ignorance)", ()),
        ("I Am Curious (Yellow) (Jag är nyfiken)", "I Am Curious (Yellow)", ("Jag är nyfiken",)),
        ("Human Centipede, The (First Sequence)", "The Human Centipede (First Sequence)", ()),
        ("Human Centipede II (Full Sequence), The", "The Human Centipede II (Full Sequence)", ()),
        ("Bon Voyage, Charlie Brown (and Don't Come Back!)", "Bon Voyage, Charlie Brown (and Don't Come Back!)", ()),
        ("Frontière(s)", "Frontière(s)", ()),
        ("Who Framed  Roger Rabbit? (Who framed roger rabbit?)", "Who Framed Roger Rabbit?", ()),
        (":)", ":)", ()),
        ("(", "(", ()),
    ],
)  # fmt: skip
def test_titles_are_shown_as_people_write_them(written, shown, others):
    assert split_title(written) == (shown, others)


@settings(deadline=None)
@given(st.text("The, ALes'()a.k:é", max_size=24))
def test_no_title_is_lost_and_cleaning_a_clean_title_keeps_it(text):
    title = " ".join(text.split())
    shown, _ = split_title(title)
    assert bool(shown) == bool(title)
    assert sorted(article_first(title).replace(" ", "")) == sorted(
        title.replace(", ", "", int(article_first(title) != title)).replace(" ", "")
    )


def test_years_are_split_off():
    assert split_year("Toy Story (1995)") == ("Toy Story", 1995)
    assert split_year("Babylon 5") == ("Babylon 5", None)
    assert split_year("Doctor Who (2005-2010) ") == ("Doctor Who", 2005)
    assert split_year("(2012)") == ("(2012)", None)
    assert split_year("1984 (Nineteen Eighty-Four) (1956)") == ("1984 (Nineteen Eighty-Four)", 1956)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Matrix", "MATRIX"),
        ("L'Avventura", "L’avventura"),
        ("Amélie", "Amelie"),
        ("Kill Bill: Vol. 1", "Kill Bill – Volume 1"),
        ("Mission: Impossible II", "Mission: Impossible 2"),
        ("Dumb & Dumber", "Dumb and Dumber"),
        ("Schindler's List", "Schindlers List"),
        ("Three Colors: Red", "Three Colours: Red"),
    ],
)
def test_spellings_of_one_title_share_a_key(one, other):
    assert title_key(one) == title_key(other) != ""


def test_titles_that_differ_have_other_keys():
    assert len({title_key(t) for t in ("Alien", "Aliens", "Alien 3", "A", "The", "It")}) == 6
    assert title_key("?!") == ""
