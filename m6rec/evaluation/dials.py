"""Dials: one method per value of a setting, so that a plot shows what turning it does."""

from collections.abc import Iterable
from typing import Any

from m6rec.errors import ConfigError
from m6rec.evaluation.plan import OURS


def swept(dials: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Settings by method name, such as ``m6rec+ranking.novelty=0.5``.

    Args:
        dials: Each ``SECTION.KEY=V1,V2,...`` with numbers.

    Raises:
        ConfigError: A dial is written otherwise. Whether the setting exists is for the config to say.
    """
    methods: dict[str, dict[str, Any]] = {}
    for dial in dials:
        setting, equals, values = dial.partition("=")
        section, dot, key = setting.partition(".")
        if not (section and dot and key and equals and values):
            raise ConfigError(
                f"{dial!r} is no dial; write SECTION.KEY=V1,V2 such as ranking.novelty=0,0.5,1"
            )
        for text in values.split(","):
            value = _number(text.strip(), dial)
            methods[f"{OURS}+{setting}={text.strip()}"] = {section: {key: value}}
    return methods


def _number(text: str, dial: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} in {dial!r} is no number; a dial has numbers only") from error
