"""Time the catalog search beside `generate` with `prefix_allowed_tokens_fn`, same prompts, same run.

    python scripts/bench_decoding.py --out runs/bench.json [--prompts 30] [--peer-prompts 30]

Every figure is a median over prompts; ratios are of medians. The floor is one forward pass over as many
tokens as the search read, after the same prompt: less is not possible with this model.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from m6rec.assembly import Parts, assemble, merged_model
from m6rec.atomic import write_text
from m6rec.base_model import base_model_folder
from m6rec.decoding.distribution import Question
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.loading import load_causal_lm
from m6rec.decoding.search import SearchResult, top_k
from m6rec.decoding.voices import Voice
from m6rec.evaluation.plan import REQUEST_FILES
from m6rec.evaluation.requests import read_requests
from m6rec.model_folder import shipped_folder


def main() -> None:
    """Print a table and write it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prompts", type=int, default=30)
    parser.add_argument("--peer-prompts", type=int, default=30)
    parser.add_argument("--model", help="model folder; default: the shipped one")
    chosen = parser.parse_args()
    parts = assemble(chosen.model, None, None)
    requests = [case.request for file in REQUEST_FILES for case in read_requests(file)]
    step = max(1, len(requests) // chosen.prompts)
    prompts = [parts.writer.write(text) for text in requests[::step][: chosen.prompts]]
    results: dict[str, Any] = {}
    for k in (10, 50):
        results[f"search top-{k}"] = ours(parts, prompts, k)
        results[f"generate {k} beams"] = peer(parts, prompts[: chosen.peer_prompts], k)
        ratio = results[f"generate {k} beams"]["ms"] / results[f"search top-{k}"]["ms"]
        results[f"speed-up at {k}"] = {"ratio": round(ratio, 2)}
    for name, figures in results.items():
        print(f"{name:22}", *(f"{key} {value:g}" for key, value in figures.items()), sep="  ")
    write_text(chosen.out, json.dumps(results, indent=2) + "\n")


def question(parts: Parts, prompt: str) -> Question:
    """What a request of one sentence asks, with the voices of the settings."""
    voices = parts.config.voices
    popularity = parts.index.catalog.popularity + 1
    return Question(
        prompt,
        (Voice("popularity", voices.popularity, popularity),),
        voices.language_model,
        voices.neutral,
    )


def ours(parts: Parts, prompts: list[str], k: int) -> dict[str, float]:
    """The search, prompt included: time, tokens, calls, the floor, and the time outside the model."""
    distribution, model = parts.distribution, parts.distribution.model
    inside = Stopwatch(model)
    took, tokens, calls, floors, outside = [], [], [], [], []
    for prompt in [prompts[0], *prompts]:  # the first one warms up and is dropped
        inside.seconds = 0.0
        distribution.forget()
        begin = time.perf_counter()
        reader = distribution.ask(question(parts, prompt))
        result: SearchResult = top_k(reader, k, width=parts.config.search.width)
        whole = time.perf_counter() - begin
        took.append(whole * 1000)
        tokens.append(result.tokens)
        calls.append(result.calls)
        outside.append(1 - inside.seconds / whole)
        floors.append(floor(parts, prompt, result.tokens))
    ratio = [a / b for a, b in zip(took[1:], floors[1:], strict=True)]
    return {
        "ms": round(statistics.median(took[1:]), 1),
        "tokens": statistics.median(tokens[1:]),
        "calls": statistics.median(calls[1:]),
        "of the floor": round(statistics.median(ratio), 2),
        "outside the model": round(statistics.median(outside[1:]), 3),
    }


class Stopwatch:
    """Adds up the time spent inside the model's forward passes."""

    def __init__(self, model: LanguageModel) -> None:
        self.seconds = 0.0
        forward: Callable[..., Any] = model._forward

        def timed(*arguments: Any) -> Any:
            begin = time.perf_counter()
            try:
                return forward(*arguments)
            finally:
                self.seconds += time.perf_counter() - begin

        model._forward = timed  # type: ignore[method-assign, assignment]


def floor(parts: Parts, prompt: str, n_tokens: int) -> float:
    """Milliseconds of the prompt and one pass over `n_tokens` after it."""
    model = parts.distribution.model
    ids = parts.codec.prompt(prompt)
    begin = time.perf_counter()
    state = model.read(ids)
    if n_tokens:
        model.branch(state).read([[ids[-1]] * n_tokens], [()])
    return (time.perf_counter() - begin) * 1000


def peer(parts: Parts, prompts: list[str], beams: int) -> dict[str, float]:
    """Beam search of transformers, held inside the same paths by a callback over a nested dict."""
    folder = shipped_folder()
    weights = merged_model(folder) if folder else base_model_folder(parts.config.model.base)
    model, _ = load_causal_lm(weights, parts.distribution.model.dtype)
    tree = parts.index.tree
    root: dict[int, Any] = {}
    for path in range(tree.n_paths):
        node = root
        for token in tree.path(path).tolist():
            node = node.setdefault(token, {})
    end = parts.codec.terminator
    took = []
    for prompt in [prompts[0], *prompts]:
        ids = torch.tensor([parts.codec.prompt(prompt)])
        start = ids.shape[1]

        def allowed(_: int, sentence: torch.Tensor, start: int = start) -> list[int]:
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
        took.append((time.perf_counter() - begin) * 1000)
    return {"ms": round(statistics.median(took[1:]), 1)}


if __name__ == "__main__":
    main()
