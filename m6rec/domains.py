"""What domain a catalog belongs to, and so whose words are known in it."""

from collections.abc import Iterable
from pathlib import Path

from m6rec.config import Config
from m6rec.decoding.probe import Probe
from m6rec.index import CatalogIndex
from m6rec.model_folder import ModelFolder
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary, spelling

PROBES = Path(__file__).resolve().parent / "probes"
"""Probes of the base model, one file per domain: for catalogs that nothing was tuned on."""
PROBED = Config().model.base
"""The base model they were fitted to."""
FEWEST_UNDERSTOOD = 0.5
"""Share of a catalog's items that must be of a kind that a probe knows."""
MOST_LOOKED_AT = 2000
"""Items that are looked at to tell the domain; a million would take half a minute."""


def probe_for(
    folder: ModelFolder | None, index: CatalogIndex, vocabulary: Vocabulary, base: str
) -> Probe | None:
    """The folder's own probe, or for the untuned base model that of the catalog's domain.

    Args:
        folder: The model folder; None when nothing was tuned.
        index: The catalog.
        vocabulary: How its values are named.
        base: Name of the base model.
    """
    if folder is not None:
        return Probe.load(folder.probe) if folder.probe.is_file() else None
    if base != PROBED:
        return None
    lead = index.describer.plan.lead
    if lead is None:
        return None
    items = index.catalog.items
    said = kinds_of(items[:: 1 + len(items) // MOST_LOOKED_AT], lead, vocabulary)
    # Comedies and wars are in films and in books: of two that know all items, the one less of whose
    # kinds are missing.
    best, most = None, (FEWEST_UNDERSTOOD * len(said), 1.0)
    for path in sorted(PROBES.glob("*.safetensors")):
        probe = Probe.load(path)
        found = [{probe.names[kind] for kind in kinds if kind in probe.names} for kinds in said]
        there = len(set().union(*found)) / len(probe.kinds)
        understood = (float(sum(map(bool, found))), there)
        if understood > most:
            best, most = probe, understood
    return best


def kinds_of(items: Iterable[Item], lead: str, vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """What each item is, spelled as probes spell kinds.

    Args:
        items: The items.
        lead: The field that says what an item is.
        vocabulary: How its values are named.
    """
    # Values are few and items many.
    spelled: dict[str, str] = {}
    return [
        tuple(
            spelled[value] if value in spelled
            else spelled.setdefault(value, spelling(vocabulary.spoken(lead, value)))
            for value in item.values(lead)
        )
        for item in items
    ]  # fmt: skip
