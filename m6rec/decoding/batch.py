"""Many questions at once: what each search wants to read next goes into one call of the model.

The answers are those of asking one by one. A call with few tokens costs nearly as much as one with thirty, so
the searches share theirs: the prompts stand in one row, blind to each other, and every branch continues
its own.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from m6rec.decoding.distribution import CatalogDistribution, Question
from m6rec.decoding.frontier import Frontier, SearchResult
from m6rec.decoding.reader import TreeReader
from m6rec.decoding.search import plan, top_k

TOGETHER = 8
"""Searches that share a call: every token attends to the whole row, so more stop paying off."""


def top_k_many(
    distribution: CatalogDistribution,
    questions: Sequence[Question],
    k: Sequence[int],
    *,
    allowed: Sequence[NDArray[np.bool_] | None] | None = None,
    width: int = 16,
    max_tokens: int | None = None,
) -> list[tuple[TreeReader, SearchResult]]:
    """The k most likely items for each of many questions.

    Args:
        distribution: The model and the tree.
        questions: Any number.
        k: For each question how many items.
        allowed: For each question the items that may be named; None allows all everywhere.
        width: How many nodes a search opens in one call.
        max_tokens: As in `m6rec.decoding.search.top_k`, for each search.

    Returns:
        For each question, in order, the reader that found the list and the list.

    Raises:
        RequestError: A prompt is empty or longer than the model can read; then nothing is answered.
    """
    masks = allowed if allowed is not None else [None] * len(questions)
    found: dict[int, tuple[TreeReader, SearchResult]] = {}
    for at, question in enumerate(questions):
        if not question.lm_weight:  # reads nothing, so it has no call to share
            silent = distribution.ask(question)
            found[at] = silent, top_k(silent, k[at], allowed=masks[at], width=width)
    spoken = [at for at in range(len(questions)) if at not in found]
    for low in range(0, len(spoken), TOGETHER):
        some = spoken[low : low + TOGETHER]
        readers = distribution.ask_many([questions[at] for at in some])
        frontiers = [
            Frontier(reader, k[at], masks[at]) for at, reader in zip(some, readers, strict=True)
        ]
        _prove(frontiers, width, max_tokens)
        for at, reader, frontier in zip(some, readers, frontiers, strict=True):
            found[at] = reader, frontier.result()
    return [found[at] for at in range(len(questions))]


def _prove(frontiers: Sequence[Frontier], width: int, max_tokens: int | None) -> None:
    """Open nodes of all searches, call by call, until every list is proven or given up."""
    while waiting := [f for f in frontiers if not f.settled(max_tokens)]:
        batches = [(f, next(f.reader.batches(plan(f, width)))) for f in waiting]
        branches = waiting[0].reader.branches
        begin = branches.read_tokens
        segments, ancestors = [], []
        for frontier, nodes in batches:
            edges, above = frontier.reader.segments(nodes, begin)
            segments += edges
            ancestors += above
            begin += sum(map(len, edges))
            frontier.calls += 1
        hidden, _ = branches.read(segments, ancestors)
        ends = np.cumsum([len(nodes) for _, nodes in batches])[:-1]
        for (frontier, nodes), rows in zip(
            batches, torch.tensor_split(hidden, ends.tolist()), strict=True
        ):
            frontier.reader.settle(nodes, rows)
            frontier.advance()
