"""Titles that a catalog knows only an earlier film of: "the new top gun" is not the one of 1986."""

import re

from m6rec.grounding.grounder import Grounder
from m6rec.grounding.mention import Mention

_STILL_NEW = 10
"""Years before the catalog's last in which a film may still be called the new one."""
_NEW = re.compile(r"\bthe (?:new|latest|upcoming|newest)\s+$", re.IGNORECASE)


def remade(text: str, mention: Mention, grounder: Grounder) -> bool:
    """Whether "the new ..." speaks of a later film than the one that a mention was matched to.

    Args:
        text: The whole text.
        mention: A title in it.
        grounder: Knows the years; without one the film may be new.
    """
    if mention.match.item_id is None or not _NEW.search(text, 0, mention.start):
        return False
    years = grounder.index.years
    year = years[grounder.catalog.row(mention.match.item_id)]
    latest = max((y for y in years if y is not None), default=0)
    return year is not None and year < latest - _STILL_NEW
