"""What a sentence asks for: a small grammar takes out what must hold, the rest is for the model."""

from m6rec.wishes.reading import LONGEST_WISH, read_wish
from m6rec.wishes.wish import Wish

__all__ = ["LONGEST_WISH", "Wish", "read_wish"]
