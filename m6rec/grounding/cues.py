"""Words that announce a title in a sentence, and what the speaker thinks of it."""

import re
from dataclasses import dataclass

LIKED, DISLIKED, SEEN = "liked", "disliked", "seen"
_SILENT = "silent"

_MUCH = r"(?:\s+(?:really|even|much|quite|particularly|especially|all|ever|also|just|that|very))*"
_NOT = r"(?:\w+n['’]?t|not|never|cannot|no longer)"
_FOND = (
    r"(?:like[ds]?|lov(?:e[ds]?|ing)|enjoy(?:ed|s|ing)?|adore[ds]?|liking|care for|into|keen on|fond of|"
    r"impressed (?:by|with)|(?:a\s+)?(?:(?:big|huge|great|real)\s+)?fan of)"
)
_BAD = (
    r"(?:hate[ds]?|hating|dislike[ds]?|detest(?:ed|s)?|loathed?|despised?|bored (?:by|with)|"
    r"disappointed (?:by|in|with)|(?:sick|tired) of|fed up with)"
)
_WATCHED = r"(?:seen|watched|rewatched|finished|binged)"

# (what it says, whether a plain lower-case word may follow that is no title, pattern); first wins
# among those that start at one place.
_PATTERNS: tuple[tuple[str, bool, str], ...] = (
    (LIKED, False, rf"\b{_NOT}{_MUCH}\s+(?:{_BAD}|mind)\b|\b(?:can['’]?t|cannot) get enough of\b"),
    (LIKED, False, r"\bnot unlike\b"),
    (DISLIKED, False, rf"\b{_NOT}{_MUCH}\s+{_FOND}\b"),
    (DISLIKED, False, r"\b(?:hated|disliked|loathed|despised)\b"),
    (DISLIKED, True, rf"\b(?:{_BAD}|(?:can['’]?t|cannot|couldn['’]?t|could not) stand)\b"),
    (DISLIKED, False, r"\b(?:nothing|less) like\b|\bnot similar to\b"),
    (_SILENT, True, rf"\b{_NOT}{_MUCH}(?:\s+yet)?\s+{_WATCHED}\b|\bnever (?:saw|watched)\b"),
    (
        SEEN,
        False,
        rf"\b{_WATCHED}\b|(?:^|[.,;!?]\s*|\b(?:i|we|and|just|already|also)\s+)saw\b|\bafter watching\b|\bwatch (?:next )?after\b",
    ),
    (
        SEEN,
        True,
        rf"\b{_NOT}{_MUCH}\s+(?:want|wanna|need)(?:\s+to)?(?:\s+(?:see|watch))?\b",
    ),
    (LIKED, True, r"\b(?:(?:\w{3,}er|more \w+)\s+than)\b(?!\s+[\d'])"),
    (SEEN, True, r"\b(?:besides|other than|apart from|aside from)\b"),
    (DISLIKED, True, r"\b(?:but not|except(?: for)?|excluding|no more|anything but|not)\b"),
    (
        _SILENT,
        True,
        r"(?:\b(?:would|might|may|to|feel|feeling|felt)|['’]d)(?:\s+\w+ly)?\s+like\b",
    ),
    (
        LIKED,
        True,
        r"\b(?:i|we|you|they|also|and|really|kids?)(?:\s+\w+ly)?\s+(?:like|love|enjoy)\b",
    ),
    (
        LIKED,
        True,
        r"\b(?:looks?|sounds?|seems?|feels?) like\b",
    ),
    (
        LIKED,
        False,
        r"\b(?:like|similar (?:\w+ )?to|such as|akin to|reminiscent of|along the lines of|as good as)\b",
    ),
    (LIKED, False, r"\bin the (?:style|vein|spirit|mood|tradition) of\b|(?:\bà|\ba) la\b"),
    (LIKED, False, r"\bremind(?:s|ed)? (?:me|us) of\b|\bsame (?:vibes?|feel|mood|style|way) as\b"),
    (LIKED, False, r"\b(?:mix|mixture|blend|cross|combination) (?:of|between)\b"),
    (
        LIKED,
        False,
        r"\bfavou?rites?(?: \w+){0,2}(?: of all time)? (?:is|are|was|were|include)\b|\bfan of\b",
    ),
    (LIKED, False, r"\b(?:loved|liked|enjoyed|adored?|appreciated|obsessed with)\b"),
    (LIKED, True, r"\b(?:love|loves|likes|enjoy|enjoys|into)\b"),
    (_SILENT, True, r"没(?:有)?看过"),
    (DISLIKED, False, r"不(?:太|怎么|是很)?(?:喜欢|爱看|爱)|讨厌|受不了|不(?:想看|要看?|像)|除了"),
    (SEEN, False, r"看过(?:了)?|看了|看完(?:了)?"),
    (LIKED, False, r"(?:最|很|特别|非常|也)?(?:喜欢|爱看)(?:看)?|类似(?:于)?|(?:好)?像|如同"),
)
_ALL = re.compile(
    "|".join(f"(?P<c{n}>{p})" for n, (_, _, p) in enumerate(_PATTERNS)), re.IGNORECASE
)

_AFTERWARDS = re.compile(
    rf"[\s,，]*(?:(?:and|but|though|which|i|we|my \w+|really|absolutely|totally)[\s,]+)*"
    rf"(?:(?P<bad>{_NOT}{_MUCH}\s+{_FOND}|{_BAD}|(?:can['’]?t|cannot|couldn['’]?t) stand)"
    r"|(?P<good>loved|liked|enjoyed|adored|love|like))\s+(?:it|them|that|this|both|every)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\s+(?:was|is|were|are)\s+(?:(?:so|really|absolutely|just|very|such|quite|pretty|too|a|an|my|the|one of my)\s+)*"
    r"(?:(?P<good>great|awesome|amazing|brilliant|fantastic|wonderful|excellent|superb|perfect|good|lovely|"
    r"favou?rites?|masterpiece|best)|(?P<bad>boring|terrible|awful|bad|horrible|dull|rubbish|crap|lame|stupid|"
    r"disappointing|overrated|slow|long|scary|worst|dreadful))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cue:
    """Words after which titles are expected.

    Attributes:
        start: Where the words begin.
        end: Where they end.
        sentiment: ``liked``, ``disliked`` or ``seen``; None for words that look like a cue and say
            nothing about titles ("would like", "haven't seen").
        weak: Whether ordinary words follow as often as titles do ("I like heat").
    """

    start: int
    end: int
    sentiment: str | None
    weak: bool


def find_cues(text: str) -> list[Cue]:
    """All cues of a text, in order, none overlapping."""
    cues = []
    for found in _ALL.finditer(text):
        sentiment, weak, _ = _PATTERNS[int((found.lastgroup or "c0")[1:])]
        said = None if sentiment == _SILENT else sentiment
        cues.append(Cue(found.start(), found.end(), said, weak))
    return cues


def said_afterwards(text: str, position: int) -> tuple[str, int] | None:
    """The sentiment of words that follow a title, and their end: "... and loved it"."""
    found = _AFTERWARDS.match(text, position)
    if found is None:
        return None
    return (LIKED if found["good"] else DISLIKED), found.end()


def verdicts(text: str) -> list[Cue]:
    """Verdicts that stand behind a title: "Heat was great"."""
    return [
        Cue(found.start(), found.end(), LIKED if found["good"] else DISLIKED, weak=True)
        for found in _VERDICT.finditer(text)
    ]
