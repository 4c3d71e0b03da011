"""From a text pair to what is learned: prompt tokens, tree nodes to read, and soft targets there.

The target at a node is not one path but the share of what fits below each child:

    target(child) ~ exp(prior(child)) * (fitting mass below the child) / (all mass below it)

so the model only has to say how well each child fits the request; how common the child is stays the
business of the voices, now as in decoding (the logit adjustment of Menon et al., arXiv 2007.07314).
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.codec import Codec
from m6rec.index import CatalogIndex
from m6rec.prompts import PromptWriter
from m6rec.records import TextPair
from m6rec.tree import LEAF


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One prompt and the tree nodes read after it.

    Attributes:
        task: The pair's task.
        prompt: Token ids.
        nodes: Branching nodes, parents before children, the root first.
        targets: For each node a probability per child, float32.
        paths: The paths that were drawn, as indices into the tree's; one may be there twice.
        answer: What is answered to a question of yes or no, which has no nodes; None elsewhere.
    """

    task: str
    prompt: list[int]
    nodes: list[int]
    targets: list[NDArray[np.float32]]
    paths: tuple[int, ...] = ()
    answer: bool | None = None


class ExampleMaker:
    """Turns pairs into examples for one catalog.

    Args:
        index: The catalog and its tree.
        codec: The tokenizer.
        writer: Writes the prompts, exactly as decoding will.
        prior: What the voices add to each child's logit, shape (n_children,).
        item_weights: The mass of each item, positive, shape (n_items,).
        paths: How many paths are drawn per pair; they share the prompt and their common beginning.
    """

    def __init__(
        self,
        index: CatalogIndex,
        codec: Codec,
        writer: PromptWriter,
        *,
        prior: NDArray[np.float64],
        item_weights: NDArray[np.float64],
        paths: int = 3,
    ) -> None:
        self._index = index
        self._tree = index.tree
        self._codec = codec
        self._writer = writer
        self._prior = prior
        self._weights = item_weights[self._tree.rows]
        self._mass = self._tree.below(self._tree.cumulated(item_weights))
        self._n_paths = paths
        self._paths_of_row: dict[int, list[int]] = defaultdict(list)
        for path, row in enumerate(self._tree.rows.tolist()):
            self._paths_of_row[row].append(path)
        self._paths_of_text = self._granted()

    def make(self, pair: TextPair, rng: np.random.Generator) -> Example | None:
        """The example of a pair; None when no path of the catalog fits it."""
        fitting = self._fitting(pair)
        if fitting is not None and not len(fitting):
            return None
        titles = tuple(self._index.catalog[item].title for item in pair.liked)
        prompt = self._codec.prompt(self._writer.write(pair.request, titles))
        if pair.answer is not None:
            return Example(pair.task, prompt, [], [], answer=pair.answer)
        targets: dict[int, NDArray[np.float64]] = {}
        paths = tuple(self._walk(fitting, targets, rng) for _ in range(self._n_paths))
        nodes = sorted(targets, key=lambda n: (int(self._tree.node_depth[n]), n))
        soft = [targets[n].astype(np.float32) for n in nodes]
        return Example(pair.task, prompt, nodes, soft, paths)

    def _granted(self) -> dict[str, list[int]]:
        """The paths that fit each description: those that say it, where paths say all there is."""
        describer, catalog = self._index.describer, self._index.catalog
        told = list(describer.tell(catalog))
        granted: dict[str, list[int]] = defaultdict(list)
        if describer.plan.describe == "several":
            for path, origin in enumerate(self._tree.origin.tolist()):
                granted[told[origin].text].append(path)
        else:
            for description in told:
                granted[description.text] += self._paths_of_row[description.row]
        return granted

    def _fitting(self, pair: TextPair) -> NDArray[np.int64] | None:
        """Indices of the paths that fit, sorted; None when all do."""
        found: NDArray[np.int64] | None = None
        if pair.descriptions:
            paths = [p for text in pair.descriptions for p in self._paths_of_text.get(text, ())]
            found = np.unique(np.array(paths, dtype=np.int64))
        if pair.item_ids:
            rows = [self._index.catalog.row(item) for item in pair.item_ids]
            of_items = np.unique([p for row in rows for p in self._paths_of_row[row]])
            found = of_items if found is None else np.intersect1d(found, of_items)
        return found

    def _walk(
        self,
        fitting: NDArray[np.int64] | None,
        targets: dict[int, NDArray[np.float64]],
        rng: np.random.Generator,
    ) -> int:
        """Draw one path from the target distribution, noting the target at each node."""
        sums = None
        if fitting is not None:
            sums = np.concatenate([[0.0], np.cumsum(self._weights[fitting])])
        node, path = (0 if self._tree.n_nodes else LEAF), 0
        while node != LEAF:
            if node not in targets:
                targets[node] = self._target(node, fitting, sums)
            children = self._tree.children(node)
            chosen = int(rng.choice(len(targets[node]), p=targets[node]))
            path = int(self._tree.child_lo[children][chosen])
            node = int(self._tree.child_node[children][chosen])
        return path

    def _target(
        self,
        node: int,
        fitting: NDArray[np.int64] | None,
        sums: NDArray[np.float64] | None,
    ) -> NDArray[np.float64]:
        children = self._tree.children(node)
        prior = self._prior[children]
        chance: NDArray[np.float64] = np.exp(prior - prior.max())
        if fitting is not None and sums is not None:
            low = np.searchsorted(fitting, self._tree.child_lo[children])
            high = np.searchsorted(fitting, self._tree.child_hi[children])
            chance = chance * (sums[high] - sums[low]) / self._mass[children]
        chance /= chance.sum()
        return chance
