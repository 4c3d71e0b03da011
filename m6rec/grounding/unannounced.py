"""Titles that nothing announces: "fight club blew me away", "blade runner vibes"."""

import re
from collections.abc import Iterator

from m6rec.grounding.edges import CLOSED, JOINT
from m6rec.grounding.grounder import SURE_OF_PART, WELL_KNOWN, Grounder
from m6rec.grounding.keys import ARTICLES
from m6rec.grounding.opinions import opinion_after, plainly
from m6rec.grounding.plainness import Plainness
from m6rec.grounding.running import RunningText
from m6rec.records import Match

_LONGEST = 6
_MOST_GUESSES = 12
_SHORTEST_GUESS = 7
_MANY_WORDS = 4
_LONG_GUESS = 12
_NOT_RARE = 0.75
_ONE_SLIP = 0.9
_SHORT = 2
_MOST_WORDS = 60
_SHORTEST_HAN = 4
_HAN = re.compile(r"[\u4e00-\u9fff\d]{4,}")
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
_BUT = re.compile(r"\s+but\b|\s*(?:vibes?|energy)\b", re.IGNORECASE)
_JOINED = re.compile(r"\s+(?:and|&)\s+")
_PLURAL = re.compile(r"\s+(?:are|were)\b")
_AND = re.compile(r"\s*(?:,|&|/|>|\bmeets\b|\band\b|\bor\b|和|跟)\s*$", re.IGNORECASE)

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
        steps = (
            self._han,
            self._whole,
            self._mistyped,
            self._listed_before,
            self._listed_behind,
            self._slipped,
        )
        for step in steps:
            for found in step():
                text = self._text[found[0] : found[1]]
                if self._plainness.idiom(text) and not self._judged(found[1]):
                    continue
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
        if opinion_after(self._text, end, len(self._text)) is not None:
            return True
        joint = _JOINED.match(self._text, end)
        first = self._running.first_at(joint.end()) if joint else None
        if first is None:
            return False
        # "Alien and the thing were awesome": what is said of two is said of the first.
        stops = (stop for _, stop in self._running.stretches(first))
        return any(_PLURAL.match(self._text, stop) for stop in stops)

    def _whole(self) -> Iterator[Found]:
        """Whole titles, wherever they begin; the longest at each place."""
        position = 0
        for number, token in enumerate(self._running.tokens):
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
                if self._with_article(number, end, match):
                    continue
                opens = self._begins(start) and self._plainness.opens(text, match)
                if opens or self._plainness.stands_alone(text, match, judged=self._judged(end)):
                    yield start, end, match
                    position = end
                    break

    def _han(self) -> Iterator[Found]:
        """Chinese titles, which no blanks set apart; short ones are words as well ("英雄")."""
        titles, longest = self._grounder.index.han, self._grounder.index.longest_han
        for found in _HAN.finditer(self._text):
            start = found.start()
            while start < found.end() - _SHORTEST_HAN + 1:
                last = min(found.end(), start + longest)
                ends = range(last, start + _SHORTEST_HAN - 1, -1)
                end = next((e for e in ends if self._text[start:e].casefold() in titles), None)
                match = self._grounder.spoken(self._text[start:end]) if end else None
                if end and match and match.item_id:
                    yield start, end, match
                start = end or start + 1

    def _with_article(self, number: int, end: int, match: Match) -> bool:
        """Whether the article before these words makes another title of them: "the heat"."""
        before = self._running.tokens[max(0, number - 1)]
        if before.words[0] not in ARTICLES or before.end > end:
            return False
        other = self._grounder.spoken(self._text[before.start : end])
        return other is not None and other.item_id not in (None, match.item_id)

    def _mistyped(self) -> Iterator[Found]:
        """Part of a title, or one with typing errors, before an opinion."""
        for last, token in enumerate(self._running.tokens):
            if self._guesses_left <= 0:
                return
            if not self._free(token.start, token.end) or self._links(last):
                continue
            if self._judged(token.end) or _BUT.match(self._text, token.end):
                found = self._guess(last)
                if found is not None:
                    yield found

    def _links(self, last: int) -> bool:
        """Whether a word and the one before it are links and opinions."""
        before, token = self._running.tokens[max(0, last - 1)], self._running.tokens[last]
        return plainly(self._text[token.start : token.end]) and plainly(
            self._text[before.start : before.end]
        )

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
            small = len(text.split()) < _MANY_WORDS and plainly(text.split()[0])
            if len(text) < _SHORTEST_GUESS or small:
                continue
            if self._plainness.nearly_generic(text) or self._running.goes_on(start, end):
                continue
            self._guesses_left -= 1
            match = self._grounder.inside(text) or self._grounder.misspelt(text)
            if match is None or match.item_id is None:
                continue
            known = self._plainness.accepts_nearly(text, match, weak=False)
            told = self._plainness.telling(text) or self._plainness.seldom(text)
            part = match.confidence == SURE_OF_PART and not told
            share = _NOT_RARE if len(text) >= _LONG_GUESS else WELL_KNOWN
            if known and not part and self._grounder.famous(match, share=share):
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
                whole = self._running.stretches(token.start)
                for begin, end in (*whole, (token.start, joint.start())):
                    text = self._text[begin:end]
                    if end != joint.start() or self._plainness.generic(text):
                        continue
                    part = (
                        self._grounder.inside(text) if self._plainness.distinctive(text) else None
                    )
                    match = self._grounder.spoken(text) or part or self._slip(text)
                    if match and match.item_id and self._member(text, match):
                        yield begin, end, match

    def _member(self, text: str, match: Match) -> bool:
        """Whether words that a title follows in a list are one themselves."""
        literal = self._plainness.literal(text, match, listed=True)
        slip = match.how == "fuzzy"
        return slip or literal or self._plainness.stands_alone(text, match, judged=True)

    def _listed_behind(self) -> Iterator[Found]:
        """Titles that "and" joins to one that was found and nothing follows: "... and hero"."""
        for _, end in self._taken[:_MOST_GUESSES]:
            joint = JOINT.match(self._text, end)
            first = self._running.first_at(joint.end()) if joint else None
            for begin, stop in self._running.stretches(first) if first is not None else ():
                match = self._grounder.spoken(self._text[begin:stop])
                closed = CLOSED.match(self._text, stop) or _PLURAL.match(self._text, stop)
                if (
                    match
                    and closed
                    and self._plainness.literal(self._text[begin:stop], match, listed=True)
                ):
                    yield begin, stop, match

    def _slipped(self) -> Iterator[Found]:
        """Famous titles of several telling words, with a typing error or in part, wherever they stand."""
        tokens = self._running.tokens[:_MOST_WORDS]
        anchors = [self._anchors(token.start, token.end) for token in tokens]
        position = 0
        for number, token in enumerate(tokens):
            if token.start < position or not anchors[number]:
                continue
            if self._guesses_left <= 0:
                return
            for last in reversed(range(number + 1, min(number + _LONGEST, len(tokens)))):
                end = tokens[last].end
                match = self._odd(token.start, end) if anchors[last] else None
                if match is not None:
                    yield token.start, end, match
                    position = end
                    break

    def _odd(self, start: int, end: int) -> Match | None:
        """The famous title that these words can only mean; None when they may be ordinary."""
        text = self._text[start:end]
        if _STOP.search(text) or not self._free(start, end) or self._guesses_left <= 0:
            return None
        if self._plainness.rare(text):
            self._guesses_left -= 1
            part = self._grounder.inside(text)
            if part is not None and self._grounder.famous(part):
                return part
        if len(text) < _LONG_GUESS or self._running.goes_on(start, end):
            return None
        match = self._slip(text)
        return match if match is not None and match.confidence >= _ONE_SLIP else None

    def _anchors(self, start: int, end: int) -> bool:
        """Whether a title may begin or end with a word: none of those that sentences live on."""
        word = self._text[start:end]
        plain_word = self._plainness.generic(word) or plainly(word.casefold())
        return len(word) > _SHORT and not plain_word

    def _slip(self, text: str) -> Match | None:
        """A famous title with typing errors."""
        if self._guesses_left <= 0 or len(text) < _SHORTEST_GUESS:
            return None
        self._guesses_left -= 1
        match = self._grounder.misspelt(text)
        share = _NOT_RARE if len(text) >= _LONG_GUESS else WELL_KNOWN
        return match if match and self._grounder.famous(match, share=share) else None
