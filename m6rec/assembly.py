"""From a model folder or a catalog to the parts of a recommender: fetched, merged, indexed, kept."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from m6rec.atomic import locked, read_manifest, replaced_folder
from m6rec.base_model import base_model_folder
from m6rec.candidates.crowd import Massive
from m6rec.candidates.crowd import load as load_learned
from m6rec.catalog import Catalog
from m6rec.codec import Codec
from m6rec.config import Config
from m6rec.decoding.distribution import CatalogDistribution
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.loading import load_causal_lm, load_language_model
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.probe import Probe
from m6rec.domains import probe_for
from m6rec.facets import FacetPlan
from m6rec.home import home
from m6rec.index import CatalogIndex, index_catalog
from m6rec.interactions import Interactions
from m6rec.model_folder import ModelFolder, open_model_folder, shipped_folder
from m6rec.progress import shown_status
from m6rec.prompts import PromptWriter, load_template
from m6rec.pull import sha256_of
from m6rec.sources import read_catalog
from m6rec.sources.movielens import load_default, load_default_catalog
from m6rec.start import save_start
from m6rec.vocabulary import Vocabulary

DEFAULT_CATALOG = "movielens-default"

UNHEARD = 1.0
"""Added to every item's popularity in its voice: what nobody chose yet can still be found."""

FILM_EXAMPLES = (
    "a film that keeps me on the edge of my seat -> thriller 1990s: The Fugitive",
    "any cheerful 60s musicals? -> musical 1960s: Mary Poppins",
)
"""Worked examples for the untuned model: with two of them it names the right genre first for 9 of 12
free requests, without for 8."""


def nothing_learned(_: Sequence[str]) -> Mapping[str, Massive]:
    """No trained sources."""
    return {}


@dataclass
class Parts:
    """Everything a recommender is made of.

    Attributes:
        config: The effective settings.
        vocabulary: How values are spoken.
        index: The catalog and its tree.
        distribution: Model and tree together.
        writer: Writes prompts.
        load_interactions: Reads who chose what; None when nothing is known.
        neutral_store: Where the neutral table is kept between runs.
        probe: What reads the kind of thing a wish asks for; None where there is none.
        load_learned: Reads the sources of the crowd that were trained beforehand, by name, given the
            ids of the catalog.
    """

    config: Config
    vocabulary: Vocabulary
    index: CatalogIndex
    distribution: CatalogDistribution
    writer: PromptWriter
    load_interactions: Callable[[], Interactions | None]
    neutral_store: Path
    probe: Probe | None = None
    load_learned: Callable[[Sequence[str]], Mapping[str, Massive]] = nothing_learned

    @cached_property
    def interactions(self) -> Interactions | None:
        """Who chose what, read when first needed."""
        return self.load_interactions()

    @cached_property
    def learned(self) -> Mapping[str, Massive]:
        """Trained sources of the crowd, read when first needed."""
        return self.load_learned([item.item_id for item in self.index.catalog])

    @property
    def codec(self) -> Codec:
        """The model's tokenizer."""
        return self.distribution.codec


def assemble(
    model: str | Path | None, catalog: Catalog | str | Path | None, config: Config | None
) -> Parts:
    """Put a recommender together.

    Args:
        model: A model folder; None for the shipped one, or for the untuned base model when a
            catalog is given.
        catalog: Items to recommend instead of the model folder's own.
        config: Settings instead of the model folder's own.
    """
    folder = open_model_folder(model) if model is not None else None
    if folder is None and catalog is None:
        folder = shipped_folder()
    items, load_interactions = _data(folder, catalog)
    tuned_for = Config.load(folder.config) if folder is not None else None
    if folder is not None and tuned_for is not None:
        settings = config or tuned_for
        model_folder = merged_model(folder)
    else:
        settings = config or untuned_config(items)
        model_folder = base_model_folder(settings.model.base)
    language_model, codec = load_language_model(model_folder, settings.model.dtype)
    vocabulary = Vocabulary.load()
    plan = FacetPlan.choose(items, settings.paths.describe)
    index = index_catalog(items, codec, vocabulary, plan=plan, store=home() / "index")
    if folder is None and config is None:
        settings = with_examples(settings, index)
    writer = prompt_writer(settings)
    neutral_text = writer.write(settings.prompt.neutral)
    neutral_ids = codec.prompt(neutral_text)
    store = _neutral_store(model_folder, index, neutral_ids)
    stores = [store]  # the folder's own comes first: it is whole, and what the model was tuned with
    # The folder's own table answers for its own tree and prompt, not for settings given instead.
    if folder and tuned_for and folder.manifest.index_key == index.key:
        written = prompt_writer(tuned_for).write(tuned_for.prompt.neutral)
        stores = [folder.neutral, store] if written == neutral_text else stores
    neutral = _neutral(index, language_model, neutral_ids, stores)
    distribution = CatalogDistribution(index.tree, language_model, codec, neutral, index.described)
    return Parts(
        settings,
        vocabulary,
        index,
        distribution,
        writer,
        load_interactions,
        store,
        probe_for(folder, index, vocabulary, settings.model.base),
        _learned(folder, catalog),
    )


def untuned_config(catalog: Catalog) -> Config:
    """Settings for a catalog no model was tuned on."""
    config = Config()
    return replace(config, prompt=replace(config.prompt, noun=noun_of(catalog)))


def with_examples(config: Config, index: CatalogIndex) -> Config:
    """The settings with worked examples, which an untuned model needs to know the form."""
    if index.catalog.name == DEFAULT_CATALOG:
        examples: tuple[str, ...] = FILM_EXAMPLES
    else:
        examples = worked_examples(index)
    return replace(config, prompt=replace(config.prompt, examples=examples))


def worked_examples(index: CatalogIndex, n: int = 2) -> tuple[str, ...]:
    """Examples drawn from a catalog: its most popular items that differ in what they are."""
    order = np.argsort(-index.catalog.popularity, kind="stable")
    examples: list[str] = []
    used: set[str] = set()
    for row in order.tolist():
        item = index.catalog.at(row)
        description = next(iter(index.describer.describe([item], row)))
        wanted = description.text.split(" ")[0]
        if not description.text or wanted in used:
            continue
        used.add(wanted)
        examples.append(f"something {description.text} -> {description.text}: {item.title}")
        if len(examples) == n:
            break
    return tuple(examples)


def noun_of(catalog: Catalog) -> str:
    """What one item is called: the last word of the catalog's name in the singular, or "Item"."""
    if catalog.name.startswith("movielens"):
        return "Movie"
    words = re.findall(r"[a-z]+", catalog.name.lower())
    # Only a plural says what the items are: "my_books" does, "export" does not.
    return _singular(words[-1]).capitalize() or "Item" if words else "Item"


_IN_IE = frozenset({"movies", "cookies", "smoothies", "brownies", "hoodies", "zombies"})
"""Plurals of words in -ie, which are few; all others in -ies are of words in -y."""


def _singular(word: str) -> str:
    """The singular of an English plural; empty when a word is none, or could have several."""
    if word in {"series", "species"}:
        return word
    if not re.fullmatch(r"[a-z]{3,}[^s]s", word) or word.endswith("ves"):
        return ""
    if word.endswith("ies") and word not in _IN_IE:
        return f"{word[:-3]}y"
    return re.sub(r"(?<=ch|sh|ss|zz)es$|(?<=x)es$|s$", "", word)


def prompt_writer(config: Config) -> PromptWriter:
    """The writer of prompts for some settings."""
    prompt = config.prompt
    return PromptWriter(load_template(prompt.template), prompt.noun, prompt.examples)


def merged_model(folder: ModelFolder) -> Path:
    """A tuned model as plain weights: the adapter added to its base once, then kept in the cache.

    So that answering needs neither PEFT nor the addition: importing PEFT alone takes seconds.
    """
    if folder.weights.name == "model":
        return folder.weights
    base = base_model_folder(folder.manifest.base)
    adapter = folder.weights / "adapter_model.safetensors"
    key = hashlib.sha256(f"{folder.manifest.base} {sha256_of(adapter)}".encode()).hexdigest()[:16]
    merged = home() / "models" / f"merged-{key}"
    if read_manifest(merged):
        return merged
    with locked(merged.with_suffix(".lock")):
        if not read_manifest(merged):
            with shown_status("preparing the tuned model", None):
                merge_into(base, folder.weights, merged)
    return merged


def merge_into(base: Path, weights: Path, merged: Path) -> Path:
    """Write base plus adapter as plain bfloat16 weights; whole weights are returned as they are."""
    import torch

    from m6rec.tuning.adapters import merge

    if weights.name == "model":
        return weights
    model, tokenizer = load_causal_lm(base, torch.float32)
    plain, start = merge(model, weights)
    with replaced_folder(merged, {"base": str(base.name)}) as part:
        plain.to(torch.bfloat16).save_pretrained(part)
        tokenizer.save_pretrained(part)
        if start is not None:
            save_start(start, part)
    return merged


def _data(
    folder: ModelFolder | None, catalog: Catalog | str | Path | None
) -> tuple[Catalog, Callable[[], Interactions | None]]:
    """The items, and how to read who chose what."""
    if isinstance(catalog, Catalog):
        return catalog, lambda: None
    if catalog is not None and str(catalog) != DEFAULT_CATALOG:
        return read_catalog(catalog), lambda: None
    if folder is not None and catalog is None and folder.catalog.is_file():
        items = Catalog.load(folder.catalog)
        path = folder.interactions
        return items, lambda: Interactions.load(path, items) if path.is_file() else None
    return load_default_catalog(), lambda: load_default()[1]


def _learned(
    folder: ModelFolder | None, catalog: Catalog | str | Path | None
) -> Callable[[Sequence[str]], Mapping[str, Massive]]:
    """How to read the trained sources: those of the folder speak of its own items only."""
    if folder is None or catalog is not None:
        return nothing_learned
    return partial(load_learned, folder.crowd)


def _neutral_store(model_folder: Path, index: CatalogIndex, neutral_ids: list[int]) -> Path:
    # Two folders may have one name, and a folder may be written anew: its weights tell.
    files = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in _weights(model_folder)]
    key = hashlib.sha256(
        f"{model_folder.resolve()} {files} {index.key} {neutral_ids}".encode()
    ).hexdigest()
    return home() / "neutral" / f"{key[:20]}.f16"


def _weights(model_folder: Path) -> list[Path]:
    return sorted(p for p in model_folder.iterdir() if p.suffix in (".safetensors", ".bin"))


def _neutral(
    index: CatalogIndex, model: LanguageModel, neutral_ids: list[int], stores: list[Path]
) -> NeutralTable:
    n_children = len(index.tree.child_token)
    for store in stores:
        values = NeutralTable.read_values(store, n_children)
        if values is not None:
            return NeutralTable(index.tree, model, neutral_ids, values)
    return NeutralTable(index.tree, model, neutral_ids)
