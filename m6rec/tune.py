"""``tune``: from a catalog and its histories to a model folder, within a time budget, resumable.

While it runs, the state is kept beside the target in ``DIR.tuning``; the model folder itself appears
whole, when everything is done. The same call resumes an interrupted run.
"""

import json
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from m6rec.assembly import DEFAULT_CATALOG, UNHEARD, noun_of, prompt_writer
from m6rec.atomic import read_manifest, replaced_folder, write_text
from m6rec.base_model import base_model_folder
from m6rec.candidates.crowd import Massive, Training, learn
from m6rec.candidates.crowd import save as save_crowd
from m6rec.catalog import Catalog
from m6rec.config import Config
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.loading import choose_dtype, load_causal_lm, load_language_model
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.voices import Chorus, Voice
from m6rec.errors import CatalogError, ModelFolderError
from m6rec.home import home
from m6rec.index import index_catalog
from m6rec.interactions import Interactions
from m6rec.model_folder import Manifest
from m6rec.pairs.curriculum import Curriculum
from m6rec.pairs.histories import LONGEST
from m6rec.progress import shown_share, shown_status
from m6rec.prompts import load_template
from m6rec.sources import read_catalog, read_interactions
from m6rec.sources.movielens import load_default
from m6rec.tuning.adapters import AdapterSettings, attach
from m6rec.tuning.examples import Example, ExampleMaker
from m6rec.tuning.loop import Loop, LoopSettings
from m6rec.tuning.objective import CatalogLoss
from m6rec.vocabulary import Vocabulary

MINUTES = 15.0
VALIDATION = 240
PRIOR_POPULARITY = 0.4
"""How loud popularity is in the prior that tuning adds to."""
TUNED_VOICES = {"neutral": 1.0, "popularity": 0.3, "popularity_within": 1.4, "titles": 0.6}
"""Dials of decoding after tuning, chosen on eval/requests/development.jsonl (eval/LOG.md)."""
TRIAL_STEPS = 4
"""Steps that are timed, after one that is not, to turn minutes into a number of steps."""


def tune(  # noqa: PLR0913 - the options of `m6rec tune`, keyword-only
    catalog: str | Path,
    interactions: str | Path | None = None,
    *,
    out: str | Path,
    base: str | None = None,
    method: str = "lora",
    minutes: float | None = None,
    load_in_4bit: bool = False,
    seed: int = 0,
    resume: bool = False,
    adapter: AdapterSettings | None = None,
) -> Path:
    """Tune a base model on a catalog and write a model folder.

    The model never learns from each user's last choice, so that it can be judged on it. The crowd learns from
    all choices: an evaluation trains it anew on what it may know.

    Args:
        catalog: A file of items, or a known catalog's name.
        interactions: A file of who chose what; the known catalog has its own.
        out: The model folder to write.
        base: Base model; None for the default.
        method: Tuning method, see `m6rec.tuning.adapters.METHODS`.
        minutes: How long to tune; None for 15.
        load_in_4bit: Keep the frozen weights in 4 bits (bitsandbytes NF4).
        seed: Of everything drawn.
        resume: Go on where an interrupted run into `out` stopped.
        adapter: Size of the adapter; None for the default of the method.

    Returns:
        The model folder.

    Raises:
        ModelFolderError: `out` is already there, or an interrupted run is and `resume` is False.
        CatalogError: A file cannot be used.
        MissingExtraError: 4 bits were asked for without bitsandbytes.
    """
    out = Path(out)
    work = out.with_name(out.name + ".tuning")
    _check_target(out, work, resume)
    items, known, choices = _data(catalog, interactions)
    if len(items) < 2:
        raise CatalogError(
            f"{items.name} has one item, so there is nothing to choose and nothing to learn; tune on "
            "a larger catalog"
        )
    config = Config()
    config = replace(
        config,
        model=replace(config.model, base=base or config.model.base),
        prompt=replace(config.prompt, noun=noun_of(items), history=LONGEST),
        voices=replace(config.voices, **TUNED_VOICES),
    )
    settings = adapter or AdapterSettings(method)
    base_folder = base_model_folder(config.model.base)
    job = _Job(items, choices, config, base_folder, settings, seed, load_in_4bit=load_in_4bit)
    scores = job.run(work, minutes or MINUTES)
    crowd = {} if choices is None else learned_crowd(choices, len(items), seed)
    manifest = Manifest(
        base=config.model.base,
        method=settings.method,
        catalog=known,
        index_key=job.index.key,
        template=f"{config.prompt.template} {load_template(config.prompt.template).content_hash}",
        seed=seed,
        versions={name: version(name) for name in ("m6rec", "torch", "transformers", "peft")},
        scores=scores,
    )
    with replaced_folder(out, manifest.as_dict()) as part:
        write_text(part / "config.toml", config.to_toml())
        weights = part / ("model" if settings.method == "full" else "adapter")
        tokenizer = base_folder if settings.method == "full" else None
        _copy_weights(work / "best", weights, config.model.base, tokenizer)
        if not known:
            items.save(part / "catalog.jsonl")
            if choices is not None:
                choices.save(part / "interactions.parquet")
        # Tuning learned what to add to the base model with its neutral request divided out, so
        # that is what decoding divides out: the tuned model's own lowers precision on the development
        # requests from 0.71 to 0.56 (eval/LOG.md).
        job.neutral.save(part / "neutral.f16")
        save_crowd(crowd, part / "crowd", [item.item_id for item in items])
    shutil.rmtree(work)
    return out


def learned_crowd(choices: Interactions, n_items: int, seed: int) -> dict[str, Massive]:
    """Train what the crowd keeps, and show how it goes.

    Raises:
        ModelError: A source cannot be trained on this.
    """
    with ExitStack() as shown:
        bars: dict[str, Callable[[int, str], None]] = {}

        def progress(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = shown.enter_context(shown_share(f"training {name}", total))
            bars[name](done, "passes over the choices")

        return learn(choices, n_items, Training(seed=seed, progress=progress))


def _check_target(out: Path, work: Path, resume: bool) -> None:
    if read_manifest(out) or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise ModelFolderError(f"{out} is already there; choose another --out or remove it first")
    if work.exists() and not resume:
        raise ModelFolderError(
            f"{work} holds an interrupted run; go on with --resume, or remove it to start anew"
        )


def _data(
    catalog: str | Path, interactions: str | Path | None
) -> tuple[Catalog, str, Interactions | None]:
    """The items, their known name or "", and who chose what."""
    if str(catalog) == DEFAULT_CATALOG and interactions is None:
        items, choices = load_default()
        return items, DEFAULT_CATALOG, choices
    items = read_catalog(catalog)
    return items, "", None if interactions is None else read_interactions(interactions, items)


class _Job:
    """One tuning run: its data, model and progress."""

    def __init__(
        self,
        catalog: Catalog,
        choices: Interactions | None,
        config: Config,
        base: Path,
        adapter: AdapterSettings,
        seed: int,
        *,
        load_in_4bit: bool,
    ) -> None:
        self.config, self.base, self.adapter, self.seed = config, base, adapter, seed
        self._choices = choices
        self._load_in_4bit = load_in_4bit
        self._vocabulary = Vocabulary.load()
        self._writer = prompt_writer(config)
        self._weights = catalog.popularity + UNHEARD
        language_model, self.codec = load_language_model(base, config.model.dtype)
        with shown_status("indexing the catalog", None):
            self.index = index_catalog(
                catalog, self.codec, self._vocabulary, store=home() / "index"
            )
        with shown_status("reading the neutral request", None):
            self._prior = self._prior_under(language_model)

    def _prior_under(self, model: LanguageModel) -> NDArray[np.float64]:
        """Voices minus the base model's neutral request: what tuning starts from."""
        voices = self.config.voices
        self.neutral = self._neutral_table(model)
        spoken = Chorus(self.index.tree, [Voice("popularity", PRIOR_POPULARITY, self._weights)])
        return spoken.everywhere() - voices.neutral * self.neutral.values.astype(np.float64)

    def _neutral_table(self, model: LanguageModel) -> NeutralTable:
        ids = self.codec.prompt(self._writer.write(self.config.prompt.neutral))
        table = NeutralTable(self.index.tree, model, ids)
        table.fill(range(self.index.tree.n_nodes))
        return table

    def run(self, work: Path, minutes: float) -> dict[str, float]:
        """Tune; the best adapter is in ``work/best`` afterwards. Returns validation losses."""
        maker = ExampleMaker(
            self.index, self.codec, self._writer, prior=self._prior, item_weights=self._weights
        )
        noun = self.config.prompt.noun.lower()
        curriculum = Curriculum(self.index, self._vocabulary, noun, self._choices)
        rng = np.random.default_rng([self.seed, 1])
        judged = [maker.make(pair, rng) for pair in curriculum.validation(VALIDATION, rng)]
        validation = [example for example in judged if example is not None]

        def draw(rng: np.random.Generator) -> Example:
            while True:
                example = maker.make(curriculum.draw(rng), rng)
                if example is not None:
                    return example

        torch.manual_seed(self.seed)
        model = attach(self._base_model(), self.adapter)
        loss = CatalogLoss(self.index.tree, self._prior)
        trial = LoopSettings(steps=1, seed=self.seed)
        steps = _steps(work, minutes, lambda: Loop(model, self.index.tree, loss, draw, trial, work))
        settings = LoopSettings(
            steps=steps, seed=self.seed, validate_every=max(10, min(100, steps // 5))
        )
        with shown_share("tuning", steps) as shown:
            loop = Loop(
                model, self.index.tree, loss, draw, settings, work,
                lambda at, value: shown(
                    at.step, f"loss {value:.3f}, {at.tokens / at.seconds:.0f} tokens/s"
                ),
            )  # fmt: skip
            before = loop.evaluate(validation) if not (work / "last").exists() else {}
            progress = loop.run(validation)
        best = min(progress.history, key=lambda entry: entry["loss"])
        first = {"loss_before": before["loss"]} if before else {}
        return {**first, **best, "minutes": progress.seconds / 60}

    def _base_model(self) -> torch.nn.Module:
        dtype, _ = choose_dtype(self.config.model.dtype)
        model: torch.nn.Module = load_causal_lm(self.base, dtype, load_in_4bit=self._load_in_4bit)[
            0
        ]
        return model


def _steps(work: Path, minutes: float, trial: Callable[[], Loop]) -> int:
    """How many steps fit into the minutes: measured once, then kept for every resume."""
    plan = work / "plan.json"
    if plan.is_file():
        return int(json.loads(plan.read_text(encoding="utf-8"))["steps"])
    seconds = trial().time_steps(TRIAL_STEPS)
    steps = max(1, int(minutes * 60 / seconds))
    work.mkdir(parents=True, exist_ok=True)
    write_text(plan, json.dumps({"steps": steps, "seconds_per_step": seconds}))
    return steps


def _copy_weights(source: Path, target: Path, base: str, tokenizer: Path | None) -> None:
    """Copy what PEFT or transformers saved, without the loop's manifest; bf16 halves an adapter."""
    from safetensors.torch import load_file, save_file

    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.suffix == ".safetensors":
            tensors = {k: v.to(torch.bfloat16) for k, v in load_file(path).items()}
            save_file(tensors, target / path.name, metadata={"format": "pt"})
            (target / path.name).chmod((target / "..").resolve().stat().st_mode & 0o666)
        elif path.name == "adapter_config.json":
            config = json.loads(path.read_text(encoding="utf-8"))
            # PEFT notes the folder the base was loaded from, which means nothing elsewhere.
            config["base_model_name_or_path"] = base
            write_text(target / path.name, json.dumps(config, indent=2, sort_keys=True) + "\n")
        elif path.name in {"config.json", "generation_config.json"}:
            (target / path.name).write_bytes(path.read_bytes())
    if tokenizer is not None:
        for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
            if (tokenizer / name).is_file():
                (target / name).write_bytes((tokenizer / name).read_bytes())
