"""Film titles as MovieLens writes them, turned into titles as people write them."""

import re
import unicodedata

_ARTICLES = (
    "The|A|An|La|Le|Les|L'|L’|Un|Une|El|Los|Las|Lo|Il|I|Gli|Una|Der|Die|Das|Ein|Eine"
    "|Den|Det|De|En|Et|Het|Da|O|Os"
)  # Joined with bars, as the two patterns below need them.
_LAST = re.compile(rf"^(?P<rest>.+), (?P<article>{_ARTICLES})$")
# Not greedy: the article belongs to the shortest name before it, as in "Class, The: A Story".
_INNER = re.compile(rf"^(?P<rest>.+?), (?P<article>{_ARTICLES})(?P<tail>(?:: | - | \().+)$")
_ALSO_KNOWN = re.compile(r"^a\.?k\.?a\.?:?\s+", re.IGNORECASE)
_YEAR = re.compile(r"\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$")
# A parenthesis at the end is another title, except where it reads on from the title before it.
_READS_ON = re.compile(
    r"^(?:and|or) |^(?:first|full|final) sequence$|^part \d|^(?:yellow|blue)$", re.IGNORECASE
)
_UNFINISHED = re.compile(r"(?:\bor|:)$", re.IGNORECASE)


def split_year(title: str) -> tuple[str, int | None]:
    """Split "Toy Story (1995)" into the title and the year; the year is None when there is none."""
    match = _YEAR.search(title)
    if match is None or match.start() == 0:
        return title.strip(), None
    return title[: match.start()].strip(), int(match[1])


def split_title(title: str) -> tuple[str, tuple[str, ...]]:
    """Return the display title and the other titles a film is known by, articles in front.

    "Seven (a.k.a. Se7en)" gives "Seven" and ("Se7en",). A parenthesis that belongs to the title,
    as in "(500) Days of Summer", stays.
    """
    rest = " ".join(title.split())
    others: list[str] = []
    while (cut := _last_parenthesis(rest)) is not None:
        before, inside = rest[:cut].rstrip(), rest[cut + 1 : -1].strip()
        if not before or _READS_ON.search(inside) or _UNFINISHED.search(before):
            break
        others.insert(0, article_first(_ALSO_KNOWN.sub("", inside)))
        rest = before
    shown = article_first(rest)
    unlike = {other.casefold(): other for other in others if other}
    unlike.pop(shown.casefold(), None)
    return shown, tuple(unlike.values())


def article_first(title: str) -> str:
    """Move a known article from behind a comma to the front: "Matrix, The" to "The Matrix".

    An article before a colon, a dash or a parenthesis moves too. Other words after a comma stay:
    "Crazy, Stupid, Love".
    """
    match = _LAST.match(title)
    tail = ""
    if match is None:
        match = _INNER.match(title)
        if match is None:
            return title
        tail = match["tail"]
    article = match["article"]
    blank = "" if article.endswith(("'", "’")) else " "
    return f"{article}{blank}{match['rest']}{tail}"


_LEADING = frozenset(article.strip("'’").casefold() for article in _ARTICLES.split("|"))


_SAME_WORDS = {
    "vol": "volume",
    "colours": "colors",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}


def title_key(title: str) -> str:
    """Return a key under which spellings of one title agree.

    Case, accents, punctuation and a leading article do not count; "&" is "and", "Vol." is
    "Volume", and "II" or "Two" is "2". Empty when the title has neither letter nor digit.
    """
    plain = unicodedata.normalize("NFKD", title.casefold().replace("&", " and "))
    kept = (c for c in plain if not unicodedata.combining(c) and c not in "'’`.")
    spaced = "".join(c if c.isalnum() else " " for c in kept).split()
    words = [_SAME_WORDS.get(word, word) for word in spaced]
    if len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    return " ".join(words)


def _last_parenthesis(text: str) -> int | None:
    """Return where the balanced parenthesis that ends the text opens; None without one."""
    if not text.endswith(")"):
        return None
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == ")") - (text[place] == "(")
        if depth == 0:
            # Glued to a word, as in "Frontière(s)", it is part of that word.
            return place if text[place - 1 : place] == " " else None
    return None


_SUBTITLE = re.compile(r"\s*(?::| - | – | or:)\s+")


def part_keys(title: str) -> tuple[str, ...]:
    """Return the keys of the name before the first colon or dash and of the rest; empty without."""
    parts = _SUBTITLE.split(title, maxsplit=1)
    keys = tuple(title_key(part) for part in parts) if len(parts) == 2 else ()
    return tuple(key for key in keys if key)
