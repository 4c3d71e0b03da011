"""Domains: a catalog gets the probe of those whose words are known in it, or none."""

import pytest

from m6rec.catalog import Catalog
from m6rec.domains import PROBED, kinds_of, probe_for
from m6rec.index import index_catalog
from m6rec.records import Item
from m6rec.vocabulary import Vocabulary
from tests.tiny_catalogs import bare_titles, film_codec, film_index

VOCABULARY = Vocabulary.load()


def shelf(*values: str) -> Catalog:
    """Thirty items of a field's values, in turn."""
    fields = [{"genres": (values[n % len(values)],)} for n in range(30)]
    return Catalog((Item(str(n), f"Thing {n}", f) for n, f in enumerate(fields)), name="things")


def noun_for(catalog: Catalog, base: str = PROBED) -> str | None:
    probe = probe_for(None, index_catalog(catalog, film_codec(), VOCABULARY), VOCABULARY, base)
    return None if probe is None else probe.noun


@pytest.mark.parametrize(
    ("values", "noun"),
    [
        (("Comedy", "Western", "Film-Noir"), "Movie"),
        (("comedy", "sci-fi", "War"), "Movie"),
        (("young-adult", "memoir", "poetry", "scifi"), "Book"),
        (("Self Help", "Cooking", "Historical Fiction"), "Book"),
        (("Lamps", "Chairs", "Rugs"), None),
    ],
)
def test_a_catalog_is_of_the_domain_whose_kinds_it_has(values, noun):
    assert noun_for(shelf(*values)) == noun


def test_half_a_catalog_of_other_things_is_of_no_domain():
    assert noun_for(shelf("Comedy", "Lamps", "Chairs")) is None


def test_another_base_model_or_nothing_but_titles_goes_without():
    assert noun_for(film_index().catalog, base="some/model") is None
    assert noun_for(bare_titles()) is None


def test_kinds_are_spelled_alike():
    items = [Item("1", "A", {"genres": ("Sci-Fi", "Children")}), Item("2", "B", {"genres": ()})]
    assert kinds_of(items, "genres", VOCABULARY) == [("sciencefiction", "children"), ()]
