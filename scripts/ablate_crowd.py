"""What each source of the crowd is worth: next-item accuracy with one left out at a time.

    python scripts/ablate_crowd.py                       # the validation choices: nothing is chosen on the test
    python scripts/ablate_crowd.py --split test --kept FOLDER

The crowd is trained on the training part of the split alone, which takes a minute; --kept keeps what was
trained for the next time. Differences are paired, with 95 % bootstrap intervals.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates import alike, crowd
from m6rec.candidates.crowd import Crowd
from m6rec.evaluation.next_item import top_rows
from m6rec.evaluation.next_item_new import withhold_items
from m6rec.interactions import Interactions
from m6rec.metrics.hit_rate import hit_rate
from m6rec.metrics.ndcg import ndcg
from m6rec.sources.movielens import load_default
from m6rec.split import Case, Split, global_time_last, leave_last_out, leave_second_last_out

SPLITS: Mapping[str, Callable[[Interactions], Split]] = {
    "validation": leave_second_last_out,
    "test": leave_last_out,
    "global": global_time_last,
    "new-items": withhold_items,
}
DRAWS = 2_000
NOBODY = np.empty(0, np.int64)
Terms = Mapping[str, NDArray[np.float64]]


def variants(terms: Terms, whole: Crowd) -> dict[str, NDArray[np.float64]]:
    """Scores of the whole crowd, without kin, without each of its sources, and of each alone."""
    strangers = replace(whole, fresh=NOBODY, kin=NOBODY[:, None])
    found = {"all": whole.together(terms), "without kin": strangers.together(terms)}
    for left in terms:
        rest = {name: said for name, said in terms.items() if name != left}
        found[f"without {left}"] = whole.together(rest)
    return found | {f"{name} alone": strangers.together({name: terms[name]}) for name in terms}


@dataclass(frozen=True, slots=True)
class Fixed:
    """Scores that are known already."""

    values: NDArray[np.float64]

    def scores(self, _: NDArray[np.int32]) -> NDArray[np.float64]:
        """The values."""
        return self.values


def reached(case: Case, scores: NDArray[np.float64]) -> tuple[float, float]:
    """Hit and NDCG at 10."""
    shown, truth = top_rows(Fixed(scores), case.history, 10), case.truth.tolist()
    return hit_rate(shown, truth, 10), ndcg(shown, truth, 10)


def interval(differences: NDArray[np.float64]) -> str:
    """Mean and bootstrap interval of paired differences."""
    rng = np.random.default_rng(0)
    drawn = rng.choice(differences, (DRAWS, len(differences))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def main() -> None:
    """Print one line per variant."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", choices=[*SPLITS], default="validation")
    parser.add_argument("--kept", type=Path, help="folder of what was trained on this split")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    catalog, interactions = load_default()
    split, ids = SPLITS[chosen.split](interactions), [item.item_id for item in catalog]
    learned = crowd.load(chosen.kept, ids) if chosen.kept else {}
    if not learned:
        training = crowd.Training(seed=chosen.seed)
        learned = crowd.learn(split.train, len(catalog), training)
        if chosen.kept:
            crowd.save(learned, chosen.kept, ids)
    whole = crowd.fit(split.train, len(catalog), learned=learned, alike=alike.fit(catalog))
    cases = list(split)
    print(f"{chosen.split}: {len(cases)} choices, {len(whole.fresh)} items that nobody chose")
    found: dict[str, list[tuple[float, float]]] = {}
    for case in cases:
        for name, scores in variants(whole.terms(case.history), whole).items():
            found.setdefault(name, []).append(reached(case, scores))
    first = np.array(found["all"])
    for name, pairs in found.items():
        figures = np.array(pairs)
        hits, gain = figures.mean(axis=0)
        print(
            f"{name:<16} HR@10 {hits:.4f}  NDCG@10 {gain:.4f}  "
            f"NDCG {interval(figures[:, 1] - first[:, 1])}"
        )


if __name__ == "__main__":
    main()
