"""Pieces that the parts of the grammar share: what items are called, lists of words as patterns."""

import re
from collections.abc import Iterable

NOUNS = (
    r"(?:movies?|films?|titles?|flicks?|pictures?|cinema|books?|novels?|reads?|songs?|albums?|games?|"
    r"shows?|series|stuff|things?|ones?|classics?|hits?|releases?|comed(?:y|ies)|dramas?|thrillers?|westerns?|musicals?|"
    r"romances?|documentar(?:y|ies)|cartoons?|animations?|horrors?|action|horror|sci-?fi|science fiction|fantas(?:y|ies)|myster(?:y|ies)|noirs?)"
)
"""What items are called, in any catalog."""
ITEMS = rf"(?:(?!(?:kinds?|types?|sorts?|way|age|york|wave|zealand|orleans|jersey|england|world|school|fashioned|man|men|lady|of|and|or|the|a|in|to|for|with|from)\b)[\w'-]+\s+){{0,2}}?{NOUNS}\b"
"""The same with up to two words before it: "funny black comedy"."""


def alternatives(words: Iterable[str]) -> str:
    """A pattern of any of the words, longest first; blanks also match hyphens; never when empty."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    parts = []
    for word in ordered:
        pattern = re.escape(word).replace(r"\ ", r"[\s-]+").replace("'", "['’]?")
        parts.append(rf"\b{pattern}\b" if word.isascii() else pattern)
    return rf"(?:{'|'.join(parts)})" if parts else r"(?!)"
