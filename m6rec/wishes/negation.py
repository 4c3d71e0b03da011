"""Whether the words before a place in a sentence refuse what stands there."""

import re

_REFUSED = re.compile(
    r"(?:,\s*|\b(?:but|and)\s+)*(?:\b(?:please|i|it|that|they)\s+)*"
    r"(?:\b(?:not|no|nothing|none|without|except(?: for)?|excluding|never|avoid|other than|anything but|(?:sick|tired|bored) of|skip|hate|dislike|refuse(?: to)?|rather not|(?:will|would|do|did|does|can) never)\b|"
    r"\b(?:do|does|is|are|was|were|should|must|ca|can|could|wo|would|need)(?:n't|not| not)\b(?:\s+(?:want|like|show|give|recommend|be|care for|need))*)"
    r"(?:\s+(?:me|any|anything|something|movies?|films?|books?|stuff|those|made|released|that|that's|thats|which|is|are|be|come|"
    r"came|watch|watching|see|seeing|sit through|read|drags?|goes|go|last|lasts|takes?|comes?|stretch(?:es)?|on|for|than|more|set|dating|from|in|of|the|one|ones|please|too|so|very|really|all|a|an|with|to|runs?|running))*\s*$"
    # The years may begin with the "of" behind these; "i'm tired, something from the 80s" refuses nothing.
    r"|\b(?:sick|tired|bored)\s*$"
    r"|(?:不要|不看|不想看|不想要|别|除了|不是|不能|不喜欢|不)(?:看|要|太|是)?\s*$",
    re.IGNORECASE,
)
_FAR = 80


def refused_from(text: str, position: int) -> int | None:
    """Where the words begin that refuse what stands at `position`; None when none do."""
    found = _REFUSED.search(text, max(0, position - _FAR), position)
    return found.start() if found else None
