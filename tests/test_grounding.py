"""Titles as typed, and titles inside sentences."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.grounding import Grounder
from m6rec.records import Item

_FILMS = """
Toy Story|1995|247;Toy Story 2|1999|125;Toy Story 3|2010|42;The Matrix|1999|259;The Matrix Reloaded|2003|82
Star Wars: Episode IV - A New Hope|1977|291;Star Wars: Episode V - The Empire Strikes Back|1980|234
Star Wars: Episode I - The Phantom Menace|1999|138;Star Wars: The Clone Wars|2008|3
The Lord of the Rings: The Fellowship of the Ring|2001|200;The Lord of the Rings: The Two Towers|2002|188
The Lord of the Rings|1978|19;Harry Potter and the Prisoner of Azkaban|2004|84
Harry Potter and the Sorcerer's Stone|2001|105;Hamlet|1948|6;Hamlet|1996|25;Hamlet|2000|6;Hamlet|1990|5
Titanic|1997|198;Titanic|1953|2;Heat|1995|110;Her|2013|30;It|1990|12;Big|1988|90;Us|1991|1;Speed|1994|160
Crash|2004|60;Drive|2011|30;Comedy|1990|1;Funny|1989|1;Alien|1979|127;Aliens|1986|125;Alien³|1992|55
The Godfather|1972|200;The Godfather: Part II|1974|135;12 Angry Men|1957|74;300|2007|50;Amélie|2001|116
Butch Cassidy and the Sundance Kid|1969|50;The Sting|1973|60;2001: A Space Odyssey|1968|90
Monsters, Inc.|2001|95;WALL·E|2008|80;E.T. the Extra-Terrestrial|1982|120;Saw|2004|35;Scary Movie|2000|37
Ocean's Eleven|2001|88;The Silence of the Lambs|1991|300;Forrest Gump|1994|340;The Notebook|2004|30
The Shawshank Redemption|1994|310;I Love You, Man|2009|12;Mr. & Mrs. Smith|2005|30;Rear Window|1954|80
Love Actually|2003|60;Spider-Man|2002|75;Pulp Fiction|1994|324;Happy Endings|2005|1;Old School|2003|9
"""
_ALSO = {"The Matrix": ("黑客帝国",), "Amélie": ("Le fabuleux destin d'Amélie Poulain",)}


def _films():
    for number, line in enumerate(_FILMS.replace("\n", ";").strip(";").split(";"), start=1):
        title, year, popularity = line.split("|")
        fields: dict[str, int | tuple[str, ...]] = {"year": int(year)}
        fields["genres"] = ("Comedy", "Western") if number % 2 else ("Action", "Sci-Fi", "Horror")
        if title in _ALSO:
            fields["also_known_as"] = _ALSO[title]
        yield Item(f"m{number}", title, fields, float(popularity))


CATALOG = Catalog(_films())
GROUNDER = Grounder(CATALOG)
STAR_WARS = "Star Wars: Episode IV - A New Hope"
FELLOWSHIP = "The Lord of the Rings: The Fellowship of the Ring"


@pytest.mark.parametrize(
    ("mention", "title", "how"),
    [
        ("The Matrix", "The Matrix", "exact"),
        ("m1", "Toy Story", "exact"),
        ("the matrix", "The Matrix", "normalised"),
        ("Matrix, The", "The Matrix", "normalised"),
        ("matrix", "The Matrix", "normalised"),
        ("The Matrix (1999)", "The Matrix", "normalised"),
        ("黑客帝国", "The Matrix", "normalised"),
        ("amelie", "Amélie", "normalised"),
        ("Ame\u0301lie", "Amélie", "exact"),
        ("le fabuleux destin d'amelie poulain", "Amélie", "normalised"),
        ("godfather 2", "The Godfather: Part II", "normalised"),
        ("The Godfather, Part Two", "The Godfather: Part II", "normalised"),
        ("alien 3", "Alien³", "normalised"),
        ("oceans 11", "Ocean's Eleven", "normalised"),
        ("spiderman", "Spider-Man", "normalised"),
        ("walle", "WALL·E", "normalised"),
        ("mr and mrs smith", "Mr. & Mrs. Smith", "normalised"),
        ("hamlet 1996", "Hamlet (1996)", "normalised"),
        ("Hamlet, 1948", "Hamlet (1948)", "normalised"),
        ("the 1990 hamlet", "Hamlet (1990)", "normalised"),
        ("hamlet (1997)", "Hamlet (1996)", "fuzzy"),
        ("titanic", "Titanic (1997)", "normalised"),
        ("titanic 1953", "Titanic (1953)", "normalised"),
        ("star wars", STAR_WARS, "fuzzy"),
        ("lord of the rings", FELLOWSHIP, "fuzzy"),
        ("The Lord of the Rings", "The Lord of the Rings", "exact"),
        ("lord of the rings 1978", "The Lord of the Rings", "normalised"),
        ("harry potter", "Harry Potter and the Sorcerer's Stone", "fuzzy"),
        ("the empire strikes back", "Star Wars: Episode V - The Empire Strikes Back", "fuzzy"),
        ("fellowship of the ring", FELLOWSHIP, "fuzzy"),
        ("shawshank", "The Shawshank Redemption", "fuzzy"),
        ("silence of lambs", "The Silence of the Lambs", "fuzzy"),
        ("2001", "2001: A Space Odyssey", "fuzzy"),
        ("300", "300", "exact"),
        ("matrx", "The Matrix", "fuzzy"),
        ("the matrx", "The Matrix", "fuzzy"),
        ("harry poter", "Harry Potter and the Sorcerer's Stone", "fuzzy"),
        ("lord of teh rings", FELLOWSHIP, "fuzzy"),
        ("harry potter 2", "Harry Potter and the Prisoner of Azkaban", "normalised"),
        ("hp 1", "Harry Potter and the Sorcerer's Stone", "normalised"),
        ("lotr 2", "The Lord of the Rings: The Two Towers", "normalised"),
        ("lotr the two towers", "The Lord of the Rings: The Two Towers", "normalised"),
        ("the second godfather", "The Godfather: Part II", "normalised"),
        ("the first toy story", "Toy Story", "normalised"),
        ("2nd toy story", "Toy Story 2", "normalised"),
        ("episode v", "Star Wars: Episode V - The Empire Strikes Back", "normalised"),
        ("star wars the phantom menace", "Star Wars: Episode I - The Phantom Menace", "fuzzy"),
        ("prisoner of azkaban", "Harry Potter and the Prisoner of Azkaban", "fuzzy"),
        ("mattrix", "The Matrix", "fuzzy"),
        ("forest gump", "Forrest Gump", "fuzzy"),
        ("shawshank redemtion", "The Shawshank Redemption", "fuzzy"),
        ("pulp ficton", "Pulp Fiction", "fuzzy"),
        ("titanc", "Titanic (1997)", "fuzzy"),
    ],
)
def test_found(mention, title, how):
    match = GROUNDER.ground(mention)
    assert (match.title, match.how) == (title, how)
    assert CATALOG[match.item_id or ""].title == title
    assert 0.8 <= match.confidence <= 1
    assert match.confidence < 1 or how in ("exact", "normalised")


@pytest.mark.parametrize(
    ("mention", "how"),
    [
        ("hamlet", "ambiguous"),
        ("hamlet 2015", "ambiguous"),
        ("toy story 4", "unknown"),
        ("the fourth toy story", "unknown"),
        ("harry potter 9", "unknown"),
        ("rocky 7", "unknown"),
        ("hot", "unknown"),
        ("sow", "unknown"),
        ("", "unknown"),
        ("?!", "unknown"),
        ("the", "unknown"),
        ("a comedy about cats", "unknown"),
        ("Pulp Friction Bearings", "unknown"),
        ("x" * 100_000, "unknown"),
        ("日本沈没", "unknown"),
    ],
)
def test_abstains(mention, how):
    match = GROUNDER.ground(mention)
    assert (match.item_id, match.title, match.confidence, match.how) == (None, "", 0, how)


def test_abstention_offers_the_nearest():
    assert GROUNDER.ground("hamlet").nearest == (
        "Hamlet (1996)",
        "Hamlet (1948)",
        "Hamlet (2000)",
        "Hamlet (1990)",
    )
    assert "Toy Story 3" in GROUNDER.ground("toy story 4").nearest


@pytest.mark.parametrize("item", CATALOG, ids=lambda item: item.item_id)
def test_display_titles_and_ids_find_their_item(item):
    assert GROUNDER.ground(item.title).item_id == item.item_id
    assert GROUNDER.ground(item.item_id).item_id == item.item_id


def test_without_popularity_or_years_nothing_is_guessed():
    grounder = Grounder(Catalog([Item("1", "Twin"), Item("2", "Twin"), Item("3", "Lone Star")]))
    assert grounder.ground("twin").how == "ambiguous"
    assert grounder.ground("lone star").item_id == "3"


def test_years_in_raw_titles_count():
    grounder = Grounder(Catalog([Item("1", "Hamlet (1996)"), Item("2", "Hamlet (1948)")]))
    assert grounder.ground("hamlet 1948").item_id == "2"


def test_scripts_other_than_latin():
    grounder = Grounder(Catalog([Item("1", "七人の侍"), Item("2", "Сталкер"), Item("3", "기생충")]))
    assert [grounder.ground(t).item_id for t in ("七人の侍", "сталкер", "기생충", "七人")] == [
        "1",
        "2",
        "3",
        None,
    ]


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=6))
def test_any_title_grounds_to_itself(titles):
    catalog = Catalog(Item(f"id-{n}", title) for n, title in enumerate(titles))
    grounder = Grounder(catalog)
    for item in catalog:
        assert grounder.ground(item.title).item_id == item.item_id


_SENTENCES = [
    ("something like the matrx", "+The Matrix"),
    ("movies like The Matrix please", "+The Matrix"),
    ('films similar to "Pulp Fiction" but newer', "+Pulp Fiction"),
    ("I loved Toy Story and Heat but hated Alien", "+Toy Story +Heat -Alien"),
    ("i loved toy story and heat but hated alien", "+Toy Story +Heat -Alien"),
    ("I liked Butch Cassidy and the Sundance Kid, and The Sting",
     "+Butch Cassidy and the Sundance Kid +The Sting"),
    ("loved: Amelie, Wall-E, 12 angry men", "+Amélie +WALL·E +12 Angry Men"),
    ("I've seen Titanic and loved it", "+Titanic (1997)"),
    ("I saw Saw and hated it", "-Saw"),
    ("just watched forest gump, want something similar", "+Forrest Gump"),
    ("I've already seen Toy Story, Toy Story 2 and Heat", "~Toy Story ~Toy Story 2 ~Heat"),
    ("I haven't seen Titanic", ""),
    ("like Star Wars but not The Phantom Menace",
     f"+{STAR_WARS} -Star Wars: Episode I - The Phantom Menace"),
    ("everything except Toy Story 2", "-Toy Story 2"),
    ("besides The Godfather", "~The Godfather"),
    ("I didn't like Titanic", "-Titanic (1997)"),
    ("not a fan of The Lord of the Rings", f"-{FELLOWSHIP}"),
    ("I can't stand The Notebook", "-The Notebook"),
    ("nothing like The Notebook", "-The Notebook"),
    ("I didn't hate Speed", "+Speed"),
    ("can't get enough of star wars", f"+{STAR_WARS}"),
    ("my favourite movies are pulp fiction and the sting", "+Pulp Fiction +The Sting"),
    ("a cross between alien and speed", "+Alien +Speed"),
    ("Heat was great but Titanic was boring", "+Heat -Titanic (1997)"),
    ("something like heat", "+Heat"),
    ("something like It", "+It"),
    ("movies like 2001: A Space Odyssey", "+2001: A Space Odyssey"),
    ("something like I Love You, Man", "+I Love You, Man"),
    ("such as Monsters, Inc. or Spider-Man", "+Monsters, Inc. +Spider-Man"),
    ("I LOVED THE MATRIX", "+The Matrix"),
    ("less like Alien, more like Aliens!", "-Alien +Aliens"),
    ("I've watched Forrest Gump a hundred times", "~Forrest Gump"),
    ("I thought Titanic was overrated", "-Titanic (1997)"),
    ("The Matrix", "+The Matrix"),
    ("pulp fiction", "+Pulp Fiction"),
    ("喜欢《黑客帝国》", "+The Matrix"),
    ("像黑客帝国一样的电影", "+The Matrix"),
    ("我看过Toy Story和Heat，讨厌Alien", "~Toy Story ~Heat -Alien"),
    ("不喜欢Titanic", "-Titanic (1997)"),
    ("类似于Alien的科幻片", "+Alien"),
    ("something like Foobar Quuxington", "?Foobar Quuxington"),
    ('a movie like "Foo Bar Baz"', "?Foo Bar Baz"),
    ("something like hamlet", "?hamlet"),
    ("something like hamlet 1996", "+Hamlet (1996)"),
    ("with both pulp fiction and forrest gump", "+Pulp Fiction +Forrest Gump"),
    ("I loved Alien, Aliens and Speed but not Titanic",
     "+Alien +Aliens +Speed -Titanic (1997)"),
    ("neither speed nor titanic did it for me", "-Speed -Titanic (1997)"),
    ("pulp fiction yes, titanic no", "+Pulp Fiction -Titanic (1997)"),
    ("i'm obsessed with tarantino's pulp fiction", "+Pulp Fiction"),
    ("spiderman into the spider verse is gorgeous", ""),
    ("the matrix part four was bad", ""),
    ("not in the mood for another forrest gump", "-Forrest Gump"),
    ("gladiator with somebody, hated alien", "-Alien"),
    ("speed with keanu reeves, hated it", "-Speed"),
    ("shawshank", "+The Shawshank Redemption"),
    # Not titles.
    ("thank you", ""),
    ("I want something funny and big with heat", ""),
    ("give me speed and a crash and a drive", ""),
    ("I like comedies", ""),
    ("I'd like some action movies", ""),
    ("something like a western", ""),
    ("films like westrn", ""),
    ("comedy", ""),
    ("funny", ""),
    ("scary movie", ""),
    ("I like it", ""),
    ("I loved it", ""),
    ("I like her", ""),
    ("show us something", ""),
    ("I love old school comedies", ""),
    ("I like happy endings", ""),
    ("I feel like a comedy", ""),
    ("I'd like to laugh", ""),
    ("I like horor", ""),
    ("a movie that feels like a warm hug", ""),
    ('a "feel good" movie', ""),
    ("I like the one with the talking toys", ""),
    ("", ""),
]  # fmt: skip


def _shown(mention):
    if mention.match.item_id is None:
        return f"?{mention.text}"
    return {"liked": "+", "disliked": "-", "seen": "~"}[mention.sentiment] + mention.match.title


@pytest.mark.parametrize(("text", "expected"), _SENTENCES)
def test_mentions(text, expected):
    assert " ".join(map(_shown, GROUNDER.find_mentions(text))) == expected


@pytest.mark.parametrize("text", [text for text, _ in _SENTENCES])
def test_mentions_stand_where_they_say(text):
    end = 0
    for mention in GROUNDER.find_mentions(text):
        assert end <= mention.start < mention.end <= len(text)
        assert mention.clause_start <= mention.start
        assert mention.clause_end >= mention.end
        assert mention.text in text[mention.start : mention.end]
        end = mention.end


@pytest.mark.parametrize("part", ["I like The Matrix and ", "like ", '"a ', "《", "loved X, ", "é"])
def test_long_texts_are_cut(part):
    began = time.perf_counter()
    GROUNDER.find_mentions(part * 20_000)
    assert time.perf_counter() - began < 1


def said(text: str) -> set[tuple[str, str]]:
    found = GROUNDER.find_mentions(text)
    return {(m.sentiment, m.match.title) for m in found if m.match.item_id is not None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("can't stop thinking about the shawshenk redemption", {("liked", "The Shawshank Redemption")}),
        ("rewatching lotr fellowship, need more", {("liked", FELLOWSHIP)}),
        ("they've seen all disney and toy story", {("seen", "Toy Story")}),
        ("more rear window, less forrest gump", {("liked", "Rear Window"), ("disliked", "Forrest Gump")}),
        ("the only one i couldn't stand was Heat", {("disliked", "Heat")}),
        ("can't recommend rear window enough", {("liked", "Rear Window")}),
        ("wish i liked forrest gump more", {("disliked", "Forrest Gump")}),
        ("what a letdown love actually was", {("disliked", "Love Actually")}),
        ("pulp fiction was a masterpiece, forrest gump made me cringe",
         {("liked", "Pulp Fiction"), ("disliked", "Forrest Gump")}),
        ("the new rear window was surprisingly good", set()),
        ("i have a soft spot for pulp fiction", {("liked", "Pulp Fiction")}),
        ("who even likes forrest gump", {("disliked", "Forrest Gump")}),
        ("for my brother who loves Pulp Fiction", {("liked", "Pulp Fiction")}),
    ],
)  # fmt: skip
def test_titles_in_other_words(text: str, expected: set[tuple[str, str]]) -> None:
    assert said(text) == expected


def test_a_word_that_nobody_knows_after_like_is_reported() -> None:
    (mention,) = GROUNDER.find_mentions("something like heet")
    assert mention.match.item_id is None
    assert GROUNDER.find_mentions("something like westerns") == []
    assert GROUNDER.find_mentions("i don't like jumpscares") == []


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("a fairy tale for grown ups", []),
        ("a film noir with a femme fatale", []),
        ("i loved grown ups", ["Grown Ups"]),
        ("grown ups was hilarious", ["Grown Ups"]),
        ("a film noir with a Femme Fatale", ["Femme Fatale"]),
    ],
)
def test_phrases_that_are_titles_as_well(text: str, titles: list[str]) -> None:
    names = ("Grown Ups", "Femme Fatale", *(f"Reel {n}" for n in range(40)))
    films = Catalog([Item(name, name, {"year": 2002}, 100.0 - n) for n, name in enumerate(names)])
    assert [m.match.title for m in Grounder(films).find_mentions(text)] == titles
