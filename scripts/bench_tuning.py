"""Time our tuning step beside a plain Hugging Face Trainer with PEFT LoRA: same pairs, same run.

    python scripts/bench_tuning.py --out runs/tuning.json [--steps 12] [--batch 48] [--cpu-time]

Both sides tune the same base model in the same number format on the same pairs and take turns, step by step.
The peer reads a prompt and one of the drawn paths, padded per batch, with labels on the path's tokens, as a
plain run would; once with LoRA on our layers and once, the usual default, on all of them. With 48 pairs to a
batch the peer takes over 10 GB; what the system ends for want of memory is told as such.

A useful token is one at a branching decision of the catalog's tree: elsewhere the next token is forced,
its loss under the catalog distribution is 0 and it teaches nothing. All label tokens are counted as well.
What differs: we read only the head's rows of a node's children, several paths per pair behind one prompt, and
pairs of one length together, and learn the whole distribution at each decision. Drawing pairs counts as our time; the peer gets them ready made. Every comparison, and each side's
peak memory, is taken in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from operator import truediv
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

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
from m6rec.decoding.neutral import NeutralTable
from m6rec.making.journal import peak_memory_mb
from m6rec.making.prior import prior_over
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
ALONE = "memory: "
PARTS = (*LAYERS, *(f"{ALONE}{side}" for side in ("ours", *LAYERS)))


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
        """Enough for the steps, and one more to warm up; the neutral request is read once for all."""
        config = Config().with_values({"model": {"base": chosen.base}}) if chosen.base else None
        parts = assemble(None, chosen.catalog, config)
        index, table = parts.index, parts.distribution.neutral
        neutral = NeutralTable.read_values(chosen.neutral, len(index.tree.child_token))
        if neutral is None:
            table.fill(range(index.tree.n_nodes))
            table.save(chosen.neutral)
            neutral = table.values.astype(np.float16).astype(np.float32)
        weights = index.catalog.popularity + UNHEARD
        prior = prior_over(index, weights, neutral, 1.0)
        maker = ExampleMaker(index, parts.codec, parts.writer, prior=prior, item_weights=weights)
        noun = parts.config.prompt.noun.lower()
        curriculum = Curriculum(index, parts.vocabulary, noun, parts.interactions)
        rng, examples = np.random.default_rng([chosen.seed, 0]), list[Example]()
        begin = Side.clock()
        while len(examples) < (chosen.steps + 1) * chosen.batch:
            example = maker.make(curriculum.draw(rng), rng)
            if example is not None and example.paths:
                examples.append(example)
        drawing = Side.clock() - begin
        base = base_model_folder(parts.config.model.base)
        return cls(base, index.tree, prior, examples, drawing)

    def model(self, settings: AdapterSettings) -> Any:
        """The base model with an adapter."""
        return attach(load_causal_lm(self.base, choose_dtype("auto")[0])[0], settings)


@dataclass
class Side:
    """What the steps of a side took and taught; the first one warms up and is left out."""

    clock: ClassVar[Callable[[], float]] = time.perf_counter
    seconds: list[float] = field(default_factory=list)
    counts: list[tuple[int, int, int]] = field(default_factory=list)

    def figures(self, drawing: float = 0.0) -> dict[str, Any]:
        """Rates from the sums over all steps, and the median step's.

        Args:
            drawing: Seconds per step spent before the steps.
        """
        took = [seconds + drawing for seconds in self.seconds[1:]]
        useful, labels, examples = zip(*self.counts[1 : len(self.seconds)], strict=True)
        return {
            "useful tokens/s": short(sum(useful) / sum(took)),
            "useful tokens/s, median step": short(median(map(truediv, useful, took))),
            "label tokens/s": short(sum(labels) / sum(took)),
            "examples/s": short(sum(examples) / sum(took)),
            "useful tokens an example": short(sum(useful) / sum(examples)),
            "label tokens an example": short(sum(labels) / sum(examples)),
            "s a step, median": short(median(took)),
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
        # One pool: the same pairs that the peer reads, in the loop's own batches.
        settings = LoopSettings(steps=n, batch_size=batch, pool=n, seed=seed)
        folder = Path(tempfile.gettempdir()) / "never-written"
        model = pool.model(LAYERS["same layers"])
        self._loop = Loop(model, pool.tree, loss, lambda _: next(ready), settings, folder)
        self._loop._examples(0)

    def step(self) -> None:
        """One step, noted."""
        examples = self._loop._examples(self._loop.progress.step)
        useful = sum(len(example.nodes) for example in examples)
        self.counts.append((useful, useful, len(examples)))
        begin = Side.clock()
        self._loop._step()
        self.seconds.append(Side.clock() - begin)


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
                data_collator=self._padded,
                callbacks=[_Turns(self, between)],
            )  # fmt: skip
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
        self._began = Side.clock()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._side.seconds.append(Side.clock() - self._began)
        self._between()
        self._began = Side.clock()


def compare(chosen: argparse.Namespace) -> dict[str, Any]:
    """Both sides in turn on the same pairs, with LoRA on the peer's layers of that name."""
    pool = Pool.drawn(chosen)
    ours, peer = Ours(pool, chosen.batch, chosen.seed), Peer()
    peer.run(pool, chosen.part, chosen.batch, chosen.seed, ours.step)
    mine, theirs = ours.figures(pool.drawing / (chosen.steps + 1)), peer.figures()
    ratios = {key: short(mine[key] / theirs[key]) for key in mine if "/s" in key}
    return {"ours": mine, "Trainer": theirs, "times the Trainer": ratios}


def alone(chosen: argparse.Namespace) -> dict[str, float | None]:
    """What the steps of one side take in GB at most, with nothing else in the process."""
    pool = Pool.drawn(chosen)
    side = chosen.part.removeprefix(ALONE)
    if side == "ours":
        ours = Ours(pool, chosen.batch, chosen.seed)
        for _ in range(chosen.steps + 1):
            ours.step()
    else:
        Peer().run(pool, side, chosen.batch, chosen.seed, lambda: None)
    peak = peak_memory_mb()
    return {"peak GB": None if peak is None else short(peak / 1000)}


def in_its_own_process(part: str, given: list[str], folder: Path) -> dict[str, Any]:
    """The figures of a part; why there are none where the process did not live to tell them."""
    out, neutral = folder / "part.json", folder / "neutral.f16"
    mine = ["--part", part, "--out", str(out), "--neutral", str(neutral)]
    command = [sys.executable, __file__, *given, *mine]
    done = subprocess.run(command, check=False)  # noqa: S603 - this file
    if done.returncode:
        return {"failed": f"exit code {done.returncode}; -9 means too little memory, mostly"}
    return dict(json.loads(out.read_text(encoding="utf-8")))


def settings_of(chosen: argparse.Namespace) -> dict[str, Any]:
    """What both sides have in common."""
    return {
        "steps": chosen.steps, "batch": chosen.batch, "threads": torch.get_num_threads(),
        "dtype": str(choose_dtype("auto")[0]), "rank": AdapterSettings().rank,
        "time": "processor" if chosen.cpu_time else "wall clock",
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Print the comparison and write it as JSON, after every part anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=12, help="timed steps of each side")
    parser.add_argument("--batch", type=int, default=LoopSettings(steps=1).batch_size)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--catalog", help="default: the shipped one, with its interactions")
    parser.add_argument("--base", help="base model; default: the product's")
    parser.add_argument("--cpu-time", action="store_true", help="where others use the machine")
    parser.add_argument("--part", choices=PARTS, help="only this one, in this process")
    parser.add_argument("--neutral", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(given := sys.argv[1:] if arguments is None else arguments)
    if chosen.part is not None:
        chosen.neutral = chosen.neutral or chosen.out.with_suffix(".f16")
        Side.clock = time.process_time if chosen.cpu_time else time.perf_counter
        figures = (alone if chosen.part.startswith(ALONE) else compare)(chosen)
        write_text(chosen.out, json.dumps(figures))
        return
    results: dict[str, Any] = {"settings": settings_of(chosen)}
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            results[part] = in_its_own_process(part, given, Path(folder))
            print(part, json.dumps(results[part], indent=1), flush=True)
            write_text(chosen.out, json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
