"""The catalog distribution: everything that is fixed between two requests.

P(path | text) = product over branching nodes of
softmax over the node's children of [ LM logits - a * neutral + voices ]
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from m6rec.codec import Codec
from m6rec.decoding.language_model import LanguageModel, Place, PromptState, understood
from m6rec.decoding.neutral import DividedOut, NeutralTable
from m6rec.decoding.prompt_cache import PromptCache
from m6rec.decoding.reader import TreeReader, segment_log_softmax
from m6rec.decoding.voices import Chorus, Voice
from m6rec.tree import LEAF, PrefixTree


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One reading of the tree: who speaks, how loud, after which prompt.

    Attributes:
        prompt: Text of the whole prompt.
        voices: Speakers besides the language model.
        lm_weight: Exponent of the language model.
        neutral_weight: How much of the neutral request is divided out.
        title_weight: How much model and neutral request count among titles, once the description
            has been said.
    """

    prompt: str
    voices: tuple[Voice, ...] = ()
    lm_weight: float = 1.0
    neutral_weight: float = 0.0
    title_weight: float = 1.0


class CatalogDistribution:
    """A language model and a tree; answers questions, keeping prompts it has read.

    Args:
        tree: The catalog's prefix tree.
        model: The language model.
        codec: Its tokenizer.
        neutral: Log-probabilities after the neutral request.
        described: Which nodes lie behind a whole description, bool (n_nodes,).
        prompts: Prompts read before; None begins with none.
    """

    def __init__(
        self,
        tree: PrefixTree,
        model: LanguageModel,
        codec: Codec,
        neutral: NeutralTable,
        described: NDArray[np.bool_],
        prompts: PromptCache | None = None,
    ) -> None:
        self.tree = tree
        self.model = model
        self.codec = codec
        self.neutral = neutral
        self.described = described
        self.prompts = prompts or PromptCache(model)

    def ask(self, question: Question) -> TreeReader:
        """Read the prompt (only from the first token that changed) and stand at the root.

        Where the model is silent nothing is read.
        """
        if not question.lm_weight:
            return self._reader(question, None)
        return self._reader(question, self.prompts.read(self.codec.prompt(question.prompt)))

    def ask_many(self, questions: Sequence[Question]) -> list[TreeReader]:
        """Read several prompts in one call; the readers' branches can be read together."""
        places = self.model.read_many([self.codec.prompt(q.prompt) for q in questions])
        return [self._reader(q, place) for q, place in zip(questions, places, strict=True)]

    def states(self, prompts: Sequence[str]) -> list[NDArray[np.float32]]:
        """What the model has understood of each prompt, for a probe, shape (n,).

        The state it is in at the end, and the mean of those of the words on the way up. One prompt alone is
        kept like that of a question; several share a call.
        """
        ids = [self.codec.prompt(prompt) for prompt in prompts]
        read: Sequence[PromptState | Place] = (
            [self.prompts.read(ids[0])] if len(ids) == 1 else self.model.read_many(ids)
        )
        return [understood(one) for one in read]

    def _reader(self, question: Question, prompt: PromptState | Place | None) -> TreeReader:
        divided = question.neutral_weight and question.lm_weight
        return TreeReader(
            self.tree,
            self.model,
            prompt,
            prior=Chorus(self.tree, question.voices),
            correction=DividedOut(self.neutral, question.neutral_weight) if divided else None,
            lm_weight=question.lm_weight,
            evidence=self._evidence(question) if question.title_weight != 1 else None,
        )

    def _evidence(self, question: Question) -> NDArray[np.float64]:
        return np.where(self.described, question.title_weight, 1.0)

    def parts(
        self, reader: TreeReader, question: Question, paths: Sequence[int]
    ) -> list[dict[str, float]]:
        """What each speaker contributed to the log-probability of paths.

        Args:
            reader: The reader that found the paths: every node on them is open.
            question: The question that reader answers.
            paths: Indices of paths.

        Returns:
            For each path the parts by name: ``language_model``, ``neutral``, each voice, and
            ``normaliser``. They add up to the path's log-probability.
        """
        return [self._parts(reader, question, path) for path in paths]

    def _parts(self, reader: TreeReader, question: Question, path: int) -> dict[str, float]:
        parts = dict.fromkeys(
            ["language_model", "neutral", *(v.name for v in question.voices)], 0.0
        )
        speaking = [voice for voice in question.voices if voice.weight or voice.within]
        total = 0.0
        for node, chosen in steps(self.tree, path):
            children = self.tree.children(node)
            one = np.array([0, children.stop - children.start])
            total += float(reader.children(node)[chosen])
            evidence = question.title_weight if self.described[node] else 1.0
            if question.lm_weight:
                spoken = float(reader.lm(node)[chosen])
                parts["language_model"] += evidence * question.lm_weight * spoken
                if question.neutral_weight:
                    neutral = float(self.neutral.at([node])[chosen])
                    parts["neutral"] -= evidence * question.neutral_weight * neutral
            for voice in speaking:
                masses = self._spoken(voice, children)
                parts[voice.name] += voice.weight_at(node) * float(
                    segment_log_softmax(masses, one)[chosen]
                )
        parts["normaliser"] = total - sum(parts.values())
        return parts

    def _spoken(self, voice: Voice, children: slice) -> NDArray[np.float64]:
        """Log mass of a voice below some children, or its share of the mass it speaks among."""
        spoken = self._log_below(voice.item_weights, children)
        return spoken if voice.among is None else spoken - self._log_below(voice.among, children)

    def _log_below(self, weights: NDArray[np.float64], children: slice) -> NDArray[np.float64]:
        bounds = zip(self.tree.child_lo[children], self.tree.child_hi[children], strict=True)
        masses = [weights[self.tree.rows[lo:hi]].sum() for lo, hi in bounds]
        with np.errstate(divide="ignore"):
            return np.log(np.array(masses, dtype=np.float64))


def steps(tree: PrefixTree, path: int) -> list[tuple[int, int]]:
    """The choices that lead to a path: each branching node and which of its children is taken."""
    taken: list[tuple[int, int]] = []
    node = 0 if tree.n_nodes else LEAF
    while node != LEAF:
        children = tree.children(node)
        chosen = int(np.searchsorted(tree.child_lo[children], path, side="right")) - 1
        taken.append((node, chosen))
        node = int(tree.child_node[children][chosen])
    return taken
