"""Try voice weights on a request set: precision@10 and how known the shown items are.

    python scripts/sweep_dials.py eval/requests/development.jsonl --neutral 0.5 1.0 --popularity 0.3 0.5
    python scripts/sweep_dials.py eval/requests/development.jsonl --dial ranking.diversity=0,1,2
    python scripts/sweep_dials.py --validation --dial ranking.diversity_history=0,1.5,3

Dials are chosen on the development set, or on each user's second-last choice; the other sets and the
last choices are for judging alone.
"""

import argparse
from pathlib import Path

from m6rec.candidates.crowd import learn
from m6rec.evaluation.dials import swept
from m6rec.evaluation.next_item import judge_next_item, rank_by_recommender
from m6rec.evaluation.requests import judge_requests, read_requests
from m6rec.metrics.intra_list_diversity import intra_list_diversity
from m6rec.recommender import Recommender
from m6rec.sources.movielens import load_default
from m6rec.split import leave_second_last_out

HISTORY = 20


def turned(recommender: Recommender, dials: list[str], requests: Path | None) -> None:
    """Print one line per value of each dial: accuracy, diversity, coverage."""
    catalog = recommender.catalog
    if requests is None:
        split = leave_second_last_out(load_default()[1])
        learned = learn(split.train, len(catalog))
        recommender = recommender.variant(interactions=split.train, learned=learned)
    for name, settings in swept(dials).items():
        variant = recommender.variant(recommender.config.with_values(settings))
        if requests is not None:
            cases = read_requests(requests)
            found = list(judge_requests(cases, variant, catalog, name="sweep", k=10))
            told = f"precision@10 {sum(r.precision for r in found) / len(found):.4f}"
            shown = [row.shown for row in found]
        else:
            ranker = rank_by_recommender(variant, catalog, history_length=HISTORY)
            rows = list(judge_next_item(list(split), ranker, catalog))
            told = f"NDCG@10 {sum(r.ndcg for r in rows) / len(rows):.4f}"
            shown = [row.shown for row in rows]
        lists = [[catalog.row(item) for item in ids] for ids in shown]
        varied = [intra_list_diversity(rows_of, catalog) for rows_of in lists if len(rows_of) > 1]
        share = len({row for rows_of in lists for row in rows_of}) / len(catalog)
        print(
            f"{name}  {told}  diversity {sum(varied) / len(varied):.4f}  coverage {share:.3f}",
            flush=True,
        )


def main() -> None:
    """Print one line per combination of dials."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("requests", type=Path, nargs="?")
    parser.add_argument("--validation", action="store_true", help="judge second-last choices")
    parser.add_argument("--dial", action="append", default=[], metavar="SETTING=V1,V2")
    parser.add_argument("--model", help="model folder; default: the shipped one")
    parser.add_argument("--catalog", help="with this and no model, the untuned base model")
    parser.add_argument("--lm", type=float, nargs="+", default=[1.0])
    parser.add_argument("--neutral", type=float, nargs="+", default=[1.0])
    parser.add_argument("--popularity", type=float, nargs="+", default=[0.4])
    chosen = parser.parse_args()
    if chosen.validation == (chosen.requests is not None):
        parser.error("give a request set, or --validation")
    recommender = Recommender.load(chosen.model, catalog=chosen.catalog)
    if chosen.dial or chosen.validation:
        turned(recommender, chosen.dial, chosen.requests)
        return
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
