"""What items say of themselves: TF-IDF and BM25 over their titles and fields.

Answers both a request in words and a history of items, and needs nobody to have chosen anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.candidates.recency import check_decay, weigh
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError, MissingExtraError
from m6rec.records import Item

HISTORY_DECAY = 0.9
"""Each step back in the history counts this much less."""
LEAST_WEIGHT = 1e-3
"""Choices that weigh less are not read."""
BM25_K1 = 0.5
"""Repeated words stop counting sooner than in prose: a name twice in a film's fields says little more."""
BM25_B = 0.3


@dataclass(frozen=True, eq=False, slots=True)
class Content:
    """Items as weighted words; matrices are sparse (SciPy CSR).

    Attributes:
        documents: Weight of each word in each item, shape (n_items, n_words).
        queries: Each item read as a query, shape (n_items, n_words).
        read: Texts to queries, shape (n_texts, n_words).
        history_decay: Weight of one step back in the history.
    """

    documents: Any
    queries: Any
    read: Callable[[Sequence[str]], Any]
    history_decay: float = HISTORY_DECAY

    def scores(self, history: NDArray[np.int32]) -> NDArray[np.float64]:
        """Score(j) = sum over the history of decay**age * match(item i as a query, item j).

        Returns:
            Shape (n_items,), never negative; all 0 for an empty history.

        Raises:
            ConfigError: The history names a row that is not in the catalog.
        """
        given = weigh(history, self.documents.shape[0], self.history_decay)
        chosen = np.flatnonzero(given >= LEAST_WEIGHT)
        wanted = self.queries[chosen].T @ given[chosen]
        return np.asarray(self.documents @ wanted, np.float64)

    def match(self, text: str) -> NDArray[np.float64]:
        """How well each item's text matches, shape (n_items,); all 0 when no word is known."""
        wanted = self.read([text]).toarray()[0]
        return np.asarray(self.documents @ wanted, np.float64)


def fit_tfidf(catalog: Catalog, *, history_decay: float = HISTORY_DECAY) -> Content:
    """Cosine of TF-IDF vectors with logarithmic counts (Salton & Buckley 1988).

    Words are English stems, stop words left out.

    Raises:
        ConfigError: `history_decay` is out of range, or no item has a word.
        MissingExtraError: scikit-learn or PyStemmer is not installed.
    """
    check_decay(history_decay)
    split = _stems()
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=split, sublinear_tf=True)
    documents = _learned(vectorizer, catalog)
    return Content(documents, documents, vectorizer.transform, history_decay)


def fit_bm25(
    catalog: Catalog,
    *,
    k1: float = BM25_K1,
    b: float = BM25_B,
    history_decay: float = HISTORY_DECAY,
) -> Content:
    """Okapi BM25 (Robertson et al. 1995) in Lucene's form; a word counts once in a query.

    Words are those of `fit_tfidf`. An item read as a query is scaled to length 1, or one with a long
    cast would drown the others.

    Args:
        catalog: The items.
        k1: How slowly a repeated word stops counting, at least 0.
        b: How much a long text is held against an item, in [0, 1].
        history_decay: Weight of one step back in the history.

    Raises:
        ConfigError: A setting is out of range, or no item has a word.
        MissingExtraError: bm25s, scikit-learn or PyStemmer is not installed.
    """
    check_decay(history_decay)
    if k1 < 0 or not 0 <= b <= 1:
        raise ConfigError(f"k1 {k1}, b {b}: choose k1 at least 0 and b between 0 and 1")
    split = _stems()
    try:
        import bm25s
    except ImportError as error:
        raise _missing("bm25s") from error
    import scipy.sparse
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize

    vectorizer = CountVectorizer(analyzer=split, binary=True)
    queries = _learned(vectorizer, catalog).astype(np.float64)
    words = vectorizer.vocabulary_
    index = bm25s.BM25(k1=k1, b=b)
    index.index(
        ([[words[word] for word in split(item_words(item))] for item in catalog], words),
        create_empty_token=False,
        show_progress=False,
    )
    kept = index.scores
    documents = scipy.sparse.csc_matrix(
        (kept["data"], kept["indices"], kept["indptr"]), queries.shape, dtype=np.float64
    )
    return Content(documents.tocsr(), normalize(queries), vectorizer.transform, history_decay)


def item_words(item: Item) -> str:
    """The title and every field as plain words; a year also as its decade, ``1994 1990s``.

    Numbers other than years are left out: nobody asks for a running time of 98 by that word.
    """
    parts = [item.title]
    for name, value in item.fields.items():
        if name == "year" and isinstance(value, int):
            parts.append(f"{value} {value // 10 * 10}s")
        elif not isinstance(value, int | float):
            parts += item.values(name)
    return ". ".join(parts)


def _learned(vectorizer: Any, catalog: Catalog) -> Any:
    """Words of the catalog by item, shape (n_items, n_words)."""
    try:
        return vectorizer.fit_transform([item_words(item) for item in catalog]).tocsr()
    except ValueError as error:
        raise ConfigError(
            f'no item of catalog "{catalog.name}" has a word to search by; '
            "give the items titles or fields in words"
        ) from error


def _stems() -> Callable[[str], list[str]]:
    """Texts to English stems: "comedies" asks for what "Comedy" says."""
    try:
        import Stemmer
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as error:
        raise _missing("scikit-learn and PyStemmer") from error
    split = CountVectorizer(stop_words="english").build_analyzer()
    stem = Stemmer.Stemmer("english").stemWords
    return lambda text: stem(split(text))


def _missing(package: str) -> MissingExtraError:
    return MissingExtraError(
        f"search by words needs {package}; install with: pip install 'm6rec[eval]'"
    )
