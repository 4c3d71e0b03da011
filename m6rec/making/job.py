"""One tuning run: the model, the pairs, and the loop between them."""

import gc
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from m6rec.assembly import UNHEARD, merge_into, prompt_writer, with_examples
from m6rec.atomic import read_manifest
from m6rec.base_model import base_model_folder
from m6rec.codec import Codec
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.likelihood import answer_ids
from m6rec.decoding.loading import choose_dtype, load_causal_lm, load_language_model
from m6rec.decoding.probe import Probe
from m6rec.errors import CatalogError
from m6rec.facets import FacetPlan
from m6rec.home import home
from m6rec.index import index_catalog
from m6rec.making.budget import LEAST_SHARE, Clock, Plan
from m6rec.making.journal import Journal
from m6rec.making.licences import licence_of
from m6rec.making.order import Order
from m6rec.making.prior import neutral_request, prior_over
from m6rec.making.probing import FEWEST, drawn, learned_probe, seconds_for, wishes_of
from m6rec.making.processes import Processes
from m6rec.making.reattaching import reattach
from m6rec.pairs.kinds import KindWish
from m6rec.pairs.phrasebook import choose_phrasebook
from m6rec.progress import shown_share
from m6rec.tuning.adapters import AdapterSettings, attach, bare, method_of
from m6rec.tuning.examples import Example, ExampleMaker
from m6rec.tuning.loop import Loop, LoopSettings, Progress
from m6rec.tuning.objective import objective_of
from m6rec.vocabulary import Vocabulary

VALIDATION = 240
FEWEST_JUDGED = 24
"""Pairs to validate on: two for each item of a small catalog, within these bounds."""
PROBE_SHARE = 0.2
"""Share of the minutes that the probe may take; where there is more to read, some of it is drawn."""
TRIAL_SHARE = 0.04
"""Share of the minutes in which steps are timed."""
TRIAL_STEPS = (4, 12)
"""Steps that are timed at least and at most, after one that warms up."""
MOST_DRAWS = 1000
"""Pairs drawn in vain before a catalog is given up."""
NEUTRAL = "neutral.f16"


class Job:
    """One run, ready to go.

    Args:
        order: What is tuned on what.
        work: The state of the run.
        clock: Its time.
        together: The processes that share its steps.

    Attributes:
        plan: How many steps; known once the run has begun.
        judged: How many pairs of each task it is validated on; likewise.
    """

    plan: Plan
    judged: Counter[str]

    def __init__(self, order: Order, work: Path, clock: Clock, together: Processes) -> None:
        self.order, self._work, self._clock, self._together = order, work, clock, together
        self.base = base_model_folder(order.config.model.base)
        self._writer = prompt_writer(order.config)
        self._vocabulary = Vocabulary.load()
        self._weights = order.catalog.popularity + UNHEARD
        with clock.phase("loading the model"):
            whole = order.start is not None and order.adapter.method == "full"
            source = order.start.weights if order.start is not None and whole else self.base
            dtype, _ = choose_dtype(order.config.model.dtype)
            self._causal, tokenizer = load_causal_lm(source, dtype, load_in_4bit=order.load_in_4bit)
            self.codec = Codec(tokenizer)
        with (
            together.first_then_others(),
            clock.phase("indexing the catalog", "indexing the catalog"),
        ):
            plan = FacetPlan.choose(order.catalog, order.config.paths.describe)
            self.index = index_catalog(
                order.catalog, self.codec, self._vocabulary, plan=plan, store=home() / "index"
            )
        with (
            together.first_then_others(),
            clock.phase("reading the neutral request", "reading the neutral request"),
        ):
            neutral = neutral_request(
                order, self.index, self.codec, self._writer, self.base, self.neutral_file
            )
        self._prior = prior_over(self.index, self._weights, neutral, order.config.voices.neutral)
        noun = order.config.prompt.noun.lower()
        self.lessons = order.teach(self.index, self._vocabulary, noun)
        self._words = self._wishes()
        self._maker = ExampleMaker(
            self.index, self.codec, self._writer, prior=self._prior, item_weights=self._weights
        )

    def _wishes(self) -> list[KindWish]:
        """What the probe will be fitted on; none where nobody's words are known."""
        lead = self.index.describer.plan.lead
        if lead is None:
            return []
        book = choose_phrasebook({v for item in self.index.catalog for v in item.values(lead)})
        return wishes_of(book, self._vocabulary, lead, self.order.config.prompt.noun)

    def probe(self, weights: Path) -> Probe | None:
        """Fit the probe of the tuned model; None where nobody's words are known.

        The run's own model is given up for it: it would be a second one in memory.

        Args:
            weights: The folder of the adapter, or of the whole model, as it will be read.
        """
        del self._causal
        gc.collect()
        if len(self._words[: self.plan.wishes]) < FEWEST:
            return None
        settings = self.order.config
        with self._clock.phase("fitting the probe"):
            merged = merge_into(self.base, weights, self._work / "merged")
            model, codec = load_language_model(merged, settings.model.dtype)
            wishes = drawn(self._words, self.plan.wishes)
            return learned_probe(model, codec, self._writer, settings.prompt.noun, wishes)[0]

    @property
    def neutral_file(self) -> Path:
        """The table of the base model's neutral request, as it goes into the folder."""
        return self._work / NEUTRAL

    def told(self) -> dict[str, Any]:
        """What the journal says of the run."""
        order, plan = self.order, self.index.describer.plan
        loop = asdict(self._settings(Plan.of_steps(1)))
        for name in ("steps", "validate_every", "seed"):
            del loop[name]
        return {
            "catalog": order.catalog.name,
            "catalog_hash": order.catalog.content_hash[:16],
            "items": len(order.catalog),
            "paths": self.index.tree.n_paths,
            "fields": asdict(plan),
            "interactions": None if order.choices is None else len(order.choices),
            "users": 0 if order.choices is None else order.choices.n_users,
            "base": order.config.model.base,
            "licence": licence_of(order.config.model.base, self.base),
            "adapter": {k: v for k, v in asdict(order.adapter).items() if k != "method"},
            "objective": order.objective,
            "loop": loop,
            "dtype": str(self._causal.dtype).removeprefix("torch."),
            **order.facts,
        }

    def run(self, journal: Journal) -> Progress:
        """Tune; the best weights are in ``best`` of the run's state afterwards."""
        validation = self._validation()
        self.judged = Counter(example.task for example in validation)
        model = self._model()
        loss = objective_of(self.order.objective, self.index.tree, self._prior)

        def loop(plan: Plan, report: Callable[[Progress, float], None] | None = None) -> Loop:
            settings = self._settings(plan)
            answers = answer_ids(self.codec)
            return Loop(
                model, self.index.tree, loss, self._draw, settings, self._work, report, answers
            )

        is_first = self._together.is_first
        plan: Plan | None = self._together.agreed(Plan.load(self._work) if is_first else None)
        if plan is None:
            with self._clock.phase("timing steps", "timing steps"):
                timed = self._planned(loop(Plan.of_steps(1)), validation, journal)
            plan = self._together.agreed(timed)
            if is_first:
                timed.save(self._work)
        self.plan = plan
        if journal.first("plan") is None:
            journal.write("plan", **asdict(plan))
        journal.pace(plan.line_every, plan.steps)
        with shown_share("tuning", plan.steps) if is_first else nullcontext(_untold) as shown:

            def report(at: Progress, value: float) -> None:
                journal.step(at, value)
                shown(at.step, f"loss {value:.3f}, {at.tokens / at.seconds:.0f} tokens/s")

            going = loop(plan, report)
            if journal.first("validation", step=0) is None:
                journal.validation({"step": 0, **going.evaluate(validation)})
            done = (read_manifest(self._work / "last") or {}).get("step", 0)
            progress = going.run(validation, plan.ends(done))
        journal.validations(progress)
        return progress

    def _settings(self, plan: Plan) -> LoopSettings:
        given: dict[str, Any] = {
            "validate_every": plan.validate_every,
            "learning_rate": method_of(self.order.adapter.method).LEARNING_RATE,
            **self.order.loop,
        }
        return LoopSettings(steps=plan.steps, seed=self.order.seed, **given)

    @property
    def patience(self) -> int:
        """Validations without improvement after which the loop stops."""
        return self._settings(self.plan).patience

    def _planned(self, trial: Loop, validation: list[Example], journal: Journal) -> Plan:
        """How many steps fit into the time that is left, measured."""
        fewest, most = TRIAL_STEPS
        per_step = trial.time_steps(1)
        n = min(most, int(self._clock.share(TRIAL_SHARE) / per_step))
        per_step = trial.time_steps(max(fewest, n))
        begin = time.monotonic()
        journal.validation({"step": 0, **trial.evaluate(validation)})
        per_validation = time.monotonic() - begin
        # `time_steps` draws the examples of a pool before it looks at the clock.
        begin = time.monotonic()
        rng = np.random.default_rng(self.order.seed)
        for _ in range(trial.settings.batch_size):
            self._draw(rng)
        per_step += time.monotonic() - begin
        prompts = [self._writer.write(wish.text) for wish in self._words]
        per_wish = seconds_for(LanguageModel(bare(trial.model)), self.codec, prompts)
        n = min(len(prompts), int(self._clock.share(PROBE_SHARE) / per_wish)) if prompts else 0
        seconds = max(self._clock.left - n * per_wish, self._clock.share(LEAST_SHARE))
        plan = Plan.within(seconds, per_step, per_validation, self.order.most_steps)
        return replace(plan, wishes=n)

    def _model(self) -> Any:
        """The model with its adapter: a new one, or the one of the folder that is tuned further."""
        torch.manual_seed(self.order.seed)
        start = self.order.start
        if start is None or self.order.adapter.method == "full":
            return attach(self._causal, self._worded(self.order.adapter))
        return reattach(self._causal, start.weights, self.base)

    def _worded(self, adapter: AdapterSettings) -> AdapterSettings:
        """Virtual tokens begin as the worked examples that an untuned model is given."""
        shown = prompt_writer(with_examples(self.order.config, self.index)).write("")
        shots = shown.removesuffix(self._writer.write(""))
        initial = adapter.initial or tuple(self.codec.prompt(shots))
        return replace(adapter, initial=initial, answers=answer_ids(self.codec))

    def _validation(self) -> list[Example]:
        """The examples to judge by; the same for every run with this seed."""
        n = min(VALIDATION, max(FEWEST_JUDGED, 2 * len(self.order.catalog)))
        rng = np.random.default_rng([self.order.seed, 1])
        made = [self._maker.make(pair, rng) for pair in self.lessons.validation(n, rng)]
        return [example for example in made if example is not None]

    def _draw(self, rng: np.random.Generator) -> Example:
        for _ in range(MOST_DRAWS):
            example = self._maker.make(self.lessons.draw(rng), rng)
            if example is not None:
                return example
        raise CatalogError(
            f"nothing that {self.order.catalog.name} could be asked for fits any of its items; add a field "
            "that says what they are, or interactions"
        )


def _untold(_done: int, _words: str) -> None:
    """How it goes, in a process that shows nothing."""
