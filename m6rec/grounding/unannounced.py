"""Titles that nothing announces: "fight club blew me away", "blade runner vibes"."""

import re
from collections.abc import Iterator

from m6rec.grounding.grounder import SURE_OF_PART, Grounder
from m6rec.grounding.opinions import opinion_after, plainly
from m6rec.grounding.plainness import Plainness
from m6rec.grounding.running import RunningText
from m6rec.records import Match

_LONGEST = 6
_MOST_GUESSES = 12
_SHORTEST_GUESS = 7
_STOP = re.compile(
    r"[,;:.!?，。！？；、()\n]|(?<=\s)(?:but|because|think|thought|found|find|that|said|and|than|like)\s+$",
    re.IGNORECASE,
)
_SOMEHOW = re.compile(
    r"\s+(?:was|were|is|are)\s+(?:(?:so|really|very|such|quite|pretty|just|too|a|an|the)\s+)*[a-z]{4,}\s*(?:$|[,.!?;]|but\b|and\b)"
)
_BEGINNING = re.compile(
    r"(?:^|[.!?;]\s)\s*(?:(?:the|a|so|hey|hi|ok|well|please)\s+)?$", re.IGNORECASE
)
_AND = re.compile(r"\s*(?:,|&|/|\band\b|\bor\b|和|跟)\s*$", re.IGNORECASE)

Found = tuple[int, int, Match]


class Unannounced:
    """Finds the titles of one text that stand where no words announce one.

    Args:
        text: The text.
        running: The same as words.
        plainness: Tells titles from ordinary words.
        grounder: Whose titles are looked for.
        taken: Places that are titles already, or must be none.
    """

    def __init__(
        self,
        text: str,
        running: RunningText,
        plainness: Plainness,
        grounder: Grounder,
        taken: list[tuple[int, int]],
    ) -> None:
        self._text = text
        self._running = running
        self._plainness = plainness
        self._grounder = grounder
        self._taken = list(taken)
        self._guesses_left = _MOST_GUESSES

    def find(self) -> list[Found]:
        """Start, end and match of each, in no order."""
        result: list[Found] = []
        for step in (self._whole, self._mistyped, self._listed_before):
            for found in step():
                if self._free(found[0], found[1]):
                    self._taken.append((found[0], found[1]))
                    result.append(found)
        return result

    def _free(self, start: int, end: int) -> bool:
        return all(
            end <= other_start or start >= other_end for other_start, other_end in self._taken
        )

    def _begins(self, start: int) -> bool:
        return _BEGINNING.search(self._text, 0, start) is not None

    def _judged(self, end: int) -> bool:
        """Whether something is said of what ends here; "was" and any word will do."""
        if _SOMEHOW.match(self._text, end):
            return True
        return opinion_after(self._text, end, len(self._text)) is not None

    def _whole(self) -> Iterator[Found]:
        """Whole titles, wherever they begin; the longest at each place."""
        position = 0
        for token in self._running.tokens:
            if token.start < position or not self._free(token.start, token.end):
                continue
            for start, end in self._running.stretches(token.start):
                if self._running.goes_on(start, end) or not self._free(start, end):
                    continue
                text = self._text[start:end]
                if self._plainness.generic(text) or plainly(text.casefold()):
                    continue
                match = self._grounder.spoken(text)
                if match is None or (match.item_id is None and not self._judged(end)):
                    continue
                opens = self._begins(start) and self._plainness.opens(text, match)
                if opens or self._plainness.stands_alone(text, match, judged=self._judged(end)):
                    yield start, end, match
                    position = end
                    break

    def _mistyped(self) -> Iterator[Found]:
        """Part of a title, or one with typing errors, before an opinion."""
        for last, token in enumerate(self._running.tokens):
            if self._guesses_left <= 0:
                return
            if not self._free(token.start, token.end) or plainly(
                self._text[token.start : token.end]
            ):
                continue
            if self._judged(token.end):
                found = self._guess(last)
                if found is not None:
                    yield found

    def _guess(self, last: int) -> Found | None:
        tokens = self._running.tokens
        end = tokens[last].end
        starts = [tokens[last].start]
        for token in reversed(tokens[max(0, last - _LONGEST + 1) : last]):
            between = self._text[token.start : starts[-1]]
            if _STOP.search(between) or not self._free(token.start, token.end):
                break
            starts.append(token.start)
        for start in reversed(starts):
            text = self._text[start:end]
            if len(text) < _SHORTEST_GUESS or plainly(text.split()[0]):
                continue
            if self._plainness.nearly_generic(text) or self._running.goes_on(start, end):
                continue
            self._guesses_left -= 1
            match = self._grounder.inside(text) or self._grounder.misspelt(text)
            if match is None or match.item_id is None:
                continue
            known = self._plainness.accepts_nearly(text, match, weak=False)
            part = match.confidence == SURE_OF_PART and not self._plainness.telling(text)
            if known and not part and self._grounder.famous(match):
                return start, end, match
        return None

    def _listed_before(self) -> Iterator[Found]:
        """Titles joined by "and" to one that was found: "anchorman and step brothers were fun"."""
        for start, _ in self._taken[:_MOST_GUESSES]:
            joint = _AND.search(self._text, 0, start)
            if joint is None:
                continue
            for token in self._running.tokens:
                if not joint.start() - 60 < token.start < joint.start():
                    continue
                for begin, end in self._running.stretches(token.start):
                    text = self._text[begin:end]
                    if end != joint.start() or self._plainness.generic(text):
                        continue
                    match = self._grounder.spoken(text)
                    if (
                        match
                        and match.item_id
                        and self._plainness.stands_alone(text, match, judged=True)
                    ):
                        yield begin, end, match
