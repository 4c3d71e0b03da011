"""Give a model folder vectors of its items, made elsewhere: of covers, stills, songs, whatever.

    python scripts/add_vectors.py MODEL_FOLDER covers.parquet

From then on the crowd and the taste of that folder hear them. Which forms are read:
`m6rec.candidates.vectors.read`.
"""

import argparse
from pathlib import Path

import numpy as np

from m6rec.candidates import crowd, vectors
from m6rec.candidates.likeness import Likeness
from m6rec.catalog import Catalog
from m6rec.model_folder import open_model_folder
from m6rec.sources.movielens import load_default_catalog


def main() -> None:
    """Read the vectors, and write them into the folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args()
    folder = open_model_folder(chosen.folder)
    own = folder.catalog.is_file()
    catalog = Catalog.load(folder.catalog) if own else load_default_catalog()
    ids = [item.item_id for item in catalog]
    found = vectors.read(chosen.file, ids)
    crowd.save({crowd.VECTORS: Likeness(found)}, folder.crowd, ids)
    n_known = int(np.any(found.units, axis=1).sum())
    print(f"{n_known} of {len(ids)} items have a vector of {found.units.shape[1]} numbers")


if __name__ == "__main__":
    main()
