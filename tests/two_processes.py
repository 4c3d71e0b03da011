"""Tunes a tiny model for a few steps; run by `test_processes.py`, once and as two processes.

Usage: python two_processes.py FOLDER METHOD OBJECTIVE ACCUMULATE
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

from m6rec.tuning.adapters import AdapterSettings, attach
from m6rec.tuning.loop import Loop, LoopSettings
from m6rec.tuning.objective import objective_of
from tests.tiny import causal_lm
from tests.tiny_catalogs import film_examples, film_index, film_prior


def main(folder: Path, method: str, objective: str, accumulate: int) -> None:
    """Tune, and let every process write what it ended with."""
    tree, pool = film_index().tree, film_examples(24, seed=1)
    torch.manual_seed(0)
    model = attach(causal_lm(), AdapterSettings(method, rank=4, lowest_layer=0))
    settings = LoopSettings(
        steps=5, batch_size=7, learning_rate=1e-2, validate_every=2, pool=2, accumulate=accumulate
    )
    reported: list[float] = []
    loop = Loop(
        model, tree, objective_of(objective, tree, film_prior()),
        lambda rng: pool[int(rng.integers(len(pool)))], settings, folder / "run",
        lambda progress, loss: reported.append(loss),
    )  # fmt: skip
    seconds = loop.time_steps(1)
    progress = loop.run(film_examples(9, seed=2))
    rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
    tuned = [p.detach().double().sum().item() for p in model.parameters() if p.requires_grad]
    norms = [p.detach().double().norm().item() for p in model.parameters() if p.requires_grad]
    told = {
        "tuned": [*tuned, *norms],
        "reported": reported,
        "history": progress.history,
        "tokens": progress.tokens,
        "seconds": seconds,
    }
    (folder / f"{rank}.json").write_text(json.dumps(told))
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
