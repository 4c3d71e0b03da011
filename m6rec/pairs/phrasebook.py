"""What people say, as data: frames that name a facet, and wishes that do not."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from m6rec.errors import ConfigError
from m6rec.prompts import prompts_folder
from m6rec.vocabulary import spelling

FRAMES = "frames"
"""The file of frames, beside one folder of wishes per domain."""
FEWEST_UNDERSTOOD = 0.5
"""Share of a domain's kinds of things that a catalog has, below which its wishes are not meant."""


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
        domain: A folder in `prompts/requests/`, all of whose files are read, or None for frames
            alone.

    Raises:
        ConfigError: There is no phrasebook of that name.
    """
    folder = prompts_folder() / "requests"
    frames = {name: tuple(part["text"]) for name, part in _read(folder / f"{FRAMES}.toml").items()}
    if domain is None:
        return Phrasebook(frames, (), ("recommend me something", "anything good", "surprise me"))
    if domain not in domains():
        raise ConfigError(
            f"no phrasebook '{domain}' in {folder} (there are: {', '.join(domains()) or 'none'})"
        )
    parts = [_read(path) for path in sorted((folder / domain).glob("*.toml"))]
    wishes = tuple(
        wish for data in parts for entry in data.get("wish", ()) for wish in _wishes(entry)
    )
    neutral = [text for data in parts for text in data.get("neutral", {}).get("text", ())]
    return Phrasebook(frames, wishes, tuple(neutral))


def domains() -> list[str]:
    """The domains that have wishes, by name."""
    return sorted(p.name for p in (prompts_folder() / "requests").iterdir() if p.is_dir())


def choose_phrasebook(values: set[str]) -> Phrasebook:
    """The phrasebook whose wishes speak most of a catalog's values, or the frames alone.

    A domain is understood as far as its kinds of things are there, a kind being the values any of
    which grants a wish. Less than half is too little: films and books share mystery and romance.

    Args:
        values: The catalog's leading values (genres), spelled in any way (`spelling`).
    """
    there = {spelling(value) for value in values}
    shares = {name: _understood(load_phrasebook(name), there) for name in domains()}
    best = max(shares, key=lambda name: shares[name], default=None)
    return load_phrasebook(best if best is not None and shares[best] >= FEWEST_UNDERSTOOD else None)


def _understood(book: Phrasebook, there: set[str]) -> float:
    named = {frozenset(map(spelling, wish.any_of)) for wish in book.wishes if wish.any_of}
    # "Comedy or romance" is no kind of its own, and nearly every catalog would have it.
    kinds = [kind for kind in named if not any(other < kind for other in named)]
    return sum(not kind.isdisjoint(there) for kind in kinds) / max(len(kinds), 1)


def _wishes(entry: dict[str, Any]) -> Iterator[Wish]:
    """One wish, or one for each way to name the values that are wanted together."""
    named = [[value] if isinstance(value, str) else value for value in entry.get("all", ())]
    for both in product(*named):
        yield Wish(tuple(entry["text"]), tuple(entry.get("any", ())), both, entry.get("decade"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"phrasebook {path} cannot be read: {error}") from error
