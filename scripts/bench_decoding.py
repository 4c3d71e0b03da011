"""Time the catalog search beside `generate` with `prefix_allowed_tokens_fn`: same prompts, same run.

    python scripts/bench_decoding.py --out runs/bench.json [--prompts 30] [--beams 10 50]

Times are medians over prompts, ratios are medians of each prompt's ratio. The floor is the prompt and one
pass over as many tokens as the search read: less is not possible with this model.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from m6rec.asking import Asker
from m6rec.assembly import assemble, merged_model
from m6rec.atomic import write_text
from m6rec.base_model import base_model_folder
from m6rec.config import Config
from m6rec.decoding.batch import top_k_many
from m6rec.decoding.distribution import Question
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.loading import load_causal_lm, load_language_model
from m6rec.decoding.score import score
from m6rec.decoding.search import top_k
from m6rec.evaluation.requests import read_requests
from m6rec.model_folder import shipped_folder
from m6rec.profile import Profile
from m6rec.recommender import Recommender
from m6rec.wishes import Wish

REQUESTS = Path(__file__).parents[1] / "eval" / "requests"
Figures = dict[str, float]


class Bench:
    """The shipped model, its tree, and prompts of the request sets."""

    def __init__(self, n_prompts: int, dtype: str) -> None:
        folder = shipped_folder()
        config = Config.load(folder.config) if folder else Config()
        self.parts = assemble(None, None, config.with_values({"model": {"dtype": dtype}}))
        self.model, self.tree = self.parts.distribution.model, self.parts.index.tree
        self.width = self.parts.config.search.width
        cases = [
            case.request
            for name in ("templates", "free")
            for case in read_requests(REQUESTS / f"{name}.jsonl")
        ]
        asker, everything = Asker(self.parts), np.ones(len(self.parts.index.catalog), np.bool_)
        self.requests = cases[:: max(1, len(cases) // n_prompts)][:n_prompts]
        self.questions = [
            asker.question(Wish(text), Profile(), everything, 10) for text in self.requests
        ]

    def ids(self, question: Question) -> list[int]:
        """The prompt's token ids."""
        return self.parts.codec.prompt(question.prompt)

    def search(self, question: Question, k: int) -> tuple[float, int, int]:
        """Answer from nothing; seconds, branch tokens and calls."""
        self.parts.distribution.prompts.clear()
        begin = time.perf_counter()
        result = top_k(self.parts.distribution.ask(question), k, width=self.width)
        if not result.exact:
            raise SystemExit("a list was not proven; the comparison would not be fair")
        return time.perf_counter() - begin, result.tokens, result.calls

    def floor(self, question: Question, n_tokens: int) -> float:
        """Seconds for the prompt and one pass over `n_tokens` after it."""
        ids = self.ids(question)
        begin = time.perf_counter()
        state = self.model.read(ids)
        if n_tokens:
            self.model.branch(state).read([[ids[-1]] * n_tokens], [()])
        return time.perf_counter() - begin


class Stopwatch:
    """Adds up the time spent in the model: forward passes, and the head's rows."""

    def __init__(self, model: LanguageModel) -> None:
        self.seconds = 0.0
        for name in ("_forward", "logits"):
            setattr(model, name, self._timed(getattr(model, name)))

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*arguments)
            finally:
                self.seconds += time.perf_counter() - begin

        return timed


def median(values: Iterable[float]) -> float:
    """The median, rounded to four digits that matter."""
    return float(f"{statistics.median(values):.4g}")


def ours(bench: Bench, k: int) -> tuple[Figures, list[float]]:
    """The exact search: time, tokens, calls, against the floor, and what is not the model."""
    inside = Stopwatch(bench.model)
    rows = []
    bench.search(bench.questions[0], k)
    for question in bench.questions:
        inside.seconds = 0.0
        seconds, tokens, calls = bench.search(question, k)
        outside = 1 - inside.seconds / seconds
        rows.append((seconds, tokens, calls, seconds / bench.floor(question, tokens), outside))
    columns = list(zip(*rows, strict=True))
    return {
        "ms": median(1000 * s for s in columns[0]),
        "tokens": median(columns[1]),
        "calls": median(columns[2]),
        "times the floor": median(columns[3]),
        "outside the model": median(columns[4]),
    }, list(columns[0])


def peer(bench: Bench, beams: int) -> list[float]:
    """Beam search of transformers, held inside the same paths by a callback over nested dicts."""
    folder = shipped_folder()
    weights = merged_model(folder) if folder else base_model_folder(bench.parts.config.model.base)
    model, _ = load_causal_lm(weights, bench.model.dtype)
    root: dict[int, Any] = {}
    for path in range(bench.tree.n_paths):
        node = root
        for token in bench.tree.path(path).tolist():
            node = node.setdefault(token, {})
    end = bench.parts.codec.terminator
    took = []
    for question in [bench.questions[0], *bench.questions]:  # the first one warms up
        ids = torch.tensor([bench.ids(question)])

        def allowed(_: int, sentence: torch.Tensor, start: int = ids.shape[1]) -> list[int]:
            node = root
            for token in sentence[start:].tolist():
                node = node.get(token, {})
            return list(node) or [end]

        begin = time.perf_counter()
        with torch.inference_mode():
            model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                num_beams=beams,
                num_return_sequences=beams,
                max_new_tokens=40,
                eos_token_id=end,
                pad_token_id=end,
                prefix_allowed_tokens_fn=allowed,
                do_sample=False,
            )
        took.append(time.perf_counter() - begin)
    return took[1:]


def without_neutral(bench: Bench) -> Figures:
    """What dividing the neutral request out costs: with a full table, and with an empty one."""
    plain = [replace(q, neutral_weight=0.0) for q in bench.questions]
    off, on, cold = [], [], []
    neutral, known = bench.parts.distribution.neutral, bench.parts.distribution.neutral.values
    for silent, question in zip(plain, bench.questions, strict=True):
        off.append(bench.search(silent, 10)[0])
        on.append(bench.search(question, 10)[0])
        neutral.values = np.full_like(known, np.nan)
        cold.append(bench.search(question, 10)[0])
        neutral.values = known
    pairs = [(b / a, c / a) for a, b, c in zip(off, on, cold, strict=True)]
    return {
        "stored, times without": median(a for a, _ in pairs),
        "nothing stored, times without": median(b for _, b in pairs),
    }


def second_turn(bench: Bench) -> Figures:
    """A prompt that continues another: tokens of the new text, and tokens that were read for it."""
    first = bench.questions[0]
    more = replace(first, prompt=first.prompt + " Alien\nUser: something newer, please\nMovie:")
    bench.parts.distribution.prompts.clear()
    bench.parts.distribution.ask(first)
    before = bench.model.tokens
    bench.parts.distribution.ask(more)
    return {
        "new tokens": len(bench.ids(more)) - len(bench.ids(first)),
        "tokens read": bench.model.tokens - before,
    }


def batches(bench: Bench, n: int) -> Figures:
    """`n` prompts together against one by one: throughput, and whether the answers agree."""
    questions = (bench.questions * (n // len(bench.questions) + 1))[:n]
    for question in bench.questions:  # the neutral request's table is filled for both
        bench.search(question, 10)
    begin = time.perf_counter()
    together = top_k_many(bench.parts.distribution, questions, [10] * n, width=bench.width)
    many = time.perf_counter() - begin
    begin, alone = time.perf_counter(), []
    for question in questions:
        bench.parts.distribution.prompts.clear()
        alone.append(top_k(bench.parts.distribution.ask(question), 10, width=bench.width))
    one_by_one = time.perf_counter() - begin
    same, apart = 0, []
    for (_, left), right in zip(together, alone, strict=True):
        same += [f.row for f in left.found] == [f.row for f in right.found]
        known = {f.path: f.log_prob for f in right.found}
        apart += [abs(f.log_prob - known[f.path]) for f in left.found if f.path in known]
    return {
        "times one by one": float(f"{one_by_one / many:.3g}"),
        "same lists": same / n,
        "log-probs apart, median": median(apart),
        "log-probs apart, most": float(f"{max(apart):.3g}"),
    }


LIKED = ("Toy Story", "Heat", "Fargo")
"""What the person of the blend likes."""
DIALS = {"novelty": 0.1, "freshness": 0.1, "lesser_known": 0.3, "diversity": 1.0}


def blended(bench: Bench) -> Figures:
    """Words, likes and every dial of the list on, against the language model alone on the words."""
    recommender = Recommender(bench.parts)
    off = dict.fromkeys(
        ("popularity", "popularity_within", "kinds", "kinds_within", "mentioned", "taste", "crowd"),
        0.0,
    )
    config = recommender.config
    alone = recommender.variant(config.with_values({"voices": off}))
    blend = recommender.variant(config.with_values({"ranking": DIALS}))
    took: list[tuple[float, float, float]] = []
    for text in [bench.requests[0], *bench.requests]:  # the first one warms up
        lists = (
            alone.recommend(text),
            recommender.recommend(text, liked=LIKED),
            blend.recommend(text, liked=LIKED),
        )
        took.append(tuple(one.elapsed_ms for one in lists))  # type: ignore[arg-type]
    took = took[1:]
    return {
        "model alone ms": median(a for a, _, _ in took),
        "with likes, times": median(b / a for a, b, _ in took),
        "with likes and dials, times": median(c / a for a, _, c in took),
    }


def formats(bench: Bench) -> Figures:
    """Calls of 24 tokens in the chosen format, in int8 and in float32."""
    folder = shipped_folder()
    weights = merged_model(folder) if folder else base_model_folder(bench.parts.config.model.base)
    ids = bench.ids(bench.questions[0])
    figures: Figures = {}
    for name in ("auto", "int8", "float32"):
        model, _ = load_language_model(weights, name)
        state, took = model.read(ids), []
        for _ in range(15):
            branches = model.branch(state)
            begin = time.perf_counter()
            branches.read([[ids[-1]] * 24], [()])
            took.append(time.perf_counter() - begin)
        figures[f"{name} ms"] = median(1000 * t for t in took)
    return figures


def total(bench: Bench) -> Figures:
    """The sum of P(item) over the whole catalog, in float32, for one prompt."""
    folder = shipped_folder()
    weights = merged_model(folder) if folder else base_model_folder(bench.parts.config.model.base)
    bench.parts.distribution.model = load_language_model(weights, "float32")[0]
    bench.parts.distribution.prompts.clear()
    bench.parts.distribution.prompts._model = bench.parts.distribution.model
    reader = bench.parts.distribution.ask(replace(bench.questions[0], neutral_weight=0.0))
    rows = range(len(bench.parts.index.catalog))
    return {"sum of P(item)": float(np.exp([one.total for one in score(reader, rows)]).sum())}


def main() -> None:
    """Print a table and write it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prompts", type=int, default=30)
    parser.add_argument("--beams", type=int, nargs="*", default=[10, 50])
    parser.add_argument("--dtype", default="auto", help="number format of the model")
    parser.add_argument("--blend", action="store_true", help="time the blend and nothing else")
    parser.add_argument("--sum", action="store_true", help="also add up P(item): some minutes")
    chosen = parser.parse_args()
    bench = Bench(chosen.prompts, chosen.dtype)
    results: dict[str, Figures] = {}

    def note(name: str, figures: Figures) -> None:
        results[name] = figures
        print(f"{name:24}", *(f"{key} {value:g}" for key, value in figures.items()), sep="  ")

    if chosen.blend:
        note("blend", blended(bench))
        write_text(chosen.out, json.dumps(results, indent=2) + "\n")
        return
    note("batches of 64 prompts", batches(bench, 64))
    note("neutral request", without_neutral(bench))
    note("second turn", second_turn(bench))
    note("blend", blended(bench))
    for k in (10, 50):
        figures, seconds = ours(bench, k)
        note(f"exact top-{k}", figures)
        if k in chosen.beams:
            theirs = peer(bench, k)
            ratios = (b / a for a, b in zip(seconds, theirs, strict=True))
            ms = median(1000 * s for s in theirs)
            note(f"generate, {k} beams", {"ms": ms, "times ours": median(ratios)})
    if chosen.dtype == "auto":
        note("number formats", formats(bench))
    if chosen.sum:
        note("whole catalog, float32", total(bench))
    write_text(chosen.out, json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
