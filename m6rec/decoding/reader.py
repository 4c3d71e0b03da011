"""Log-probabilities of the children of tree nodes, after one prompt.

At every branching node the LM's logits of the allowed children, a prior (voices, and the neutral
request with a minus sign) and nothing else are normalised over the children. Multiplied along a
path this is a distribution over the catalog's paths: it sums to one, has no length bias, and a
forced token contributes exactly 1.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from m6rec.decoding.language_model import Branches, LanguageModel, Place, PromptState, Span
from m6rec.errors import ConfigError
from m6rec.tree import PrefixTree

TOKENS_PER_CALL = 512
"""Longest branch read in one call; more are split, since the mask grows with the square."""


class Correction(Protocol):
    """Something added to the logits of a node's children, known for any node."""

    def at(self, nodes: Sequence[int]) -> NDArray[np.float64]:
        """What is added for the children of `nodes`, one node after the other."""
        ...


class TreeReader:
    """Opens nodes of a tree after one prompt and remembers what it has read.

    Args:
        tree: The catalog's prefix tree.
        model: The language model.
        prompt: The prompt as read by `model`, by itself or among others; None where `lm_weight` is 0,
            then nothing is ever read.
        prior: The voices: added before normalising, and what is guessed of nodes not yet opened;
            None adds nothing. A child with -inf can never be chosen.
        correction: A further addition, to the model's own logits.
        lm_weight: What the LM's logits are multiplied by; 0 leaves the prior alone.
        evidence: What the logits and the correction are multiplied by at each node, shape (n_nodes,);
            None counts them fully everywhere.
    """

    def __init__(
        self,
        tree: PrefixTree,
        model: LanguageModel,
        prompt: PromptState | Place | None,
        *,
        prior: Correction | None = None,
        correction: Correction | None = None,
        lm_weight: float = 1.0,
        evidence: NDArray[np.float64] | None = None,
    ) -> None:
        self.tree = tree
        self._model = model
        self._prior = prior
        self._correction = correction
        self._lm_weight = lm_weight
        self._evidence = evidence
        if isinstance(prompt, PromptState):
            prompt = Place(model.branch(prompt), (), prompt.hidden, prompt.words)
        if prompt is None and lm_weight:
            raise ConfigError(
                f"the model speaks (weight {lm_weight}) without a prompt; give it one"
            )
        self._place = prompt
        self.read_tokens = 0
        self._spans: dict[int, tuple[Span, ...]] = {}
        self._log_probs: dict[int, NDArray[np.float64]] = {}
        self._logits: dict[int, NDArray[np.float64]] = {}
        if tree.n_nodes:
            self._open_root()

    @property
    def branches(self) -> Branches:
        """What the edges are read into; shared when the prompt was read among others.

        Raises:
            ConfigError: There is no prompt, so there is nothing to read into.
        """
        if self._place is None:
            raise ConfigError("a reader without a prompt reads nothing; open its nodes instead")
        return self._place.branches

    def is_open(self, node: int) -> bool:
        """Whether the node's children have been scored."""
        return node in self._log_probs

    def children(self, node: int) -> NDArray[np.float64]:
        """Log P(child | node, prompt) of an open node, shape (n children of the node,)."""
        return self._log_probs[node]

    def lm(self, node: int) -> NDArray[np.float64]:
        """The language model's own log P(child | node, prompt) of an open node, no prior."""
        logits = self._logits[node]
        return segment_log_softmax(logits, np.array([0, len(logits)]))

    def guess(self, node: int) -> NDArray[np.float64]:
        """What log P(child | node) would be if the model had no opinion, shape (n children,).

        Needs no reading; good enough to choose what to read next.
        """
        children = self.tree.children(node)
        size = children.stop - children.start
        spoken = np.zeros(size) if self._prior is None else self._prior.at([node])
        return segment_log_softmax(spoken, np.array([0, size]))

    def open(self, nodes: Sequence[int]) -> None:
        """Score the children of nodes, their unopened ancestors included.

        Args:
            nodes: Branching nodes in any order; open ones cost nothing.
        """
        for batch in self.batches(nodes):
            if self._place is None:
                self.settle(batch, None)
                continue
            segments, ancestors = self.segments(batch, self._place.branches.read_tokens)
            hidden, _ = self._place.branches.read(segments, ancestors)
            self.settle(batch, hidden)

    def batches(self, nodes: Sequence[int]) -> Iterator[list[int]]:
        """What has to be read to open nodes: unopened nodes, parents before their children.

        Each batch is short enough for one call and must be settled before the next is asked for.
        """
        missing: set[int] = set()
        for node in nodes:
            while node not in self._log_probs and node not in missing:
                missing.add(node)
                node = int(self.tree.parents[node])  # noqa: PLW2901 - climbs to an open ancestor
        batch: list[int] = []
        length = 0
        for node in sorted(missing, key=lambda n: (int(self.tree.node_depth[n]), n)):
            size = int(self.tree.node_depth[node] - self._parent_depth(node))
            if batch and length + size > TOKENS_PER_CALL:
                yield batch
                batch, length = [], 0
            batch.append(node)
            length += size
        if batch:
            yield batch

    def segments(
        self, nodes: Sequence[int], begin: int
    ) -> tuple[list[list[int]], list[tuple[Span, ...]]]:
        """The edges into nodes and what each continues, for `Branches.read`.

        Args:
            nodes: A batch of `batches`.
            begin: Where in the branches the first edge will stand.
        """
        segments, ancestors = [], []
        for node in nodes:
            edge = self.tree.edge(self._parent_depth(node), node).tolist()
            above = self._spans[int(self.tree.parents[node])]
            segments.append(edge)
            ancestors.append(above)
            self._spans[node] = (*above, (begin, begin + len(edge)))
            begin += len(edge)
        self.read_tokens += sum(map(len, segments))
        return segments, ancestors

    def _parent_depth(self, node: int) -> int:
        return int(self.tree.node_depth[self.tree.parents[node]])

    def _open_root(self) -> None:
        if self._place is None:
            self.settle([0], None)
            return
        # Paths may all begin with the same forced tokens; then even the root has an edge to read.
        forced = self.tree.path(0)[: int(self.tree.node_depth[0])].tolist()
        self._spans[0] = self._place.above
        hidden = self._place.hidden[None]
        if forced:
            hidden, spans = self._place.branches.read([forced], [self._place.above])
            self._spans[0] = (*self._place.above, *spans)
            self.read_tokens += len(forced)
        self.settle([0], hidden)

    def settle(self, nodes: Sequence[int], hidden: torch.Tensor | None) -> None:
        """Turn the hidden state at each node into log-probabilities of its children.

        Args:
            nodes: A batch whose edges have been read.
            hidden: Hidden state after each edge. *Shape:* (n nodes, hidden_size). None without a prompt.
        """
        tree = self.tree
        slices = [tree.children(node) for node in nodes]
        counts = np.array([s.stop - s.start for s in slices])
        children = np.concatenate([np.arange(s.start, s.stop) for s in slices])
        begins = np.concatenate([[0], np.cumsum(counts)])
        scores = np.zeros(len(children))
        if self._lm_weight and hidden is not None:
            ids = torch.from_numpy(tree.child_token[children].astype(np.int64))
            repeats = torch.from_numpy(counts).to(hidden.device)
            rows = hidden if len(nodes) == 1 else hidden.repeat_interleave(repeats, dim=0)
            logits = self._model.logits(rows[0] if len(nodes) == 1 else rows, ids.to(hidden.device))
            raw = logits.cpu().numpy().astype(np.float64)
            for node, begin, end in zip(nodes, begins[:-1], begins[1:], strict=True):
                self._logits[node] = raw[begin:end]
            scores = self._lm_weight * raw
        if self._correction is not None:
            scores += self._correction.at(nodes)
        if self._evidence is not None:
            scores *= np.repeat(self._evidence[list(nodes)], counts)
        if self._prior is not None:
            scores += self._prior.at(nodes)
        log_probs = segment_log_softmax(scores, begins)
        for node, begin, end in zip(nodes, begins[:-1], begins[1:], strict=True):
            self._log_probs[node] = log_probs[begin:end]


def segment_log_softmax(
    scores: NDArray[np.float64], begins: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Log-softmax within consecutive segments.

    Args:
        scores: Shape (n,); -inf means impossible.
        begins: Where each segment begins, then n; no segment is empty.

    Returns:
        Shape (n,); a segment whose scores are all -inf stays all -inf.
    """
    counts = np.diff(begins)
    peak = np.maximum.reduceat(scores, begins[:-1])
    safe = np.where(np.isfinite(peak), peak, 0.0)
    shifted = scores - np.repeat(safe, counts)
    total = np.add.reduceat(np.exp(shifted), begins[:-1])
    with np.errstate(divide="ignore"):
        log_total = np.log(total)
    log_total = np.where(np.isfinite(peak), log_total, 0.0)
    log_probs: NDArray[np.float64] = shifted - np.repeat(log_total, counts)
    return log_probs
