"""Fit how loud the parts of the taste voice speak, on recorded conversations.

    python scripts/fit_taste.py first-half.jsonl --judge second-half.jsonl

The exponents of a log-linear model (McFadden 1974, "Conditional logit analysis") of what is recommended
next, by maximum likelihood over sampled items: all items alike likely to be sampled, and the sample
counted up to the catalog, so that the fit is that of the whole catalog. Prints `Powers`, the factor of
the values that the words name, and recall at 10 before and after on the conversations of --judge.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from m6rec.candidates import mentioned, taste
from m6rec.catalog import Catalog
from m6rec.evaluation.conversations import judge_turns, show_scored, wish_in
from m6rec.sources.movielens import load_default
from m6rec.sources.redial import RecommenderTurn, read_conversations
from m6rec.vocabulary import SaidValues, Vocabulary, said_values

PARTS = ("popularity", "crowd", "kinds", "words", "years", "mentioned")
SAMPLE = 1_200
"""Items beside the targets per turn."""
PENALTY = 0.003
"""Of the squared exponents, in units of each part's spread."""


def features(
    turn: RecommenderTurn, fitted: taste.Taste, catalog: Catalog, said: SaidValues
) -> NDArray[np.float32]:
    """The parts of every item's score before exponents, shape (n_items, len(PARTS))."""
    history = np.array([catalog.row(item_id) for item_id in turn.named], np.int32)
    crowd = np.zeros(len(catalog))
    if len(history) and fitted.crowd is not None:
        chosen = np.maximum(fitted.crowd.scores(history), 0.0)
        crowd = np.log(chosen / max(chosen.sum(), taste.FLOOR) + taste.FLOOR)
    named = mentioned.mentions(wish_in(turn), said)
    parts = (
        fitted.log_popularity,
        crowd,
        fitted.alike.by_kind(history),
        fitted.alike.by_words(history),
        fitted.alike.by_year(history),
        np.log(mentioned.weights(named, catalog)) / np.log(mentioned.FACTOR),
    )
    return np.stack(parts, axis=-1).astype(np.float32)


def fit(
    turns: Sequence[RecommenderTurn], fitted: taste.Taste, catalog: Catalog, seed: int
) -> NDArray[np.float64]:
    """The exponents, shape (len(PARTS),)."""
    rng = np.random.default_rng(seed)
    said = said_values(catalog, Vocabulary.load())
    seen: list[NDArray[np.float32]] = []
    offsets: list[NDArray[np.float32]] = []
    right: list[int] = []
    for turn in turns:
        every = features(turn, fitted, catalog, said)
        others = rng.choice(len(catalog), size=SAMPLE, replace=False)
        for item_id in turn.targets:
            target = catalog.row(item_id)
            # What was named cannot be recommended again and is no alternative.
            named = {catalog.row(other) for other in (*turn.named, *turn.targets)}
            kept = others[~np.isin(others, sorted(named))]
            rows = np.concatenate(([target], kept, np.full(SAMPLE - len(kept), kept[0])))
            offset = np.full(len(rows), np.log(len(catalog) / len(kept)), np.float32)
            offset[0] = 0.0
            offset[1 + len(kept) :] = -np.inf
            seen.append(every[rows])
            offsets.append(offset)
            right.append(len(turn.targets))
    return _maximise(np.stack(seen), np.stack(offsets), 1 / np.array(right))


def _maximise(
    seen: NDArray[np.float32], offsets: NDArray[np.float32], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Maximum of the weighted log-likelihood; the first item of every row was the right one."""
    spread = seen.reshape(-1, seen.shape[-1]).std(axis=0) + 1e-9
    inputs = torch.from_numpy(seen / spread)
    offset, share = torch.from_numpy(offsets), torch.from_numpy(shares).float()
    exponents = torch.zeros(seen.shape[-1], requires_grad=True)
    optimiser = torch.optim.LBFGS([exponents], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> float:
        optimiser.zero_grad()
        log_prob = torch.log_softmax(inputs @ exponents + offset, dim=1)[:, 0]
        value = -(log_prob * share).sum() / share.sum() + PENALTY * (exponents**2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return float(value.detach())

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    raw: NDArray[np.float64] = exponents.detach().numpy().astype(np.float64) / spread
    return raw


def main() -> None:
    """Fit, print, and judge on conversations that were not fitted on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path, help="conversations to fit on")
    parser.add_argument("--judge", type=Path, help="conversations to judge on")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    catalog, interactions = load_default()
    before = taste.fit(catalog, interactions)
    turns = [turn for turn in read_conversations(chosen.file, catalog) if turn.targets]
    exponents = fit(turns, before, catalog, chosen.seed)
    for name, value in zip(PARTS, exponents, strict=True):
        print(f"{name:<12}{value:.3f}")
    powers = taste.Powers(**dict(zip(PARTS[:-1], exponents.tolist(), strict=False)))
    after = replace(before, powers=powers)
    for name, path in (("fitted on", chosen.file), ("judged on", chosen.judge)):
        if path is None:
            continue
        turns = [turn for turn in read_conversations(path, catalog) if turn.targets]
        for what, scorer in (("powers as they are", before), ("as fitted now", after)):
            rows = list(judge_turns(turns, show_scored(scorer, catalog), catalog))
            found = np.mean([row.recall for row in rows])
            print(f"{name} {path.name}: recall@10 {found:.4f}, {what}, {len(rows)} turns")


if __name__ == "__main__":
    main()
