"""Text that users wrote, and descriptions: what their words ask for.

Reviews, comments and descriptions say what an item is like in words no field has. Their keywords
become requests ("something with a heist"). Keywords are those of highest tf-idf, found by scikit-learn;
what people dislike says nothing about what to ask for, so negative reviews are left out, told by VADER
(Hutto & Gilbert 2014, "VADER: a parsimonious rule-based model for sentiment analysis").
"""

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from m6rec.catalog import Catalog
from m6rec.errors import MissingExtraError
from m6rec.pairs.mixture import bounds, pick
from m6rec.pairs.wording import Wording
from m6rec.records import TextPair

OPINIONS = ("reviews", "review", "comments", "comment", "opinions", "opinion")
"""Fields in which people say what they think."""
TEXTS = (
    *OPINIONS,
    *(
        "description",
        "descriptions",
        "summary",
        "overview",
        "plot",
        "synopsis",
        "blurb",
        "abstract",
    ),
)
NEGATIVE = -0.05
"""VADER's own threshold of its compound score, from -1 to 1."""
PER_ITEM = 12
"""Keywords of one item."""
FEWEST_ITEMS = 3
"""A word that fewer items have is a name, or a slip of the pen."""
COMMONEST = 0.1
"""Share of the items above which a word says nothing about them."""
_TAGS = re.compile(r"<[^>]*>|https?://\S+|www\.\S+")
_WORD = r"(?u)\b[^\W\d_][^\W\d_']{2,}\b"


def text_fields(catalog: Catalog) -> tuple[str, ...]:
    """The fields of a catalog whose texts keywords are drawn from."""
    return tuple(name for name in catalog.field_names if name.casefold() in TEXTS)


def keywords(catalog: Catalog, fields: Sequence[str] | None = None) -> dict[str, list[int]]:
    """The keywords of a catalog's texts, and the rows of the items that have them.

    Args:
        catalog: The items.
        fields: Fields with texts; None for those of familiar names.

    Returns:
        Rows by keyword, ascending; empty where there are no texts, or where no word recurs.

    Raises:
        MissingExtraError: scikit-learn or, where people's opinions are read, vaderSentiment is not
            installed.
    """
    chosen = text_fields(catalog) if fields is None else tuple(fields)
    texts = _texts(catalog, chosen)
    if sum(bool(text) for text in texts) < FEWEST_ITEMS:
        return {}
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise _missing("scikit-learn") from error
    vectorizer = TfidfVectorizer(
        stop_words="english",
        token_pattern=_WORD,
        ngram_range=(1, 2),
        min_df=FEWEST_ITEMS,
        max_df=max(FEWEST_ITEMS, int(COMMONEST * len(texts))),
        sublinear_tf=True,
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no word is neither too rare nor too common
        return {}
    names = vectorizer.get_feature_names_out()
    found: dict[str, list[int]] = defaultdict(list)
    for row in range(weights.shape[0]):
        low, high = weights.indptr[row : row + 2]
        best = np.argsort(-weights.data[low:high], kind="stable")[:PER_ITEM]
        for column in weights.indices[low:high][best].tolist():
            found[str(names[column])].append(row)
    return {word: rows for word, rows in sorted(found.items()) if len(rows) >= FEWEST_ITEMS}


class KeywordPairs:
    """Draws requests for a keyword, and the items whose texts have it.

    Args:
        catalog: The items.
        found: Rows by keyword, as `keywords` returns them.
        wording: Puts requests into words.
    """

    def __init__(self, catalog: Catalog, found: dict[str, list[int]], wording: Wording) -> None:
        self._catalog, self._wording = catalog, wording
        self._words = list(found)
        self._rows = found
        sizes = [float(np.sqrt(len(rows))) for rows in found.values()]
        self._shares = bounds(sizes) if sizes else np.zeros(0)

    def __len__(self) -> int:
        return len(self._words)

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; `len` must not be 0."""
        word = self._words[pick(self._shares, rng)]
        items = tuple(self._catalog.at(row).item_id for row in self._rows[word])
        return TextPair("keyword", self._wording.frame("about", rng, value=word), item_ids=items)


def cleaned(text: str) -> str:
    """A text without markup, addresses and line ends."""
    return " ".join(_TAGS.sub(" ", html.unescape(text)).split())


def _texts(catalog: Catalog, fields: Iterable[str]) -> list[str]:
    """Each item's texts in one, without negative opinions and what was said twice."""
    fields = list(fields)
    opinions = [name for name in fields if name.casefold() in OPINIONS]
    seen: Counter[str] = Counter()
    kept: list[list[str]] = []
    for item in catalog:
        some = [(name in opinions, cleaned(text)) for name in fields for text in item.values(name)]
        kept.append([text for judged, text in some if not (judged and _negative(text))])
        seen.update(set(kept[-1]))
    # The same text under many items is a notice of the shop, not about one of them.
    return [" ".join(dict.fromkeys(t for t in some if seen[t] < FEWEST_ITEMS)) for some in kept]


def _negative(text: str) -> bool:
    return float(_judge().polarity_scores(text)["compound"]) < NEGATIVE


@cache
def _judge() -> Any:
    """The judge of opinions, read once."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise _missing("vaderSentiment") from error
    return SentimentIntensityAnalyzer()


def _missing(package: str) -> MissingExtraError:
    return MissingExtraError(
        f"reading texts that users wrote needs {package}; install it with: pip install 'm6rec[text]'"
    )
