"""Words that announce a title in a sentence, and what the speaker thinks of it."""

import re
from dataclasses import dataclass

LIKED, DISLIKED, SEEN = "liked", "disliked", "seen"
_SILENT = "silent"

_MUCH = r"(?:\s+(?:too|all that|that|super|overly|exactly|terribly|really|even|much|quite|particularly|especially|all|ever|also|just|that|very))*"
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
    (
        LIKED,
        False,
        (
            rf"\b{_NOT}{_MUCH}\s+(?:{_BAD}|mind(?:ed)?)\b|\b(?:can['’]?t|cannot|couldn['’]?t) get enough of\b"
            r"|\b(?:never|not) (?:get|got|gets|grow|grew|been) (?:tired|sick|bored) of\b|不是不喜欢|看不厌"
        ),
    ),
    (
        DISLIKED,
        False,
        (
            rf"\b(?:{_FOND}|recommend) neither\b|\bneither\b|\bwalk(?:ed|ing) out (?:of|on|during)\b"
            r"|\b(?:couldn['’]?t|can['’]?t|could not|didn['’]?t|never) (?:finish|finished|get through|get into|make it through|sit through)\b"
            r"|\bregret(?:ted)? (?:watching|seeing|reading|renting)\b|\bfell asleep (?:during|watching|in|reading)\b|\bthumbs down (?:for|to|on)\b"
            r"|\b(?:fed up|bored|annoyed|unimpressed|underwhelmed|let down) (?:with|by|of)\b|\bgave up on\b|\bturned off\b"
            r"|\bwaste of (?:time|money|film)\b(?: (?:was|is|called))?|\bas (?:boring|bad|awful|dull|terrible|slow|stupid|silly|long|lame|pretentious|depressing) as\b"
            r"|\b(?:worst|most boring|most overrated) (?:\w+ ){0,3}(?:is|was)\b|\bhow (?:bad|boring|awful|terrible|overrated|dull|stupid)\b"
        ),
    ),
    (
        LIKED,
        False,
        (
            r"\bthumbs up (?:for|to|on)\b|\bas \w+ as\b|\bhow (?:good|great|amazing|funny|brilliant|beautiful|awesome|underrated|clever|fun)\b"
            r"|\b(?:can|could|would|will) (?:always |happily |gladly )?(?:re)?watch\b(?! (?:a|an|any|some|something|anything)\b)|\b(?:crazy|mad|nuts|passionate) about\b|\b(?:big|huge) on\b|\bsucker for\b|\bhooked on\b|\bblown away by\b|\bin love with\b"
            r"|\bmoved by\b|\b(?:best|greatest|funniest|finest) (?:\w+ ){0,4}(?:is|was|has to be|are)\b|\b(?:fan|fans) of\b"
        ),
    ),
    (
        LIKED,
        False,
        (
            r"\bnot unlike\b|\bnothing (?:beats|tops|compares (?:to|with)|comes close to|is better than)\b|\bin the same (?:league|ballpark|category|class|mold|mould) as\b"
            r"|\b(?:remember|miss|adores|worship|rewatch(?:ing)?|raving about)\b"
        ),
    ),
    (
        DISLIKED,
        False,
        (
            r"\b(?:can['’]?t|cannot) say (?:that )?(?:i|we) (?:really )?(?:liked?|loved?|enjoy(?:ed)?)\b|\bnot (?:the|a) (?:biggest|huge|big|greatest|massive) fans? of\b"
            r"|\bcould(?:n['’]?t| not) care less (?:about|for)\b|\b(?:so over|done with|had enough of|had it with|sick and tired of)\b"
        ),
    ),
    (
        DISLIKED,
        False,
        r"\b(?:don['’]?t|can['’]?t|cannot|never|didn['’]?t) (?:see|get|understand|got|understood) (?:what['’]?s|what is|the|why|how)(?: \w+){0,4} (?:about|of|in|with)\b",
    ),
    (
        SEEN,
        True,
        (
            r"\b(?:don['’]?t|do not|no need to|please don['’]?t|stop) (?:recommend|suggest|show|give|list|include|mention|bring up|offer)(?:ing)?(?: (?:me|us))?\b"
            r"|\b(?:skip|leave out|exclude|not counting|know)\b|\b(?:been|gone|went|sat) through(?: all(?: of)?)?\b"
        ),
    ),
    (
        LIKED,
        False,
        r"\b(?:can['’]?t|cannot|couldn['’]?t) (?:recommend|praise)\b(?=[^.;!?]{1,80}\benough\b)",
    ),
    (
        DISLIKED,
        False,
        (
            r"\b(?:i|we) wish(?:ed)? (?:that )?(?:i|we) (?:had |could have )?(?:liked?|loved?|enjoy(?:ed)?)\b"
            r"|^\s*wish(?:ed)? (?:i|we) (?:had )?(?:liked?|loved?|enjoy(?:ed)?)\b"
            r"|\b(?:couldn['’]?t|can['’]?t|could not) pay (?:me|us) to (?:re)?(?:watch|see|sit through)\b"
            r"|\bif (?:i|we) never (?:have to )?(?:see|watch|hear of)\b|\b(?:meh|nope|a no) (?:on|to|for)\b"
            r"|\bwhat an? (?:letdown|let-down|bore|disappointment|mess|waste|drag|snooze|slog)\b"
            # A question: "my brother who loves Alien" loves it.
            r"|(?:^|[.;!?])\s*who (?:\w+ ){0,3}(?:enjoys|likes|loves|watches|would watch)\b"
            r"|\b(?:couldn['’]?t|can['’]?t|didn['’]?t|don['’]?t) (?:stand|like|finish|enjoy) (?:was|is|were)\b"
        ),
    ),
    (
        LIKED,
        False,
        (
            r"\b(?:soft spot|weakness) for\b|\b(?:big |huge )?yes (?:on|to|for)\b|\bgreats\s*:"
            r"|\bwhat an? (?:gem|masterpiece|delight|treat|ride|joy)\b"
            r"|\b(?:shut up|going on|goes on|raves?|raving) about\b|\bhas a thing for\b"
        ),
    ),
    (LIKED, True, r"\b(?:choos\w+|decid\w+|torn|pick|toss-?up) between\b"),
    (LIKED, True, r"^\s*more\b(?=[^.;!?]{1,40}(?:[,;]|\band)\s*less\b)"),
    (
        DISLIKED,
        True,
        r"(?:(?<=[,;] )|(?<=and )|(?<=but ))less\b(?! than| like)|(?:\bplease|\bbut|,)\s+no\b(?! more)",
    ),
    (DISLIKED, False, rf"\b{_NOT}{_MUCH}\s+{_FOND}\b"),
    (DISLIKED, False, r"\b(?:(?:hated|disliked|loathed|despised)\s*)+\b"),
    (DISLIKED, True, rf"\b(?:{_BAD}|(?:can['’]?t|cannot|couldn['’]?t|could not) stand)\b"),
    (DISLIKED, False, r"\b(?:nothing|less) like\b|\bnot similar to\b"),
    (
        _SILENT,
        True,
        rf"\b{_NOT}{_MUCH}(?:\s+yet)?\s+{_WATCHED}\b|\bnever (?:saw|watched)\b|\bdid(?: not|n['’]?t) (?:see|watch)\b",
    ),
    (
        SEEN,
        False,
        rf"\b{_WATCHED}\b|(?:^|[.,;!?]\s*|\b(?:i|we|and|just|already|also|then|finally|recently)\s+)saw\b|\bafter (?:watching|seeing|reading)\b|\bwatch (?:next )?after\b",
    ),
    (
        SEEN,
        True,
        rf"\b{_NOT}{_MUCH}\s+(?:want|wanna|need)(?:\s+to)?(?:\s+(?:see|watch))?\b",
    ),
    (LIKED, True, r"\b(?:(?:\w{3,}er|more \w+|more|less|rather|worse)\s+than)\b(?!\s+[\d'])"),
    (SEEN, True, r"\b(?:besides|other than|apart from|aside from)\b"),
    (
        DISLIKED,
        True,
        (
            r"\bnot so (?:much|keen on|fond of)\b|\bnot in the mood for\b|\bwhy (?:people|everyone|everybody|anyone|they|so many)(?: \w+)? (?:likes?|loves?)\b"
        ),
    ),
    (
        SEEN,
        True,
        r"\b(?:made|makes?) (?:me|us) (?:re)?watch\b|\b(?:keeps?|kept|always|we|i) (?:re)?watch(?:ing)?\b",
    ),
    (
        LIKED,
        True,
        r"\b(?:humou?r|vibes?|feel|tone|energy|wit|heart|atmosphere|charm|suspense|magic|spirit) of\b",
    ),
    (LIKED, True, r"\bmeets\b|\b(?:with|has|have|had|of|combin\w+) both\b|^\s*both\b"),
    (
        LIKED,
        False,
        r"\b(?:favou?rites?|favs?|faves?|top (?:\d+|three|five|ten))(?: \w+){0,2}\s*[:=]",
    ),
    (LIKED, True, r"\b(?:i|we|kids) (?:prefer|miss)\b|^\s*(?:or|and|or maybe|or even)\b"),
    (DISLIKED, True, r"\b(?:but not|except(?: for)?|excluding|no more|anything but|not)\b"),
    (LIKED, True, r"\b(?:that|which) (?:feels?|looks?|sounds?) like\b"),
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
        r"\b(?:like|similar (?:\w+ )?to|comparable to|resembl(?:es?|ing)|close to|resembling|such as|akin to|reminiscent of|along the lines of|as good as)\b",
    ),
    (LIKED, False, r"\bin the (?:style|vein|spirit|mood|tradition) of\b|(?:\bà|\ba) la\b"),
    (LIKED, False, r"\bremind(?:s|ed)? (?:me|us) of\b|\bsame (?:vibes?|feel|mood|style|way) as\b"),
    (LIKED, False, r"\b(?:mix|mixture|blend|cross|combination) (?:of|between)\b"),
    (
        LIKED,
        False,
        r"\b(?:favou?rites?|favs?|faves?)(?: \w+){0,2}(?: of all time)? (?:is|are|was|were|include)\b",
    ),
    (LIKED, False, r"\b(?:loved|liked|enjoyed|adored?|adores|appreciated|obsessed with)\b"),
    (LIKED, True, r"\b(?:love|loves|likes|enjoy|enjoys|into)\b"),
    (_SILENT, True, r"没(?:有)?看过"),
    (DISLIKED, False, r"不(?:太|怎么|是很)?(?:喜欢|爱看|爱)|讨厌|受不了|不(?:想看|要看?|像)|除了"),
    (SEEN, False, r"看过(?:了)?|看了|看完(?:了)?"),
    (LIKED, False, r"(?:最|很|特别|非常|也)?(?:喜欢|爱看)(?:看)?|类似(?:于)?|(?:好)?像|如同"),
)
_ALL = re.compile(
    "|".join(f"(?P<c{n}>{p})" for n, (_, _, p) in enumerate(_PATTERNS)), re.IGNORECASE
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
