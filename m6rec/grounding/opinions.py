"""What is said of a title behind it: "... bored me", "...? meh.", "... was great, but too long", ……很好看.

A small grammar over lists of words (`[opinions]`): behind a title stand linking words and opinions; the last
opinion counts, and a "not" among the links before it turns it over. The first word that is neither ends
the reading, so that "I hated it, want something good" does not praise.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from m6rec.grounding.cues import DISLIKED, LIKED, SEEN
from m6rec.vocabulary import Vocabulary

FARTHEST = 160
"""Characters behind a title that are read."""
_GAP = re.compile(r"[\s,;:=()\-–—~\"”’'`，。；：、！!？?.…·]+")
_STOP = re.compile(
    r"\s*(?:$|[,;:.!?()，。；！？…-]|\b(?:but|and|though|because|imo|tbh|lol|so|for|to me|film|movie|flick|book|one|stuff|ever|again)\b|了|啊|片)"
)
_RATED = re.compile(
    r"(?P<n>\d{1,2}(?:\.\d)?)\s*(?:/|out of)\s*(?P<of>5|10|100)\b|(?P<stars>\d(?:\.\d)?)\s*(?:stars?|星)"
)
_NEUTRAL = re.compile(r"[a-z-]{4,}(?=\s*(?:,|but\b|and\b|though\b))", re.IGNORECASE)
_PASS = 0.6
_WEAK = {"again": LIKED, "seen": SEEN}
_COPULA = re.compile(
    r"\b(?:was|were|is|are|be|been|'s|it's|that's|they're|found|find|thought|think|felt|seemed|seems|looked|such|turned|how|what)\b|[是很太真挺觉得超]",
    re.IGNORECASE,
)
_WANTING = (
    r"(?:(?:i|i'd|we|want|wants|wanna|need|looking|look|for|give|show|me|us|got|get|any|anything|something|some|movies?|films?|"
    r"books?|else|do|you|have|is|are|there|now|please|find|recommend|suggest|what|else|to|see|watch|love|like|in the mood|another|more|ones?|a|the|just|really)\s+|想看|想找|推荐|再来|[，,]\s*)*?"
)
_YES, _NO = (rf"{word}\b(?=\s*(?:$|[,.;!?]|(?:but|and)\b))" for word in ("yes", "no"))
_DRAWN = r"(?:so{2,}|wa{2,}y+|to{3,}|ve+r+y{2,}|re{2,}a+l+y+)\b"
_WITH = re.compile(
    r"\s+(?:with|by|starring|from)\s+[\w.'-]+(?:\s+[\w.'-]+){0,2}?(?=\s*,)", re.IGNORECASE
)
_OWNERS = r"my\s+\w+['’]?s\s(?=\s*(?:all|fav|fave|comfort|go))"
_PLURAL = re.compile(r"\b(?:were|are|both|them|they|they're|these|those|all)\b|都", re.IGNORECASE)
_ONE = re.compile(r"\b(?:was|is|it|it's|that|this)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was said behind a title.

    Attributes:
        sentiment: ``liked``, ``disliked`` or ``seen``.
        end: Where the words end.
        weak: Whether the title is only made an example ("want something like it") or said to be seen.
        several: Whether it speaks of more titles than the last ("both", "were"); None when it does not
            say.
    """

    sentiment: str
    end: int
    weak: bool = False
    several: bool | None = None


@dataclass(frozen=True, slots=True)
class _Grammar:
    says: tuple[tuple[str, re.Pattern[str]], ...]
    links: re.Pattern[str]
    negators: re.Pattern[str]


def plainly(text: str) -> bool:
    """Whether words are nothing but links and opinions, and so no title."""
    grammar = _grammar()
    position = 0
    while position < len(text):
        found = (
            grammar.links.match(text, position)
            or grammar.negators.match(text, position)
            or _GAP.match(text, position)
        )
        if found is None or found.end() == position:
            return False
        position = found.end()
    return True


def opinion_after(text: str, start: int, end: int, *, judging: bool = False) -> Opinion | None:
    """The opinion that stands behind a title.

    Args:
        text: The whole text.
        start: Where the title ends.
        end: Where the reading ends at the latest.
        judging: Whether a word before the title announces an opinion ("I found X boring").

    Returns:
        The last opinion of an unbroken chain; None when the words say nothing of the title.
    """
    grammar = _grammar()
    end = min(end, start + FARTHEST, len(text))
    # "Gladiator with Russell Crowe, loved it" is said of the film.
    apart = _WITH.match(text, start, end)
    position = since = apart.end() if apart else start
    negated, said = False, None
    while position < end:
        gap = _GAP.match(text, position, end)
        if gap:
            position = gap.end()
        found = _opinion(text, position, end, grammar, since, judging=judging)
        if found is not None:
            kind, position = found
            words = text[since:position]
            several = True if _PLURAL.search(words) else False if _ONE.search(words) else None
            weak = kind in _WEAK
            if weak and not negated and said is None:
                said = Opinion(_WEAK[kind], position, weak, several)
            elif not weak:
                good = kind.endswith("good") != negated
                said = Opinion(LIKED if good else DISLIKED, position, weak, several)
            negated, since = False, position
            continue
        negator = grammar.negators.match(text, position, end)
        link = negator or grammar.links.match(text, position, end)
        if link is None and _COPULA.search(text, since, position):
            # "Was weird, but I loved it": a word that says neither is passed over once.
            link = _NEUTRAL.match(text, position, end)
        if link is None or link.end() == position:
            break
        negated ^= negator is not None
        position = link.end()
    return said


def _opinion(
    text: str, position: int, end: int, grammar: _Grammar, since: int, *, judging: bool
) -> tuple[str, int] | None:
    """The kind of what the words here say, and where they end."""
    rated = _RATED.match(text, position, end)
    if rated:
        share = float(rated["n"]) / int(rated["of"]) if rated["n"] else float(rated["stars"]) / 5
        return ("good" if share >= _PASS else "bad"), rated.end()
    for kind, pattern in grammar.says:
        found = pattern.match(text, position, end)
        if found is None:
            continue
        if kind in ("good", "bad"):
            linked = judging or _COPULA.search(text, since, position)
            if not linked and not _STOP.match(text, found.end()):
                continue
        return kind, found.end()
    return None


@cache
def _grammar() -> _Grammar:
    words: Any = Vocabulary.load().table("opinions")

    def any_of(*names: str) -> str:
        some = sorted((w for name in names for w in words[name]), key=len, reverse=True)
        parts = [
            re.escape(w).replace(r"\ ", r"[\s-]+").replace("'", "['’]?")
            + (r"\b" if w.isascii() else "")
            for w in some
        ]
        return f"(?:{'|'.join(parts)})"

    objects = rf"(?:\s*{any_of('objects')}|(?=\s*(?:$|[.,;!?，。！])))"
    kinds: tuple[tuple[str, str], ...] = (
        ("did_bad", any_of("did_bad")),
        ("did_good", any_of("did_good")),
        ("did_bad", any_of("bad_verbs") + objects),
        ("did_good", any_of("verbs") + objects),
        ("again", rf"{_WANTING}{any_of('again')}(?!\s+(?:a|the)\b)"),
        ("seen", any_of("seen")),
        ("bad", any_of("bad")),
        ("good", any_of("good")),
    )
    whom = r"(?:s|es|d|ed|ped|t)?\s+(?:me|us|him|her|everyone|my \w+)(?:\s+(?:up|out|away|in|over|to tears|to death|to sleep|hooked|off))?\b"
    said = {kind: f"(?:{'|'.join(words[kind])}){whom}" for kind in ("moves_good", "moves_bad")}
    made = rf"(?:made|makes|make|had|has|got|gets)\s+(?:me|us|him|her|everyone|everybody|(?:my|our|the)\s+(?:\w+\s+){{0,2}}\w+)\s+(?:\w+ing\s+)?{any_of('made_good')}"
    cringed = made.replace(any_of("made_good"), any_of("made_bad"))
    kinds = (*kinds, ("did_bad", cringed), ("did_good", made), ("did_good", _YES), ("did_bad", _NO))
    kinds = (*kinds, ("did_good", said["moves_good"]), ("did_bad", said["moves_bad"]))
    says = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in kinds)
    number = r"\d+\s*(?:x|times|years? ago)?\b"
    return _Grammar(
        says,
        re.compile(rf"{_OWNERS}|{_DRAWN}|{any_of('links')}|{number}", re.IGNORECASE),
        re.compile(any_of("negators"), re.IGNORECASE),
    )
