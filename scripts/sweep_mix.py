"""Choose the powers of the crowd's sources: next-item accuracy on validation choices.

    python scripts/sweep_mix.py --seeds 0 1 --powers 0.6 0.8 1.0

One line per seed and power of SASRec beside a power of 1 for the chain, and one for the chain alone.
The last choice of every user stays untouched. The validation choices are the fourth- to second-last of
each user, learned from everything before the fourth-last; the standard error is 0.009, so differences
below it are no reason. Training takes about a minute per seed.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.crowd import Crowd, Training, fit
from m6rec.evaluation.next_item import judge_next_item, rank_by_scores
from m6rec.sources.movielens import load_default
from m6rec.split import Case, leave_last_out

TARGETS = 3


def main() -> None:
    """Print one line per combination."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--powers", type=float, nargs="+", default=[0.6, 0.8, 1.0])
    chosen = parser.parse_args()
    catalog, train = load_default()
    cases: list[Case] = []
    for step in range(TARGETS + 1):
        split = leave_last_out(train)
        cases += list(split) if step else []
        train = split.train

    def reached(crowd: Crowd) -> str:
        rows = list(judge_next_item(cases, rank_by_scores(crowd, catalog), catalog))
        figures: NDArray[np.float64] = np.mean([(r.hit_rate, r.ndcg) for r in rows], axis=0)
        return f"HR@10 {figures[0]:.4f}  NDCG@10 {figures[1]:.4f}"

    print(f"{len(cases)} choices; chain {reached(fit(train, len(catalog), learned={}))}")
    for seed in chosen.seeds:
        crowd = fit(train, len(catalog), training=Training(seed=seed))
        for power in chosen.powers:
            weights = {**crowd.weights, "sasrec": power}
            mixed = Crowd(crowd.sources, weights, crowd.n_items)
            print(f"seed {seed}, power {power}: {reached(mixed)}", flush=True)


if __name__ == "__main__":
    main()
