"""Keep a finished run in the repository: report, plots, and results packed.

    m6rec eval --out runs/full && python scripts/keep_results.py runs/full eval/results/movielens

`m6rec eval --compare eval/results/movielens runs/new` reads what was kept.
"""

import argparse
from pathlib import Path

from m6rec.evaluation.kept import keep


def main() -> None:
    """Copy one run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("run", type=Path, help="folder of a finished run")
    parser.add_argument("folder", type=Path, help="where to keep it")
    chosen = parser.parse_args()
    for path in keep(chosen.run, chosen.folder):
        print(f"{path.stat().st_size / 1000:8.0f} kB  {path}")


if __name__ == "__main__":
    main()
