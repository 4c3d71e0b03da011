"""A causal language model seen from the tree: a prompt read once, then branches tried against it.

`LanguageModel` wraps any Hugging Face causal LM. The prompt's keys and values are kept and shared
by every branch: nodes of the tree attend to the prompt and to their own ancestors through a 4-D
mask in one batch row, so nothing is copied or reordered per branch. Only the head's rows of the
children that are allowed are ever computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.cache_utils import DynamicCache

from m6rec.errors import ModelError, RequestError
from m6rec.start import Start

Span = tuple[int, int]
"""Half-open interval of positions among the branch tokens read so far."""
WORDS_AT = (0.2, 0.5)
"""How far up the layers words are still told apart: behind layers 6 and 15 of 30. What a wish asks for shows
better there and at the end together than in any one place (`eval/LOG.md`)."""


@dataclass
class PromptState:
    """A prompt that has been read.

    Attributes:
        ids: Token ids of the prompt.
        keys_values: Per layer the keys and values, each (1, n_kv_heads, n, head_dim), where n is
            len(ids) and the virtual tokens that the model starts with.
        hidden: Hidden state of the last token, shape (hidden_size,).
        words: States of all tokens at `WORDS_AT`, shape (len(ids), len(WORDS_AT) * hidden_size).
    """

    ids: tuple[int, ...]
    keys_values: list[tuple[Tensor, Tensor]]
    hidden: Tensor
    words: Tensor


@dataclass
class Place:
    """Where branches of a tree begin: behind a prompt, alone or among the prompts of others.

    Attributes:
        branches: What the branches are read into.
        above: Spans of `branches` that every branch continues.
        hidden: Hidden state of the prompt's last token, shape (hidden_size,).
        words: States of all its tokens at `WORDS_AT`, as in `PromptState`.
    """

    branches: "Branches"
    above: tuple[Span, ...]
    hidden: Tensor
    words: Tensor


class LanguageModel:
    """The body and head of a causal LM, and counts of what it has read.

    Args:
        model: A Hugging Face causal LM.
        start: What it reads before every prompt; None for nothing.

    Attributes:
        start: The prompt that every other one continues: no tokens of text, but the virtual ones.
        n_virtual: Virtual tokens before every prompt; positions of text count from there.
        options: Class weights of no and yes, *Shape:* (2, hidden_size), when they were tuned.
        tokens: Tokens read since the start, prompts included.
        calls: Forward passes since the start.
    """

    def __init__(self, model: Any, start: Start | None = None) -> None:
        self._body = model.base_model
        head = model.get_output_embeddings()
        self._head: Tensor = head.weight
        self._bias: Tensor | None = getattr(head, "bias", None)
        config = model.config.get_text_config()
        self._softcap: float | None = getattr(config, "final_logit_softcapping", None)
        self.dtype = self._head.dtype
        self.device = self._head.device
        learned = start.keys_values if start else []
        before = [(keys.to(self.device), values.to(self.device)) for keys, values in learned]
        self.n_virtual = before[0][0].shape[2] if before else 0
        n_layers = int(config.num_hidden_layers)
        self._words_at = [max(1, round(share * n_layers)) for share in WORDS_AT]
        nothing = torch.empty((0, len(WORDS_AT) * int(config.hidden_size)), dtype=self.dtype)
        self.start = PromptState((), before, torch.empty(0), nothing.to(self.device))
        self.options = None if start is None else start.options
        longest = int(getattr(config, "max_position_embeddings", 1 << 20))
        self.longest_prompt = longest - 64 - self.n_virtual
        self.tokens = 0
        self.calls = 0

    @torch.inference_mode()
    def read(self, ids: Sequence[int], reuse: PromptState | None = None) -> PromptState:
        """Read a prompt, taking over keys and values up to the first token that differs.

        Args:
            ids: Token ids, at least one.
            reuse: A prompt read earlier by this model; it is not changed.

        Raises:
            RequestError: The prompt is empty or longer than the model can read.
        """
        ids = tuple(ids)
        self._check(ids)
        reuse = reuse or self.start
        kept = common_prefix(ids, reuse.ids)
        if kept == len(ids) == len(reuse.ids):
            return reuse
        # The last token is always read anew: its hidden state is what the first choice needs.
        kept = min(kept, len(ids) - 1)
        stored, total = self.n_virtual + kept, self.n_virtual + len(ids)
        cache = DynamicCache()
        if stored:
            for layer, (keys, values) in enumerate(reuse.keys_values):
                cache.update(keys[:, :, :stored], values[:, :, :stored], layer)
        output = self._forward(list(ids[kept:]), list(range(stored, total)), None, cache)
        words = torch.cat([reuse.words[:kept], self._words(output)])
        return PromptState(ids, _keys_values(cache), output.last_hidden_state[0, -1], words)

    @torch.inference_mode()
    def branch(self, prompt: PromptState) -> "Branches":
        """Start trying branches after a prompt; the prompt itself is never changed."""
        return Branches(self, prompt)

    def read_many(self, prompts: Sequence[Sequence[int]]) -> list[Place]:
        """Read several prompts in one call; each is blind to the others.

        They share one row: the branches of all can then be read together, without padding.

        Args:
            prompts: Token ids of each, at least one each.

        Raises:
            RequestError: A prompt is empty or longer than the model can read.
        """
        for ids in prompts:
            self._check(ids)
        branches = Branches(self, None)
        output, spans = branches.read_whole(prompts, [()] * len(prompts))
        hidden, words = output.last_hidden_state[0], self._words(output)
        return [
            Place(branches, ((low, high),), hidden[high - 1], words[low:high])
            for low, high in spans
        ]

    def _words(self, output: Any) -> Tensor:
        return torch.cat([output.hidden_states[layer][0] for layer in self._words_at], dim=-1)

    def _check(self, ids: Sequence[int]) -> None:
        if not ids or len(ids) > self.longest_prompt:
            raise RequestError(
                f"the request has {len(ids)} tokens and the model reads 1 to "
                f"{self.longest_prompt}; shorten it"
            )

    @torch.inference_mode()
    def logits(self, hidden: Tensor, token_ids: Tensor) -> Tensor:
        """Logits of chosen tokens in float32.

        Args:
            hidden: *Shape:* (hidden_size,) or (n, hidden_size) paired row by row with `token_ids`.
            token_ids: *Shape:* (n,).

        Raises:
            ModelError: A logit is not finite.
        """
        rows = self._head.index_select(0, token_ids).float()
        logits = rows @ hidden.float() if hidden.dim() == 1 else (rows * hidden.float()).sum(-1)
        if self._bias is not None:
            logits = logits + self._bias.index_select(0, token_ids).float()
        if self._softcap:
            logits = torch.tanh(logits / self._softcap) * self._softcap
        if not torch.isfinite(logits).all():
            raise ModelError(
                "the language model returned a logit that is not finite; the weights are damaged "
                "or the number format is too narrow: load it in float32 or tune it again"
            )
        return logits

    def _forward(
        self, ids: list[int], positions: list[int], mask: Tensor | None, cache: DynamicCache
    ) -> Any:
        """What the body returns for one row of tokens: its last states, and those of all layers."""
        self.tokens += len(ids)
        self.calls += 1
        return self._body(
            input_ids=torch.tensor([ids], device=self.device),
            position_ids=torch.tensor([positions], device=self.device),
            attention_mask=mask,
            past_key_values=cache,
            use_cache=True,
            output_hidden_states=True,
        )


class Branches:
    """Branch tokens read after one prompt, or after none.

    Positions of branch tokens count from 0 in the order they were read; a token sees the prompt,
    its ancestors' spans, and the tokens before it in its own segment.
    """

    def __init__(self, model: LanguageModel, prompt: PromptState | None) -> None:
        self._model = model
        prompt = prompt or model.start
        self._prompt_length = model.n_virtual + len(prompt.ids)
        self._cache = DynamicCache()
        for layer, (keys, values) in enumerate(prompt.keys_values):
            self._cache.update(keys, values, layer)
        self.read_tokens = 0

    def read(
        self, segments: Sequence[Sequence[int]], ancestors: Sequence[Sequence[Span]]
    ) -> tuple[Tensor, list[Span]]:
        """Read several segments in one call.

        Args:
            segments: Token ids of each edge, none empty.
            ancestors: For each segment the spans it continues, root first; a span may belong to an
                earlier segment of the same call.

        Returns:
            Hidden state after the last token of each segment, *Shape:* (n_segments, hidden_size),
            and the span each segment now has.
        """
        first = self.read_tokens
        output, spans = self.read_whole(segments, ancestors)
        hidden = output.last_hidden_state[0]
        ends = torch.tensor([high - first - 1 for _, high in spans], device=hidden.device)
        return hidden[ends], spans

    @torch.inference_mode()
    def read_whole(
        self, segments: Sequence[Sequence[int]], ancestors: Sequence[Sequence[Span]]
    ) -> tuple[Any, list[Span]]:
        """As `read`, but with all that the body returns for every token of the segments."""
        spans: list[Span] = []
        begin = self.read_tokens
        for segment in segments:
            spans.append((begin, begin + len(segment)))
            begin += len(segment)
        total, first, prompt = begin, self.read_tokens, self._prompt_length
        seen = torch.zeros((total - first, prompt + total), dtype=torch.bool)
        seen[:, :prompt] = True
        positions: list[int] = []
        for (low, high), spans_above in zip(spans, ancestors, strict=True):
            rows = slice(low - first, high - first)
            depth = prompt
            for above_low, above_high in spans_above:
                seen[rows, prompt + above_low : prompt + above_high] = True
                depth += above_high - above_low
            size = high - low
            seen[rows, prompt + low : prompt + high] = torch.ones(size, size).tril().bool()
            positions.extend(range(depth, depth + size))
        ids = [token for segment in segments for token in segment]
        mask = torch.zeros(seen.shape, dtype=self._model.dtype).masked_fill_(~seen, -torch.inf)
        mask = mask[None, None].to(self._model.device)
        output = self._model._forward(ids, positions, mask, self._cache)
        self.read_tokens = total
        return output, spans


def understood(read: PromptState | Place) -> NDArray[np.float32]:
    """What a probe is told of a prompt, shape ((1 + len(WORDS_AT)) * hidden_size,).

    The state at its end, and the mean of its words' states. The first token is left out: attention rests
    there, and its states are larger than all others by far.
    """
    words = read.words[1:] if len(read.words) > 1 else read.words
    told = torch.cat([read.hidden.float(), words.float().mean(dim=0)])
    states: NDArray[np.float32] = told.cpu().numpy()
    return states


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many leading tokens two sequences share."""
    for i, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return i
    return min(len(left), len(right))


def _keys_values(cache: DynamicCache) -> list[tuple[Tensor, Tensor]]:
    layers: list[Any] = cache.layers
    return [(layer.keys, layer.values) for layer in layers]
