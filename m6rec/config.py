"""Settings: frozen, documented, read from TOML; an unknown key is refused with the nearest name."""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from m6rec.errors import ConfigError


def _setting(default: Any, doc: str, *, low: float | None = None, high: float | None = None) -> Any:
    """A field with the sentence that `m6rec config` prints above it, and its lowest and highest value."""
    return field(default=default, metadata={"doc": doc, "low": low, "high": high})


SEARCH_METHODS = ("exact", "beam", "sample")
DESCRIBE = ("several", "one", "bare")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which language model answers."""

    base: str = _setting(
        "smollm2-135m-instruct", "Base model: a known name, a local folder, or a hub id."
    )
    dtype: str = _setting(
        "auto",
        "Number format: auto (what the processor is fast at), bfloat16, float32, or int8 (fast, coarse).",
    )


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """What the language model reads."""

    template: str = _setting("ask", "Template in prompts/, without its ending.")
    noun: str = _setting("Movie", "What one item is called in the prompt.")
    neutral: str = _setting(
        "recommend me something", "The request that asks for nothing in particular."
    )
    examples: tuple[str, ...] = _setting(
        (), "Worked examples before the request, each 'request -> description: title'."
    )
    history: int = _setting(20, "How many liked titles are read, the most recent ones.", low=0)


@dataclass(frozen=True, slots=True)
class PathSettings:
    """What is said before an item's title in the tree."""

    describe: str = _setting(
        "several",
        "several descriptions per item (kinds, pairs, people), one (its rarest kind), or bare titles.",
    )

    def __post_init__(self) -> None:
        """Refuse an unknown form.

        Raises:
            ConfigError: It is none of `DESCRIBE`.
        """
        if self.describe not in DESCRIBE:
            raise ConfigError(
                f"paths.describe {self.describe!r} is not known; choose one of {', '.join(DESCRIBE)}"
            )


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How the catalog is searched."""

    method: str = _setting(
        "exact", "exact proves the list; beam reads the tree level by level; sample draws it."
    )
    width: int = _setting(24, "Tree nodes opened in one call of the model.", low=1)
    max_tokens: int = _setting(
        400, "Branch tokens after which a full list is returned without the proof.", low=1
    )
    seed: int = _setting(0, "Which lists sample draws: another seed, another list.", low=0)

    def __post_init__(self) -> None:
        """Refuse an unknown method.

        Raises:
            ConfigError: The method is neither exact nor beam.
        """
        if self.method not in SEARCH_METHODS:
            raise ConfigError(
                f"search method {self.method!r} is not known; choose one of {', '.join(SEARCH_METHODS)}"
            )


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """Who speaks in the search, and how loud. 0 is silent, negative speaks against."""

    language_model: float = _setting(1.0, "The language model's own distribution.")
    language_model_history: float = _setting(
        0.0, "The same when a history speaks without a wish in words: the crowd knows more then."
    )
    neutral: float = _setting(
        0.8, "How much of the neutral request's distribution is divided out of the model's.", low=0
    )
    titles: float = _setting(
        0.7, "How much model and neutral request count among titles, once the kind is said.", low=0
    )
    popularity: float = _setting(0.4, "How many people chose what lies below a node.")
    popularity_within: float = _setting(
        1.0, "The same below the first choice: among decades and titles of one kind."
    )
    kinds: float = _setting(
        3.0, "What kind of thing the words ask for, as a probe of the language model reads them."
    )
    kinds_within: float = _setting(3.0, "The same below the first choice.")
    kinds_taste: float = _setting(2.0, "The same when words and a taste speak together.")
    mentioned: float = _setting(
        1.0, "Items that have what the request names: a genre, a person, a country."
    )
    taste: float = _setting(
        1.0, "What a few liked items have in common: kinds, names, years, and who chose them."
    )
    language_model_taste: float = _setting(
        0.3, "The language model when words and a taste speak together."
    )
    titles_taste: float = _setting(0.3, "How much it counts among titles then.", low=0)
    crowd: float = _setting(
        1.0, "What people with the same history chose next; speaks only when there is a history."
    )
    crowd_words: float = _setting(0.5, "The same beside a wish in words.")


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """Factors on the terms of a candidate's score after the search; all 1 keeps its order."""

    language_model: float = _setting(1.0, "Factor on the language model's log-probability.")
    neutral: float = _setting(1.0, "Factor on the neutral request's part.")
    popularity: float = _setting(1.0, "Factor on popularity's part.")
    mentioned: float = _setting(1.0, "Factor on the part of what the request names.")
    crowd: float = _setting(1.0, "Factor on the crowd's part.")
    normaliser: float = _setting(1.0, "Factor on what makes the parts one distribution.")
    novelty: float = _setting(
        0.0, "Weight of -log(share of popularity): above 0 favours what few people know."
    )
    freshness: float = _setting(
        0.0, "What being a decade newer is worth, in nats; below 0 favours the older."
    )
    lesser_known: float = _setting(
        0.0,
        "A cap on popularity: this share of a list, 0 to 1, is kept for others than the best-known items.",
        low=0,
        high=1,
    )
    diversity: float = _setting(
        0.0, "How varied a list is: nats an item loses if all before it are of its kinds.", low=0
    )
    diversity_history: float = _setting(
        1.5, "The same when a long history speaks without a wish in words.", low=0
    )
    pool: int = _setting(
        3, "Candidates searched per item asked for, when one of these may reorder them.", low=1
    )


@dataclass(frozen=True, slots=True)
class GroundingSettings:
    """How typed titles become items."""

    threshold: float = _setting(
        0.0, "Similarity below which a title is refused, 0 for the measured default.", low=0
    )


@dataclass(frozen=True, slots=True)
class FeedbackSettings:
    """Where what known users said is kept."""

    place: str = _setting(
        "", "A file, or a database URL (postgresql://user@host/name); empty: in the user's folder."
    )


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be chosen, by section."""

    model: ModelSettings = field(default_factory=ModelSettings)
    prompt: PromptSettings = field(default_factory=PromptSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    voices: VoiceSettings = field(default_factory=VoiceSettings)
    paths: PathSettings = field(default_factory=PathSettings)
    ranking: RankingSettings = field(default_factory=RankingSettings)
    grounding: GroundingSettings = field(default_factory=GroundingSettings)
    feedback: FeedbackSettings = field(default_factory=FeedbackSettings)

    @classmethod
    def load(cls, path: Path, *, over: "Config | None" = None) -> "Config":
        """Read a TOML file; what it does not name keeps the value in `over`.

        Raises:
            ConfigError: The file is missing, no TOML, or has an unknown key or a wrong value.
        """
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"cannot read config {path}: {error.strerror or error}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"config {path} is no valid TOML: {error}") from None
        return (over or cls()).with_values(data, where=str(path))

    def with_values(self, data: Mapping[str, Any], *, where: str = "settings") -> Self:
        """A copy with some values replaced, as ``{"voices": {"popularity": 0.5}}``.

        Raises:
            ConfigError: An unknown section or key, or a value of the wrong type or out of range.
        """
        replaced: Self = _replaced(self, data, where)
        return replaced

    def to_toml(self) -> str:
        """The effective settings as TOML, each below the sentence that explains it."""
        lines: list[str] = []
        for section in fields(self):
            lines += [f"[{section.name}]"]
            settings = getattr(self, section.name)
            for setting in fields(settings):
                value = getattr(settings, setting.name)
                lines += [f"# {setting.metadata['doc']}", f"{setting.name} = {_toml(value)}"]
            lines.append("")
        return "\n".join(lines)


def _replaced(settings: Any, data: Mapping[str, Any], where: str) -> Any:
    known = {f.name: f for f in fields(settings)}
    changes = {}
    for key, value in data.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
            raise ConfigError(f"unknown key '{key}' in {where}; {hint}")
        current = getattr(settings, key)
        if is_dataclass(current):
            if not isinstance(value, Mapping):
                raise ConfigError(f"'{key}' in {where} is a section, not {value!r}; write [{key}]")
            changes[key] = _replaced(current, value, f"{where}, section [{key}]")
        else:
            changes[key] = _checked(known[key], current, value, where)
    return replace(settings, **changes)


def _checked(setting: "Field[Any]", current: Any, value: Any, where: str) -> Any:
    kind = type(current)
    if kind is float and type(value) is int:
        value = float(value)
    if kind is tuple and isinstance(value, list) and all(isinstance(v, str) for v in value):
        value = tuple(value)
    if type(value) is not kind:
        raise ConfigError(
            f"'{setting.name}' in {where} is {value!r}; it must be of type {kind.__name__}"
        )
    if kind is float and not math.isfinite(value):
        raise ConfigError(f"'{setting.name}' in {where} is {value}; it must be a finite number")
    low, high = setting.metadata["low"], setting.metadata["high"]
    if low is not None and value < low:
        raise ConfigError(f"'{setting.name}' in {where} is {value}; it must be at least {low}")
    if high is not None and value > high:
        raise ConfigError(f"'{setting.name}' in {where} is {value}; it must be at most {high}")
    return value


def _toml(value: Any) -> str:
    if isinstance(value, str):
        # A JSON string is a TOML string, but for the one control character that JSON lets pass.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return repr(value)
