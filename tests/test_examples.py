"""Examples: the target at every node is the prior times the share that fits, by hand and by count.

Run: pytest tests/test_examples.py -n 0
"""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.codec import Codec
from m6rec.decoding.voices import Chorus, Voice
from m6rec.errors import CatalogError
from m6rec.facets import FacetPlan
from m6rec.index import CatalogIndex, index_catalog
from m6rec.pairs.histories import HistoryPairs
from m6rec.pairs.phrasebook import load_phrasebook
from m6rec.pairs.requests import RequestPairs
from m6rec.prompts import PromptWriter, load_template
from m6rec.records import Item, TextPair
from m6rec.tree import LEAF
from m6rec.tuning.examples import Example, ExampleMaker
from m6rec.vocabulary import Vocabulary
from tests.tiny import tokenizer
from tests.tiny_catalogs import choices, films

CODEC = Codec(tokenizer())
WRITER = PromptWriter(load_template("ask"), "Movie")


class Rig:
    """A catalog's index and a maker over it, with the arrays the maker was given."""

    def __init__(self, catalog: Catalog, prior: NDArray[np.float64] | None = None) -> None:
        self.catalog = catalog
        self.index: CatalogIndex = index_catalog(catalog, CODEC, Vocabulary.load())
        self.tree = self.index.tree
        self.weights = catalog.popularity + 1.0
        spoken = Chorus(self.tree, [Voice("popularity", 0.4, self.weights)]).everywhere()
        self.prior = spoken if prior is None else prior
        self.maker = self.new_maker(3)

    def new_maker(self, paths: int) -> ExampleMaker:
        return ExampleMaker(
            self.index, CODEC, WRITER, prior=self.prior, item_weights=self.weights, paths=paths
        )

    def make(self, pair: TextPair, seed: int = 0) -> Example:
        example = self.maker.make(pair, np.random.default_rng(seed))
        assert example is not None
        return example

    def fits(self, pair: TextPair, path: int) -> bool:
        """Slowly and from the texts: does this path fit the pair?"""
        said = self.index.description(path).text
        item = self.catalog.at(int(self.tree.rows[path])).item_id
        return (not pair.descriptions or said in pair.descriptions) and (
            not pair.item_ids or item in pair.item_ids
        )

    def target(self, pair: TextPair, node: int) -> NDArray[np.float64]:
        """The documented formula, path by path."""
        children = self.tree.children(node)
        values = []
        for child in range(children.start, children.stop):
            below = range(int(self.tree.child_lo[child]), int(self.tree.child_hi[child]))
            mass = [float(self.weights[self.tree.rows[path]]) for path in below]
            fit = [m for m, path in zip(mass, below, strict=True) if self.fits(pair, path)]
            values.append(np.exp(self.prior[child]) * sum(fit) / sum(mass))
        found = np.array(values, dtype=np.float64)
        found /= found.sum()
        return found


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(films())


@pytest.fixture(scope="module")
def many(rig: Rig) -> list[tuple[TextPair, Example]]:
    """Pairs of every kind and what was made of them."""
    plan = rig.index.describer.plan
    requests = RequestPairs(
        list(rig.index.describer.describe(rig.catalog)),
        plan,
        load_phrasebook("films"),
        Vocabulary.load(),
        ("movie", "movies"),
    )
    histories = HistoryPairs(rig.catalog, choices(rig.catalog))
    rng = np.random.default_rng(4)
    pairs = [requests.draw(rng) for _ in range(80)] + [histories.draw(rng) for _ in range(40)]
    both = TextPair("both", "x", descriptions=("comedy 1990s",), item_ids=("2", "16"))
    return [(pair, rig.make(pair, n)) for n, pair in enumerate([*pairs, both])]


def toy() -> Rig:
    """Two comedies chosen by 0 and 2 people, one horror film chosen by 3; a prior by hand."""
    kinds = (("Xena", "Comedy", 0), ("Yoga", "Comedy", 2), ("Zulu", "Horror", 3))
    catalog = Catalog(
        (Item(t.lower(), t, {"genres": (genre,)}, float(n)) for t, genre, n in kinds), name="toy"
    )
    rig = Rig(catalog)
    prior = np.zeros(len(rig.tree.child_token))
    for child, lo in enumerate(rig.tree.child_lo.tolist()):
        if rig.tree.child_hi[child] - lo == 2:
            prior[child] = np.log(2 / 3)
        elif catalog.at(int(rig.tree.rows[lo])).title == "Zulu":
            prior[child] = np.log(1 / 3)
    return Rig(catalog, prior)


def test_the_target_of_a_toy_worked_by_hand() -> None:
    """Fits: Xena (1 of the comedies' mass of 4) and Zulu (4 of 4); priors 2/3 and 1/3.

    Root: comedy 2/3 * 1/4 = 1/6, horror 1/3 * 4/4 = 1/3, so 1/3 and 2/3. Below comedy Xena alone fits.
    """
    rig = toy()
    pair = TextPair("by hand", "x", item_ids=("xena", "zulu"))
    example = replace_until_two_nodes(rig, pair)
    root, comedy = example.targets
    assert_allclose_dicts(by_title(rig, example.nodes[0], root), {"Xena": 1 / 3, "Zulu": 2 / 3})
    assert_allclose_dicts(by_title(rig, example.nodes[1], comedy), {"Xena": 1.0, "Yoga": 0.0})


def replace_until_two_nodes(rig: Rig, pair: TextPair) -> Example:
    """Three paths are drawn at random; the first seed that goes below comedy is taken."""
    made = (rig.make(pair, seed) for seed in range(50))
    return next(example for example in made if len(example.nodes) == 2)


def by_title(rig: Rig, node: int, target: NDArray[np.float32]) -> dict[str, float]:
    """The target of each child by the title of the first path below it."""
    firsts = rig.tree.child_lo[rig.tree.children(node)]
    titles = [rig.catalog.at(int(rig.tree.rows[path])).title for path in firsts]
    return dict(zip(titles, target.tolist(), strict=True))


def assert_allclose_dicts(left: dict[str, float], right: dict[str, float]) -> None:
    assert left.keys() == right.keys()
    assert_allclose(list(left.values()), [right[name] for name in left], rtol=1e-6)


def test_targets_add_up_to_one_at_every_node(
    rig: Rig, many: list[tuple[TextPair, Example]]
) -> None:
    for _, example in many:
        assert len(example.nodes) == len(example.targets)
        for node, target in zip(example.nodes, example.targets, strict=True):
            children = rig.tree.children(node)
            assert target.dtype == np.float32
            assert target.shape == (children.stop - children.start,)
            assert (target >= 0).all()
            assert target.sum() == pytest.approx(1.0, abs=1e-6)


def test_every_target_is_the_documented_formula(
    rig: Rig, many: list[tuple[TextPair, Example]]
) -> None:
    for pair, example in many:
        for node, target in zip(example.nodes, example.targets, strict=True):
            assert_allclose(target, rig.target(pair, node), rtol=1e-5, atol=1e-7)


def test_parents_stand_before_children_and_the_root_first(
    rig: Rig, many: list[tuple[TextPair, Example]]
) -> None:
    for _, example in many:
        assert example.nodes[0] == 0
        assert len(set(example.nodes)) == len(example.nodes)
        for place, node in enumerate(example.nodes[1:], start=1):
            assert int(rig.tree.parents[node]) in example.nodes[:place]


def test_only_nodes_above_a_fitting_path_are_read(
    rig: Rig, many: list[tuple[TextPair, Example]]
) -> None:
    for pair, example in many:
        for node in example.nodes:
            below = range(int(rig.tree.node_lo[node]), int(rig.tree.node_hi[node]))
            assert any(rig.fits(pair, path) for path in below), pair


def test_a_neutral_pair_has_the_prior_itself_as_target(rig: Rig) -> None:
    example = rig.make(TextPair("neutral", "recommend me something"))
    for node, target in zip(example.nodes, example.targets, strict=True):
        prior = rig.prior[rig.tree.children(node)]
        expected = np.exp(prior - prior.max())
        assert_array_equal(target, (expected / expected.sum()).astype(np.float32))


def test_a_pair_nothing_fits_makes_no_example(rig: Rig) -> None:
    rng = np.random.default_rng(0)
    assert rig.maker.make(TextPair("value", "x", descriptions=("opera 1600s",)), rng) is None
    # Alien is no comedy of the nineties, so no path is both.
    clash = TextPair("both", "x", descriptions=("comedy 1990s",), item_ids=("11",))
    assert rig.maker.make(clash, rng) is None


def test_descriptions_the_catalog_does_not_have_are_passed_over(rig: Rig) -> None:
    known = TextPair("value", "x", descriptions=("comedy 1990s",))
    more = replace(known, descriptions=("comedy 1990s", "opera 1600s"))
    for a, b in zip(rig.make(known).targets, rig.make(more).targets, strict=True):
        assert_array_equal(a, b)


def test_an_unknown_item_is_an_error(rig: Rig) -> None:
    with pytest.raises(CatalogError, match="no-such"):
        rig.make(TextPair("history", "", item_ids=("no-such",)))


def test_the_prompt_is_what_decoding_will_read(rig: Rig) -> None:
    pair = TextPair("history", "more", liked=("7", "13"), item_ids=("3",))
    text = WRITER.write("more", ("The Matrix", "Amélie"))
    assert text == "User: I liked The Matrix; Amélie. more\nMovie:"
    assert rig.make(pair).prompt == CODEC.prompt(text)


def test_the_same_seed_walks_the_same_paths(rig: Rig) -> None:
    pair = TextPair("neutral", "anything")
    assert rig.make(pair, 3).nodes == rig.make(pair, 3).nodes
    assert len({tuple(rig.make(pair, seed).nodes) for seed in range(10)}) > 1


def test_one_path_is_a_chain_and_more_paths_share_their_beginning(rig: Rig) -> None:
    pair = TextPair("neutral", "anything")
    longest = 0
    for seed in range(10):
        chain = rig.new_maker(1).make(pair, np.random.default_rng(seed))
        assert chain is not None
        longest = max(longest, len(chain.nodes))
        assert all(
            int(rig.tree.parents[node]) == above
            for above, node in zip(chain.nodes, chain.nodes[1:], strict=False)
        )
        last = rig.tree.children(chain.nodes[-1])
        assert (rig.tree.child_node[last] == LEAF).any()
    assert max(len(rig.make(pair, seed).nodes) for seed in range(10)) > longest


def test_a_child_the_prior_rules_out_has_no_share_and_is_never_walked() -> None:
    rig = Rig(films())
    root = rig.tree.children(0)
    comedies = [c for c in range(root.start, root.stop) if rig.tree.child_node[c] != LEAF]
    ruled_out = rig.prior.copy()
    ruled_out[comedies[0]] = -np.inf
    closed = int(rig.tree.child_node[comedies[0]])
    silent = Rig(films(), ruled_out)
    for seed in range(20):
        example = silent.make(TextPair("neutral", "anything"), seed)
        assert example.targets[0][comedies[0]] == 0
        assert closed not in example.nodes


def test_a_catalog_of_one_item_leaves_nothing_to_choose() -> None:
    catalog = Catalog([Item("1", "Alone", {})], name="one")
    index = index_catalog(catalog, CODEC, Vocabulary.load())
    maker = ExampleMaker(index, CODEC, WRITER, prior=np.zeros(0), item_weights=np.ones(1))
    example = maker.make(TextPair("neutral", "anything"), np.random.default_rng(0))
    assert example is not None
    assert example.nodes == []
    assert example.targets == []


@pytest.mark.parametrize("describe", ["one", "bare"])
def test_what_may_be_asked_for_does_not_depend_on_what_paths_say(describe: str) -> None:
    items = films()
    plan = FacetPlan.choose(items, describe)
    index = index_catalog(items, CODEC, Vocabulary.load(), plan=plan)
    assert index.tree.n_paths == len(items)
    maker = ExampleMaker(
        index,
        CODEC,
        PromptWriter(load_template("ask"), "Movie"),
        prior=np.zeros(len(index.tree.child_token)),
        item_weights=np.ones(len(items)),
    )
    pair = TextPair("value", "a thriller", descriptions=("thriller", "thriller 1990s"))
    drawn: set[int] = set()
    for seed in range(20):
        example = maker.make(pair, np.random.default_rng(seed))
        assert example is not None
        drawn |= {int(index.tree.rows[path]) for path in example.paths}
    thrillers = {
        row
        for row, item in enumerate(items)
        if "Thriller" in item.values("genres") and str(item.fields["year"]).startswith("199")
    }
    assert drawn == thrillers
