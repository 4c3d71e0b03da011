"""The tuning loop: a time budget, validation, checkpoints that resume where they stopped."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from m6rec.atomic import replaced_folder
from m6rec.errors import ConfigError, ModelError
from m6rec.tree import PrefixTree
from m6rec.tuning.adapters import bare
from m6rec.tuning.batches import by_length, collate
from m6rec.tuning.examples import Example
from m6rec.tuning.objective import CatalogLoss

log = logging.getLogger(__name__)

Draw = Callable[[np.random.Generator], Example]
"""Draws one training example."""


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How long and how fast to tune.

    Attributes:
        steps: Optimizer steps in all.
        batch_size: Examples per step.
        learning_rate: Peak of the schedule.
        warm_up: Share of the steps over which the rate rises; then it falls as a cosine.
        validate_every: Steps between validations, each of which writes a checkpoint.
        patience: Validations without improvement before stopping early.
        pool: Batches sorted by length together, so that little is padded.
        seed: Of everything drawn.
    """

    steps: int
    batch_size: int = 48
    learning_rate: float = 5e-4
    warm_up: float = 0.05
    validate_every: int = 50
    patience: int = 6
    pool: int = 16
    seed: int = 0


@dataclass
class Progress:
    """Where the loop stands; saved with every checkpoint."""

    step: int = 0
    best_loss: float = float("inf")
    since_best: int = 0
    seconds: float = 0.0
    tokens: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


class Loop:
    """Tunes a model on drawn examples.

    The examples of pool p are drawn from a generator seeded with (seed, p), so a run that was
    killed and resumed sees the same examples as one that was not.

    Args:
        model: The model with its adapter attached.
        tree: The catalog's prefix tree.
        loss: The objective.
        draw: Draws one example.
        settings: Length, rates, seed.
        folder: Where checkpoints go; an existing checkpoint is resumed.
        report: Called after every step with the progress and the loss.
    """

    def __init__(
        self,
        model: Any,
        tree: PrefixTree,
        loss: CatalogLoss,
        draw: Draw,
        settings: LoopSettings,
        folder: Path,
        report: Callable[[Progress, float], None] | None = None,
    ) -> None:
        self._accelerator = Accelerator()
        self.settings = settings
        self._tree, self._loss, self._draw = tree, loss, draw
        self._folder, self._report = folder, report
        # Nothing is dropped out: what is learned is what decoding reads, and a resumed run sees the
        # same numbers without the state of torch's generator.
        model.eval()
        tuned = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(tuned, lr=settings.learning_rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate)
        self._tuned = tuned
        self.model, self._optimizer, self._schedule = self._accelerator.prepare(
            model, optimizer, schedule
        )
        self.progress = Progress()
        self._pool: tuple[int, list[list[Example]]] = (-1, [])

    def run(self, validation: Sequence[Example], until: float | None = None) -> Progress:
        """Tune until the steps are done, validation stops improving, or the clock runs out.

        Args:
            validation: Examples never drawn for training.
            until: `time.monotonic()` after which the loop stops at the next checkpoint border; the
                next run resumes there.

        Raises:
            ConfigError: The checkpoint in the folder was made with other settings.
            ModelError: The loss is no number.
        """
        self._resume()
        while self.progress.step < self.settings.steps:
            if self.progress.since_best >= self.settings.patience:
                log.info("stopped early after step %d", self.progress.step)
                break
            self._step()
            done = self.progress.step
            if done % self.settings.validate_every == 0 or done == self.settings.steps:
                self._validate(validation)
                if until is not None and time.monotonic() > until:
                    break
        return self.progress

    def time_steps(self, n: int) -> float:
        """Seconds per step, over `n` steps that change nothing, after one that is not timed."""
        seconds = []
        for step in range(n + 1):
            begin = time.monotonic()
            loss, _ = self._batch_loss(self._examples(step))
            self._accelerator.backward(loss)
            self._optimizer.zero_grad()
            seconds.append(time.monotonic() - begin)
        return float(np.mean(seconds[1:]))

    def evaluate(self, examples: Sequence[Example]) -> dict[str, float]:
        """Mean loss by task, and over all under ``loss``."""
        sums: dict[str, list[float]] = {}
        with torch.no_grad():
            for task in sorted({e.task for e in examples}):
                of_task = [e for e in examples if e.task == task]
                for group in by_length(of_task, self.settings.batch_size, self._tree):
                    value = float(self._batch_loss(group)[0])
                    sums.setdefault(task, []).extend([value] * len(group))
        means = {task: float(np.mean(values)) for task, values in sums.items()}
        return {**means, "loss": float(np.mean([v for values in sums.values() for v in values]))}

    def _step(self) -> None:
        begin = time.monotonic()
        loss, n_tokens = self._batch_loss(self._examples(self.progress.step))
        if not torch.isfinite(loss):
            raise ModelError(
                f"the loss became {float(loss.detach())} at step {self.progress.step}; lower the learning "
                "rate or tune in float32"
            )
        self._accelerator.backward(loss)
        torch.nn.utils.clip_grad_norm_(self._tuned, 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad()
        self.progress.step += 1
        self.progress.tokens += n_tokens
        self.progress.seconds += time.monotonic() - begin
        if self._report is not None:
            self._report(self.progress, float(loss.detach()))

    def _batch_loss(self, examples: list[Example]) -> tuple[torch.Tensor, int]:
        batch = collate(examples, self._tree)
        causal = bare(self._accelerator.unwrap_model(self.model))
        head = causal.get_output_embeddings().weight
        return self._loss(causal.base_model, head, batch), batch.n_tokens

    def _examples(self, step: int) -> list[Example]:
        number, place = divmod(step, self.settings.pool)
        if self._pool[0] != number:
            rng = np.random.default_rng([self.settings.seed, number])
            size = self.settings.batch_size
            drawn = [self._draw(rng) for _ in range(size * self.settings.pool)]
            batches = list(by_length(drawn, size, self._tree))
            rng.shuffle(batches)
            self._pool = (number, batches)
        return self._pool[1][place]

    def _rate(self, step: int) -> float:
        warm = max(1, int(self.settings.steps * self.settings.warm_up))
        if step < warm:
            return (step + 1) / warm
        share = min(1.0, (step - warm) / max(1, self.settings.steps - warm))
        return float(0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * share)))

    def _validate(self, examples: Sequence[Example]) -> None:
        losses = self.evaluate(examples)
        self.progress.history.append({"step": float(self.progress.step), **losses})
        improved = losses["loss"] < self.progress.best_loss
        self.progress.since_best = 0 if improved else self.progress.since_best + 1
        if improved:
            self.progress.best_loss = losses["loss"]
            self._save_model(self._folder / "best")
        log.info("step %d: %s", self.progress.step, losses)
        self._checkpoint()

    def _save_model(self, folder: Path) -> None:
        with replaced_folder(folder, {"step": self.progress.step}) as part:
            self._accelerator.unwrap_model(self.model).save_pretrained(part)

    def _checkpoint(self) -> None:
        state = {
            "tuned": [p.detach() for p in self._tuned],
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        with replaced_folder(self._folder / "last", asdict(self.progress)) as part:
            torch.save(state, part / "state.pt")
            (part / "settings.json").write_text(json.dumps(asdict(self.settings)))

    def _resume(self) -> None:
        folder = self._folder / "last"
        if not (folder / "manifest.json").is_file():
            return
        settings = json.loads((folder / "settings.json").read_text())
        if settings != asdict(self.settings):
            raise ConfigError(
                f"{folder} was made with other settings ({settings}); tune into another folder, or "
                "with the same settings"
            )
        # weights_only: a checkpoint is data, never code to run.
        state = torch.load(folder / "state.pt", weights_only=True)
        with torch.no_grad():
            for parameter, saved in zip(self._tuned, state["tuned"], strict=True):
                parameter.copy_(saved)
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        progress = json.loads((folder / "manifest.json").read_text())
        self.progress = Progress(**progress)
        log.info("resumed at step %d", self.progress.step)
