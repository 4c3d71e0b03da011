"""What people say, as data: frames that name a facet, and wishes that do not."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from m6rec.errors import ConfigError
from m6rec.prompts import prompts_folder

FRAMES = "frames"
"""The file of frames, beside one file of wishes per domain."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Utterances that mean facets without naming them.

    Attributes:
        texts: The utterances.
        any_of: Leading values (genres) of which one is enough.
        all_of: Leading values that are wanted together.
        decade: An era that is meant as well, such as ``1980s``; None for any.
    """

    texts: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    decade: str | None = None


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """All utterances a generator may use.

    Attributes:
        frames: Frames by what they name (``value``, ``pair``, ``cast``, ...).
        wishes: Wishes of one domain; empty for a catalog without a phrasebook.
        neutral: Utterances that ask for nothing in particular.
    """

    frames: dict[str, tuple[str, ...]]
    wishes: tuple[Wish, ...]
    neutral: tuple[str, ...]


@cache
def load_phrasebook(domain: str | None) -> Phrasebook:
    """Read the frames, and the wishes of a domain.

    Args:
        domain: A file in `prompts/requests/` without its ending, or None for frames alone.

    Raises:
        ConfigError: There is no phrasebook of that name.
    """
    frames = {name: tuple(part["text"]) for name, part in _read(FRAMES).items()}
    if domain is None:
        return Phrasebook(frames, (), ("recommend me something", "anything good", "surprise me"))
    data = _read(domain)
    wishes = tuple(
        Wish(
            tuple(entry["text"]),
            tuple(entry.get("any", ())),
            tuple(entry.get("all", ())),
            entry.get("decade"),
        )
        for entry in data["wish"]
    )
    return Phrasebook(frames, wishes, tuple(data["neutral"]["text"]))


def choose_phrasebook(values: set[str]) -> Phrasebook:
    """The phrasebook whose wishes speak of a catalog's values, or the frames alone.

    Args:
        values: The catalog's leading values (genres).

    A phrasebook is chosen when at least half of the values it speaks of are there.
    """
    names = sorted(p.stem for p in (prompts_folder() / "requests").glob("*.toml"))
    for name in names:
        if name == FRAMES:
            continue
        book = load_phrasebook(name)
        spoken = {v for wish in book.wishes for v in (*wish.any_of, *wish.all_of)}
        if len(spoken & values) * 2 >= len(spoken):
            return book
    return load_phrasebook(None)


def _read(name: str) -> dict[str, Any]:
    path = prompts_folder() / "requests" / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml")))
        raise ConfigError(f"no phrasebook '{name}' in {path.parent} (there are: {known})")
    return tomllib.loads(path.read_text(encoding="utf-8"))
