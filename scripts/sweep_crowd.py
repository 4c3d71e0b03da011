"""Choose how loud the crowd speaks: next-item accuracy on each user's second-last choice.

    python scripts/sweep_crowd.py --crowd 0 0.5 1 --users 150

The last choice of every user stays untouched, so that the test figures are not chosen on themselves.
"""

import argparse

import numpy as np

from m6rec.candidates.crowd import learn
from m6rec.evaluation.next_item import judge_next_item, rank_by_recommender
from m6rec.recommender import Recommender
from m6rec.sources.movielens import load_default
from m6rec.split import leave_second_last_out

HISTORY = 20


def main() -> None:
    """Print one line per combination of weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--crowd", type=float, nargs="+", default=[0.0, 0.5, 1.0])
    parser.add_argument("--lm", type=float, nargs="+", default=[1.0])
    parser.add_argument("--users", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    catalog, interactions = load_default()
    split = leave_second_last_out(interactions)
    cases = list(split)
    rng = np.random.default_rng(chosen.seed)
    drawn = [cases[int(i)] for i in rng.permutation(len(cases))[: chosen.users]]
    recommender = Recommender.load()
    learned = learn(split.train, len(catalog))
    print("lm  crowd  HR@10  NDCG@10  ms")
    for lm in chosen.lm:
        for crowd in chosen.crowd:
            dials = {"language_model_history": lm, "crowd": crowd}
            config = recommender.config.with_values({"voices": dials})
            variant = recommender.variant(config, split.train, learned)
            ranker = rank_by_recommender(variant, catalog, history_length=HISTORY)
            rows = list(judge_next_item(drawn, ranker, catalog))
            hits = sum(row.hit_rate for row in rows) / len(rows)
            ndcg = sum(row.ndcg for row in rows) / len(rows)
            took = sorted(row.elapsed_ms for row in rows)[len(rows) // 2]
            print(
                f"{lm:<4}{crowd:<7}{hits:<7.3f}{ndcg:<9.3f}{took:.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
