"""The task ``conversations``: what does a person recommend next, and would we have?"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from m6rec.candidates import taste
from m6rec.errors import CatalogError, ConfigError
from m6rec.evaluation.conversations import (
    DEEPEST,
    Shower,
    ask_partner,
    judge_turns,
    most_named,
    named_class,
    repeat_named,
    search_words,
    show_scored,
    show_taste,
    talked,
)
from m6rec.evaluation.measures import BEYOND, COST, ERRORS, mean, plain_mean, total
from m6rec.evaluation.methods import SCORERS, SEARCHERS
from m6rec.evaluation.plan import Plan
from m6rec.evaluation.provenance import file_hash, interactions_hash
from m6rec.evaluation.task import USED, Prepared, Row, Task
from m6rec.sources.redial import RecommenderTurn, read_conversations
from m6rec.vocabulary import Vocabulary, said_values

NAME = "conversations"
TRAINING = "conversations-train"
"""Conversations that methods may learn from, under this name among the files of a run."""
JUDGED = (
    "{task}: {known:,} of {all:,} recommender turns recommend an item of the catalog that was not named "
    "before; the others are not judged. {repeated:,} recommendations repeated what was named and do not "
    "count"
)
REPEAT, MOST_NAMED = "repeat", "most-named"
TASTE, TASTE_WORDS, TASTE_TALKED = "taste", "taste+words", "taste+words+talked"
FROM_CHOICES = ("popularity", "ease", "item-neighbours", "markov")
"""Peers that read the named items as a history, fitted on the interactions."""
FROM_WORDS = ("bm25", "minilm-popular")
"""Peers that read the wish in words."""


def _shower(method: str, plan: Plan, training: Sequence[RecommenderTurn]) -> Shower:
    if method in plan.recommenders:
        return ask_partner(plan.recommenders[method])
    if method == REPEAT:
        return repeat_named
    if method == MOST_NAMED:
        return most_named(training, plan.catalog)
    if method in FROM_WORDS:
        return search_words(SEARCHERS[method](plan.catalog))
    if plan.interactions is None:
        raise ConfigError(f"the method {method} needs interactions; give a file of them")
    if method in {TASTE, TASTE_WORDS, TASTE_TALKED}:
        return _taste(method, plan, training)
    n_items = len(plan.catalog)
    popular = SCORERS["popularity"](plan.interactions, n_items)
    return show_scored(SCORERS[method](plan.interactions, n_items), plan.catalog, popular)


def _taste(method: str, plan: Plan, training: Sequence[RecommenderTurn]) -> Shower:
    counts = talked(training, plan.catalog) if method == TASTE_TALKED else None
    model = taste.fit(plan.catalog, plan.interactions, talked=counts)
    if method == TASTE:
        return show_scored(model, plan.catalog)
    return show_taste(model, plan.catalog, said_values(plan.catalog, Vocabulary.load()))


def _prepare(methods: Sequence[str], plan: Plan) -> Prepared:
    judged, training = _turns(NAME, plan), _turns(TRAINING, plan)
    if not judged:
        raise ConfigError(
            f"the task {NAME} needs recorded conversations: --file {NAME}=FILE; scripts/fetch_redial.py "
            "fetches some"
        )
    learning = [method for method in methods if method in {MOST_NAMED, TASTE_TALKED}]
    if learning and not training:
        raise ConfigError(
            f"the method {learning[0]} needs other conversations: --file {TRAINING}=FILE"
        )
    both = {turn.conversation for turn in judged} & {turn.conversation for turn in training}
    if both:
        raise CatalogError(
            f"conversation {min(both)!r} is judged and learned from as well ({len(both)} in all); "
            "keep the files apart"
        )
    known = [turn for turn in judged if turn.targets]
    if not known:
        raise CatalogError(
            f"no recommender turn of {NAME} recommends an item of catalog {plan.catalog.name!r}"
        )
    cases = plan.sample(known)

    def rows(method: str) -> Iterator[Row]:
        turns = judge_turns(cases, _shower(method, plan, training), plan.catalog, k=plan.options.k)
        yield from map(asdict, turns)

    chosen = None if plan.interactions is None else interactions_hash(plan.interactions)
    return Prepared(
        rows=rows,
        n_cases=len(cases),
        settings={"files": _hashes(NAME, plan) | _hashes(TRAINING, plan), "interactions": chosen},
        notes=(_judged(judged, known),),
    )


def _judged(turns: Sequence[RecommenderTurn], known: Sequence[RecommenderTurn]) -> str:
    repeated = sum(turn.repeated for turn in turns)
    return JUDGED.format(task=NAME, known=len(known), all=len(turns), repeated=repeated)


def _turns(name: str, plan: Plan) -> list[RecommenderTurn]:
    files = plan.options.files.get(name, ())
    return [turn for path in files for turn in read_conversations(path, plan.catalog)]


def _hashes(name: str, plan: Plan) -> dict[str, str]:
    files: Sequence[Path] = plan.options.files.get(name, ())
    return {f"{name} {path.name}": file_hash(path) for path in files}


TASK = Task(
    name=NAME,
    heading="Conversations",
    about=(
        "What the recommending person named next for the first time, found in the whole catalog from",
        "what was said and named before, with 95 % intervals. `repeat`: what was named already, which",
        "cannot be right here. `most-named`: what most of the training conversations name. `taste`: the",
        "source of candidates that reads the named items, without a language model; `+words`: and the",
        "values that the wish names; `+talked`: and what the training conversations name.",
        f"Time and tokens are for lists of {DEEPEST}.",
    ),
    peers=(REPEAT, MOST_NAMED, TASTE, TASTE_WORDS, TASTE_TALKED, *FROM_CHOICES, *FROM_WORDS),
    prepare=_prepare,
    key=lambda row: str(row["id"]),
    slices=lambda row: named_class(row["n_named"]),
    slice_title="Recall by number of items named before",
    compared=("recall", "recall_50", "ndcg", "mrr", "diversity", "novelty"),
    measures=(
        mean("recall_1", "R@1"),
        mean("recall", "recall"),
        mean("recall_50", "R@50"),
        mean("ndcg", "NDCG"),
        plain_mean("mrr", "MRR"),
        *BEYOND,
        total("faults", "faults"),
        ERRORS,
        *COST,
    ),
    interactions=USED,
)
"""The conversation task."""
