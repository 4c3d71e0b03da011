"""The task ``dialogues``: conversations by script, and searches by simulated people."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from m6rec.errors import ConfigError
from m6rec.evaluation.dialogues import DIALOGUES, judge_dialogue, read_dialogues
from m6rec.evaluation.measures import COST, plain_mean, total
from m6rec.evaluation.plan import Plan
from m6rec.evaluation.provenance import file_hash
from m6rec.evaluation.simulated import persons, search
from m6rec.evaluation.task import Prepared, Row, Task

NAME = "dialogues"
"""The task, and what ``--file`` calls scripts that take the place of the project's own."""
N_PERSONS = 100
"""Simulated people; each searches twice."""


def _prepare(methods: Sequence[str], plan: Plan) -> Prepared:
    lacking = [name for name in methods if not hasattr(plan.recommenders[name], "companion")]
    if lacking:
        raise ConfigError(f"{', '.join(lacking)} cannot hold a conversation; leave dialogues out")
    files = plan.options.files.get(NAME, (DIALOGUES,))
    scripts = plan.sample([script for path in files for script in read_dialogues(path)])
    people = plan.sample(persons(plan.catalog, N_PERSONS, plan.options.seed))

    def rows(method: str) -> Iterator[Row]:
        recommender = plan.recommenders[method]
        for script in scripts:
            yield asdict(judge_dialogue(script, recommender, plan.catalog, plan.options.k))
        for person in people:
            for asks in (False, True):
                found = search(person, recommender, plan.catalog, plan.options.k, asks=asks)
                yield asdict(found)

    hashes = [file_hash(path) for path in files]
    settings = {"dialogues": hashes[0] if len(hashes) == 1 else hashes, "persons": N_PERSONS}
    return Prepared(rows=rows, n_cases=len(scripts) + 2 * len(people), settings=settings)


TASK = Task(
    name=NAME,
    heading="Dialogues",
    about=(
        "Scripted: satisfied is the share of the lists with a hard demand that keep it with every item",
        "(lists that name what they gave up are counted as relaxed instead); wanted, the share of items",
        "that are what was merely wanted; repeats, items listed again after others were asked for; seen",
        "again, items the person has judged, seen or named; silent, lines without a due reply.",
        "Answering and unasked: the same simulated people with one item in mind, with questions and",
        "without; found is the share who find it within three lists.",
    ),
    peers=(),
    prepare=_prepare,
    key=lambda row: f"{row['set']}/{row['id']}",
    groups=lambda row: (row["set"],),
    compared=("satisfied", "wanted", "found"),
    measures=(
        plain_mean("satisfied", "satisfied"),
        plain_mean("wanted", "wanted"),
        total("violations", "violations"),
        total("repeats", "repeats"),
        total("seen_again", "seen again"),
        total("silent", "silent"),
        total("relaxed", "relaxed"),
        plain_mean("found", "found"),
        plain_mean("turns_to_target", "turns to target", 2),
        plain_mean("questions", "questions", 2),
        *COST,
    ),
)
"""The dialogue task."""
