"""A toy catalog and a recommender over it whose every answer can be worked out by hand."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Self

from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.errors import RequestError
from m6rec.records import Answer, Clarification, Item, Match, Portrait, Recommendation, Taste

_FILMS = (
    # id, title, year, genres, ratings
    ("1", "Toy Story", 1995, ("Animation", "Comedy"), 247),
    ("2", "Groundhog Day", 1993, ("Comedy", "Romance"), 200),
    ("3", "Men in Black", 1997, ("Comedy", "Sci-Fi"), 190),
    ("4", "The Mask", 1994, ("Comedy", "Fantasy"), 157),
    ("5", "Airplane!", 1980, ("Comedy",), 90),
    ("6", "Shrek", 2001, ("Animation", "Comedy"), 150),
    ("7", "The Matrix", 1999, ("Action", "Sci-Fi"), 259),
    ("8", "Blade Runner", 1982, ("Sci-Fi", "Thriller"), 135),
    ("9", "Unforgiven", 1992, ("Western", "Drama"), 80),
    ("10", "Dances with Wolves", 1990, ("Western", "Drama"), 202),
    ("11", "Alien", 1979, ("Horror", "Sci-Fi"), 140),
    ("12", "The Shining", 1980, ("Horror",), 110),
    ("13", "Amélie", 2001, ("Comedy", "Romance"), 95),
    ("14", "千与千寻", 2001, ("Animation", "Fantasy"), 60),
)
_WORDS = {
    "comedy": "Comedy",
    "comedies": "Comedy",
    "喜剧": "Comedy",
    "western": "Western",
    "westerns": "Western",
    "西部": "Western",
    "horror": "Horror",
    "恐怖": "Horror",
    "science fiction": "Sci-Fi",
    "科幻": "Sci-Fi",
    "romance": "Romance",
    "animation": "Animation",
    "cartoon": "Animation",
}
LONGEST_TEXT = 2000


def toy_catalog() -> Catalog:
    """Fourteen films with genres, year and popularity."""
    return Catalog(
        (
            Item(item_id, title, {"genres": genres, "year": year}, float(count))
            for item_id, title, year, genres, count in _FILMS
        ),
        name="toy",
    )


class FakeGrounder:
    """Exact (1.0), or spelt at least 0.75 alike (that ratio), or refused with the nearest two."""

    def __init__(self, catalog: Catalog) -> None:
        self._titles = {item.title.casefold(): item for item in catalog}

    def ground(self, mention: str) -> Match:
        key = mention.casefold()
        near = difflib.get_close_matches(key, self._titles, n=2, cutoff=0.3)
        ratio = difflib.SequenceMatcher(None, near[0], key).ratio() if near else 0.0
        if ratio < 0.75:
            nearest = tuple(self._titles[title].title for title in near)
            return Match(mention, None, confidence=round(ratio, 2), nearest=nearest)
        item = self._titles[near[0]]
        how = "exact" if near[0] == key else "fuzzy"
        return Match(mention, item.item_id, item.title, round(ratio, 2), how)


class FakeCompanion:
    """Asks what it is told to, in order; a taste is a genre that two likes share."""

    def __init__(self, recommender: "FakeRecommender") -> None:
        self._recommender = recommender
        self.questions: list[Clarification] = []
        self.users: set[str] = {"ann"}

    def clarify(
        self,
        text: str = "",
        *,
        liked: Sequence[str] = (),
        disliked: Sequence[str] = (),
        seen: Sequence[str] = (),
        user: str | None = None,
        without: Collection[str] = (),
    ) -> Clarification | None:
        return next((q for q in self.questions if q.topic not in without), None)

    def judged(self, text: str) -> list[tuple[str, Match]]:
        named = [item for item in self._recommender.catalog if item.title in text]
        verdicts = ("disliked" if f"hated {item.title}" in text else "liked" for item in named)
        matches = (Match(item.title, item.item_id, item.title, 1.0) for item in named)
        return list(zip(verdicts, matches, strict=True))

    def knows(self, user: str) -> bool:
        return user in self.users or any(who == user for who, _, _ in self._recommender.verdicts)

    def portrait(self, user: str | None = None, liked: Sequence[str] = ()) -> Portrait:
        last = {item: verdict for who, item, verdict in self._recommender.verdicts if who == user}
        ids = tuple(dict.fromkeys((*(i for i, v in last.items() if v == "liked"), *liked)))
        genres = [(g, i) for i in ids for g in self._recommender.catalog[i].values("genres")]
        tastes = tuple(
            Taste("genres", genre, genre.casefold(), tuple(i for g, i in genres if g == genre))
            for genre, n in Counter(g for g, _ in genres).items()
            if n > 1
        )
        return Portrait(ids, tastes)

    def about(self, text: str) -> frozenset[str]:
        wanted, refused, decades = _read(text)
        years = decades or re.search(r"\b(?:19|20)\d\d\b", text)
        return frozenset({"year"} if years else ()) | ({"genres"} if wanted | refused else set())


class FakeRecommender:
    """Ranks by (genre words said + genres shared with likes, ratings); decades and "no" are hard.

    Calls are kept in `calls` and verdicts in `verdicts`, as they came.
    """

    def __init__(self, catalog: Catalog | None = None) -> None:
        self.catalog = catalog or toy_catalog()
        self.grounder = FakeGrounder(self.catalog)
        self.companion = FakeCompanion(self)
        self.config = Config()
        self.calls: list[dict[str, object]] = []
        self.verdicts: list[tuple[str, str, str]] = []

    def variant(self, config: Config | None = None, interactions: object = None) -> Self:
        self.config = config or self.config
        return self

    def feedback(self, user: str, item_id: str, verdict: str) -> None:
        self.verdicts.append((user, item_id, verdict))

    def add_items(self, items: Iterable[Item]) -> None:
        self.catalog = self.catalog.with_items(items)

    def recommend(
        self,
        text: str = "",
        *,
        liked: Sequence[str] = (),
        disliked: Sequence[str] = (),
        seen: Sequence[str] = (),
        user: str | None = None,
        where: str | None = None,
        k: int = 10,
    ) -> Answer:
        self.calls.append(
            {"text": text, "liked": liked, "disliked": disliked, "seen": seen}
            | {"user": user, "where": where, "k": k}
        )
        if len(text) > LONGEST_TEXT:
            raise RequestError(f"the request has {len(text)} characters; at most {LONGEST_TEXT}")
        matches = {
            name: [self._match(t) for t in titles]
            for name, titles in _groups(liked, disliked, seen)
        }
        known = [self._match(i) for who, i, _ in self.verdicts if user is not None and who == user]
        likes = [*matches["liked"], *self._mentions(text)]
        gone = {m.item_id for group in (*matches.values(), likes, known) for m in group}
        wanted, refused, decades = _read(text)
        shared = [g for m in likes if m.item_id for g in self.catalog[m.item_id].values("genres")]
        found = []
        for item in self.catalog:
            genres = item.values("genres")
            decade = int(str(item.fields["year"])) // 10 % 10 * 10
            if item.item_id in gone or refused & {*genres} or (decades and decade not in decades):
                continue
            hits = sum(g in wanted for g in genres)
            likeness = sum(shared.count(g) for g in genres)
            if hits or not wanted:
                found.append((-(hits + likeness), -item.popularity, item))
        items = tuple(
            _recommendation(rank, -hits, item)
            for rank, (hits, _, item) in enumerate(sorted(found, key=lambda f: f[:2])[:k], start=1)
        )
        typed = (*matches["liked"], *matches["disliked"], *self._mentions(text))
        return Answer(
            request=text,
            items=items,
            matched=tuple(m for m in typed if m.item_id and m.mention != m.item_id),
            unmatched=tuple(m for group in matches.values() for m in group if not m.item_id),
            understood=(
                *(f"{decade:02}s" for decade in sorted(decades)),
                *(f"not {genre}" for genre in sorted(refused)),
            ),
        )

    def _match(self, name: str) -> Match:
        if name in self.catalog:
            return Match(name, name, self.catalog[name].title, 1.0, "exact")
        return self.grounder.ground(name)

    def _mentions(self, text: str) -> list[Match]:
        return [
            Match(item.title, item.item_id, item.title, 1.0, "exact")
            for item in self.catalog
            if re.search(rf"\b{re.escape(item.title)}(?!\w)", text)
        ]


def _groups(
    liked: Sequence[str], disliked: Sequence[str], seen: Sequence[str]
) -> tuple[tuple[str, Sequence[str]], ...]:
    return (("liked", liked), ("disliked", disliked), ("seen", seen))


def _read(text: str) -> tuple[set[str], set[str], set[int]]:
    """Return genres wanted, genres refused, and decades (the tens) of a text."""
    wanted: set[str] = set()
    refused: set[str] = set()
    for clause in re.split(r"[;,，]", text.casefold()):
        for word, genre in _WORDS.items():
            if re.search(rf"{word}\b" if word.isascii() else word, clause):
                negative = re.search(r"\b(?:no|not|without)\b|不要", clause)
                (refused if negative else wanted).add(genre)
    decades = {int(tens) for tens in re.findall(r"(\d0)(?:s\b|年代)", text)}
    return wanted - refused, refused, decades


def _recommendation(rank: int, hits: int, item: Item) -> Recommendation:
    crowd = item.popularity / 1000
    return Recommendation(
        rank=rank,
        item_id=item.item_id,
        title=item.title,
        score=hits + crowd,
        log_prob=-float(rank),
        terms={"words": float(hits), "popularity": crowd},
        why=f"{', '.join(item.values('genres')).casefold()}, {item.fields['year']}",
    )
