"""Choose the settings of SASRec and LightGCN, and see what each adds to the simple peers.

    python scripts/sweep_neural_peers.py sasrec width=64 width=96,dropout=0.2
    python scripts/sweep_neural_peers.py lightgcn-text layers=1 layers=0 --targets 1

One line per trial: HR@10 / NDCG@10 alone, and z-scored and averaged with the windowed chain, and with the
chain and recency EASE; it is the model's mass that is averaged, its log-odds would be drowned. The
last choice of every user stays untouched. The validation choices are the fourth- to second-last of
each user, learned from everything before them: one choice per user leaves a standard error of 0.015.
"""

import argparse
import ast
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates import ease, graph, markov, sasrec
from m6rec.evaluation.methods import Blend
from m6rec.evaluation.next_item import Scorer, judge_next_item, rank_by_scores
from m6rec.evaluation.peers import item_vectors
from m6rec.interactions import Interactions
from m6rec.sources.movielens import load_default
from m6rec.split import Case, leave_last_out


@dataclass(frozen=True, eq=False, slots=True)
class Fixed:
    """Scores computed once, one row per history, so that blends cost nothing."""

    of: dict[bytes, NDArray[np.float64]]

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """The stored scores."""
        return self.of[history.tobytes()]


def stored(scorer: Scorer, cases: Sequence[Case]) -> Fixed:
    """Score every case's history once."""
    return Fixed({case.history.tobytes(): scorer.scores(case.history) for case in cases})


def validation(interactions: Interactions, targets: int) -> tuple[Interactions, list[Case]]:
    """Training interactions, and the choices between them and each user's last one."""
    train = interactions
    cases: list[Case] = []
    for step in range(targets + 1):
        split = leave_last_out(train)
        if step:
            cases += split
        train = split.train
    return train, cases


def settings_of(text: str) -> dict[str, Any]:
    """Read ``width=96,dropout=0.2``; nothing for the defaults."""
    pairs = [part.partition("=") for part in text.split(",") if part]
    return {name: ast.literal_eval(value) for name, _, value in pairs}


def main() -> None:
    """Print one line per trial."""
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=["sasrec", "lightgcn", "lightgcn-text"])
    parser.add_argument("trials", nargs="*", default=[""], help="such as width=96,dropout=0.2")
    parser.add_argument("--targets", type=int, default=3, help="validation choices per user")
    chosen = parser.parse_args()
    catalog, interactions = load_default()
    train, cases = validation(interactions, chosen.targets)
    chain = stored(markov.fit(train, len(catalog)), cases)
    linear = stored(ease.fit(train, len(catalog)), cases)
    texts = item_vectors(catalog) if chosen.method == "lightgcn-text" else None

    def reached(scorer: Scorer) -> str:
        rows = list(judge_next_item(cases, rank_by_scores(scorer, catalog), catalog))
        hits, ndcg = (
            sum(values) / len(rows)
            for values in zip(*((r.hit_rate, r.ndcg) for r in rows), strict=True)
        )
        return f"{hits:.4f} / {ndcg:.4f}"

    print(
        f"{len(cases)} choices; chain {reached(chain)}, with EASE {reached(Blend((chain, linear)))}"
    )
    print("HR@10 / NDCG@10: alone; with the chain; with chain and EASE; seconds; settings")
    for trial in chosen.trials:
        values = settings_of(trial)
        started = time.process_time()
        model: sasrec.SasRec | graph.LightGcn
        if chosen.method == "sasrec":
            model = sasrec.fit(train, len(catalog), sasrec.Settings(**values))
        else:
            model = graph.fit(train, len(catalog), graph.Settings(**values), texts=texts)
        took = time.process_time() - started
        own = Fixed({case.history.tobytes(): model.mass(case.history) for case in cases})
        print(
            f"{reached(own)}; {reached(Blend((chain, own)))}; {reached(Blend((chain, linear, own)))}; "
            f"{took:.0f} s; {trial or 'defaults'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
