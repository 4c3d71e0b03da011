"""Objectives of a list: each by itself, the greedy choice against its definition, the trade-off.

Run: pytest tests/test_objectives.py -n 0
"""

import math
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.catalog import Catalog
from m6rec.config import RankingSettings
from m6rec.errors import ConfigError
from m6rec.ranking import lesser_known
from m6rec.ranking.blend import Termed, blend
from m6rec.ranking.diversity import likeness
from m6rec.ranking.objectives import OBJECTIVES, gains
from m6rec.ranking.pool import Pool
from m6rec.records import Item

KINDS = ("drama", "comedy", "war", "noir")


def item(number, kinds=(), year=None, popularity=1.0):
    dated = {} if year is None else {"year": year}
    return Item(str(number), f"Title {number}", {"kinds": tuple(kinds), **dated}, popularity)


@st.composite
def cases(draw):
    """A catalog, a pool of some of its rows with scores, and how many are wanted."""
    made = draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(KINDS), max_size=3, unique=True),
                st.integers(1950, 2020) | st.none(),
                st.integers(0, 30),
            ),
            min_size=1,
            max_size=9,
        )
    )
    items = [item(n, *rest) for n, rest in enumerate(made)]
    catalog = Catalog([*items, item(len(items), ("war",), 1999)], name="toy")
    rows = draw(st.permutations(range(len(catalog))))[: draw(st.integers(1, len(catalog)))]
    candidates = [
        Termed(row, -float(draw(st.integers(0, 40))) / 8, row, {"log_prob": 0.0}) for row in rows
    ]
    candidates = [Termed(c.row, c.log_prob, c.path, {"log_prob": c.log_prob}) for c in candidates]
    return catalog, candidates, draw(st.integers(1, 6))


def pool_of(catalog, candidates, k):
    return Pool(catalog, np.array([c.row for c in candidates], np.int64), k, ("kinds",))


def listed(catalog, candidates, k, **weights):
    return blend(candidates, {}, k, gains(weights, pool_of(catalog, candidates, k)))


def rows_of(ranked):
    return [one.candidate.row for one in ranked]


WEIGHTS = st.fixed_dictionaries(
    {},
    optional={
        "novelty": st.floats(-2, 2),
        "freshness": st.floats(-2, 2),
        "lesser_known": st.floats(0, 1),
        "diversity": st.floats(0, 9),
    },
)


@settings(deadline=None)
@given(cases(), WEIGHTS)
def test_a_list_is_of_the_candidates_without_repeats_and_in_order(case, weights):
    catalog, candidates, k = case
    ranked = listed(catalog, candidates, k, **weights)
    assert len(ranked) == min(k, len(candidates))
    assert len(set(rows_of(ranked))) == len(ranked)
    assert set(rows_of(ranked)) <= {c.row for c in candidates}
    scores = [one.score for one in ranked]
    assert all(high >= low - 1e-9 for high, low in pairwise(scores))
    for one in ranked:
        assert one.score == pytest.approx(sum(one.terms.values()))
        assert set(one.terms) == {"log_prob", *(name for name, w in weights.items() if w)}
        assert all(map(math.isfinite, one.terms.values()))


@settings(deadline=None)
@given(cases(), WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(case, weights, random):
    catalog, candidates, k = case
    shuffled = random.sample(candidates, len(candidates))
    assert rows_of(listed(catalog, candidates, k, **weights)) == rows_of(
        listed(catalog, shuffled, k, **weights)
    )


@settings(deadline=None)
@given(cases())
def test_every_objective_at_nothing_gives_the_plain_order(case):
    catalog, candidates, k = case
    nothing = dict.fromkeys(OBJECTIVES, 0.0)
    assert gains(nothing, pool_of(catalog, candidates, k)) == {}
    assert listed(catalog, candidates, k, **nothing) == blend(candidates, {}, k)


@settings(deadline=None)
@given(cases())
def test_a_weight_next_to_nothing_keeps_the_plain_order(case):
    catalog, candidates, k = case
    # Among equals the more varied one comes first.
    varied = [one.candidate.log_prob for one in listed(catalog, candidates, k, diversity=1e-9)]
    assert varied == [one.candidate.log_prob for one in blend(candidates, {}, k)]


@settings(deadline=None)
@given(cases(), st.floats(0.1, 9))
def test_the_greedy_choice_is_its_definition(case, weight):
    """Step by step: the most score less the likeness to what is chosen, ties by plain score."""
    catalog, candidates, k = case
    ranked = listed(catalog, candidates, k, diversity=weight)
    alike = {
        (one.row, other.row): jaccard(catalog.at(one.row), catalog.at(other.row))
        for one in candidates
        for other in candidates
    }
    places = max(1, min(k, len(candidates)) - 1)
    chosen: list[int] = []
    for one in ranked:
        left = [c for c in candidates if c.row not in chosen]
        worth = {
            c.row: c.log_prob - weight * sum(alike[c.row, row] for row in chosen) / places
            for c in left
        }
        assert one.score == pytest.approx(max(worth.values()))
        assert worth[one.candidate.row] == pytest.approx(one.score)
        chosen.append(one.candidate.row)


def jaccard(one, other):
    left, right = set(one.values("kinds")), set(other.values("kinds"))
    return len(left & right) / len(left | right) if left | right else 1.0


@settings(deadline=None)
@given(cases())
def test_likeness_is_shared_values_of_either(case):
    catalog, _, _ = case
    found = likeness(list(catalog), ("kinds",))
    for at, one in enumerate(catalog):
        for to, other in enumerate(catalog):
            assert found[at, to] == pytest.approx(jaccard(one, other))


def spread(catalog, ranked):
    """Mean likeness of all pairs, and the plain score of the list."""
    rows = rows_of(ranked)
    pairs = [(a, b) for at, a in enumerate(rows) for b in rows[at + 1 :]]
    alike = [jaccard(catalog.at(a), catalog.at(b)) for a, b in pairs]
    return float(np.mean(alike)), sum(one.candidate.log_prob for one in ranked)


def test_more_diversity_is_less_likeness_for_less_score():
    kinds = [("drama",)] * 4 + [("comedy",)] * 3 + [("war", "drama"), ("noir",), ("noir", "war")]
    catalog = Catalog([item(n, of) for n, of in enumerate(kinds)], name="toy")
    candidates = [Termed(n, -n / 4, n, {"log_prob": -n / 4}) for n in range(len(kinds))]
    curve = [
        spread(catalog, listed(catalog, candidates, 4, diversity=w))
        for w in (0, 0.25, 0.5, 1, 2, 4, 8, 16)
    ]
    likes, scores = zip(*curve, strict=True)
    assert list(likes) == sorted(likes, reverse=True)
    assert list(scores) == sorted(scores, reverse=True)
    assert likes[0] == 1
    assert likes[-1] < 0.2


def test_the_first_place_is_never_given_up():
    catalog = Catalog([item(0, ("war",)), item(1, ("war",)), item(2, ("noir",))], name="toy")
    candidates = [Termed(n, -float(n), n, {"log_prob": -float(n)}) for n in range(3)]
    ranked = listed(catalog, candidates, 2, diversity=100.0)
    assert rows_of(ranked) == [0, 2]
    assert [one.terms["diversity"] for one in ranked] == [0.0, 0.0]
    ranked = listed(catalog, candidates, 3, diversity=100.0)
    assert rows_of(ranked) == [0, 2, 1]
    assert ranked[2].terms["diversity"] == pytest.approx(-50.0)


def test_freshness_is_worth_its_weight_a_decade():
    catalog = Catalog([item(0, year=1990), item(1, year=2010), item(2)], name="toy")
    candidates = [Termed(n, 0.0, n, {"log_prob": 0.0}) for n in range(3)]
    ranked = listed(catalog, candidates, 3, freshness=0.5)
    assert rows_of(ranked) == [1, 2, 0]
    assert [one.terms["freshness"] for one in ranked] == pytest.approx([0.5, 0.0, -0.5])
    assert rows_of(listed(catalog, candidates, 3, freshness=-0.5)) == [0, 2, 1]


def test_freshness_without_any_year_is_refused():
    catalog = Catalog([item(0), item(1)], name="toy")
    candidates = [Termed(0, 0.0, 0, {})]
    with pytest.raises(ConfigError, match=r"freshness is 0.5, but no item of toy has a 'year'"):
        listed(catalog, candidates, 1, freshness=0.5)


def test_novelty_is_the_surprise_of_a_choice():
    catalog = Catalog([item(0, popularity=7.0), item(1, popularity=0.0)], name="toy")
    candidates = [Termed(n, 0.0, n, {}) for n in range(2)]
    ranked = listed(catalog, candidates, 2, novelty=2.0)
    assert [one.terms["novelty"] for one in ranked] == pytest.approx(
        [-2 * math.log(1 / 9), -2 * math.log(8 / 9)]
    )


def shelf(*popularities):
    items = [item(n, popularity=float(p)) for n, p in enumerate(popularities)]
    return Catalog(items, name="shelf")


@pytest.mark.parametrize(
    ("popularities", "border"),
    [
        ((100, 1, 1), 100),
        ((10, 10, 10, 10, 10), 10),
        ((30, 20, 19, 18, 13), 30),
        ((0, 0), math.inf),
    ],
)
def test_the_best_known_got_a_fifth_of_all_choices(popularities, border):
    assert lesser_known.border(shelf(*popularities)) == border


@pytest.mark.parametrize(
    ("share", "rows"),
    [
        (0.0, [0, 1, 2, 3]),
        (0.25, [0, 1, 2, 4]),
        (0.3, [0, 1, 4, 5]),
        (0.5, [0, 1, 4, 5]),
        (1.0, [4, 5, 6, 7]),
    ],
)
def test_a_share_of_the_list_is_kept_for_the_lesser_known(share, rows):
    catalog = shelf(*[50] * 4, *[1] * 600)
    candidates = [Termed(n, -float(n), n, {"log_prob": -float(n)}) for n in range(12)]
    assert sorted(rows_of(listed(catalog, candidates, 4, lesser_known=share))) == rows


def test_a_list_is_filled_where_there_are_too_few_of_them():
    catalog = shelf(*[50] * 4, *[1] * 600)
    candidates = [Termed(n, -float(n), n, {"log_prob": -float(n)}) for n in range(5)]
    ranked = listed(catalog, candidates, 4, lesser_known=1.0)
    assert rows_of(ranked) == [0, 1, 2, 4]
    assert all(one.terms["lesser_known"] == 0 for one in ranked)


@settings(deadline=None)
@given(cases(), st.floats(0, 1), st.floats(0, 5))
def test_the_cap_holds_wherever_it_can(case, share, weight):
    catalog, candidates, k = case
    border = lesser_known.border(catalog)
    ranked = listed(catalog, candidates, k, lesser_known=share, diversity=weight)
    others = sum(catalog.popularity[c.row] < border for c in candidates)
    shown = sum(catalog.popularity[row] < border for row in rows_of(ranked))
    assert shown >= min(others, share * min(k, len(candidates)) - 1e-6)


def test_every_objective_is_a_setting_that_nothing_turns_off():
    known = {f.name for f in fields(RankingSettings)}
    assert set(OBJECTIVES) <= known
    assert all(getattr(RankingSettings(), name) == 0 for name in OBJECTIVES)
