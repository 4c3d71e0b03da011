"""A tokenizer and language models small enough to check everything by brute force.

Weights are random but seeded, in float32, and large enough that the models have opinions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from m6rec.decoding.voices import Voice
from m6rec.tree import PrefixTree, build

VOCABULARY = 320
END = 0
"""The terminator of hand-made paths; no other token of theirs."""
ARCHITECTURES = ("llama", "gpt2")
TOLERANCE = 1e-4
_TEXT = (
    "User: I want some comedy movies\nMovie: comedy 1990s: Groundhog Day\n"
    "User: a scary western\nMovie: western 1980s: Pale Rider\n"
    " starring Keanu Reeves: The Matrix\n directed by Ridley Scott: Alien\n"
)


@cache
def tokenizer(size: int = VOCABULARY) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer trained on a few lines; any text survives it unchanged."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|end|>"],
        show_progress=False,
    )
    bpe.train_from_iterator([_TEXT] * 4, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|end|>", clean_up_tokenization_spaces=False
    )


def causal_lm(architecture: str = "llama", seed: int = 0) -> Any:
    """A new Hugging Face model that may be damaged; 2 layers, hidden size 32."""
    before = torch.get_rng_state()
    torch.manual_seed(seed)
    if architecture == "llama":
        model: Any = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=VOCABULARY,
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=4,
                num_key_value_heads=2,
                max_position_embeddings=1024,
                initializer_range=0.3,
                tie_word_embeddings=True,
            )
        )
    else:
        model = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=VOCABULARY,
                n_embd=32,
                n_layer=2,
                n_head=4,
                n_positions=1024,
                initializer_range=0.3,
                bos_token_id=0,
                eos_token_id=0,
            )
        )
    torch.set_rng_state(before)
    return model.float().eval()


@cache
def shared_lm(architecture: str = "llama", seed: int = 0) -> Any:
    """The same, made once; not to be changed."""
    return causal_lm(architecture, seed)


@dataclass(frozen=True)
class Toy:
    """Paths of made-up tokens, the items they name, and a prompt."""

    paths: tuple[tuple[int, ...], ...]
    rows: tuple[int, ...]
    prompt: tuple[int, ...] = (7, 8, 9)

    @property
    def n_items(self) -> int:
        return max(self.rows) + 1

    @property
    def tree(self) -> PrefixTree:
        return build(self.paths, self.rows)


@dataclass(frozen=True)
class Speakers:
    """Who speaks at a node besides the language model, for `path_log_probs`."""

    lm_weight: float = 1.0
    voices: tuple[Voice, ...] = ()
    neutral_weight: float = 0.0
    neutral_prompt: tuple[int, ...] = field(default=(3, 4))


def path_sets(
    min_size: int = 1, max_size: int = 12, tokens: st.SearchStrategy[int] | None = None
) -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Different paths in any order, some of them the beginning of others but for the end."""
    token = st.integers(1, 4) if tokens is None else tokens
    bodies = st.lists(token, min_size=1, max_size=5).map(tuple)
    return st.lists(bodies, min_size=min_size, max_size=max_size, unique=True).map(
        lambda found: [(*body, END) for body in found]
    )


@st.composite
def toys(draw: st.DrawFn, min_size: int = 1, max_size: int = 12) -> Toy:
    """A catalog whose items have one or more paths each."""
    paths = draw(path_sets(min_size, max_size))
    wanted = draw(st.lists(st.integers(0, 7), min_size=len(paths), max_size=len(paths)))
    names = {name: row for row, name in enumerate(dict.fromkeys(wanted))}
    prompt = draw(st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=6))
    return Toy(tuple(paths), tuple(names[name] for name in wanted), tuple(prompt))


def branchings(paths: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], list[int]]:
    """Every prefix after which there is a choice, and the tokens to choose from."""
    after: dict[tuple[int, ...], set[int]] = {}
    for path in paths:
        for depth, token in enumerate(path):
            after.setdefault(path[:depth], set()).add(token)
    return {prefix: sorted(tokens) for prefix, tokens in after.items() if len(tokens) > 1}


def log_softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    peak = scores.max()
    shifted: NDArray[np.float64] = scores - peak
    log_probs: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum())
    return log_probs


@torch.inference_mode()
def full_logits(model: Any, ids: Sequence[int]) -> NDArray[np.float64]:
    """Logits after every token by one plain forward pass: no cache, no mask, the whole head."""
    logits: torch.Tensor = model(torch.tensor([list(ids)]), use_cache=False).logits[0]
    return logits.double().numpy()


def path_log_probs(model: Any, toy: Toy, speakers: Speakers | None = None) -> NDArray[np.float64]:
    """log P of every path by brute force, straight from the definition."""
    speakers = speakers or Speakers()
    choices = branchings(toy.paths)
    scored: dict[tuple[int, ...], Mapping[int, float]] = {}
    for path in toy.paths:
        inner = path[:-1]
        after = full_logits(model, (*toy.prompt, *inner))[len(toy.prompt) - 1 :]
        neutral = None
        if speakers.neutral_weight:
            ids = (*speakers.neutral_prompt, *inner)
            neutral = full_logits(model, ids)[len(speakers.neutral_prompt) - 1 :]
        for depth in range(len(path)):
            prefix = path[:depth]
            if prefix not in choices or prefix in scored:
                continue
            tokens = choices[prefix]
            scores = speakers.lm_weight * after[depth][tokens]
            if neutral is not None:
                scores = scores - speakers.neutral_weight * log_softmax(neutral[depth][tokens])
            for voice in speakers.voices:
                mass = [_mass_below(toy, voice, (*prefix, token)) for token in tokens]
                scores = scores + voice.weight * np.log(mass)
            scored[prefix] = dict(zip(tokens, log_softmax(scores).tolist(), strict=True))
    return np.array(
        [
            sum(scored[path[:d]][path[d]] for d in range(len(path)) if path[:d] in scored)
            for path in toy.paths
        ],
        dtype=np.float64,
    )


def _mass_below(toy: Toy, voice: Voice, prefix: tuple[int, ...]) -> float:
    return float(
        sum(
            voice.item_weights[row]
            for path, row in zip(toy.paths, toy.rows, strict=True)
            if path[: len(prefix)] == prefix
        )
    )


def best_of_items(toy: Toy, log_probs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each item's best path, shape (n_items,)."""
    best = np.full(toy.n_items, -np.inf)
    np.maximum.at(best, np.array(toy.rows), log_probs)
    return best
