"""Try voice weights on a request set: precision@10 and how known the shown items are.

    python scripts/sweep_dials.py eval/requests/development.jsonl --neutral 0.5 1.0 --popularity 0.3 0.5

Dials are chosen on the development set; the other sets are for judging alone.
"""

import argparse
from pathlib import Path

from m6rec.evaluation.requests import judge_requests, read_requests
from m6rec.recommender import Recommender


def main() -> None:
    """Print one line per combination of dials."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("requests", type=Path)
    parser.add_argument("--model", help="model folder; default: the shipped one")
    parser.add_argument("--catalog", help="with this and no model, the untuned base model")
    parser.add_argument("--lm", type=float, nargs="+", default=[1.0])
    parser.add_argument("--neutral", type=float, nargs="+", default=[1.0])
    parser.add_argument("--popularity", type=float, nargs="+", default=[0.4])
    chosen = parser.parse_args()
    recommender = Recommender.load(chosen.model, catalog=chosen.catalog)
    cases = read_requests(chosen.requests)
    print("lm  neutral  popularity  precision@10  median ratings  LM tokens  ms")
    for lm in chosen.lm:
        for neutral in chosen.neutral:
            for popularity in chosen.popularity:
                dials = {"language_model": lm, "neutral": neutral, "popularity": popularity}
                variant = recommender.variant(recommender.config.with_values({"voices": dials}))
                rows = list(judge_requests(cases, variant, recommender.catalog, name="sweep", k=10))
                shown = sorted(r.popularity for r in rows if r.popularity is not None)
                tokens = sorted(r.lm_tokens for r in rows)
                took = sorted(r.elapsed_ms for r in rows)
                middle = len(rows) // 2
                precision = sum(r.precision for r in rows) / len(rows)
                print(
                    f"{lm:<4}{neutral:<9}{popularity:<12}{precision:<14.3f}"
                    f"{shown[len(shown) // 2]:<16.0f}{tokens[middle]:<11}{took[middle]:.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
