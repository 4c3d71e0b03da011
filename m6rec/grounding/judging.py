"""What is thought of each title of a sentence, once all of them are found."""

import re
from dataclasses import replace

from m6rec.grounding.cues import DISLIKED, LIKED
from m6rec.grounding.mention import Mention
from m6rec.grounding.opinions import Opinion, opinion_after

_JOINT = re.compile(
    r"\s*(?:(?P<and>,?\s*(?:and|&|as well as|plus|or|nor)|和|与|跟|及)|[,，、/])\s*", re.IGNORECASE
)
_NEITHER = re.compile(r"\bneither\b[^.!?;]*$", re.IGNORECASE)
_JUDGING = re.compile(
    r"\b(?:found|find|finds|consider\w*|thought|think|call|called)\s+(?:the\s+|that\s+)?$|觉得\s*$",
    re.IGNORECASE,
)


def _turned(text: str, mention: Mention, opinion: Opinion) -> Opinion:
    """The opinion, turned over by a "neither" before the titles."""
    neither = _NEITHER.search(text, 0, mention.start)
    if neither and opinion.sentiment == LIKED:
        return replace(opinion, sentiment=DISLIKED, several=True)
    return opinion


def judged(text: str, mentions: list[Mention]) -> list[Mention]:
    """The mentions with the opinions that stand behind them.

    An opinion behind a list counts for its last title; for all of them when it speaks of several
    ("both", "were", "them") or nothing before them says what is thought of them.
    """
    result = list(mentions)
    for number, mention in enumerate(mentions):
        following = mentions[number + 1] if number + 1 < len(mentions) else None
        limit = len(text) if following is None else max(mention.end, following.clause_start)
        judging = _JUDGING.search(text, 0, mention.start) is not None
        opinion = opinion_after(text, mention.end, limit, judging=judging)
        if opinion is None or (opinion.weak and mention.sentiment == DISLIKED):
            continue
        opinion = _turned(text, mention, opinion)
        end = max(mention.clause_end, opinion.end)
        result[number] = replace(mention, sentiment=opinion.sentiment, clause_end=end)
        for before in range(number - 1, -1, -1):
            joint = _JOINT.fullmatch(text, mentions[before].end, mentions[before + 1].start)
            if joint is None or opinion.several is False:
                break
            unsaid = (
                mentions[before].sentiment == "seen"
                or mentions[before].clause_start == mentions[before].start
            )
            if opinion.several or (joint["and"] and unsaid):
                result[before] = replace(mentions[before], sentiment=opinion.sentiment)
    return result
