"""Prompts that have been read, least recently used first out.

A chat that grows shares its beginning with what was read a turn ago, whoever asked in between: only the
part behind the first changed token is read.
"""

from collections import OrderedDict
from collections.abc import Sequence

from m6rec.decoding.language_model import LanguageModel, PromptState, common_prefix

MOST_TOKENS = 8192
"""Tokens kept: about 190 MB of keys and values for the default model, a hundred long chats."""


class PromptCache:
    """Reads prompts and keeps them.

    Args:
        model: Reads them.
        most_tokens: How many tokens are kept at most, the latest prompt in any case.
    """

    def __init__(self, model: LanguageModel, most_tokens: int = MOST_TOKENS) -> None:
        self._model = model
        self._most_tokens = most_tokens
        self._states: OrderedDict[tuple[int, ...], PromptState] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    @property
    def tokens(self) -> int:
        """Tokens of all prompts that are kept."""
        return sum(map(len, self._states))

    def read(self, ids: Sequence[int]) -> PromptState:
        """Read a prompt, going on from the one kept that shares its longest beginning.

        Raises:
            RequestError: The prompt is empty or longer than the model can read.
        """
        nearest = max(self._states, key=lambda known: common_prefix(known, ids), default=None)
        state = self._model.read(ids, None if nearest is None else self._states[nearest])
        if nearest is not None and nearest == state.ids[: len(nearest)]:
            # What the new prompt continues is part of it now.
            del self._states[nearest]
        self._states[state.ids] = state
        self._states.move_to_end(state.ids)
        while len(self._states) > 1 and self.tokens > self._most_tokens:
            self._states.popitem(last=False)
        return state

    def clear(self) -> None:
        """Forget every prompt."""
        self._states.clear()
