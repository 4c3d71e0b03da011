"""A conversation about items: what was said so far, without any input or output."""

from m6rec.chat.dialogue import Dialogue
from m6rec.chat.state import Answerer, Reply
from m6rec.chat.turns import Turn, read_turn

__all__ = ["Answerer", "Dialogue", "Reply", "Turn", "read_turn"]
