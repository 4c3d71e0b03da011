"""Text to items: typed titles, and titles inside a sentence."""

from m6rec.grounding.grounder import Grounder
from m6rec.grounding.mention import Mention

__all__ = ["Grounder", "Mention"]
