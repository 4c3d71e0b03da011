"""A text that is nothing but a title: "pulp fiction", "or maybe The Matrix"."""

import re
from bisect import bisect_left

from m6rec.grounding.cues import LIKED
from m6rec.grounding.edges import AFTER
from m6rec.grounding.grounder import SURE_OF_PART, Grounder
from m6rec.grounding.index import opening
from m6rec.grounding.mention import Mention
from m6rec.grounding.plainness import Plainness
from m6rec.records import Match

_LONGEST_TITLE = 120
_SHORTEST = 7
_MOST_WORDS = 8
_MOST_OF_IT = 0.7
_LEAD = re.compile(
    r"\s*(?:(?:or|and|oh|so|well|maybe|perhaps|also|plus|then|how about|what about)\b[\s,]*)+",
    re.IGNORECASE,
)


def bare_title(text: str, grounder: Grounder, plainness: Plainness) -> Mention | None:
    """The title that a text consists of; None when it is something else.

    Args:
        text: The whole text.
        grounder: Whose titles are looked for.
        plainness: Tells titles from ordinary words of this text.
    """
    lead = _LEAD.match(text)
    title = text[lead.end() if lead else 0 :].strip().rstrip(".!?,;")
    if not title or len(title) > _LONGEST_TITLE or plainness.generic(title):
        return None
    wanted, known = opening(title), grounder.openings
    place = bisect_left(known, wanted)
    if place == len(known) or not known[place].startswith(wanted):
        return None
    match = grounder.spoken(title)
    if match is None or match.item_id is None or not plainness.bare(title, match):
        return None
    return _whole(text, title, match)


def nearly_bare(text: str, grounder: Grounder, plainness: Plainness) -> Mention | None:
    """The well-known title that a short text is part of, or is but for its spelling: "shawshank".

    Args:
        text: The whole text, without any cue or title in it.
        grounder: Whose titles are looked for.
        plainness: Tells titles from ordinary words of this text.
    """
    title = AFTER.sub("", f" {text.strip().rstrip('.!?,; ')}").strip()
    words = title.split()
    if not _SHORTEST <= len(title) <= _LONGEST_TITLE or len(words) > _MOST_WORDS:
        return None
    if plainness.nearly_generic(title) or plainness.everyday(title):
        return None
    match = grounder.phrase(title)
    if match.item_id is None or not grounder.famous(match):
        return None
    covered = len(title) >= _MOST_OF_IT * len(match.title)
    if match.confidence == SURE_OF_PART and len(words) > 1 and not covered:
        return _whole(text, title, match) if plainness.distinctive(title) else None
    return _whole(text, title, match)


def _whole(text: str, title: str, match: Match) -> Mention:
    start = text.index(title)
    return Mention(title, start, start + len(title), LIKED, match, start, start + len(title))
