"""Text to token ids in one place, so that tuning targets and the prefix tree cannot differ.

A path is written " description: title" with a leading blank (the prompt ends in a colon) and ends
with a terminator token that no title contains. So no path is the beginning of another one:
"Alien" and "Alien 3" both survive.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from m6rec.errors import CatalogError, ModelError

_TEXTS_AT_ONCE = 8192
"""Texts encoded together: enough for the tokenizer's threads, few enough to need no memory."""


class Tokenizer(Protocol):
    """The part of a Hugging Face tokenizer that the codec needs."""

    eos_token_id: int | None

    def __call__(self, text: list[str], *, add_special_tokens: bool) -> dict[str, list[list[int]]]:
        """Token ids of many texts under the key ``input_ids``."""
        ...


class Codec:
    """Encodes prompts and paths for one tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.terminator = self._find_terminator()

    def _find_terminator(self) -> int:
        # A line end follows naturally after a title in the worked examples; tokenizers that have
        # no single token for it fall back to the end-of-sequence token.
        newline = self._ids(["\n"])[0]
        if len(newline) == 1:
            return newline[0]
        if self._tokenizer.eos_token_id is None:
            raise ModelError(
                "the tokenizer has neither a single line-end token nor an end-of-sequence token, "
                "so paths cannot be terminated; choose another base model"
            )
        return int(self._tokenizer.eos_token_id)

    def _ids(self, texts: list[str]) -> list[list[int]]:
        return list(self._tokenizer(texts, add_special_tokens=False)["input_ids"])

    @property
    def fingerprint(self) -> str:
        """Changes with the tokenizer: how it splits a sentence that no two split alike."""
        probe = "The 1,001st naïve café: Amélie & 千と千尋の神隠し (III), 'Crocodile' Dundee!\n\n"
        ids = [*self.prompt(probe), self.terminator]
        return hashlib.sha256(repr(ids).encode()).hexdigest()[:16]

    def prompt(self, text: str) -> list[int]:
        """Token ids of a prompt; no special tokens are added."""
        return self._ids([text])[0]

    def paths(self, descriptions: Sequence[str], titles: Sequence[str]) -> list[list[int]]:
        """Token ids of paths, each ending in the terminator.

        Args:
            descriptions: What is said before the title; an empty one leaves the bare title.
            titles: Display titles, as many as descriptions.

        Raises:
            CatalogError: A title contains the terminator, so that its path would end early.
        """
        texts = [path_text(d, t) for d, t in zip(descriptions, titles, strict=True)]
        encoded = self._ids(texts)
        for ids, title in zip(encoded, titles, strict=True):
            if self.terminator in ids:
                raise CatalogError(f"title {title!r} contains a line end; write titles on one line")
            ids.append(self.terminator)
        return encoded

    def packed_paths(
        self, said: Iterable[tuple[str, str]]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The same for a stream of (description, title), without a list per path.

        Returns:
            All ids one path after the other, int32 (n_tokens,), and the length of each path, int64
            (n_paths,).

        Raises:
            CatalogError: As for `paths`.
        """
        flat, lengths = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int64)]
        stream = iter(said)
        while some := list(islice(stream, _TEXTS_AT_ONCE)):
            paths = self.paths([d for d, _ in some], [t for _, t in some])
            lengths.append(np.fromiter(map(len, paths), np.int64, len(paths)))
            flat.append(np.fromiter(chain.from_iterable(paths), np.int32, lengths[-1].sum()))
        return np.concatenate(flat), np.concatenate(lengths)


def path_text(description: str, title: str) -> str:
    """The text of a path: " description: title", or " title" where nothing describes it."""
    return f" {description}: {title}" if description else f" {title}"
