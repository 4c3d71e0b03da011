"""Train what the crowd of the shipped default keeps, without tuning the language model again.

    python scripts/train_crowd.py [MODEL_FOLDER] [--seed 0]

On all MovieLens choices; about a minute on one core. `m6rec tune` does the same for its own folder.
Seed and settings stand in the header of the file that is written.
"""

import argparse
from pathlib import Path

from m6rec.candidates import crowd
from m6rec.model_folder import open_model_folder
from m6rec.sources.movielens import load_default
from m6rec.tune import learned_crowd


def main() -> None:
    """Train, and write the files into the model folder."""
    parser = argparse.ArgumentParser()
    default = Path(__file__).parents[1] / "m6rec" / "default"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    folder = open_model_folder(chosen.folder)
    catalog, interactions = load_default()
    learned = learned_crowd(interactions, len(catalog), chosen.seed)
    crowd.save(learned, folder.crowd, [item.item_id for item in catalog])
    for path in sorted(folder.crowd.iterdir()):
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
