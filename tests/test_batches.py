"""Batches: a tree laid out in one row is read as each of its branches would be, read alone.

Run: pytest tests/test_batches.py -n 0
"""

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from m6rec.tuning.batches import by_length, collate, nodes_length, within
from m6rec.tuning.examples import Example
from tests.tiny import ARCHITECTURES, TOLERANCE, shared_lm, tokenizer
from tests.tiny_catalogs import film_examples, film_index

TREE = film_index().tree


def length(example: Example) -> int:
    return nodes_length(example, TREE)


@given(st.integers(1, 400), st.integers(0, 12))
@settings(deadline=None)
def test_pieces_hold_all_examples_in_order_and_few_enough_tokens(most: int, n: int) -> None:
    examples = sorted(film_examples(12)[:n], key=length)
    pieces = list(within(examples, most, length))
    assert [e for piece in pieces for e in piece] == examples
    assert all(len(piece) == 1 or len(piece) * length(piece[-1]) <= most for piece in pieces)
    for piece, after in pairwise(pieces):
        assert (len(piece) + 1) * length(after[0]) > most, "the next one would have fitted"


def prefix(node: int) -> list[int]:
    """Tokens from the start of a path to where it branches at `node`."""
    path = TREE.path(int(TREE.node_lo[node]))
    return [int(token) for token in path[: int(TREE.node_depth[node])]]


@torch.inference_mode()
def read_alone(model: Any, ids: list[int]) -> Tensor:
    """Hidden state after the last token, by one plain pass: no mask, no cache, no padding."""
    hidden: Tensor = model.base_model(
        input_ids=torch.tensor([ids]), use_cache=False
    ).last_hidden_state[0, -1]
    return hidden


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_hidden_states_equal_those_of_each_branch_read_alone(architecture: str) -> None:
    model = shared_lm(architecture)
    examples = film_examples(9)
    assert len({len(e.prompt) for e in examples}) > 1, "some rows must be padded"
    assert max(len(e.nodes) for e in examples) > 4
    batch = collate(examples, TREE)
    with torch.inference_mode():
        hidden = model.base_model(
            input_ids=batch.ids,
            position_ids=batch.positions,
            attention_mask=batch.seen,
            use_cache=False,
        ).last_hidden_state
    chosen = hidden.reshape(-1, hidden.shape[-1])[batch.label_at]
    alone = [read_alone(model, [*e.prompt, *prefix(n)]) for e in examples for n in e.nodes]
    assert torch.isfinite(hidden).all()
    torch.testing.assert_close(chosen, torch.stack(alone), atol=TOLERANCE, rtol=TOLERANCE)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_stands_in_other_rows_changes_nothing(architecture: str) -> None:
    model = shared_lm(architecture)
    short, *others = sorted(film_examples(12), key=lambda e: len(e.prompt))

    def read(examples: list[Example]) -> Tensor:
        batch = collate(examples, TREE)
        with torch.inference_mode():
            hidden: Tensor = model.base_model(
                input_ids=batch.ids,
                position_ids=batch.positions,
                attention_mask=batch.seen,
                use_cache=False,
            ).last_hidden_state
        return hidden.reshape(-1, hidden.shape[-1])[batch.label_at[: len(short.nodes)]]

    torch.testing.assert_close(
        read([short]), read([short, *others]), atol=TOLERANCE, rtol=TOLERANCE
    )


def test_children_counts_and_targets_follow_the_nodes_in_order() -> None:
    examples = film_examples(6)
    batch = collate(examples, TREE)
    nodes = [node for example in examples for node in example.nodes]
    expected = [list(range(TREE.children(n).start, TREE.children(n).stop)) for n in nodes]
    assert batch.counts.tolist() == [len(children) for children in expected]
    assert batch.children.tolist() == [child for children in expected for child in children]
    targets = np.concatenate([t for example in examples for t in example.targets])
    assert np.array_equal(batch.targets.numpy(), targets)
    assert len(batch.label_at) == len(nodes)


def test_a_row_holds_every_edge_once_and_the_padding_sees_only_itself() -> None:
    examples = film_examples(6)
    batch = collate(examples, TREE)
    lengths = []
    for row, example in enumerate(examples):
        edges = sum(
            int(TREE.node_depth[node]) - (int(TREE.node_depth[TREE.parents[node]]) if node else 0)
            for node in example.nodes
        )
        size = len(example.prompt) + edges
        lengths.append(size)
        padding = batch.seen[row, 0, size:]
        assert torch.equal(padding, torch.eye(batch.ids.shape[1], dtype=torch.bool)[size:])
        assert not batch.seen[row, 0, :size, size:].any()
    assert batch.n_tokens == sum(lengths)
    assert batch.ids.shape == (len(examples), max(lengths))


def test_no_token_sees_a_later_one() -> None:
    seen = collate(film_examples(6), TREE).seen[:, 0]
    assert torch.equal(seen, torch.tril(seen))


def test_the_text_of_a_row_is_the_prompt_and_the_edges() -> None:
    (example,) = film_examples(1, seed=5)
    batch = collate([example], TREE)
    text = str(tokenizer().decode(batch.ids[0, : len(example.prompt)]))
    assert text.startswith("User: ")
    assert text.endswith("Movie:")
    position = batch.positions[0].tolist()
    for node, at in zip(example.nodes, batch.label_at.tolist(), strict=True):
        # Positions count along the branch, whatever stands between in the row.
        assert position[at] == len(example.prompt) + int(TREE.node_depth[node]) - 1


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 30), st.integers(1, 12))
def test_batches_by_length_keep_every_example_once(n: int, size: int) -> None:
    examples = _EXAMPLES[:n]
    batches = list(by_length(examples, size, length))
    assert Counter(id(e) for batch in batches for e in batch) == Counter(id(e) for e in examples)
    assert all(len(batch) == size for batch in batches[:-1])
    assert 1 <= len(batches[-1]) <= size
    longest = [collate(batch, TREE).ids.shape[1] for batch in batches]
    assert longest == sorted(longest)


def test_no_examples_make_no_batches() -> None:
    assert list(by_length([], 4, length)) == []


_EXAMPLES = film_examples(30, seed=8)
