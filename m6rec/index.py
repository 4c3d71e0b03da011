"""A catalog's paths and prefix tree, built once per catalog and tokenizer and kept on disk."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import read_manifest, replaced_folder
from m6rec.catalog import Catalog
from m6rec.codec import Codec
from m6rec.facets import Describer, Description, FacetPlan
from m6rec.records import Item
from m6rec.tree import PrefixTree, build
from m6rec.vocabulary import Vocabulary

FORMAT = 2
"""Raised when the meaning of the stored arrays or of the descriptions changes."""


@dataclass(frozen=True, eq=False)
class CatalogIndex:
    """The tree over a catalog's paths, and what each path says.

    Attributes:
        catalog: The items.
        describer: Writes the descriptions.
        tree: The prefix tree of the paths.
        said: A hash of each path's description, uint64 (n_paths,), in the order of `tree.origin`.
        key: Names the catalog, plan and tokenizer it was built for.
    """

    catalog: Catalog
    describer: Describer
    tree: PrefixTree
    said: NDArray[np.uint64]
    key: str

    @property
    def described(self) -> NDArray[np.bool_]:
        """Which nodes lie behind a whole description, bool (n_nodes,): only titles branch there.

        Sorted paths of one description stand side by side, so the first and the last path below a
        node tell about all between them.
        """
        said = self.said[self.tree.origin]
        same: NDArray[np.bool_] = said[self.tree.node_lo] == said[self.tree.node_hi - 1]
        return same

    def description(self, path: int) -> Description:
        """What a path says before the title."""
        row = int(self.tree.rows[path])
        of_item = np.sort(self.tree.origin[self.tree.rows == row])
        which = int(np.searchsorted(of_item, self.tree.origin[path]))
        return list(self.describer.describe([self.catalog.at(row)], row))[which]

    def with_items(self, new: Iterable[Item], codec: Codec) -> "CatalogIndex":
        """An index that also holds new items; the items there are keep their rows and paths."""
        catalog = self.catalog.with_items(new)
        first = len(self.catalog)
        added = list(self.describer.describe(catalog.items[first:], first))
        paths = codec.paths([d.text for d in added], [catalog.at(d.row).title for d in added])
        tree = self.tree.with_paths(paths, [d.row for d in added])
        said = np.concatenate([self.said, _hashes(added)])
        key = _key(catalog, self.describer.plan, codec)
        return CatalogIndex(catalog, self.describer, tree, said, key)


def index_catalog(
    catalog: Catalog,
    codec: Codec,
    vocabulary: Vocabulary,
    *,
    plan: FacetPlan | None = None,
    store: Path | None = None,
) -> CatalogIndex:
    """Build the index of a catalog, or load it when it was built before.

    Args:
        catalog: The items.
        codec: The tokenizer of the model that will read the tree.
        vocabulary: How field values are spoken.
        plan: Which fields make paths; None chooses from the catalog.
        store: Folder of built indexes; None keeps nothing.
    """
    describer = Describer(catalog, plan or FacetPlan.choose(catalog), vocabulary)
    key = _key(catalog, describer.plan, codec)
    folder = store / key if store else None
    if folder and read_manifest(folder):
        tree = PrefixTree.load(folder / "tree.npz")
        return CatalogIndex(catalog, describer, tree, np.load(folder / "said.npy"), key)
    descriptions = list(describer.describe(catalog))
    titles = [catalog.at(d.row).title for d in descriptions]
    paths = codec.paths([d.text for d in descriptions], titles)
    tree = build(paths, [d.row for d in descriptions])
    said = _hashes(descriptions)
    if folder:
        manifest = {"format": FORMAT, "catalog": catalog.name, "paths": tree.n_paths}
        with replaced_folder(folder, manifest) as part:
            tree.save(part / "tree.npz")
            np.save(part / "said.npy", said)
    return CatalogIndex(catalog, describer, tree, said, key)


def _hashes(descriptions: Sequence[Description]) -> NDArray[np.uint64]:
    digests = (hashlib.blake2b(d.text.encode(), digest_size=8).digest() for d in descriptions)
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def _key(catalog: Catalog, plan: FacetPlan, codec: Codec) -> str:
    parts = [FORMAT, catalog.content_hash, plan.lead, plan.decades, plan.others, codec.fingerprint]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
