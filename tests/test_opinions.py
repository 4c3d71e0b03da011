"""What is thought of titles: cues before them, opinions behind them, lists, both languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.grounding import Grounder
from m6rec.grounding.lookup import TitleLookup
from m6rec.grounding.opinions import opinion_after
from m6rec.grounding.running import RunningText
from m6rec.records import Item

_FILMS = """
Toy Story|1995|247;The Matrix|1999|259;Titanic|1997|198;Heat|1995|110;Alien|1979|127;Fargo|1996|220
Fight Club|1999|200;The English Patient|1996|90;The Big Lebowski|1998|160;Blade Runner|1982|190
Casino|1995|80;Spirited Away|2001|120;Inception|2010|150;Toy Story 2|1999|125;The Others|2001|40
Searching for Bobby Fischer|1993|40;What About Bob?|1991|30;Alien vs. Predator|2004|20;Batman|1989|180
Indiana Jones and the Last Crusade|1989|170;Indiana Jones and the Temple of Doom|1984|140
"""


def _films():
    for number, row in enumerate(_FILMS.replace("\n", ";").strip(";").split(";"), start=1):
        title, year, popularity = row.split("|")
        fields: dict[str, int | tuple[str, ...]] = {
            "year": int(year),
            "genres": ("Drama", "Comedy"),
        }
        yield Item(f"m{number}", title, fields, float(popularity))
    for number in range(300):
        yield Item(
            f"x{number}", f"Obscurity {number:03}", {"year": 1990, "genres": ("Drama",)}, 1.0
        )


CATALOG = Catalog(_films())
GROUNDER = Grounder(CATALOG)
_SIGNS = {"liked": "+", "disliked": "-", "seen": "~"}


def said(text: str) -> str:
    return " ".join(
        _SIGNS[m.sentiment] + (m.match.title or "?") for m in GROUNDER.find_mentions(text)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Matrix was great but Titanic bored me", "+The Matrix -Titanic"),
        ("saw fargo, loved it", "+Fargo"),
        ("saw fargo last week. didn't care for it", "-Fargo"),
        ("watched inception yesterday and it was brilliant", "+Inception"),
        ("i've seen fargo", "~Fargo"),
        ("Titanic is overrated", "-Titanic"),
        ("the english patient put me to sleep", "-The English Patient"),
        ("fight club blew me away", "+Fight Club"),
        ("couldn't finish fargo", "-Fargo"),
        ("i never get tired of the big lebowski", "+The Big Lebowski"),
        ("Fargo? meh.", "-Fargo"),
        ("Fargo: 9/10. Heat: 3/10", "+Fargo -Heat"),
        ("not a fan of fight club", "-Fight Club"),
        ("wasn't too impressed with fight club", "-Fight Club"),
        ("i found Blade Runner boring", "-Blade Runner"),
        ("as boring as fight club", "-Fight Club"),
        ("as funny as the big lebowski", "+The Big Lebowski"),
        ("liked neither Fargo nor Heat", "-Fargo -Heat"),
        ("fargo and heat were fantastic", "+Fargo +Heat"),
        ("seen Heat but not Fargo", "~Heat"),
        ("haven't seen Fargo yet", ""),
        ("already seen Fargo, want something like it", "+Fargo"),
        ("don't recommend Fargo or Heat", "~Fargo ~Heat"),
        ("enjoyed fight club a lot, the english patient not so much", "+Fight Club -The English Patient"),
        ("my wife loved titanic but i found it dull", "-Titanic"),
        ("I hated Fargo, want something good", "-Fargo"),
        ("Fargo is not bad", "+Fargo"),
        ("i don't hate Fargo", "+Fargo"),
        ("nothing beats blade runner", "+Blade Runner"),
        ("Fargo 很好看，Titanic 太无聊了", "+Fargo -Titanic"),
        ("看过 Fight Club，非常喜欢", "+Fight Club"),
        ("Inception 不好看", "-Inception"),
        # Where titles begin and end.
        ("saw fight club last night, awesome", "+Fight Club"),
        ("blade runer vibes", "+Blade Runner"),
        ("i'm a fan of Indiana Jones and the last crusaid", "+Indiana Jones and the Last Crusade"),
        ("bladerunner but less slow", "+Blade Runner"),
        ("fight club and the big lebowski kind of humor", "+Fight Club +The Big Lebowski"),
        ("like batman 1989", "+Batman"),
        ("Alien vs. Predator was fun", "+Alien vs. Predator"),
        ("toy story 7 was bad", ""),
        # Words that are no titles.
        ("the others were not that great", ""),
        ("searching for a good movie", ""),
        ("what about something similar", ""),
        ("it was great", ""),
        ("last night was awful", ""),
    ],
)  # fmt: skip
def test_sentiments(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("behind", "sentiment"),
    [
        (" was great", "liked"),
        (" was really not that great", "disliked"),
        (", I want a great comedy", None),
        (" was good but really too long", "disliked"),
        (" is so bad it's good", "liked"),
        (" 4 out of 5", "liked"),
        (" 2/5", "disliked"),
        (" i've already seen it", "seen"),
        (" is a film", None),
        ("", None),
    ],
)
def test_opinions_behind_a_title(behind, sentiment):
    opinion = opinion_after(f"X{behind}", 1, len(behind) + 1)
    assert (opinion.sentiment if opinion else None) == sentiment


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=80))
def test_an_opinion_ends_inside_the_text(text):
    opinion = opinion_after(text, 0, len(text))
    assert opinion is None or 0 < opinion.end <= len(text)


def test_titles_in_running_text_are_whole_and_longest_first():
    text = RunningText("after Indiana Jones and the Last Crusade 1989 please", GROUNDER)
    found = [text._text[start:end] for start, end in text.stretches(6)]
    assert found[0] == "Indiana Jones and the Last Crusade 1989"
    assert found[-1] == "Indiana Jones"
    assert list(text.stretches(0)) == []


@settings(deadline=None)
@given(st.sampled_from([item.title for item in CATALOG]), st.integers(0, 20))
def test_near_keys_are_those_of_a_full_scan(title, place):
    from rapidfuzz.distance import OSA

    lookup = TitleLookup(GROUNDER.index)
    key = title.casefold()
    key = key[: place % len(key)] + key[place % len(key) + 1 :] or "x"
    found = dict(lookup.near(key, 0.801))
    every = {k: OSA.normalized_similarity(key, k) for k in GROUNDER.index.pool if k[0] == key[0]}
    good = {k: s for k, s in every.items() if s > 0.801}
    assert found.items() <= good.items()
    assert len(found) == min(len(good), 10)
