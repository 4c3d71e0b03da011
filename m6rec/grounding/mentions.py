"""Titles inside a sentence: "I loved toy story and heat, but something funnier than the matrx".

A title is looked for in quotation marks and after a cue (`m6rec.grounding.cues`), from the longest
stretch of words to the shortest, so that "Butch Cassidy and the Sundance Kid" is one title and "Heat
and Alien" are two. Ordinary words are titles too ("Big", "Her", "It"); they count only where they
fill the whole place after a cue, and pronouns only with a capital.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from m6rec.grounding.bare import bare_title, nearly_bare
from m6rec.grounding.cues import LIKED, SEEN, Cue, find_cues
from m6rec.grounding.edges import (
    AFTER,
    BEFORE,
    BREAK,
    CAPITALS,
    CLOSED,
    JOINT,
    OWNER,
    QUOTED,
)
from m6rec.grounding.grounder import SURE_OF_PART, Grounder
from m6rec.grounding.judging import judged
from m6rec.grounding.mention import Mention
from m6rec.grounding.plainness import Plainness
from m6rec.grounding.remakes import remade
from m6rec.grounding.running import RunningText
from m6rec.grounding.unannounced import Unannounced
from m6rec.records import Match

LONGEST_TEXT = 2_000
"""Characters of a text that are searched."""
_LONGEST_TITLE = 120
_MOST_CUES = 24
_MOST_ENDS = 10
_MOST_SEARCHES = 24
_LONGEST_GUESS = 7
_FEW_WORDS = 3
_NOT = ("but not", "not")


class MentionFinder:
    """Finds the titles of one sentence; made anew for each."""

    def __init__(self, text: str, grounder: Grounder) -> None:
        self._text = text[:LONGEST_TEXT]
        self._grounder = grounder
        self._plainness = Plainness(self._text, grounder)
        self._running = RunningText(self._text, grounder)
        self._searches_left = _MOST_SEARCHES
        self._passed: list[tuple[int, int]] = []

    @cached_property
    def _quotes(self) -> dict[int, tuple[int, str]]:
        """Start of each quotation, its end and what it quotes."""
        found = QUOTED.finditer(self._text)
        return {q.start(): (q.end(), next(filter(None, q.groups()))) for q in found}

    def find(self) -> list[Mention]:
        """All mentions, in order."""
        whole = bare_title(self._text, self._grounder, self._plainness)
        if whole and " " in whole.text and self._plainness.capitalised(whole.text):
            return [whole]
        cues = find_cues(self._text)[:_MOST_CUES]
        mentions = self._announced(cues)
        mentions.extend(self._unannounced(mentions))
        mentions.extend(self._only_quoted(mentions, cues))
        if not mentions and not any(cue.sentiment for cue in cues):
            whole = whole or nearly_bare(self._text, self._grounder, self._plainness)
            mentions.extend([whole] if whole else [])
        mentions = [m for m in mentions if not remade(self._text, m, self._grounder)]
        return judged(self._text, sorted(mentions, key=lambda m: m.start))

    def _announced(self, cues: list[Cue]) -> list[Mention]:
        """The titles of the lists behind the cues."""
        mentions: list[Mention] = []
        position = 0
        for cue in cues:
            if cue.start < position or self._in_quotes(cue.start):
                continue
            # "Seen Psycho but not Vertigo": what was not seen is not refused.
            only = self._text[cue.start : cue.end].casefold() in _NOT
            not_seen = only and bool(mentions) and mentions[-1].sentiment == SEEN
            listed = list(self._after(cue, cues))
            if listed:
                position = listed[-1].end
                if cue.sentiment is None or not_seen:
                    self._passed += [(m.start, m.end) for m in listed]
                else:
                    mentions += listed
        return mentions

    def _in_quotes(self, position: int) -> bool:
        return any(start < position < end for start, (end, _) in self._quotes.items())

    def _after(self, cue: Cue, cues: list[Cue]) -> Iterator[Mention]:
        """The titles of the list that follows a cue."""
        starts = {c.start for c in cues if c.start > cue.start}
        position = cue.end
        listed = False
        while True:
            found = self._at(position, cue, starts, listed=listed)
            if found is None:
                place = self._skipped(position, starts)
                if place is None and not cue.weak and self._searches_left > 0:
                    # "Seen all disney and toy story": behind unknown words only sure titles count.
                    place, cue = (
                        self._skipped(position, starts, _FEW_WORDS),
                        replace(cue, weak=True),
                    )
            else:
                yield found
                place = found.end
                listed = found.match.item_id is not None
            joint = JOINT.match(self._text, place) if place is not None else None
            if joint is None or joint.end() in starts or joint.end() <= position:
                return
            position = joint.end()

    def _skipped(self, position: int, starts: set[int], most: int = 0) -> int | None:
        """The end of the words at `position` that are no title, or of at most `most` unknown ones."""
        ends = self._ends(position, starts)
        words = self._text[position : ends[0]] if ends else ""
        passed = self._plainness.generic(words) or len(words.split()) <= most
        return ends[0] if words and passed else None

    def _begins(self, position: int) -> dict[int, None]:
        """Places behind `position` where a title may begin, in the order they are tried."""
        begins = dict.fromkeys([position + _blanks(self._text[position:])])
        for before in (BEFORE, OWNER):
            if skipped := before.match(self._text, position):
                begins[skipped.end()] = None
        return begins

    def _at(
        self, position: int, cue: Cue, starts: set[int], *, listed: bool = False
    ) -> Mention | None:
        begins = self._begins(position)
        for begin in begins:
            if begin in self._quotes:
                end, inner = self._quotes[begin]
                match = self._search(inner)
                return Mention(inner, begin, end, cue.sentiment or LIKED, match, cue.start, end)
        for begin in begins:
            found = self._unquoted(begin, cue, starts, listed=listed)
            if found is not None:
                return found
        begin = max(begins)
        ends = self._ends(begin, starts)
        text = self._text[begin : ends[0]].strip() if ends else ""
        strange = False
        # What people dislike is a thing as often as a title: "not into gore".
        if cue.sentiment in (LIKED, SEEN) and not cue.weak and self._searches_left > 0:
            self._searches_left -= 1
            strange = self._plainness.strange(text)
        if cue.weak or not (strange or self._plainness.title_like(text)):
            return None
        return self._mention(text, begin, cue, self._unknown(text))

    def _ends(self, begin: int, starts: set[int]) -> list[int]:
        """Places where a title that begins at `begin` may end, nearest first."""
        limit = min(len(self._text), begin + _LONGEST_TITLE)
        ends = {found.start() for found in BREAK.finditer(self._text, begin, limit)}
        ends |= {start for start in starts if begin < start <= limit}
        if limit == len(self._text):
            ends.add(limit)
        capitals = CAPITALS.match(self._text, begin + _blanks(self._text[begin:]))
        if capitals and self._plainness.capitalised(capitals[0]):
            ends.add(capitals.end())
        return sorted(end for end in ends if end > begin)[:_MOST_ENDS]

    def _unquoted(self, begin: int, cue: Cue, starts: set[int], *, listed: bool) -> Mention | None:
        ends = self._ends(begin, starts)
        found = self._spoken(begin, cue, ends, listed=listed)
        if found is not None and found.match.confidence != SURE_OF_PART and self._certain(found):
            return found
        longer = self._guessed(begin, cue, ends, beyond=found.end if found else begin)
        return longer or found or self._trimmed(begin, cue, ends)

    def _certain(self, found: Mention) -> bool:
        """Whether a whole title is not the first word of a longer one: "One flew over ..."."""
        return " " in found.text or CLOSED.match(self._text, found.end) is not None

    def _spoken(self, begin: int, cue: Cue, ends: list[int], *, listed: bool) -> Mention | None:
        """The longest whole title that begins here."""
        first = self._running.first_at(begin)
        for start, end in self._running.stretches(first) if first is not None else ():
            text = self._text[start:end]
            if self._running.goes_on(start, end):
                continue
            match = self._grounder.spoken(text)
            closed = CLOSED.match(self._text, end) is not None
            if match and closed and self._plainness.literal(text, match, listed=listed):
                return self._mention(text, start, cue, match)
            if self._plainness.generic(text):
                continue
            fills = not ends or end >= ends[0] or AFTER.fullmatch(self._text, end, ends[0])
            apart = self._plainness.capitalised(text) or self._plainness.telling(text)
            apart = apart or (not cue.weak and self._plainness.seldom(text))
            if match is None or not (fills or apart):
                continue
            if self._plainness.accepts(text, match, weak=cue.weak):
                return self._mention(text, start, cue, match)
        return None

    def _trimmed(self, begin: int, cue: Cue, ends: list[int]) -> Mention | None:
        """A stretch up to a break that is a title when spelled together or without its last words."""
        stretches = [self._text[begin:end].strip(" \t\n,;:") for end in reversed(ends)]
        for text in [t for s in stretches for t in dict.fromkeys((s, AFTER.sub("", s))) if t]:
            start = begin + _blanks(self._text[begin:])
            if self._plainness.generic(text) or self._running.goes_on(start, start + len(text)):
                continue
            match = self._grounder.spoken(text)
            if match is not None and self._plainness.accepts(text, match, weak=cue.weak):
                return self._mention(text, begin, cue, match)
        return None

    def _guessed(self, begin: int, cue: Cue, ends: list[int], beyond: int) -> Mention | None:
        """A title with typing errors or part of one, longest first; it must end behind `beyond`."""
        first = self._running.first_at(begin)
        hard = [end for end in ends if self._text[end : end + 1] in ",;:.!?，。！？；、()"]
        limit = min([*hard, ends[-1]]) if ends else len(self._text)
        tokens = [t for t in self._running.tokens if first is not None and first <= t.start < limit]
        for token in reversed(tokens[:_LONGEST_GUESS]):
            if token.end <= beyond:
                break
            text = self._text[tokens[0].start : token.end]
            if self._running.goes_on(tokens[0].start, token.end):
                continue
            found = self._nearly(text, cue)
            if found is not None:
                return self._mention(text, tokens[0].start, cue, found)
        return None

    def _nearly(self, text: str, cue: Cue) -> Match | None:
        """A title with typing errors, or well-known words of one."""
        if self._searches_left <= 0:
            return None
        if self._plainness.nearly_generic(text) or self._plainness.everyday(text):
            if cue.weak or not self._plainness.long(text):
                return None
            slip = self._grounder.misspelt(text)
            return slip if slip and self._plainness.only_a_slip(slip) else None
        self._searches_left -= 1
        match = self._grounder.inside(text) or self._grounder.misspelt(text)
        if match is None or match.item_id is None:
            return None
        return match if self._plainness.accepts_nearly(text, match, weak=cue.weak) else None

    def _search(self, text: str) -> Match:
        """A quoted title; a text full of quotations is not searched to its end."""
        found = self._grounder.spoken(text)
        if found is not None or self._searches_left <= 0:
            return found or Match(text, None)
        self._searches_left -= 1
        return self._grounder.phrase(text)

    def _unknown(self, text: str) -> Match:
        self._searches_left -= 1
        return self._grounder.unknown(text) if self._searches_left > 0 else Match(text, None)

    def _mention(self, text: str, begin: int, cue: Cue, match: Match) -> Mention:
        end = begin + _blanks(self._text[begin:]) + len(text)
        return Mention(text, begin, end, cue.sentiment or LIKED, match, cue.start, end)

    def _unannounced(self, mentions: list[Mention]) -> list[Mention]:
        """Titles that no cue stands before."""
        taken = [(m.start, m.end) for m in mentions] + self._passed
        taken += [(start, end) for start, (end, _) in self._quotes.items()]
        finder = Unannounced(self._text, self._running, self._plainness, self._grounder, taken)
        return [
            Mention(self._text[start:end], start, end, LIKED, match, start, end)
            for start, end, match in finder.find()
        ]

    def _only_quoted(self, mentions: list[Mention], cues: list[Cue]) -> Iterator[Mention]:
        """Quoted titles that no cue stands right before; the last cue of the sentence colours them."""
        for start, (end, inner) in self._quotes.items():
            if any(m.start < end and start < m.end for m in mentions):
                continue
            match = self._search(inner)
            if match.item_id is None and not self._text.startswith("《", start):
                continue
            if self._plainness.generic(inner):
                continue
            before = [c for c in cues if c.end <= start and not self._sentence_ends(c.end, start)]
            sentiment = before[-1].sentiment if before else LIKED
            if sentiment is not None:
                yield Mention(inner, start, end, sentiment, match, start, end)

    def _sentence_ends(self, start: int, end: int) -> bool:
        return re.search(r"[.!?;。！？；]\s|[。！？；]", self._text[start:end]) is not None


def _blanks(text: str) -> int:
    return len(text) - len(text.lstrip(" \t\n:,"))
