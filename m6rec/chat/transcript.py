"""A conversation held elsewhere, read as one request.

A chat of people says little in many lines: greetings, thanks, what the weather is like. What the
recommender needs of it is the wish in words; the items that were named go along as a history.
"""

import html
import re
from collections.abc import Iterable, Sequence

LONGEST_WISH = 600
"""Characters that are read, the latest ones: what was wished for last counts, and reading takes time."""
SHORTEST_LINE = 4
"""Words below which a line says nothing about what is wanted ("yes I did", "sounds good")."""
PLACE = "it"
"""Stands where a title stood: a sentence with a hole is harder to read than one with a pronoun."""
_SMALL_TALK = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?|thank you|ok(?:ay)?|yes|yeah|yep|"
    r"no|nope|great|good|bye|goodbye|you too|have a|how are|i(?:['’]?m| am) "
    r"(?:good|fine|great|well|doing))\b.{0,30}$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\(\d{4}\)")


def wish_of(lines: Iterable[str], titles: Sequence[str] = ()) -> str:
    """What the lines of one person wish for, as one text.

    Args:
        lines: What the person wrote, oldest first.
        titles: Titles as they are written in the lines; each becomes a pronoun, or the words of
            "Dirty Dancing" would ask for dancing. A year in parentheses goes with its title: it
            says which film is meant and is not a wish for that year.

    Returns:
        The lines that say something, at most their last `LONGEST_WISH` characters; empty when
        nothing was wished for yet.
    """
    pattern = _any_of(titles)
    kept = []
    for line in lines:
        # Some chats keep the marks of the web page they were typed in.
        read = html.unescape(line)
        plain = " ".join(_YEAR.sub("", pattern.sub(PLACE, read) if pattern else read).split())
        if len(plain.split()) >= SHORTEST_LINE and not _SMALL_TALK.match(plain):
            kept.append(plain)
    text = " ".join(kept)
    if len(text) <= LONGEST_WISH:
        return text
    # A word cut in half is no word.
    return text[-LONGEST_WISH:].partition(" ")[2]


def _any_of(titles: Sequence[str]) -> re.Pattern[str] | None:
    """Finds any of the titles as whole words, with or without its year; the longest first."""
    names = {_YEAR.sub("", html.unescape(title)).strip() for title in titles}
    written = sorted(filter(None, names), key=len, reverse=True)
    if not written:
        return None
    words = "|".join(map(re.escape, written))
    return re.compile(rf"(?<!\w)(?:{words})(?:\s*\(\d{{4}}\))?(?!\w)", re.IGNORECASE)
