"""The recommender on a tiny model: whatever it thinks of the films, these things hold.

Run: pytest tests/test_recommender.py -n 0
"""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec import Recommender
from m6rec.assembly import Parts, assemble, prompt_writer
from m6rec.catalog import Catalog
from m6rec.codec import Codec
from m6rec.config import Config
from m6rec.decoding.distribution import CatalogDistribution, Question
from m6rec.decoding.language_model import LanguageModel
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.probe import Probe
from m6rec.decoding.score import score
from m6rec.errors import CatalogError, FilterError, RequestError
from m6rec.index import index_catalog
from m6rec.records import Answer, Item, Request
from m6rec.vocabulary import Vocabulary
from tests.tiny import ARCHITECTURES, shared_lm, tokenizer
from tests.tiny_catalogs import bare_titles, base_folder, choices, films

FILMS = films()
PATIENT = Config().with_values({"search": {"max_tokens": 1_000_000}})


def new(
    tmp_path: Path,
    *,
    catalog: Catalog = FILMS,
    architecture: str = "llama",
    config: Config = PATIENT,
    people: bool = False,
) -> Recommender:
    """A recommender over the shared tiny model, with nothing read from any folder."""
    codec, vocabulary = Codec(tokenizer()), Vocabulary.load()
    index = index_catalog(catalog, codec, vocabulary)
    model = LanguageModel(shared_lm(architecture))
    writer = prompt_writer(config)
    neutral = NeutralTable(index.tree, model, codec.prompt(writer.write(config.prompt.neutral)))
    return Recommender(
        Parts(
            config,
            vocabulary,
            index,
            CatalogDistribution(index.tree, model, codec, neutral, index.described),
            writer,
            lambda: choices(catalog) if people else None,
            tmp_path / "neutral.f16",
        )
    )


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    """One for tests that teach it nothing."""
    return new(tmp_path_factory.mktemp("rec"), people=True)


def ids(answer: Answer) -> list[str]:
    return [r.item_id for r in answer]


def same(left: Answer, right: Answer) -> bool:
    """Equal but for the clock and what had to be read."""
    still: dict[str, Any] = {"elapsed_ms": 0.0, "lm_tokens": 0, "lm_calls": 0}
    return replace(left, **still) == replace(right, **still)


@settings(deadline=None, max_examples=25)
@given(text=st.text(max_size=60), k=st.integers(1, 25))
def test_whatever_is_asked_the_answer_is_of_the_catalog(
    rec: Recommender, text: str, k: int
) -> None:
    answer = rec.recommend(text, k=k)
    assert 1 <= len(answer) <= len(FILMS)
    assert len(set(ids(answer))) == len(answer)
    assert [r.rank for r in answer] == list(range(1, len(answer) + 1))
    for r in answer:
        assert r.title == FILMS[r.item_id].title
        assert r.log_prob <= 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_list_is_ordered_and_proven(tmp_path: Path, architecture: str) -> None:
    answer = new(tmp_path, architecture=architecture).recommend("a comedy", k=20)
    assert answer.exact
    assert len(answer) == 20
    assert [r.score for r in answer] == sorted((r.score for r in answer), reverse=True)
    assert answer.request == "a comedy"
    assert answer.elapsed_ms > 0
    assert answer.lm_tokens > 0
    assert answer.lm_calls > 0


def test_a_shorter_list_is_the_beginning_of_a_longer_one(rec: Recommender) -> None:
    whole = ids(rec.recommend("scary", k=20))
    for k in (1, 3, 10):
        assert ids(rec.recommend("scary", k=k)) == whole[:k]


def test_asking_for_more_than_there_is_gives_what_there_is(rec: Recommender) -> None:
    assert sorted(ids(rec.recommend("a film", k=500))) == sorted(i.item_id for i in FILMS)


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_item_is_refused(rec: Recommender, k: int) -> None:
    with pytest.raises(RequestError, match=f"k is {k}"):
        rec.recommend("a film", k=k)


def test_a_number_in_the_text_takes_precedence(rec: Recommender) -> None:
    assert len(rec.recommend("only 3 comedies", k=10)) == 3


def test_what_is_liked_disliked_or_seen_never_comes_back(rec: Recommender) -> None:
    answer = rec.recommend(
        "more", liked=["The Matrix", "13"], disliked=["Alien"], seen=["Big", "Speed"], k=20
    )
    assert len(answer) == 15
    assert not {"7", "13", "11", "6", "20"} & set(ids(answer))
    assert {m.item_id for m in answer.matched} == {"7", "13", "11", "6", "20"}


def test_titles_in_the_sentence_count_as_well(rec: Recommender) -> None:
    answer = rec.recommend("something like Blade Runner", k=20)
    assert [m.item_id for m in answer.matched] == ["8"]
    assert "8" not in ids(answer)


def test_a_title_with_a_slip_is_understood_and_reported(rec: Recommender) -> None:
    answer = rec.recommend(liked=["the matrx"], k=20)
    (match,) = answer.matched
    assert (match.mention, match.item_id, match.title, match.how) == (
        "the matrx", "7", "The Matrix", "fuzzy",
    )  # fmt: skip
    assert 0.5 < match.confidence < 1
    assert answer.unmatched == ()
    assert "7" not in ids(answer)


def test_a_title_nobody_knows_is_reported_and_changes_nothing(rec: Recommender) -> None:
    answer = rec.recommend("a comedy", liked=["Zzyzx Qwerty Uiop"])
    (refused,) = answer.unmatched
    assert refused.mention == "Zzyzx Qwerty Uiop"
    assert refused.item_id is None
    assert answer.matched == ()
    assert ids(answer) == ids(rec.recommend("a comedy"))


def test_what_is_liked_and_disliked_at_once_does_not_speak(rec: Recommender) -> None:
    both = rec.recommend("x", liked=["Big"], disliked=["Big"], k=20)
    assert ids(both) == ids(rec.recommend("x", disliked=["Big"], k=20))


def test_a_liked_film_changes_the_list(rec: Recommender) -> None:
    plain = [i for i in ids(rec.recommend("x", k=20)) if i != "12"]
    assert ids(rec.recommend("x", liked=["The Shining"], k=20)) != plain


def test_a_filter_leaves_only_what_fits(rec: Recommender) -> None:
    answer = rec.recommend("anything", where="year>=1990 and 'Comedy' in genres", k=20)
    assert set(ids(answer)) == {"1", "2", "3", "4", "13", "16"}
    # The same order as without the filter: probabilities are not changed by it.
    kept = set(ids(answer))
    assert ids(answer) == [i for i in ids(rec.recommend("anything", k=20)) if i in kept]


@pytest.mark.parametrize("where", ["year>=2050", "year >=", "colour == 'red'", ""])
def test_a_filter_that_is_empty_or_unreadable_is_refused(rec: Recommender, where: str) -> None:
    with pytest.raises(FilterError) as caught:
        rec.recommend("anything", where=where)
    assert "\n" not in str(caught.value)


def test_everything_seen_is_said(rec: Recommender) -> None:
    westerns = "'Western' in genres"
    with pytest.raises(FilterError, match="seen"):
        rec.recommend("x", where=westerns, seen=["Unforgiven"])
    with pytest.raises(FilterError, match="seen"):
        rec.recommend("x", seen=[item.item_id for item in FILMS])


def test_a_refused_genre_is_filtered_and_said(rec: Recommender) -> None:
    answer = rec.recommend("something funny but no science fiction", k=20)
    assert "not Sci-Fi" in answer.understood
    assert len(answer) == len([i for i in FILMS if "Sci-Fi" not in i.values("genres")])
    assert not any("Sci-Fi" in FILMS[i].values("genres") for i in ids(answer))


def test_years_in_the_text_are_filtered_and_said(rec: Recommender) -> None:
    answer = rec.recommend("films from the 1980s", k=20)
    assert {FILMS[i].fields["year"] for i in ids(answer)} == {1980, 1981, 1982, 1985, 1988, 1989}
    assert any("1980" in said for said in answer.understood)


def test_a_wish_nothing_fits_is_relaxed_and_said(rec: Recommender) -> None:
    answer = rec.recommend("a film from the 1920s", k=20)
    assert len(answer) == 20
    assert any("nothing fits" in said for said in answer.relaxed)


def test_the_users_own_filter_is_never_relaxed(rec: Recommender) -> None:
    answer = rec.recommend("a film from the 1920s", where="year<1981", k=20)
    assert set(ids(answer)) == {"5", "11", "12"}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(
    ("voices", "speakers"),
    [({"crowd": 0.3, "taste": 0.0}, {"crowd"}), ({}, {"taste"})],
    ids=["crowd", "taste"],
)
def test_the_terms_add_up_to_the_score_and_the_log_probability(
    tmp_path: Path, architecture: str, voices: dict[str, float], speakers: set[str]
) -> None:
    config = PATIENT.with_values({"voices": voices})
    rec = new(tmp_path, architecture=architecture, config=config, people=True)
    for r in rec.recommend("a comedy", liked=["Big"], k=20):
        assert set(r.terms) == {"language_model", "neutral", "normaliser", *speakers}
        assert sum(r.terms.values()) == pytest.approx(r.score, abs=1e-9)
        assert r.score == pytest.approx(r.log_prob, abs=1e-6)
        assert all(np.isfinite(value) for value in r.terms.values())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("liked", [(), ("The Matrix", "Big")])
def test_explaining_an_item_agrees_with_the_list(
    tmp_path: Path, architecture: str, liked: tuple[str, ...]
) -> None:
    rec = new(tmp_path, architecture=architecture)
    for r in rec.recommend("scary", liked=liked, k=20):
        found = rec.explain(r.item_id, "scary", liked=liked)
        assert found.log_prob == pytest.approx(r.log_prob, abs=1e-3)
        assert found.score == pytest.approx(r.score, abs=1e-3)
        assert (found.rank, found.item_id, found.title, found.why) == (0, r.item_id, r.title, r.why)


def test_explaining_an_unknown_item_is_refused(rec: Recommender) -> None:
    with pytest.raises(CatalogError, match="no-such"):
        rec.explain("no-such", "a comedy")


def test_the_reason_names_the_items_own_fields(rec: Recommender) -> None:
    for r in rec.recommend("a comedy", liked=["The Matrix"], k=19):
        item = FILMS[r.item_id]
        assert f"({item.fields['year']})" in r.why or str(item.fields["year"])[:3] in r.why
        assert f"{item.popularity:,.0f}" in r.why


def test_the_same_request_twice_gives_the_same_answer(rec: Recommender) -> None:
    first = rec.recommend("something scary", liked=["Big"])
    rec.recommend("in between", k=3)
    assert ids(rec.recommend("something scary", liked=["Big"])) == ids(first)
    again = rec.recommend("something scary", liked=["Big"])
    assert same(again, rec.recommend("something scary", liked=["Big"]))


def test_ties_are_ordered_and_stay_so(tmp_path: Path) -> None:
    """Without a language model and a voice all paths of one depth weigh the same."""
    silent = PATIENT.with_values(
        {"voices": {"language_model": 0.0, "popularity": 0.0, "popularity_within": 0.0}}
    )
    rec = new(tmp_path, config=silent)
    answer = rec.recommend("x", k=20)
    rows = [FILMS.row(r.item_id) for r in answer]
    keys = [(-r.score, -r.log_prob, row) for r, row in zip(answer, rows, strict=True)]
    assert keys == sorted(keys)
    assert len({r.score for r in answer}) < len(answer), "there must be ties"
    assert same(answer, new(tmp_path, config=silent).recommend("x", k=20))


def test_novelty_brings_up_what_few_people_know(tmp_path: Path) -> None:
    ranking = {"ranking": {"novelty": 100.0, "pool": 20}}
    answer = new(tmp_path, config=PATIENT.with_values(ranking)).recommend("a film", k=5)
    rarest = sorted(FILMS, key=lambda item: item.popularity)[:5]
    assert ids(answer) == [item.item_id for item in rarest]
    total = sum(item.popularity + 1 for item in FILMS)
    for r in answer:
        share = (FILMS[r.item_id].popularity + 1) / total
        assert r.terms["novelty"] == pytest.approx(-100 * np.log(share))
        assert sum(r.terms.values()) == pytest.approx(r.score)


def test_novelty_at_work_within_the_pool_only(tmp_path: Path) -> None:
    plain = new(tmp_path).recommend("a film", k=4)
    config = PATIENT.with_values({"ranking": {"novelty": 100.0, "pool": 1}})
    answer = new(tmp_path, config=config).recommend("a film", k=4)
    assert sorted(ids(answer)) == sorted(ids(plain))
    assert [FILMS[i].popularity for i in ids(answer)] == sorted(
        FILMS[i].popularity for i in ids(plain)
    )


def test_a_factor_reorders_the_pool_by_its_term(tmp_path: Path) -> None:
    factors = dict.fromkeys(("language_model", "neutral", "mentioned", "crowd", "normaliser"), 0.0)
    config = PATIENT.with_values({"ranking": {**factors, "popularity": 2.0, "pool": 20}})
    answer = new(tmp_path, config=config).recommend("a film", k=20)
    assert [r.score for r in answer] == sorted((r.score for r in answer), reverse=True)
    for r in answer:
        assert r.score == pytest.approx(r.terms["popularity"])
        assert r.terms["language_model"] == 0
    plain = {r.item_id: r.terms["popularity"] for r in new(tmp_path).recommend("a film", k=20)}
    assert {r.item_id: r.terms["popularity"] / 2 for r in answer} == pytest.approx(plain, abs=1e-4)


def test_popularity_as_the_only_voice_ranks_by_popularity(tmp_path: Path) -> None:
    voices = {"voices": {"language_model": 0.0, "neutral": 0.0, "popularity": 1.0}}
    items = (Item(str(n), title, {}, float(n)) for n, title in enumerate("ABCDEFGH"))
    rec = new(tmp_path, catalog=Catalog(items, name="letters"), config=PATIENT.with_values(voices))
    answer = rec.recommend("x", k=8)
    assert [r.title for r in answer] == list("HGFEDCBA")
    shares = np.arange(8, 0, -1) / 36
    assert [r.log_prob for r in answer] == pytest.approx(np.log(shares).tolist())


@pytest.mark.parametrize("text", ["a comedy", "喜剧片", "COMEDIES please"])
def test_what_the_request_names_comes_first_whatever_the_model_thinks(
    tmp_path: Path, text: str
) -> None:
    voices = {"language_model": 0.0, "neutral": 0.0, "popularity": 1.0, "mentioned": 3.0}
    rec = new(tmp_path, config=PATIENT.with_values({"voices": voices}))
    answer = rec.recommend(text, k=20)
    comedies = [item for item in FILMS if "Comedy" in item.values("genres")]
    assert set(ids(answer)[: len(comedies)]) == {item.item_id for item in comedies}
    silent = PATIENT.with_values({"voices": {**voices, "mentioned": 0.0}})
    assert ids(new(tmp_path / "silent", config=silent).recommend(text, k=20)) != ids(answer)


def test_a_refused_genre_is_not_taken_for_one_that_is_named(rec: Recommender) -> None:
    answer = rec.recommend("no comedies", k=20)
    assert not any("Comedy" in FILMS[i].values("genres") for i in ids(answer))
    assert all("mentioned" not in r.terms for r in answer)


def test_a_wide_beam_finds_what_the_proof_finds(tmp_path: Path) -> None:
    beam = PATIENT.with_values({"search": {"method": "beam", "width": 1000}})
    found = new(tmp_path, config=beam).recommend("something scary", k=10)
    proven = new(tmp_path / "b").recommend("something scary", k=10)
    assert ids(found) == ids(proven)
    assert [r.score for r in found] == pytest.approx([r.score for r in proven], abs=1e-3)


def test_a_narrow_beam_still_gives_a_whole_list_of_the_catalog(tmp_path: Path) -> None:
    beam = PATIENT.with_values({"search": {"method": "beam", "width": 1}})
    rec = new(tmp_path, config=beam)
    assert len(set(ids(rec.recommend("something scary", k=5)))) == 5
    assert len(rec.recommend("a film", where="year<1981", k=10)) == 3


def test_a_new_item_can_be_recommended_in_the_next_call(tmp_path: Path) -> None:
    rec = new(tmp_path, people=True)
    rec.recommend("a western", k=3)
    rec.add_items(
        [
            Item("n1", "Pale Rider", {"genres": ("Western",), "year": 1985}, 9000.0),
            Item("n2", "西部", {"genres": ("Opera",), "year": 1890}),
            Item("n3", "Bare", {}),
        ]
    )
    answer = rec.recommend("a western", k=50)
    assert sorted(ids(answer)) == sorted([*(i.item_id for i in FILMS), "n1", "n2", "n3"])
    assert rec.catalog["n1"].title == "Pale Rider"
    only = rec.recommend("a western", where="'Western' in genres", k=50)
    assert set(ids(only)) == {"9", "n1"}
    assert ids(rec.recommend("x", where="genres == 'Opera'")) == ["n2"]


def test_a_new_item_is_understood_by_its_title(tmp_path: Path) -> None:
    rec = new(tmp_path)
    assert rec.recommend("x", liked=["Pale Rider"]).unmatched
    rec.add_items([Item("n1", "Pale Rider", {"genres": ("Western",), "year": 1985})])
    answer = rec.recommend("x", liked=["pale ridr"], k=50)
    assert [m.item_id for m in answer.matched] == ["n1"]
    assert "n1" not in ids(answer)
    rec.feedback("ann", "n1", "disliked")
    assert "n1" not in ids(rec.recommend("x", user="ann", k=50))


def test_a_grown_catalog_answers_like_one_that_was_whole_from_the_start(tmp_path: Path) -> None:
    """Every count that speaks (popularity, crowd, neutral request) must know the new items."""
    more = Item("n1", "Pale Rider", {"genres": ("Western",), "year": 1985}, 500.0)
    config = PATIENT.with_values({"voices": {"crowd": 0.5}})
    grown = new(tmp_path, config=config, people=True)
    grown.recommend("a western", liked=["Big"], k=20)
    grown.add_items([more])
    whole = new(tmp_path, catalog=FILMS.with_items([more]), config=config, people=False)
    left = grown.recommend("a western", k=30)
    right = whole.recommend("a western", k=30)
    assert [r.item_id for r in left] == [r.item_id for r in right]
    assert [r.score for r in left] == pytest.approx([r.score for r in right], abs=1e-3)
    assert len(grown.recommend("a western", liked=["Big", "n1"], k=30)) == 19


def test_many_requests_are_answered_as_one_by_one(tmp_path: Path) -> None:
    one_by_one, together = (new(tmp_path / name, people=True) for name in ("one", "many"))
    requests = [
        Request("a western", k=3),
        Request("something funny, no drama", liked=("Big",), k=5),
        Request(liked=("Alien",), where="year>=1980", k=4),
        Request("only 2 dramas"),
    ]
    for request, answer in zip(requests, together.recommend_many(requests), strict=True):
        single = one_by_one.recommend(
            request.text, liked=request.liked, where=request.where, k=request.k
        )
        assert ids(answer) == ids(single)
        assert [r.why for r in answer] == [r.why for r in single]
        assert [r.log_prob for r in answer] == pytest.approx([r.log_prob for r in single], abs=1e-3)
        assert (answer.understood, answer.exact) == (single.understood, single.exact)
        assert (answer.lm_calls > 0) == bool(request.text)
    with pytest.raises(FilterError):
        together.recommend_many([*requests, Request("x", where="year>3000")])
    assert together.recommend_many([]) == []


def test_a_sampled_list_varies_with_the_seed_and_is_of_the_catalog(tmp_path: Path) -> None:
    lists = [
        ids(new(tmp_path, config=PATIENT.with_values(
            {"search": {"method": "sample", "seed": seed}}
        )).recommend("a western", k=4))
        for seed in (0, 0, 1, 2, 3)
    ]  # fmt: skip
    assert lists[0] == lists[1]
    assert len({tuple(found) for found in lists}) > 1
    assert all(len(set(found)) == 4 for found in lists)
    assert all(item in FILMS for found in lists for item in found)


def test_a_removed_item_is_never_named_and_its_probability_goes_to_the_rest(
    tmp_path: Path,
) -> None:
    rec = new(tmp_path, config=PATIENT)
    first = rec.recommend("a western", k=30)
    gone = first[0].item_id
    rec.remove_items([gone])
    left = rec.recommend("a western", k=30)
    assert sorted(ids(left)) == sorted(ids(first)[1:])
    parts = rec._parts
    reader = parts.distribution.ask(Question("User: a western\nMovie:"))
    scored = score(reader, range(len(rec.catalog)))
    assert [one.row for one in scored if one.path < 0] == [rec.catalog.row(gone)]
    assert sum(np.exp(one.total) for one in scored) == pytest.approx(1, abs=1e-4)
    assert rec.catalog[gone].title == first[0].title, "histories still speak of it"
    assert [m.item_id for m in rec.recommend("x", liked=[first[0].title], k=3).matched] == [gone]
    with pytest.raises(CatalogError, match="was removed, so it is never recommended"):
        rec.explain(gone)
    with pytest.raises(CatalogError, match="no item would be left"):
        rec.remove_items([item.item_id for item in rec.catalog])
    assert ids(rec.recommend("a western", k=30)) == ids(left)


@pytest.mark.parametrize(
    "bad", [Item("1", "Twice"), Item("n9", ""), Item("", "No id")], ids=["twice", "title", "id"]
)
def test_a_bad_new_item_is_refused_and_nothing_is_added(tmp_path: Path, bad: Item) -> None:
    rec = new(tmp_path)
    before = rec.recommend("x", k=30)
    with pytest.raises(CatalogError):
        rec.add_items([Item("n1", "Fine"), bad])
    assert len(rec.catalog) == len(FILMS)
    assert ids(rec.recommend("x", k=30)) == ids(before)


def test_what_was_kept_of_the_neutral_request_survives_new_items(tmp_path: Path) -> None:
    """The file belongs to the catalog as it was loaded: the next run loads that one again."""
    rec = new(tmp_path)
    rec.recommend("a western", k=5)
    kept = (tmp_path / "neutral.f16").read_bytes()
    rec.add_items([Item("n1", "Pale Rider", {"genres": ("Western",)})])
    rec.recommend("something quite different", k=20)
    assert (tmp_path / "neutral.f16").read_bytes() == kept


def test_feedback_changes_the_very_next_answer(tmp_path: Path) -> None:
    rec = new(tmp_path)
    first = rec.recommend("a film", k=20)
    best = first[0].item_id
    for verdict in ("seen", "disliked", "liked"):
        rec.feedback(verdict, best, verdict)
        assert best not in ids(rec.recommend("a film", user=verdict, k=20))
    assert ids(rec.recommend("a film", user="seen", k=20)) == ids(first)[1:]
    assert best in ids(rec.recommend("a film", k=20)), "it was one person's verdict"
    liked = rec.recommend("a film", user="liked", k=20)
    assert ids(liked) == ids(rec.recommend("a film", liked=[best], k=20))


def test_the_last_verdict_counts(tmp_path: Path) -> None:
    rec = new(tmp_path)
    for verdict in ("disliked", "liked"):
        rec.feedback("ann", "7", verdict)
    same_as = rec.recommend("x", liked=["7"], k=20)
    assert ids(rec.recommend("x", user="ann", k=20)) == ids(same_as)


@pytest.mark.parametrize(("item", "verdict", "error"), [
    ("7", "loved", RequestError), ("no-such", "liked", CatalogError),
])  # fmt: skip
def test_feedback_that_cannot_be_is_refused(
    tmp_path: Path, item: str, verdict: str, error: type[Exception]
) -> None:
    rec = new(tmp_path)
    with pytest.raises(error):
        rec.feedback("ann", item, verdict)
    with pytest.raises(RequestError, match="ann"):
        rec.recommend("x", user="ann")


def test_a_known_users_history_is_read_and_never_comes_back(rec: Recommender) -> None:
    history = [FILMS.at(int(row)).item_id for row in choices(FILMS).history("u2")]
    answer = rec.recommend("more", user="u2", k=20)
    assert not set(history) & set(ids(answer))
    assert len(answer) == len(FILMS) - len(history)
    assert ids(answer) == ids(rec.recommend("more", liked=history, k=20))


@pytest.mark.parametrize("people", [True, False])
def test_an_unknown_user_is_refused(tmp_path: Path, people: bool) -> None:
    with pytest.raises(RequestError, match="nobody"):
        new(tmp_path, people=people).recommend("x", user="nobody")


def test_a_history_alone_is_a_request_and_nothing_at_all_is_one_too(rec: Recommender) -> None:
    assert len(rec.recommend(liked=["Big"])) == 10
    neutral = rec.recommend()
    assert len(neutral) == 10
    assert ids(neutral) == ids(rec.recommend("   "))


def test_a_growing_conversation_reads_only_what_is_new(rec: Recommender) -> None:
    """A repeated request reads branches alone, so the difference is what was read of the prompt."""
    codec, writer = Codec(tokenizer()), prompt_writer(PATIENT)
    text = "I liked many old films and would like one more of that kind with a long story"
    prompts = [codec.prompt(writer.write(t)) for t in (text, f"{text} please")]
    shared = next(n for n, (a, b) in enumerate(zip(*prompts, strict=False)) if a != b)
    rec.recommend(text)
    first, second = (rec.recommend(f"{text} please") for _ in range(2))
    assert first.lm_tokens - second.lm_tokens == len(prompts[1]) - shared
    assert len(prompts[1]) - shared < len(prompts[1]) / 3


def test_a_request_longer_than_the_model_reads_is_answered(rec: Recommender) -> None:
    assert len(rec.recommend("word " * 5000 + "\na western", k=3)) == 3


def test_a_catalog_of_bare_titles_and_one_of_one_item(tmp_path: Path) -> None:
    answer = new(tmp_path, catalog=bare_titles()).recommend("alien", k=10)
    assert sorted(r.title for r in answer) == sorted(item.title for item in bare_titles())
    alone = new(tmp_path / "b", catalog=Catalog([Item("1", "Alone")], name="one"))
    (r,) = alone.recommend("anything", k=10)
    assert (r.title, r.log_prob) == ("Alone", 0.0)
    with pytest.raises(FilterError):
        alone.recommend("anything", seen=["Alone"])


def test_a_csv_file_and_a_base_model_folder_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "films.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["item_id", "title", "genres", "year"])
        writer.writerows(
            [i.item_id, i.title, "|".join(i.values("genres")), i.fields["year"]] for i in FILMS
        )
    base = base_folder(tmp_path / "base")
    config = PATIENT.with_values({"model": {"base": str(base), "dtype": "float32"}})
    rec = Recommender.load(catalog=path, config=config)
    answer = rec.recommend("a comedy", where="year>=1990 and 'Comedy' in genres", k=20)
    assert set(ids(answer)) == {"1", "2", "3", "4", "13", "16"}
    assert rec.config == config
    rec.recommend("a comedy", k=20)
    # Both take what the first one kept of the neutral request; it had that in more digits.
    later, latest = (Recommender.load(catalog=str(path), config=config) for _ in range(2))
    assert ids(later.recommend("a comedy", k=20)) == ids(latest.recommend("a comedy", k=20))


def test_a_second_process_gives_the_same_answer_and_reads_less(tmp_path: Path) -> None:
    """The first run reads the neutral request; the second takes what was kept of it, in float16."""
    base = base_folder(tmp_path / "base")
    config = PATIENT.with_values({"model": {"base": str(base), "dtype": "float32"}})
    first, second, third = (
        Recommender(assemble(None, FILMS, config)).recommend("a comedy", k=20) for _ in range(3)
    )
    assert second.lm_tokens < first.lm_tokens
    assert ids(second) == ids(first)
    assert [r.log_prob for r in second] == pytest.approx([r.log_prob for r in first], abs=0.02)
    assert same(second, third)


def test_a_history_alone_reads_nothing_and_is_ranked_by_the_crowd(tmp_path: Path) -> None:
    from m6rec.candidates import alike, crowd

    plain = PATIENT.with_values({"ranking": {"diversity_history": 0.0}})
    rec = new(tmp_path, people=True, config=plain)
    answer = rec.recommend(user="u2", k=5)
    assert (answer.lm_calls, answer.lm_tokens) == (0, 0)
    assert answer.exact
    known = choices(FILMS)
    history = known.history("u2")
    like = alike.fit(FILMS)
    mass = crowd.fit(known, len(FILMS), learned={}, alike=like).mass(history)
    mass[history] = 0
    best = np.sort([mass[FILMS.row(i)] for i in ids(answer)])[::-1]
    assert [mass[FILMS.row(i)] for i in ids(answer)] == pytest.approx(best)
    assert best == pytest.approx(np.sort(mass)[::-1][:5])


@pytest.mark.parametrize("weight", [1.5, 100.0])
def test_the_list_of_a_history_is_varied(tmp_path: Path, weight: float) -> None:
    off, on = (
        new(
            tmp_path,
            people=True,
            config=PATIENT.with_values({"ranking": {"diversity_history": value, "pool": 3}}),
        ).recommend(user="u2", k=4)
        for value in (0.0, weight)
    )
    assert on[0].item_id == off[0].item_id
    assert len(set(ids(on))) == 4
    genres = [len({g for r in a for g in FILMS[r.item_id].values("genres")}) for a in (off, on)]
    assert genres[1] >= genres[0]
    assert all("diversity" not in r.terms for r in off)
    assert [r.score for r in on] == sorted((r.score for r in on), reverse=True)
    for r in on:
        assert r.terms["diversity"] <= 0
        assert sum(r.terms.values()) == pytest.approx(r.score)
        assert r.score - r.terms["diversity"] == pytest.approx(r.log_prob, abs=1e-6)


def test_words_and_a_few_likes_keep_their_order_by_default(rec: Recommender) -> None:
    for answer in (rec.recommend("a comedy", k=5), rec.recommend(liked=["Big"], k=5)):
        assert all("diversity" not in r.terms for r in answer)
        assert [r.score for r in answer] == pytest.approx([r.log_prob for r in answer], abs=1e-6)


def test_several_objectives_are_terms_of_one_score(tmp_path: Path) -> None:
    dials = {"novelty": 0.5, "freshness": 0.5, "lesser_known": 0.5, "diversity": 2.0}
    config = PATIENT.with_values({"ranking": dials})
    answer = new(tmp_path, config=config).recommend("a film", k=5)
    together = new(tmp_path, config=config).recommend_many([Request("a film", k=5)] * 2)
    assert [ids(answer)] * 2 == [ids(one) for one in together]
    for r in answer:
        assert set(dials) < set(r.terms)
        assert sum(r.terms.values()) == pytest.approx(r.score)
    explained = new(tmp_path, config=config).explain(answer[0].item_id, "a film")
    assert explained.terms["novelty"] == pytest.approx(answer[0].terms["novelty"])
    assert (explained.terms["diversity"], explained.terms["lesser_known"]) == (0.0, 0.0)


def test_a_variant_with_other_choices_forgets_what_was_trained_on_all(tmp_path: Path) -> None:
    from m6rec.candidates import crowd

    everything, some = choices(FILMS), choices(FILMS, n_users=3)
    learned = crowd.learn(everything, len(FILMS), crowd.Training(epochs=1))
    knowing = new(tmp_path, people=True).variant(interactions=everything, learned=learned)
    liked = [item.item_id for item in FILMS][:9]
    told, untold = (
        r.recommend(liked=liked, k=5) for r in (knowing, knowing.variant(interactions=some))
    )
    plain = new(tmp_path, people=True).variant(interactions=some).recommend(liked=liked, k=5)
    assert [r.log_prob for r in untold] == [r.log_prob for r in plain]
    assert [r.log_prob for r in told] != [r.log_prob for r in plain]
    kept = knowing.variant(config=knowing.config).recommend(liked=liked, k=5)
    assert [r.log_prob for r in kept] == [r.log_prob for r in told]


def test_one_silent_question_among_many_is_answered_as_alone(tmp_path: Path) -> None:
    rec = new(tmp_path, people=True)
    liked = tuple(item.item_id for item in FILMS)[:9]
    asked = [Request("a comedy"), Request(liked=liked), Request("scary")]
    together = rec.recommend_many(asked)
    alone = [rec.recommend(r.text, liked=r.liked) for r in asked]
    assert [ids(a) for a in together] == [ids(a) for a in alone]


def probed(tmp_path: Path) -> Recommender:
    """A recommender whose probe is sure that every wish asks for a western."""
    plain = new(tmp_path)
    width = shared_lm().config.hidden_size
    weights = np.zeros((2, width), np.float32)
    probe = Probe(("western", "comedy"), weights, np.array([20.0, 0.0], np.float32), "Movie")
    return Recommender(replace(plain._parts, probe=probe))


def test_a_probe_says_what_kind_the_words_ask_for(tmp_path):
    rec = probed(tmp_path)
    first = rec.recommend("dust and spurs", k=3)[0]
    assert first.title == "Unforgiven"
    assert "kinds" in first.terms
    assert sum(first.terms.values()) == pytest.approx(first.log_prob, abs=1e-6)


def test_a_probe_is_silent_without_words_and_when_turned_off(tmp_path):
    rec = probed(tmp_path)
    assert all("kinds" not in r.terms for r in rec.recommend(k=3))
    silent = rec.variant(rec.config.with_values({"voices": {"kinds": 0.0, "kinds_within": 0.0}}))
    assert all("kinds" not in r.terms for r in silent.recommend("dust and spurs", k=3))


def test_wishes_heard_together_are_understood_as_alone(tmp_path):
    rec = probed(tmp_path)
    texts = ["dust and spurs", "make me laugh", "space"]
    together = rec.recommend_many([Request(text, k=5) for text in texts])
    assert [ids(a) for a in together] == [ids(rec.recommend(text, k=5)) for text in texts]


def test_several_who_say_nothing_are_answered_too(tmp_path):
    answers = probed(tmp_path).recommend_many([Request("", k=3), Request("", k=2)])
    assert [len(answer) for answer in answers] == [3, 2]


def test_an_added_item_is_of_the_kinds_it_has(tmp_path):
    rec = probed(tmp_path)
    rec.add_items([Item("w", "The Dusty Trail", {"genres": ("Western",), "year": 1990}, 900.0)])
    assert "w" in ids(rec.recommend("dust and spurs", k=2))
