"""Titles in running text: which words of a sentence, from a given place on, are a whole title."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from m6rec.grounding.grounder import Grounder
from m6rec.grounding.keys import ARTICLES
from m6rec.grounding.opinions import opinion_after, plainly
from m6rec.vocabulary import Vocabulary, is_cjk, plain

_LETTER = r"(?:(?![\u4e00-\u9fff])[^\W_])"
_TOKEN = re.compile(rf"{_LETTER}+(?:['’·.&-]{_LETTER}+)*|&")
_YEAR_AFTER = re.compile(r",?\s*\(?(?:1[89]|20)\d\d\)?(?![\w'])")
_YEAR_BEFORE = re.compile(r"(?:1[89]|20)\d\d(?:'s)?\s+(?:version of\s+)?(?:the\s+)?$")
_GOES_ON = re.compile(
    r":\s*(?=[A-Z]|\d{1,2}\b(?!\s*(?:/|out of)))|\s(?:of|from|in|on|and the|vs\.?)\s+(?:the\s+)?(?=[A-Z0-9])|\s+(?=[A-Z][a-z]+\b)|\s+(?=\d{1,2}(?![\d%/.]|\s*(?:times|x|min|hour|hr|of\b|out\b|more|stars?)))",
)
_SEQUEL = re.compile(
    r"[\s:,-]+(?:(?:part|episode|vol\.?|volume|chapter)\s+(?:\d|[ivx]+\b|one|two|three|four|five|six)|(?:into|beyond)\s+the\b"
    r"|(?:returns|rises|begins|reloaded|unleashed|reborn|resurrections?|origins|rebooted|revolutions|vs\.?|versus)\b)",
    re.IGNORECASE,
)
_LONG_WORD = 5
_RARE = 2
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    words: tuple[str, ...]


class RunningText:
    """One text, seen as words that may be titles.

    Args:
        text: The text.
        grounder: Whose titles are looked for.
    """

    def __init__(self, text: str, grounder: Grounder) -> None:
        self._text = text
        self._grounder = grounder

    @cached_property
    def tokens(self) -> list[_Token]:
        """The words with their places."""
        found = []
        for token in _TOKEN.finditer(self._text):
            words = ("and",) if token[0] == "&" else tuple(plain(token[0]).split())
            if words:
                found.append(_Token(token.start(), token.end(), words))
        return found

    @cached_property
    def _at(self) -> dict[int, int]:
        return {token.start: number for number, token in enumerate(self.tokens)}

    def first_at(self, position: int) -> int | None:
        """The place of the first word at or behind a position with nothing but blanks between."""
        while position < len(self._text) and self._text[position] in " \t\n\"'“‘(":
            position += 1
        return position if position in self._at else None

    def stretches(self, start: int) -> Iterator[tuple[int, int]]:
        """Places of whole titles whose first word begins at `start`, longest first.

        A year before or behind belongs to them. A title that goes on behind ("Alien vs. Predator" for
        a catalog that has only "Alien") is none.
        """
        number = self._at.get(start)
        if number is None:
            return
        tokens = self.tokens[number : number + _LONGEST]
        skip = 1 if tokens[0].words[0] in ARTICLES and len(tokens) > 1 else 0
        words = [word for token in tokens[skip:] for word in token.words]
        ends = {}
        total = 0
        for token in tokens[skip:]:
            total += len(token.words)
            ends[total] = token.end
        found = [ends[n] for n in self._grounder.lookup.ends(words, most=_LONGEST) if n in ends]
        for end in reversed(found):
            year = _YEAR_AFTER.match(self._text, end)
            if year and (
                year[0].strip().startswith("(")
                or not is_cjk(self._text[year.end() : year.end() + 1])
            ):
                yield start, year.end()
            before = _YEAR_BEFORE.search(self._text, max(0, start - 30), start)
            if before:
                yield before.start(), end
            yield start, end

    def goes_on(self, start: int, end: int) -> bool:
        """Whether a title goes on behind its end, so that it is another.

        With capitals any further capital or number says so ("Blade Runner 2049"); without, a subtitle
        behind a colon, a "part two", the words of sequels, or a word that only titles know.
        """
        if self._subtitled(end) or _SEQUEL.match(self._text, end):
            return True
        found = _GOES_ON.match(self._text, end)
        if found is None:
            return False
        digits = self._text[found.end() : found.end() + 1].isdigit()
        capitals = any(
            token.start >= start and self._text[token.start].isupper()
            for token in self.tokens
            if token.end <= end
        )
        return (digits and not found[0].strip()) or capitals

    def _subtitled(self, end: int) -> bool:
        """Whether words behind a colon or a blank are those of a title and nothing else."""
        number = self._at.get(self._next(end))
        if number is None:
            return False
        token = self.tokens[number]
        between = self._text[end : token.start]
        word = token.words[0]
        if len(word) < _LONG_WORD or len(token.words) > 1 or plainly(word):
            return False
        if between.strip() == ":":
            return not word in _ordinary()
        rare = 0 < self._grounder.lookup.counts.get(word, 0) <= _RARE
        title = word in self._grounder.index.titles and word not in _ordinary()
        return (
            between == " "
            and rare
            and title
            and not opinion_after(self._text, end, len(self._text))
        )

    def _next(self, position: int) -> int:
        while position < len(self._text) and self._text[position] in " :":
            position += 1
        return position


@cache
def _ordinary() -> frozenset[str]:
    """Words of the grammar, which go on with the sentence and not with a title."""
    words = Vocabulary.load().words
    return frozenset(word for some in words.values() for word in some)
