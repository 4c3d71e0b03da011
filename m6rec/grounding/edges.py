"""Where titles may begin and end in a sentence, as patterns."""

import re

QUOTED = re.compile(
    r"《(?P<a>[^》]+)》|「(?P<b>[^」]+)」|“(?P<c>[^”]+)”|\"(?P<d>[^\"]+)\"|(?<!\w)[‘'](?P<e>[^’'\n]+(?:['’]\w[^’'\n]*)*)[’'](?!\w)"
)
BREAK = re.compile(
    r"\s*[,;:.!?\n]+(?=\s|$)|\s*[，。！？；、()（）]|\s+[-–—/&+]\s+|\s+(?:and|or|nor|but|with|without|except|that|which|who|"
    r"because|since|from|for|only|just|set|about|in|on|if|while|as|than|so|then|however|though|plus|"
    r"please|also|when|where|by|starring|directed|made|more|less|not|no|rather|was|is|were|are|i|maybe|what|how|can|could|would|should|do|does|go|came|those|these|they|we|he|she|last (?:night|week|weekend|month|year|time)|yesterday|tonight|recently|years ago)\b"
    r"|一样|那样|那种|这样|之类|的|但|不过|却|和|与|或|跟",
    re.IGNORECASE,
)
CAPITALS = re.compile(
    r"(?:the\s+)?[A-ZÀ-Þ][\w'’·-]*(?:\s+(?:(?:of|the|and|an?|in|to|for|on|&)\s+){0,3}[A-ZÀ-Þ\d][\w'’·-]*)*"
)
JOINT = re.compile(
    r"\s*(?:[,，、/&+]\s*(?:and|or|nor|plus)?|(?:and|or|nor|plus|as well as)\b|和|与|或|跟|及)\s*(?:(?:also|the other|by|with|of|for)\b)?\s*",
    re.IGNORECASE,
)
BEFORE = re.compile(
    r"[\s:,]*(?:(?:all|both|either|maybe|perhaps|say|watching|seeing|especially|particularly|every (?:minute|second|bit|part)|everything about|e\.g\.|for example|for instance|of)[\s,]+)*"
    r"(?:(?:another|any|any more|the whole|all the|all of the|those|the other|the old|the new|the original|that)\s+)?(?:(?:the|a)\s+(?:movies?|films?|books?|novels?|classics?|original|first)\s+)?(?:called\s+|named\s+)?",
    re.IGNORECASE,
)
OWNER = re.compile(r"\s*(?:[^\W\d_]+\s+)?[^\W\d_]+['’]s\s+", re.IGNORECASE)
"""Whose film it is, before it: "kubrick's", "jim carrey's"."""
CLOSED = re.compile(r"\s*(?:$|[,.;!?，。；！？、)]|(?:and|or|but|nor|though)\b)", re.IGNORECASE)
"""What follows the member of a list."""
AFTER = re.compile(
    r"(?:\s+(?:movies?|films?|books?|series|saga|trilogy|franchise|ones?|flicks?|shows?|please|thanks|thank you|too|"
    r"again|a lot|very much|so much|better|best|instead|yesterday|recently|twice|already|etc|tonight|today))+\s*$",
    re.IGNORECASE,
)
