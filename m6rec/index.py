"""A catalog's paths and prefix tree, built once per catalog and tokenizer and kept on disk."""

import json
import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import read_manifest, replaced_folder
from m6rec.catalog import Catalog
from m6rec.codec import Codec
from m6rec.facets import Describer, Description, FacetPlan
from m6rec.prompts import prompts_folder
from m6rec.recipe import recipe
from m6rec.records import Item
from m6rec.tree import PrefixTree, build_from, with_paths, without_rows
from m6rec.vocabulary import Vocabulary

BUILT_BY = (
    *("m6rec.index", "m6rec.facets", "m6rec.codec", "m6rec.catalog"),
    *("m6rec.tree.prefix_tree", "m6rec.tree.building"),
    *("m6rec.vocabulary.words", "m6rec.vocabulary.text"),
)
"""The modules whose change makes stored indexes stale, besides the words in `prompts/`."""


@dataclass(frozen=True, eq=False)
class CatalogIndex:
    """The tree over a catalog's paths, and what each path says.

    Attributes:
        catalog: The items.
        describer: Writes the descriptions.
        tree: The prefix tree of the paths.
        said: A hash of each path's description, uint64 (n_paths,), in the order of `tree.origin`.
    """

    catalog: Catalog
    describer: Describer
    tree: PrefixTree
    said: NDArray[np.uint64]

    @property
    def key(self) -> str:
        """Names what the tree says: the same for the same paths and items, whoever built it."""
        return self.tree.fingerprint

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

    def lead(self, row: int) -> Description:
        """The first of an item's descriptions: its rarest kind, and when it is from."""
        return next(self.describer.describe([self.catalog.at(row)], row))

    def with_items(self, new: Iterable[Item], codec: Codec) -> "CatalogIndex":
        """An index that also holds new items; the items there are keep their rows and paths."""
        catalog = self.catalog.with_items(new)
        first = len(self.catalog)
        added = list(self.describer.describe(catalog.items[first:], first))
        paths = codec.paths([d.text for d in added], [catalog.at(d.row).title for d in added])
        tree = with_paths(self.tree, paths, [d.row for d in added])
        said = np.concatenate([self.said, _hashes(d.text for d in added)])
        return CatalogIndex(catalog, self.describer, tree, said)

    def without_items(self, rows: Iterable[int]) -> "CatalogIndex":
        """An index that never names some items; the catalog still knows them, rows stay as they are."""
        tree = without_rows(self.tree, rows)
        return CatalogIndex(self.catalog, self.describer, tree, self.said)


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
    folder = store / _key(catalog, describer.plan, codec) if store else None
    if folder and read_manifest(folder):
        tree = PrefixTree.load(folder / "tree")
        return CatalogIndex(catalog, describer, tree, np.load(folder / "said.npy"))
    tree, said = _built(catalog, describer, codec)
    if folder:
        manifest = {"catalog": catalog.name, "paths": tree.n_paths, "tree": tree.fingerprint}
        with replaced_folder(folder, manifest) as part:
            tree.save(part / "tree")
            np.save(part / "said.npy", said)
    return CatalogIndex(catalog, describer, tree, said)


def _built(
    catalog: Catalog, describer: Describer, codec: Codec
) -> tuple[PrefixTree, NDArray[np.uint64]]:
    """The tree and what its paths say, described and encoded as a stream."""
    rows, texts = array("i"), list[str]()

    def said() -> Iterator[tuple[str, str]]:
        for description in describer.describe(catalog):
            rows.append(description.row)
            # A million items say a few thousand things: one string each is kept.
            texts.append(sys.intern(description.text))
            yield description.text, catalog.at(description.row).title

    tokens, lengths = codec.packed_paths(said())
    return build_from(tokens, lengths, np.array(rows, dtype=np.int32)), _hashes(texts)


def _hashes(texts: Iterable[str]) -> NDArray[np.uint64]:
    known: dict[str, bytes] = {}
    for_each = (
        known.get(text) or known.setdefault(text, blake2b(text.encode(), digest_size=8).digest())
        for text in texts
    )
    return np.frombuffer(b"".join(for_each), dtype=np.uint64)


def _key(catalog: Catalog, plan: FacetPlan, codec: Codec) -> str:
    folder = prompts_folder()
    words = [folder / "facets.toml", *sorted((folder / "vocabulary").glob("*.toml"))]
    parts = [
        recipe(BUILT_BY, words),
        catalog.content_hash,
        *(plan.lead, plan.decades, plan.others, plan.describe),
        codec.fingerprint,
    ]
    return sha256(json.dumps(parts).encode()).hexdigest()[:20]
