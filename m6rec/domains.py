"""What domain a catalog belongs to, and so whose words are known in it."""

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
    said = [] if lead is None else [kinds_of_item(item, lead, vocabulary) for item in index.catalog]
    best, most = None, FEWEST_UNDERSTOOD * len(said)
    for path in sorted(PROBES.glob("*.safetensors")):
        probe = Probe.load(path)
        understood = sum(not probe.names.keys().isdisjoint(kinds) for kinds in said)
        if understood > most:
            best, most = probe, understood
    return best


def kinds_of_item(item: Item, lead: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What an item is, spelled as probes spell kinds."""
    return tuple(spelling(vocabulary.spoken(lead, value)) for value in item.values(lead))
