"""Conversations about films: ReDial as it is published, and the same cut into recommender turns.

ReDial (Li et al. 2018, "Towards deep conversational recommendations") has 10,006 conversations between
a person who looks for a film, the initiator, and one who recommends, the respondent. A message names
a film as ``@`` and a number of the dataset's own; `movieMentions` gives title and year.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from m6rec.catalog import Catalog
from m6rec.errors import CatalogError
from m6rec.sources.film_titles import split_year, title_key

URL = "https://github.com/ReDialData/website/raw/data/redial_dataset.zip"
"""The archive that its makers publish: ``train_data.jsonl`` and ``test_data.jsonl``."""
SHA256 = "b48756681ec6f84e0af36979c5e9baa21ea8d9e7036b8764ea9b787bb0baf69b"
"""Of that archive, as others who fetch it have pinned it."""
SEEKER, RECOMMENDER = "user", "system"
_MENTION = re.compile(r"@(\d+)")
_YEAR_SLIP = 1
"""Years of one film in two sources differ by this much: made in one year, shown in the next."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation.

    Attributes:
        role: ``user`` looks for something, ``system`` recommends.
        text: What was written, titles in plain words.
    """

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class RecommenderTurn:
    """A moment in a conversation at which something was recommended.

    Attributes:
        id: Unique in its file: the conversation and the number of the turn in it.
        conversation: The conversation.
        said: All messages before.
        named: Ids of the items named in them, in the order of their first mention.
        titles: Titles named in them as they are written, also of films the catalog does not have.
        targets: Ids of the items that were recommended now and not named before; empty when the
            catalog has none of them.
        repeated: How many items of the catalog were recommended now though they had been named; 0
            where the file leaves them out.
    """

    id: str
    conversation: str
    said: tuple[Said, ...]
    named: tuple[str, ...]
    titles: tuple[str, ...]
    targets: tuple[str, ...]
    repeated: int = 0


def read_conversations(path: Path, catalog: Catalog) -> tuple[RecommenderTurn, ...]:
    """Read every recommender turn of a JSON lines file, in its order.

    Two layouts are understood: ReDial's own, one conversation a line (`messages`, `movieMentions`,
    ...), whose films are joined to the catalog by title and year; and one turn a line, with
    `dialog_id`, `context` (messages of `role` and `text`), `mentioned`, `mentioned_movieIds` and
    `target_movieIds`, whose numbers are item ids.

    Args:
        path: The file.
        catalog: The items; films it does not have are left out of `named` and `targets`.

    Raises:
        CatalogError: The file is missing, empty, or a line has neither layout; names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"cannot read conversations {path}: {error}") from error
    films = _Films(catalog)
    turns: list[RecommenderTurn] = []
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            for turn in _read_line(line, f"{path} line {number}", films):
                at = numbers[turn.conversation] = numbers.get(turn.conversation, 0) + 1
                turns.append(_numbered(turn, at))
    if not turns:
        raise CatalogError(
            f"{path} has no recommender turn; write one conversation, or one turn, a line"
        )
    return tuple(turns)


def _numbered(turn: RecommenderTurn, at: int) -> RecommenderTurn:
    return replace(turn, id=f"{turn.conversation}#{at}")


class _Films:
    """Finds films of the catalog by id, or by title and year.

    Args:
        catalog: The items.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._by_title: dict[str, list[tuple[int | None, str]]] = {}
        for item in catalog:
            year = item.fields.get("year")
            known = year if isinstance(year, int) else None
            names = (split_year(item.title)[0], *item.values("also_known_as"))
            for key in dict.fromkeys(map(title_key, names)):
                if key:
                    self._by_title.setdefault(key, []).append((known, item.item_id))

    def by_id(self, numbers: Iterable[object]) -> tuple[str, ...]:
        """Those of the ids that the catalog has, each once."""
        ids = dict.fromkeys(str(number) for number in numbers)
        return tuple(item_id for item_id in ids if item_id in self.catalog)

    def by_title(self, written: str) -> str | None:
        """The film of that title and year, or the only one of that title; None without.

        A year that is off by one is the same film; farther off it is a remake.
        """
        title, year = split_year(written)
        found = self._by_title.get(title_key(title), [])
        if year is None:
            return found[0][1] if len(found) == 1 else None
        near = [
            (abs(known - year), item_id)
            for known, item_id in found
            if known is not None and abs(known - year) <= _YEAR_SLIP
        ]
        return min(near)[1] if near else None


def _read_line(line: str, where: str, films: _Films) -> Iterator[RecommenderTurn]:
    try:
        record = json.loads(line)
        if "messages" in record:
            yield from _turns_of(record, films)
        else:
            yield _one_turn(record, films)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogError(
            f"{where} is no conversation ({error!r}); write ReDial's layout (messages, movieMentions, "
            "initiatorWorkerId) or one turn (dialog_id, context, mentioned_movieIds, target_movieIds)"
        ) from error


def _one_turn(record: Mapping[str, Any], films: _Films) -> RecommenderTurn:
    said = tuple(Said(str(one["role"]), str(one["text"])) for one in record["context"])
    named = films.by_id(record["mentioned_movieIds"])
    recommended = films.by_id(record["target_movieIds"])
    titles = tuple(map(str, record.get("mentioned", ())))
    return _turn(str(record["dialog_id"]), said, named, titles, recommended)


def _turns_of(record: Mapping[str, Any], films: _Films) -> Iterator[RecommenderTurn]:
    """The turns of a conversation in ReDial's layout: messages of the respondent that name a film."""
    # A conversation without films has an empty list here instead of an empty mapping.
    titles = {str(key): str(title) for key, title in dict(record["movieMentions"] or {}).items()}
    said: list[Said] = []
    mentioned: dict[str, None] = {}
    for message in record["messages"]:
        seeks = message["senderWorkerId"] == record["initiatorWorkerId"]
        numbers = dict.fromkeys(n for n in _MENTION.findall(message["text"]) if n in titles)
        if numbers and not seeks:
            before = [titles[number].strip() for number in mentioned]
            yield _turn(
                str(record["conversationId"]),
                said,
                _joined(before, films),
                before,
                _joined((titles[number] for number in numbers), films),
            )
        mentioned.update(numbers)
        text = _MENTION.sub(lambda found: titles.get(found[1], ""), message["text"])
        said.append(Said(SEEKER if seeks else RECOMMENDER, " ".join(text.split())))


def _turn(
    conversation: str,
    said: Sequence[Said],
    named: tuple[str, ...],
    titles: Sequence[str],
    recommended: Sequence[str],
) -> RecommenderTurn:
    new = tuple(item_id for item_id in recommended if item_id not in named)
    return RecommenderTurn(
        "", conversation, tuple(said), named, tuple(titles), new, len(recommended) - len(new)
    )


def _joined(written: Iterable[str], films: _Films) -> tuple[str, ...]:
    found = (films.by_title(title) for title in written)
    return tuple(dict.fromkeys(item_id for item_id in found if item_id is not None))
