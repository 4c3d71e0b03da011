"""Years in a sentence: "90s", "early 80s", "after 2000", "between 1990 and 1995", 90年代."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from m6rec.vocabulary import Vocabulary
from m6rec.wishes.negation import refused_from

_PARTS = {"early": (0, 3), "mid": (3, 6), "late": (6, 9), "初": (0, 3), "中": (3, 6), "末": (6, 9)}
_AROUND = 2
_NOT_A_YEAR = (
    r"(?!\s*(?:%|km\b|miles\b|minutes?\b|mins?\b|hours?\b|people\b|persons?\b|dollars\b|bucks\b|euros\b|"
    r"pages\b|leagues\b|ratings?\b|votes?\b|users?\b|times\b|steps\b|years?\b))"
)
_YEAR = rf"(?<![\d$€£#.,(])(?:1[89]\d\d|20[0-3]\d)(?![\d%])(?!\.\d){_NOT_A_YEAR}"
_ELSEWHEN = re.compile(
    r"(?:\bset|\bsettings?|\btak(?:es?|ing) place|\bhappen(?:s|ing)|\btales?|\bstor(?:y|ies)|\bborn|\babout|\bdepict(?:s|ing)|"
    r"\blife|\blived?|\bliving|\bback)"
    r"(?:\s+(?:back|mostly|somewhere|life))*(?:\s+(?:in|during|around|of|from|about))?(?:\s+the)?(?:\s+(?:early|mid|late))?\s*$"
    r"|\b(?:my|his|her|their|our|your|someone's)(?:\s+(?:early|mid|late))?\s*$|\b(?:page|room|agent|area|number|no\.)\s*$"
    r"|(?:设定在|发生在|背景是|讲述)(?:\w{0,2})$",
    re.IGNORECASE,
)
_AFTER_REFUSED = re.compile(
    r"(?:\s+(?:movies?|films?|stuff|ones?|please|at all)|的|电影|影片|片)*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Years:
    """A span of years named in a sentence, and where.

    Attributes:
        start: Where the words begin.
        end: Where they end.
        low: First year, None when open.
        high: Last year, None when open.
        refused: Whether these years are not wanted; then the words include the refusal.
        vague: Whether the words name no year ("newer"); beside a title they compare with it.
    """

    start: int
    end: int
    low: int | None
    high: int | None
    refused: bool = False
    vague: bool = False


def read_years(text: str, vocabulary: Vocabulary) -> list[Years]:
    """All spans of years that a sentence asks for or refuses in figures or decades, in order."""
    found = []
    position = 0
    grammar = _grammar(tuple(vocabulary.decades))
    while (match := grammar.search(text, position)) is not None:
        position = max(match.end(), position + 1)
        span = _span(match, vocabulary.decades)
        if span is not None and not _ELSEWHEN.search(
            text, max(0, match.start() - 60), match.start()
        ):
            found.append(with_refusal(span, text))
    return found


def with_refusal(span: Years, text: str) -> Years:
    """The span, refused when the words before it say so."""
    start = refused_from(text, span.start)
    if start is None:
        return span
    after = _AFTER_REFUSED.match(text, span.end)
    end = after.end() if after else span.end
    return replace(span, start=start, end=end, refused=True)


@lru_cache(maxsize=8)
def _grammar(decades: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(sorted((d for d in decades if d.isascii()), key=len, reverse=True))
    characters = "|".join(d for d in decades if not d.isascii())

    def point(n: int) -> str:
        # "1987 to 89": behind a whole year two figures need no apostrophe.
        apostrophe = "(?(year2)['’]?|['’])" if n == 3 else "['’]"
        return (
            rf"(?:(?P<part{n}>early|mid|late)[\s-]+(?:the\s+|to\s+late\s+)?)?"
            rf"(?:(?:19|nineteen[\s-])?(?P<word{n}>{words})\b"
            rf"|(?P<long{n}>(?<!\d)(?:1[89]|20)\d0)['’]?s\b|(?<![\w$.])['’]?(?P<short{n}>[02-9]0)['’]?s\b"
            rf"|(?:上世纪|20世纪|二十世纪)?(?P<han{n}>(?:1[89]|20)\d0|[02-9]0|{characters})年代(?P<time{n}>初|中|末)?"
            rf"|(?P<year{n}>{_YEAR})(?:\s*年)?|(?<![\w]){apostrophe}(?P<brief{n}>\d\d)(?![\w]))"
        )

    one = point(1)
    forms = (
        rf"(?P<between>\s*(?P<open>\b(?:between|from)\s+)?(?:the\s+)?(?:years?\s+)?{point(2)}\s*(?:(?(open)and|(?!))|to|-|–|—|~|through|thru|until|till|到|至)\s*(?:the\s+)?{point(3)})",
        r"(?P<century>\b(?P<ordinal>19|20|21)(?:st|th)[\s-]century|(?P<hanordinal>19|20|21|二十一?)世纪(?!\w*年代))",
    )
    before = (
        r"(?:(?P<after>\b(?:after|post|later than|newer than|more recent than|younger than|past)\b)"
        r"|(?P<since>\bsince\b|\bfrom\b(?=[^,.;]{1,14}\b(?:on|onwards?|up)\b))"
        r"|(?P<before>\b(?:before|older than|earlier than|pre|prior to)\b)"
        r"|(?P<until>\b(?:until|till|up to|no later than)\b)"
        r"|(?P<around>\b(?:around|circa|roughly|ca)\b\.?)|\b(?:from|in|of|made in|released in)\b)?"
        r"[\s-]*(?:the\s+)?(?:year\s+)?"
    )
    behind = (
        r"(?:\s*(?P<andlater>(?:to|til|till|until|through|-|–)\s*(?:now|today|(?:the )?present(?: day)?)\b|(?:or|and)\s+(?:later|newer|after|up|above|onwards?|beyond|more recent)\b(?!\s*(?:the\s+)?['\d])|onwards?\b|on\b|\+|"
        r"(?:以后|之后|后|以来)(?!\w*代))"
        r"|\s*(?P<andearlier>(?:or|and)\s+(?:earlier|older|before|below)\b(?!\s*(?:the\s+)?['\d])|(?:以前|之前|前)))?"
    )
    return re.compile("|".join((*forms, before + one + behind)), re.IGNORECASE)


def _span(match: re.Match[str], decades: Mapping[str, int]) -> Years | None:
    start, end = match.start() + len(match[0]) - len(match[0].lstrip()), match.end()
    if match["century"]:
        first = _century(match["ordinal"] or match["hanordinal"])
        return Years(start, end, first, first + 99)
    if match["between"]:
        return _between(match, decades, start, end)
    point = _point(match, 1, decades)
    if point is None:
        return None
    return Years(start, end, *_bounds(match, *point))


def _century(ordinal: str) -> int:
    return (int({"二十": "20", "二十一": "21"}.get(ordinal, ordinal)) - 1) * 100


def _bounds(match: re.Match[str], low: int, high: int) -> tuple[int | None, int | None]:
    """What "after", "since", "or later" and the like make of a point of time."""
    later, earlier = match["andlater"] or "", match["andearlier"] or ""
    bounds: tuple[int | None, int | None] = (low, high)
    if match["after"]:
        bounds = (high + 1, None)
    elif match["since"] or later:
        # 2000年以后 is "after 2000", 2000年以来 is "since 2000".
        bounds = (high + 1 if later in {"以后", "之后", "后"} else low, None)
    elif match["before"]:
        bounds = (None, low - 1)
    elif match["until"] or (earlier.isascii() and earlier):
        bounds = (None, high)
    elif earlier:
        bounds = (None, low - 1)
    elif match["around"] and low == high:
        bounds = (low - _AROUND, high + _AROUND)
    return bounds


def _between(
    match: re.Match[str], decades: Mapping[str, int], start: int, end: int
) -> Years | None:
    first, last = _point(match, 2, decades), _point(match, 3, decades)
    if first is None or last is None:
        return None
    # A span written backwards means the same.
    return Years(start, end, min(first[0], last[0]), max(first[1], last[1]))


def _point(match: re.Match[str], n: int, decades: Mapping[str, int]) -> tuple[int, int] | None:
    """First and last year of the n-th point of time in the match."""
    groups = {key: match[f"{key}{n}"] for key in ("word", "long", "short", "han", "year", "brief")}
    kind, said = next(((k, v) for k, v in groups.items() if v), ("", ""))
    if not kind:
        return None
    if kind == "year":
        return int(said), int(said)
    if kind == "brief":
        year = int(said) + (2000 if int(said) < 20 else 1900)
        return year, year
    first = decades.get(said.casefold()) if not said.isdigit() else _decade(said)
    if first is None:
        return None
    if first == 1900:
        return 1900, 1999
    part = (match[f"part{n}"] or match[f"time{n}"] or "").casefold()
    low, high = _PARTS.get(part, (0, 9))
    return first + low, first + high


def _decade(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return 2000 if digits == "00" else 1900 + int(digits)


def year_filters(spans: list[Years]) -> list[tuple[str, str]]:
    """Filters that the spans ask for, each with its phrase.

    Closed spans are alternatives ("80s or 90s"); open ones must all hold; so must refusals.
    """
    result = []
    closed = [
        (s.low, s.high) for s in spans if s.low is not None and s.high is not None and not s.refused
    ]
    if closed:
        merged = _merged([(low, high) for low, high in closed])
        tests = [f"year == {a}" if a == b else f"{a} <= year <= {b}" for a, b in merged]
        shown = [str(a) if a == b else f"{a}-{b}" for a, b in merged]
        result.append((" or ".join(tests), "year " + " or ".join(shown)))
    for span in spans:
        test = _one_sided(span)
        if test is not None:
            result.append(test)
    return list(dict.fromkeys(result))


def _one_sided(span: Years) -> tuple[str, str] | None:
    """The filter of an open or refused span; a refused open span is the other side of it."""
    low, high, refused = span.low, span.high, span.refused
    if low is not None and high is not None:
        if not refused:
            return None
        shown = str(low) if low == high else f"{low}-{high}"
        return f"not ({low} <= year <= {high})", f"not year {shown}"
    if low is not None:
        first, last = (None, low - 1) if refused else (low, None)
    elif high is not None:
        first, last = (high + 1, None) if refused else (None, high)
    else:
        return None
    if first is not None:
        return f"year >= {first}", f"year {first} or later"
    return f"year <= {last}", f"year {last} or earlier"


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
