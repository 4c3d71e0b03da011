"""A catalog, a recommender and histories whose right answers are known."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from m6rec.catalog import Catalog
from m6rec.errors import RequestError
from m6rec.evaluation.requests import RequestCase
from m6rec.interactions import Interactions
from m6rec.records import Answer, Interaction, Item, Recommendation

CATALOG = Catalog(
    Item(
        f"id{row}",
        f"Film {row}",
        {"genres": ("Comedy",) if row < 6 else ("War", "Drama"), "year": 1980 + row},
        popularity=float(10 - row),
    )
    for row in range(10)
)
COMEDY = RequestCase("one", "genre", "a comedy", "'Comedy' in genres")
WAR = RequestCase("two", "genre", "a war film", "'War' in genres")


@dataclass
class Scripted:
    """A recommender that says what it was told to say, and keeps what it was asked."""

    answers: dict[str, list[str]]
    catalog: Catalog = CATALOG
    asked: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def recommend(
        self, text: str = "", *, liked: Sequence[str] = (), seen: Sequence[str] = (), k: int = 10
    ) -> Answer:
        self.asked.append((text, tuple(liked), tuple(seen)))
        if text not in self.answers:
            raise RequestError(f"cannot answer {text!r}")
        items = tuple(
            Recommendation(rank, item_id, item_id, 0.0, 0.0, {}, "")
            for rank, item_id in enumerate(self.answers[text], start=1)
        )
        return Answer(text, items, lm_tokens=7)


def checkerboard(n_users: int = 12) -> Interactions:
    """Every user walks the rows in order from an own start: the next item is always row + 1."""
    records = [
        Interaction(f"user {user}", f"id{(user + step) % 10}", None, 100 + step)
        for user in range(n_users)
        for step in range(4)
    ]
    return Interactions.from_records(records, CATALOG)


def request_file(folder: Path, *cases: RequestCase) -> Path:
    path = folder / "toy.jsonl"
    lines = [
        json.dumps(
            {"id": c.id, "kind": c.kind, "request": c.request, "predicate": c.predicate, "by": "us"}
        )
        for c in cases
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
