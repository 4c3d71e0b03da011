"""Small catalogs and histories: films with every kind of field, and catalogs that lack some."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.codec import Codec
from m6rec.decoding.voices import Chorus, Voice
from m6rec.facets import Describer, Description, FacetPlan
from m6rec.index import CatalogIndex, index_catalog
from m6rec.interactions import Interactions
from m6rec.pairs.histories import HistoryPairs
from m6rec.pairs.phrasebook import load_phrasebook
from m6rec.pairs.requests import RequestPairs
from m6rec.prompts import PromptWriter, load_template
from m6rec.records import FieldValue, Interaction, Item
from m6rec.tuning.examples import Example, ExampleMaker
from m6rec.vocabulary import Vocabulary

_FILMS = (
    # id, title, year, genres, country, first of the cast, ratings
    ("1", "Toy Story", 1995, "Animation Comedy", "United States", "Tom Hanks", 247),
    ("2", "Groundhog Day", 1993, "Comedy Romance", "United States", "Bill Murray", 200),
    ("3", "Men in Black", 1997, "Comedy Sci-Fi", "United States", "Will Smith", 190),
    ("4", "The Mask", 1994, "Comedy Fantasy", "United States", "Jim Carrey", 157),
    ("5", "Airplane!", 1980, "Comedy", "United States", "Leslie Nielsen", 90),
    ("6", "Big", 1988, "Comedy Fantasy", "United States", "Tom Hanks", 150),
    ("7", "The Matrix", 1999, "Action Sci-Fi", "Australia", "Keanu Reeves", 259),
    ("8", "Blade Runner", 1982, "Sci-Fi Thriller", "United States", "Harrison Ford", 135),
    ("9", "Unforgiven", 1992, "Western Drama", "United States", "Clint Eastwood", 80),
    ("10", "The Fugitive", 1993, "Thriller", "United States", "Harrison Ford", 190),
    ("11", "Alien", 1979, "Horror Sci-Fi", "United Kingdom", "Sigourney Weaver", 140),
    ("12", "The Shining", 1980, "Horror", "United Kingdom", "Jack Nicholson", 110),
    ("13", "Amélie", 2001, "Comedy Romance", "France", "Audrey Tautou", 95),
    ("14", "千与千寻", 2001, "Animation Fantasy", "Japan", "Rumi Hiiragi", 60),
    ("15", "Cast Away", 2000, "Drama", "United States", "Tom Hanks", 130),
    ("16", "Delicatessen", 1991, "Comedy Sci-Fi", "France", "Dominique Pinon", 30),
    ("17", "Diva", 1981, "Thriller", "France", "Wilhelmenia Fernandez", 8),
    ("18", "Witness", 1985, "Drama Thriller", "United States", "Harrison Ford", 70),
    ("19", "Bill & Ted's Excellent Adventure", 1989, "Comedy", "United States", "Keanu Reeves", 66),
    ("20", "Speed", 1994, "Action Thriller", "United States", "Keanu Reeves", 171),
)


def films() -> Catalog:
    """Twenty films with genres, year, country, cast and popularity."""
    return Catalog((_film(*film) for film in _FILMS), name="movielens-tiny")


def _film(
    item_id: str, title: str, year: int, genres: str, country: str, star: str, ratings: int
) -> Item:
    fields: dict[str, FieldValue] = {
        "genres": tuple(genres.split()),
        "year": year,
        "countries": (country,),
        "cast": (star,),
    }
    return Item(item_id, title, fields, float(ratings))


def only(*names: str) -> Catalog:
    """The films with no fields but these."""
    return Catalog(
        (Item(i.item_id, i.title, {n: i.fields[n] for n in names}, i.popularity) for i in films()),
        name="tiny",
    )


def bare_titles() -> Catalog:
    """Things with an id and a title and nothing else, never chosen by anybody."""
    titles = ("Alien", "Alien 3", "Aliens", "Zulu", "Ran", "M")
    return Catalog((Item(f"b{n}", title) for n, title in enumerate(titles)), name="export")


def choices(catalog: Catalog, n_users: int = 6, length: int = 9) -> Interactions:
    """Users who each choose `length` different items, with rising times; every user differently."""
    return Interactions.from_records(
        (
            Interaction(
                f"u{user}", catalog.at((user * 7 + step * 3) % len(catalog)).item_id, 4.0, t
            )
            for user in range(n_users)
            for t, step in enumerate(range(length), start=1)
        ),
        catalog,
    )


def descriptions(catalog: Catalog) -> list[Description]:
    """What every path of the catalog says."""
    describer = Describer(catalog, FacetPlan.choose(catalog), Vocabulary.load())
    return list(describer.describe(catalog))


@cache
def film_index() -> CatalogIndex:
    """The films' tree for the tiny tokenizer."""
    return index_catalog(films(), film_codec(), Vocabulary.load())


@cache
def film_codec() -> Codec:
    """The tiny tokenizer as a codec."""
    from tests.tiny import tokenizer

    return Codec(tokenizer())


def film_prior() -> NDArray[np.float64]:
    """What a popularity voice of 0.4 adds to each child of the films' tree."""
    popularity = Voice("popularity", 0.4, film_index().catalog.popularity + 1.0)
    return Chorus(film_index().tree, [popularity]).everywhere()


def film_maker(paths: int = 3) -> ExampleMaker:
    """Makes examples over the films' tree under `film_prior`."""
    return ExampleMaker(
        film_index(),
        film_codec(),
        PromptWriter(load_template("ask"), "Movie"),
        prior=film_prior(),
        item_weights=film_index().catalog.popularity + 1.0,
        paths=paths,
    )


def film_examples(n: int, seed: int = 0) -> list[Example]:
    """Examples of every kind of pair: two requests for each history."""
    index = film_index()
    requests = RequestPairs(
        list(index.describer.describe(index.catalog)),
        index.describer.plan,
        load_phrasebook("films"),
        Vocabulary.load(),
        ("movie", "movies"),
    )
    histories = HistoryPairs(index.catalog, choices(index.catalog))
    rng = np.random.default_rng(seed)
    maker = film_maker()
    made: list[Example] = []
    while len(made) < n:
        pair = histories.draw(rng) if len(made) % 3 == 2 else requests.draw(rng)
        example = maker.make(pair, rng)
        if example is not None:
            made.append(example)
    return made


def base_folder(path: Path, architecture: str = "llama", seed: int = 0) -> Path:
    """A tiny base model in Hugging Face layout."""
    from tests.tiny import causal_lm, tokenizer

    causal_lm(architecture, seed).save_pretrained(path)
    tokenizer().save_pretrained(path)
    return path
