"""Time our tuning step beside a plain Hugging Face Trainer with PEFT LoRA: same pairs, same run.

    python scripts/bench_tuning.py --out runs/tuning.json [--steps 12] [--batch 48]

Both sides tune the same base model in the same number format on the same pairs and take turns, step by step.
The peer reads a prompt and one of the drawn paths, padded per batch, with labels on the path's tokens, as a
plain run would; once with LoRA on our layers and once, the usual default, on all of them.

A useful token is one at a branching decision of the catalog's tree: elsewhere the next token is forced,
its loss under the catalog distribution is 0 and it teaches nothing. All label tokens are counted as well.
What differs: we read only the head's rows of a node's children, draw several paths per pair behind one
prompt, learn the whole distribution at each decision instead of one token, and put pairs of one length
together. Drawing pairs counts as our time; the peer gets them ready made. Memory is the peak of a process of
its own for each side.
"""

import argparse
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from operator import truediv
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import Trainer, TrainerCallback, TrainingArguments

from m6rec.assembly import UNHEARD, assemble
from m6rec.atomic import write_text
from m6rec.base_model import base_model_folder
from m6rec.config import Config
from m6rec.decoding.loading import choose_dtype, load_causal_lm
from m6rec.decoding.voices import Chorus, Voice
from m6rec.making.job import PRIOR_POPULARITY
from m6rec.pairs.curriculum import Curriculum
from m6rec.tree import PrefixTree
from m6rec.tuning.adapters import AdapterSettings, attach
from m6rec.tuning.examples import Example, ExampleMaker
from m6rec.tuning.loop import Loop, LoopSettings
from m6rec.tuning.objective import CatalogLoss

IGNORED = -100
"""The label that a Hugging Face loss passes over."""
LAYERS = {"same layers": AdapterSettings(), "all layers": AdapterSettings(lowest_layer=0.0)}
"""What the peer tunes with LoRA; ours is the first."""


@dataclass(frozen=True)
class Pool:
    """What both sides tune on: examples drawn as `m6rec tune` draws them."""

    base: Path
    tree: PrefixTree
    prior: NDArray[np.float64]
    examples: list[Example]
    drawing: float

    @classmethod
    def drawn(cls, chosen: argparse.Namespace) -> "Pool":
        """Enough for the steps, and one more to warm up."""
        config = Config().with_values({"model": {"base": chosen.base}}) if chosen.base else None
        parts = assemble(None, chosen.catalog, config)
        index, neutral = parts.index, parts.distribution.neutral
        neutral.fill(range(index.tree.n_nodes))
        weights = index.catalog.popularity + UNHEARD
        spoken = Chorus(index.tree, [Voice("popularity", PRIOR_POPULARITY, weights)]).everywhere()
        prior = spoken - neutral.values.astype(np.float64)
        maker = ExampleMaker(index, parts.codec, parts.writer, prior=prior, item_weights=weights)
        noun = parts.config.prompt.noun.lower()
        curriculum = Curriculum(index, parts.vocabulary, noun, parts.interactions)
        rng, examples = np.random.default_rng([chosen.seed, 0]), list[Example]()
        begin = time.perf_counter()
        while len(examples) < (chosen.steps + 1) * chosen.batch:
            example = maker.make(curriculum.draw(rng), rng)
            if example is not None and example.paths:
                examples.append(example)
        drawing = time.perf_counter() - begin
        base = base_model_folder(parts.config.model.base)
        return cls(base, index.tree, prior, examples, drawing)

    def model(self, settings: AdapterSettings) -> Any:
        """The base model with an adapter."""
        return attach(load_causal_lm(self.base, choose_dtype("auto")[0])[0], settings)


@dataclass
class Side:
    """What the steps of a side took and taught; the first one warms up and is left out."""

    seconds: list[float] = field(default_factory=list)
    counts: list[tuple[int, int, int]] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time added to a part."""

        def run(*arguments: Any, **options: Any) -> Any:
            begin = time.perf_counter()
            result = function(*arguments, **options)
            self.parts[part] += time.perf_counter() - begin
            return result

        return run

    def figures(self, drawing: float = 0.0) -> dict[str, Any]:
        """Rates from the sums over all steps, and the median step's.

        Args:
            drawing: Seconds per step spent before the steps.
        """
        took = [seconds + drawing for seconds in self.seconds[1:]]
        useful, labels, examples = zip(*self.counts[1 : len(self.seconds)], strict=True)
        whole = sum(self.seconds) + drawing * len(self.seconds)
        parts = {**self.parts, "data": self.parts["data"] + drawing * len(self.seconds)}
        parts["optimizer and rest"] = whole - sum(parts.values())
        return {
            "useful tokens/s": short(sum(useful) / sum(took)),
            "useful tokens/s, median step": short(median(map(truediv, useful, took))),
            "label tokens/s": short(sum(labels) / sum(took)),
            "examples/s": short(sum(examples) / sum(took)),
            "useful tokens an example": short(sum(useful) / sum(examples)),
            "label tokens an example": short(sum(labels) / sum(examples)),
            "s a step, median": short(median(took)),
            "shares": {part: short(seconds / whole) for part, seconds in parts.items()},
        }


def short(value: float) -> float:
    """Four digits that matter."""
    return float(f"{value:.4g}")


class Ours(Side):
    """The product's own loop, one step at a time."""

    def __init__(self, pool: Pool, batch: int, seed: int) -> None:
        super().__init__()
        ready, n = cycle(pool.examples), len(pool.examples) // batch
        loss = CatalogLoss(pool.tree, pool.prior)
        # One pool for all steps: the same pairs that the peer reads, in the loop's own batches.
        settings = LoopSettings(steps=n, batch_size=batch, pool=n, seed=seed)
        folder = Path(tempfile.gettempdir()) / "never-written"
        model = pool.model(LAYERS["same layers"])
        self._loop = Loop(model, pool.tree, loss, lambda _: next(ready), settings, folder)
        loop: Any = self._loop
        loop._loss.collate = self.timed("data", loss.collate)
        loop._shared.forward = self.timed("forward", loop._shared.forward)
        loop._accelerator.backward = self.timed("backward", loop._accelerator.backward)
        loop._examples(0)

    def step(self) -> None:
        """One step, noted."""
        examples = self._loop._examples(self._loop.progress.step)
        useful = sum(len(example.nodes) for example in examples)
        self.counts.append((useful, useful, len(examples)))
        begin = time.perf_counter()
        self._loop._step()
        self.seconds.append(time.perf_counter() - begin)


@dataclass(frozen=True)
class Text:
    """A prompt and one path as the peer reads them."""

    ids: list[int]
    n_prompt: int
    useful: int

    @classmethod
    def of(cls, example: Example, tree: PrefixTree) -> "Text":
        """The first of an example's paths; its decisions are the branching nodes above it."""
        path = example.paths[0]
        useful = int(((tree.node_lo <= path) & (path < tree.node_hi)).sum())
        ids = [*example.prompt, *tree.path(path).tolist()]
        return cls(ids, len(example.prompt), useful)


class Peer(Side):
    """A plain Trainer that lets the other side take a step after each of its own."""

    def run(
        self, pool: Pool, layers: str, batch: int, seed: int, between: Callable[[], None]
    ) -> None:
        """Train on the whole pool; `between` is called after each step."""
        texts = [Text.of(example, pool.tree) for example in pool.examples]
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(
                model=pool.model(LAYERS[layers]),
                args=TrainingArguments(
                    folder, per_device_train_batch_size=batch, max_steps=len(texts) // batch,
                    learning_rate=5e-4, seed=seed, report_to=[], save_strategy="no",
                    logging_strategy="no", disable_tqdm=True, remove_unused_columns=False,
                    use_cpu=not torch.cuda.is_available(), dataloader_pin_memory=False,
                ),
                train_dataset=texts,
                data_collator=self.timed("data", self._padded),
                callbacks=[_Turns(self, between)],
            )  # fmt: skip
            trainer.compute_loss = self.timed("forward", trainer.compute_loss)  # type: ignore[method-assign]
            trainer.accelerator.backward = self.timed("backward", trainer.accelerator.backward)
            trainer.train()

    def _padded(self, rows: list[Text]) -> dict[str, Tensor]:
        """The rows as tensors, padded on the right to the longest; labels on the path alone."""
        shape = (len(rows), max(len(row.ids) for row in rows))
        ids, seen = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
        labels = torch.full(shape, IGNORED)
        for i, row in enumerate(rows):
            n = len(row.ids)
            ids[i, :n], seen[i, :n] = torch.tensor(row.ids), 1
            labels[i, row.n_prompt : n] = ids[i, row.n_prompt : n]
        n_labels = sum(len(row.ids) - row.n_prompt for row in rows)
        self.counts.append((sum(row.useful for row in rows), n_labels, len(rows)))
        return {"input_ids": ids, "attention_mask": seen, "labels": labels}


class _Turns(TrainerCallback):
    """Times the Trainer from the end of the other side's step to the end of its own."""

    def __init__(self, side: Side, between: Callable[[], None]) -> None:
        self._side, self._between = side, between
        self._began = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._began = time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._side.seconds.append(time.perf_counter() - self._began)
        self._between()
        self._began = time.perf_counter()


def compare(chosen: argparse.Namespace) -> dict[str, Any]:
    """Both sides in turn on the same pairs."""
    pool = Pool.drawn(chosen)
    results: dict[str, Any] = {
        "settings": {
            "steps": chosen.steps, "batch": chosen.batch, "threads": torch.get_num_threads(),
            "dtype": str(choose_dtype("auto")[0]), "rank": AdapterSettings().rank,
        },
    }  # fmt: skip
    for layers in LAYERS:
        ours, peer = Ours(pool, chosen.batch, chosen.seed), Peer()
        peer.run(pool, layers, chosen.batch, chosen.seed, ours.step)
        mine, theirs = ours.figures(pool.drawing / (chosen.steps + 1)), peer.figures()
        ratios = {key: short(mine[key] / theirs[key]) for key in mine if "/s" in key}
        results[layers] = {"ours": mine, "Trainer": theirs, "times the Trainer": ratios}
        print(layers, json.dumps(results[layers], indent=1), flush=True)
        del ours, peer
        gc.collect()
    results["peak GB"] = {side: peak(side, chosen) for side in ("ours", *LAYERS)}
    return results


def peak(side: str, chosen: argparse.Namespace) -> float:
    """GB that a process of its own takes at most for the steps of one side."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peak.json"
        command = [sys.executable, __file__, "--out", str(out), "--side", side]
        for name in ("steps", "batch", "seed", "catalog", "base"):
            value = getattr(chosen, name)
            command += [] if value is None else [f"--{name}", str(value)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - this file
        return float(json.loads(out.read_text(encoding="utf-8"))["peak GB"])


def one_side(chosen: argparse.Namespace) -> dict[str, float]:
    """The steps of one side alone in this process, and what it took at most."""
    pool = Pool.drawn(chosen)
    gc.collect()
    if chosen.side == "ours":
        ours = Ours(pool, chosen.batch, chosen.seed)
        for _ in range(chosen.steps + 1):
            ours.step()
    else:
        Peer().run(pool, chosen.side, chosen.batch, chosen.seed, lambda: None)
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak GB": short(taken / (1e9 if sys.platform == "darwin" else 1e6))}


def main(arguments: list[str] | None = None) -> None:
    """Print the comparison and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=12, help="timed steps of each side")
    parser.add_argument("--batch", type=int, default=LoopSettings(steps=1).batch_size)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--catalog", help="default: the shipped one, with its interactions")
    parser.add_argument("--base", help="base model; default: the product's")
    parser.add_argument("--side", choices=("ours", *LAYERS), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    results = one_side(chosen) if chosen.side else compare(chosen)
    write_text(chosen.out, json.dumps(results, indent=2) + "\n")
    if not chosen.side:
        print("peak GB", results["peak GB"])


if __name__ == "__main__":
    main()
