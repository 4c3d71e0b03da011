"""The tuning loop: steps, validation, checkpoints that resume where they stopped.

Under ``accelerate launch`` every process draws the same examples and reads its share of them; losses are
divided by the choices of the whole step, so the gradient is that of one process reading them all. Only
the first process writes.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs
from torch.nn.attention import SDPBackend, sdpa_kernel

from m6rec.atomic import replaced_folder
from m6rec.errors import ConfigError, ModelError
from m6rec.tree import PrefixTree
from m6rec.tuning.batches import by_length, within
from m6rec.tuning.checkpoint import Checkpoint, Progress
from m6rec.tuning.examples import Example
from m6rec.tuning.module import Tuned, make_ready
from m6rec.tuning.objective import Objective
from m6rec.tuning.settings import LoopSettings

__all__ = ["Draw", "Loop", "LoopSettings", "Progress"]

log = logging.getLogger(__name__)

Draw = Callable[[np.random.Generator], Example]
"""Draws one training example."""


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
        report: Called after every step with the progress and the loss, by the first process only.
        answers: Token ids of "no" and "yes", where questions are drawn and the method has no options.

    Raises:
        ConfigError: A step has fewer examples than processes and pieces to read them in.
    """

    def __init__(
        self,
        model: Any,
        tree: PrefixTree,
        loss: Objective,
        draw: Draw,
        settings: LoopSettings,
        folder: Path,
        report: Callable[[Progress, float], None] | None = None,
        answers: tuple[int, ...] = (),
    ) -> None:
        # Buffers are constants here: sending them round would make every pass wait for the others.
        sharing = DistributedDataParallelKwargs(broadcast_buffers=False)
        self._accelerator = Accelerator(kwargs_handlers=[sharing])
        self._n_parts = self._accelerator.num_processes * settings.accumulate
        if settings.accumulate < 1 or settings.batch_size < self._n_parts:
            raise ConfigError(
                f"a step of {settings.batch_size} examples cannot be read by "
                f"{self._accelerator.num_processes} processes in {settings.accumulate} pieces each; "
                "lower accumulate"
            )
        self.settings = settings
        self._tree, self._loss, self._draw = tree, loss, draw
        self._folder, self._report = folder, report
        make_ready(model, checkpointing=settings.gradient_checkpointing)
        self._tuned = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(self._tuned, lr=settings.learning_rate, weight_decay=0.01)
        # Not given to accelerate, which would take a step of it for each process.
        self._schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate)
        self._module = Tuned(model, loss, answers)
        self._shared, self._optimizer = self._accelerator.prepare(self._module, optimizer)
        self._saved = Checkpoint(
            folder / "last",
            {**asdict(settings), "objective": loss.name},
            self._tuned,
            {"optimizer": self._optimizer, "schedule": self._schedule},
        )
        self.progress = Progress()
        self._pool: tuple[int, list[list[Example]]] = (-1, [])

    @property
    def model(self) -> Any:
        """The model with its adapter."""
        return self._module.model

    def run(self, validation: Sequence[Example], until: float | None = None) -> Progress:
        """Tune until the steps are done, validation stops improving, or the clock runs out.

        Args:
            validation: Examples never drawn for training.
            until: `time.monotonic()` after which the loop stops with a checkpoint, where the next run
                resumes; None for never.

        Raises:
            ConfigError: The checkpoint in the folder was made with other settings.
            ModelError: The loss is no number.
        """
        self.progress = self._saved.resume() or self.progress
        while self.progress.step < self.settings.steps:
            if self.progress.since_best >= self.settings.patience:
                log.info("stopped early after step %d", self.progress.step)
                break
            self._step()
            done = self.progress.step
            late = until is not None and time.monotonic() > until
            # The processes' clocks differ, and none may stop alone.
            is_over = until is not None and bool(self._summed([float(late)])[0])
            is_border = done % self.settings.validate_every == 0
            if is_over or is_border or done == self.settings.steps:
                self._validate(validation)
            if is_over:
                break
        return self.progress

    def time_steps(self, n: int) -> float:
        """Seconds per step, over `n` steps that change nothing, after one that is not timed.

        A pool's steps differ in tokens by several times, so what is measured is seconds per token, and what
        is told is for the mean number of tokens of the first pool.

        Args:
            n: At least 1; more than a pool's steps are taken of that pool again.
        """
        seconds, tokens = 0.0, 0
        for step in range(n + 1):
            examples = self._examples(step % self.settings.pool)
            begin = time.monotonic()
            self._gradient(examples)
            self._optimizer.zero_grad()
            if step:
                seconds += time.monotonic() - begin
                tokens += self._n_tokens(examples)
        (total,) = self._summed([seconds])
        of_pool = [self._n_tokens(batch) for batch in self._pool[1]]
        return total / int(self._accelerator.num_processes) / tokens * float(np.mean(of_pool))

    def evaluate(self, examples: Sequence[Example]) -> dict[str, float]:
        """Mean loss by task, and over all under ``loss``."""
        groups = [
            (task, group)
            for task in sorted({e.task for e in examples})
            for group in by_length(
                [e for e in examples if e.task == task],
                self.settings.batch_size,
                self._loss.length,
            )
        ]
        values = [0.0] * len(groups)
        rank, n_ranks = self._accelerator.process_index, self._accelerator.num_processes
        with torch.no_grad():
            for at in range(rank, len(groups), n_ranks):
                batch = self._loss.collate(groups[at][1])
                values[at] = float(self._module(batch) / self._n_choices(groups[at][1]))
        sums: dict[str, list[float]] = {}
        for (task, group), value in zip(groups, self._summed(values), strict=True):
            sums.setdefault(task, []).extend([value] * len(group))
        means = {task: float(np.mean(of_task)) for task, of_task in sums.items()}
        return {**means, "loss": float(np.mean([v for of_task in sums.values() for v in of_task]))}

    def _step(self) -> None:
        begin = time.monotonic()
        loss, n_tokens = self._gradient(self._examples(self.progress.step))
        torch.nn.utils.clip_grad_norm_(self._tuned, 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._optimizer.zero_grad()
        self.progress.step += 1
        self.progress.tokens += n_tokens
        self.progress.seconds += time.monotonic() - begin
        if self._report is not None and self._accelerator.is_main_process:
            self._report(self.progress, loss)

    def _gradient(self, examples: list[Example]) -> tuple[float, int]:
        """Add the gradient of the mean loss over a step's choices; that loss, and tokens read.

        Raises:
            ModelError: The loss is no number.
        """
        n_choices = self._n_choices(examples)
        total, n_tokens = 0.0, 0
        pieces = self._pieces(examples)
        for number, piece in enumerate(pieces, 1):
            # Gradients are shared once, with the last piece.
            is_last = number == len(pieces)
            sharing = nullcontext() if is_last else self._accelerator.no_sync(self._shared)
            with sharing, _attention(self._accelerator.device):
                loss, n_read = self._batch_loss(piece, n_choices)
                # The processes' gradients are averaged, and their sum is wanted.
                self._accelerator.backward(loss * self._accelerator.num_processes)
            total += float(loss.detach())
            n_tokens += n_read
        total, all_tokens = self._summed([total, n_tokens])
        if not np.isfinite(total):
            raise ModelError(
                f"the loss became {total} at step {self.progress.step}; lower the learning rate or "
                "tune in float32"
            )
        return total, int(all_tokens)

    def _pieces(self, examples: list[Example]) -> list[list[Example]]:
        """What this process reads of a step, one piece after the other; at least one."""
        first, n = self._accelerator.process_index * self.settings.accumulate, self._n_parts
        parts = [examples[first + at :: n] for at in range(self.settings.accumulate)]
        most, length = self.settings.most_tokens, self._loss.length
        return [piece for part in parts for piece in within(part, most, length)]

    def _batch_loss(self, examples: list[Example], n_choices: int) -> tuple[torch.Tensor, int]:
        batch = self._loss.collate(examples)
        return self._shared(batch) / n_choices, batch.n_tokens

    def _n_choices(self, examples: Sequence[Example]) -> int:
        choices = sum(self._loss.n_choices(e) for e in examples)
        return max(1, choices + sum(e.answer is not None for e in examples))

    def _n_tokens(self, examples: Sequence[Example]) -> int:
        return sum(map(self._loss.length, examples))

    def _summed(self, values: Sequence[float]) -> list[float]:
        """The sum of each value over the processes."""
        if self._accelerator.num_processes == 1:
            return list(values)
        here = torch.tensor(values, dtype=torch.float64, device=self._accelerator.device)
        summed: list[float] = self._accelerator.reduce(here, "sum").tolist()
        return summed

    def _examples(self, step: int) -> list[Example]:
        number, place = divmod(step, self.settings.pool)
        if self._pool[0] != number:
            rng = np.random.default_rng([self.settings.seed, number])
            size = self.settings.batch_size
            drawn = [self._draw(rng) for _ in range(size * self.settings.pool)]
            batches = list(by_length(drawn, size, self._loss.length))
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
        log.info("step %d: %s", self.progress.step, losses)
        if self._accelerator.is_main_process:
            if improved:
                self._save_model(self._folder / "best")
            self._saved.save(self.progress)
        self._accelerator.wait_for_everyone()

    def _save_model(self, folder: Path) -> None:
        with replaced_folder(folder, {"step": self.progress.step}) as part:
            self.model.save_pretrained(part)


def _attention(device: torch.device) -> AbstractContextManager[None]:
    """How attention is computed, there and back.

    On a processor the fused kernel's way back is slow for short rows: a step of 48 rows of 27 tokens takes
    4.7 s with it and 4.1 s in plain products, one of 52 tokens 9.8 s and 8.5 s.
    """
    return sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()
