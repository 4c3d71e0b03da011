"""What tuning adds to: the voices minus the base model's neutral request, as decoding will have them."""

import gc
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.codec import Codec
from m6rec.decoding.loading import load_language_model
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.voices import Chorus, Voice
from m6rec.index import CatalogIndex
from m6rec.making.order import Order
from m6rec.prompts import PromptWriter

PRIOR_POPULARITY = 0.4
"""How loud popularity is in the prior that tuning adds to."""


def prior_over(
    index: CatalogIndex, weights: NDArray[np.float64], neutral: NDArray[np.float32], loudness: float
) -> NDArray[np.float64]:
    """What is added to each child's logit, *Shape:* (n_children,).

    Args:
        index: The catalog and its tree.
        weights: The mass of each item, positive, *Shape:* (n_items,).
        neutral: Log P(child | neutral request), *Shape:* (n_children,).
        loudness: Of the neutral request, which is taken away.
    """
    spoken = Chorus(index.tree, [Voice("popularity", PRIOR_POPULARITY, weights)])
    return spoken.everywhere() - loudness * neutral.astype(np.float64)


def neutral_request(
    order: Order, index: CatalogIndex, codec: Codec, writer: PromptWriter, base: Path, kept: Path
) -> NDArray[np.float32]:
    """The table of the base model's neutral request, as decoding will read it.

    Args:
        order: What is tuned on what; the folder that is tuned further may have the table.
        index: The catalog and its tree.
        codec: The tokenizer.
        writer: Writes the prompts.
        base: Folder of the base model.
        kept: The file of the table; read if it is whole, else written.
    """
    tree, start = index.tree, order.start
    stores = [kept]
    if start is not None and start.manifest.index_key == index.key:
        stores.append(start.neutral)
    for store in stores:
        known = NeutralTable.read_values(store, len(tree.child_token))
        if known is not None and not np.isnan(known).any():
            if store != kept:
                kept.write_bytes(store.read_bytes())
            return known
    model, _ = load_language_model(base, order.config.model.dtype)
    table = NeutralTable(tree, model, codec.prompt(writer.write(order.config.prompt.neutral)))
    table.fill(range(tree.n_nodes))
    table.save(kept)
    # A second model in memory for the rest of the run would be a quarter of a gigabyte.
    del model, table
    gc.collect()
    rounded = NeutralTable.read_values(kept, len(tree.child_token))
    return np.zeros(0, np.float32) if rounded is None else rounded
