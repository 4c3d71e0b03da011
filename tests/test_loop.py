"""The loop: it learns, resumes to the bit, stops early, keeps the best, and leaves no half folder.

Run: pytest tests/test_loop.py -n 0
"""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from m6rec.atomic import MANIFEST
from m6rec.errors import ConfigError, ModelError, UserError
from m6rec.tuning.adapters import METHODS, AdapterSettings, attach
from m6rec.tuning.examples import Example
from m6rec.tuning.loop import Loop, LoopSettings, Progress
from m6rec.tuning.objective import OBJECTIVES, CatalogLoss, objective_of
from tests.tiny import causal_lm
from tests.tiny_catalogs import film_examples, film_index, film_prior

TREE = film_index().tree
POOL = film_examples(60, seed=1)
VALIDATION = film_examples(12, seed=2)
SHORT = LoopSettings(steps=8, batch_size=4, validate_every=2, pool=3, learning_rate=2e-2, seed=7)


def draw(rng: np.random.Generator) -> Example:
    return POOL[int(rng.integers(len(POOL)))]


def new_loop(
    folder: Path,
    settings: LoopSettings = SHORT,
    *,
    architecture: str = "llama",
    method: str = "lora",
    seed: int = 0,
    report: Any = None,
) -> Loop:
    torch.manual_seed(seed)
    model = attach(causal_lm(architecture), AdapterSettings(method, rank=4, lowest_layer=0))
    return Loop(model, TREE, CatalogLoss(TREE, film_prior()), draw, settings, folder, report)


def tuned(loop: Loop) -> list[torch.Tensor]:
    return [p.detach().clone() for p in loop.model.parameters() if p.requires_grad]


def same(left: list[torch.Tensor], right: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


def stepwise(folder: Path, **options: Any) -> Loop:
    """Run to the end, killed a step after each checkpoint, every time with a new model that begins elsewhere."""

    def kill(progress: Progress, loss: float) -> None:
        if progress.step == last:
            raise KeyboardInterrupt

    for last in range(SHORT.validate_every + 1, SHORT.steps, SHORT.validate_every):
        with pytest.raises(KeyboardInterrupt):
            new_loop(folder, seed=0 if last == 3 else last, report=kill, **options).run(VALIDATION)
    loop = new_loop(folder, seed=99, **options)
    loop.run(VALIDATION)
    return loop


def test_the_loss_falls_on_a_toy_task(tmp_path: Path) -> None:
    loop = new_loop(tmp_path, replace(SHORT, steps=40, validate_every=20, batch_size=8))
    before = loop.evaluate(POOL)["loss"]
    loop.run(VALIDATION)
    assert loop.evaluate(POOL)["loss"] < 0.6 * before


@pytest.mark.parametrize("method", [m for m in METHODS if m != "lora"])
def test_every_method_learns(tmp_path: Path, method: str) -> None:
    settings = replace(SHORT, steps=20, validate_every=20, learning_rate=5e-3)
    loop = new_loop(tmp_path, settings, method=method)
    before = loop.evaluate(POOL)["loss"]
    loop.run(VALIDATION)
    assert loop.evaluate(POOL)["loss"] < before


@pytest.mark.parametrize(
    ("method", "architecture"),
    [("lora", "gpt2"), *((method, "llama") for method in METHODS)],
)
def test_a_run_in_pieces_ends_with_the_same_bits_as_a_run_in_one(
    tmp_path: Path, method: str, architecture: str
) -> None:
    whole = new_loop(tmp_path / "whole", architecture=architecture, method=method)
    whole.run(VALIDATION)
    pieces = stepwise(tmp_path / "pieces", architecture=architecture, method=method)
    assert whole.progress.step == pieces.progress.step == SHORT.steps
    assert same(tuned(whole), tuned(pieces))
    assert whole.progress.history == pieces.progress.history
    assert whole.progress.tokens == pieces.progress.tokens
    assert whole.progress.best_loss == pieces.progress.best_loss


def test_a_killed_run_goes_on_from_its_last_checkpoint(tmp_path: Path) -> None:
    """Killed at step 5, a step after a checkpoint: the lost step is done again, to the same bits."""

    def kill(progress: Progress, loss: float) -> None:
        if progress.step == 5:
            raise KeyboardInterrupt

    killed = new_loop(tmp_path / "killed", report=kill)
    with pytest.raises(KeyboardInterrupt):
        killed.run(VALIDATION)
    assert {p.name for p in (tmp_path / "killed").iterdir()} == {"best", "last"}
    again = new_loop(tmp_path / "killed", seed=9)
    again.run(VALIDATION)
    whole = new_loop(tmp_path / "whole")
    whole.run(VALIDATION)
    assert same(tuned(again), tuned(whole))


def test_time_that_is_up_stops_after_the_step_with_a_checkpoint(tmp_path: Path) -> None:
    progress = new_loop(tmp_path).run(VALIDATION, until=time.monotonic() - 1)
    assert progress.step == 1 < SHORT.validate_every
    assert [found["step"] for found in progress.history] == [1]
    assert {p.name for p in tmp_path.iterdir()} == {"best", "last"}
    later = new_loop(tmp_path / "b").run(VALIDATION, until=time.monotonic() + 3600)
    assert later.step == SHORT.steps


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    new_loop(tmp_path).run(VALIDATION)
    steps: list[int] = []
    again = new_loop(tmp_path, report=lambda progress, loss: steps.append(progress.step))
    assert again.run(VALIDATION).step == SHORT.steps
    assert steps == []


def test_other_settings_are_refused(tmp_path: Path) -> None:
    new_loop(tmp_path).run(VALIDATION, until=0)
    with pytest.raises(UserError, match="other settings") as caught:
        new_loop(tmp_path, replace(SHORT, seed=8)).run(VALIDATION)
    assert "\n" not in str(caught.value)
    assert "'seed': 7" in str(caught.value)


def test_it_stops_when_validation_no_longer_improves(tmp_path: Path) -> None:
    settings = replace(SHORT, steps=40, learning_rate=0.0, patience=2)
    progress = new_loop(tmp_path, settings).run(VALIDATION)
    # The first validation is the best; two more bring nothing.
    assert progress.step == 3 * SHORT.validate_every
    assert progress.since_best == 2
    assert new_loop(tmp_path, settings).run(VALIDATION).step == progress.step


def test_the_best_is_kept_though_it_gets_worse(tmp_path: Path) -> None:
    from peft import PeftModel

    contrary = [
        replace(e, targets=[((1 - t) / max(1, len(t) - 1)).astype(np.float32) for t in e.targets])
        for e in VALIDATION
    ]
    settings = replace(SHORT, steps=16, patience=99)
    loop = new_loop(tmp_path, settings)
    progress = loop.run(contrary)
    losses = {int(entry["step"]): entry["loss"] for entry in progress.history}
    best = min(losses, key=lambda step: losses[step])
    assert losses[progress.step] > losses[best], "it must have got worse"
    assert progress.best_loss == losses[best]
    assert json.loads((tmp_path / "best" / MANIFEST).read_text())["step"] == best
    model = PeftModel.from_pretrained(causal_lm("llama"), tmp_path / "best", is_trainable=True)
    kept = Loop(model, TREE, CatalogLoss(TREE, film_prior()), draw, settings, tmp_path / "other")
    assert kept.evaluate(contrary)["loss"] == pytest.approx(losses[best], rel=1e-5)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_save_that_fails_leaves_the_checkpoint_before_it(tmp_path: Path, failing: int) -> None:
    settings = replace(SHORT, learning_rate=1e-3)
    loop = new_loop(tmp_path, settings)
    save, calls = loop.model.save_pretrained, []

    def full_disk(part: Path) -> None:
        calls.append(part)
        save(part)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")

    loop.model.save_pretrained = full_disk
    with pytest.raises(OSError, match="No space left"):
        loop.run(VALIDATION)
    left = {p.name for p in tmp_path.iterdir()} if tmp_path.exists() else set()
    assert left == ({"best", "last"} if failing == 2 else set())
    new_loop(tmp_path, settings).run(VALIDATION)
    whole = new_loop(tmp_path / "whole", settings)
    whole.run(VALIDATION)
    again = new_loop(tmp_path, settings)
    again.run(VALIDATION)
    assert same(tuned(again), tuned(whole))


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    loop = new_loop(tmp_path)
    with torch.no_grad():
        next(p for p in loop.model.parameters() if p.requires_grad).fill_(float("nan"))
    with pytest.raises(ModelError, match="nan at step 0; lower the learning rate"):
        loop.run(VALIDATION)
    assert not any(tmp_path.iterdir())


def test_every_step_is_reported_once_and_tokens_are_counted(tmp_path: Path) -> None:
    seen: list[tuple[int, int, float]] = []
    loop = new_loop(
        tmp_path, report=lambda progress, loss: seen.append((progress.step, progress.tokens, loss))
    )
    progress = loop.run(VALIDATION)
    assert [step for step, _, _ in seen] == list(range(1, SHORT.steps + 1))
    assert [tokens for _, tokens, _ in seen] == sorted({tokens for _, tokens, _ in seen})
    assert all(loss > 0 for _, _, loss in seen)
    assert progress.seconds > 0


def test_evaluation_means_each_task_and_all_examples(tmp_path: Path) -> None:
    loop = new_loop(tmp_path, replace(SHORT, batch_size=5))
    found = loop.evaluate(VALIDATION)
    tasks = {e.task for e in VALIDATION}
    assert set(found) == tasks | {"loss"}
    shares = {task: sum(e.task == task for e in VALIDATION) / len(VALIDATION) for task in tasks}
    assert found["loss"] == pytest.approx(sum(found[t] * shares[t] for t in tasks))
    assert loop.evaluate(VALIDATION) == found


def test_timing_steps_changes_nothing(tmp_path: Path) -> None:
    loop = new_loop(tmp_path)
    before = tuned(loop)
    assert loop.time_steps(2) > 0
    assert same(before, tuned(loop))
    assert loop.progress == Progress()
    assert not any(tmp_path.iterdir())
    loop.run(VALIDATION)
    assert new_loop(tmp_path / "one", replace(SHORT, pool=1)).time_steps(2) > 0
    untimed = new_loop(tmp_path / "untimed")
    untimed.run(VALIDATION)
    assert same(tuned(loop), tuned(untimed))


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    "changed",
    [{"accumulate": 3}, {"gradient_checkpointing": True}, {"most_tokens": 60}, {"most_tokens": 1}],
)
def test_pieces_and_checkpointed_layers_change_the_memory_and_nothing_else(
    tmp_path: Path, changed: dict[str, Any], objective: str
) -> None:
    def ended(name: str, settings: LoopSettings) -> tuple[list[torch.Tensor], Progress]:
        torch.manual_seed(0)
        model = attach(causal_lm("llama"), AdapterSettings("lora", rank=4, lowest_layer=0))
        loss = objective_of(objective, TREE, film_prior())
        loop = Loop(model, TREE, loss, draw, settings, tmp_path / name)
        progress = loop.run(VALIDATION)
        return tuned(loop), progress

    settings = replace(SHORT, steps=3, batch_size=7)
    plain, there = ended("plain", settings)
    other, here = ended("other", replace(settings, **changed))
    for left, right in zip(plain, other, strict=True):
        torch.testing.assert_close(left, right, atol=1e-4, rtol=1e-3)
    assert there.tokens == here.tokens
    assert there.best_loss == pytest.approx(here.best_loss, rel=1e-4)


def test_checkpointed_layers_really_are_computed_twice(tmp_path: Path) -> None:
    loop = new_loop(tmp_path, replace(SHORT, gradient_checkpointing=True))
    calls: list[int] = []
    attention = loop.model.get_base_model().model.layers[0].self_attn
    attention.register_forward_hook(lambda *_: calls.append(1))
    loop.time_steps(1)
    assert len(calls) == 4, "two steps, there and back"


@pytest.mark.parametrize("method", ["prefix", "prompt", "option"])
def test_checkpointed_layers_and_virtual_tokens_do_not_go_together(
    tmp_path: Path, method: str
) -> None:
    with pytest.raises(ConfigError, match="does not go with virtual tokens"):
        new_loop(tmp_path, replace(SHORT, gradient_checkpointing=True), method=method)


@pytest.mark.parametrize("accumulate", [0, 5])
def test_pieces_without_an_example_are_refused(tmp_path: Path, accumulate: int) -> None:
    with pytest.raises(ConfigError, match="4 examples cannot be read by 1 processes in"):
        new_loop(tmp_path, replace(SHORT, accumulate=accumulate))


def test_another_objective_is_refused_when_resuming(tmp_path: Path) -> None:
    new_loop(tmp_path).run(VALIDATION, until=0)
    model = attach(causal_lm("llama"), AdapterSettings("lora", rank=4, lowest_layer=0))
    loss = objective_of("lm", TREE, film_prior())
    with pytest.raises(ConfigError, match="'objective': 'catalog'"):
        Loop(model, TREE, loss, draw, SHORT, tmp_path).run(VALIDATION)
