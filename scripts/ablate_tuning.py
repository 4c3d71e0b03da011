"""What each choice in tuning is worth: one run per row, equal time, on 1,500 films.

    python scripts/ablate_tuning.py --out runs/ablation --minutes 5 --seeds 0 1
    python scripts/ablate_tuning.py --out runs/ablation --minutes 5 --runs lora bare-titles lm-loss

The films are the most-rated ones of the default catalog, with who chose them; the product tunes on these
files as on anybody's. A finished run is kept in --out and not made again; one that failed is. Measured after
each run: precision@10 on the template requests and on the development requests (the free sets are for the
final figures and stay untouched), HR@10 of the next item by the language model alone on each user's
second-last choice, which no run has learned from, and what an answer costs.
"""

import argparse
import json
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from m6rec.assembly import merged_model
from m6rec.atomic import read_manifest, replaced_folder, write_text
from m6rec.candidates.crowd import save as save_crowd
from m6rec.catalog import Catalog
from m6rec.config import Config, PathSettings
from m6rec.errors import M6RecError
from m6rec.evaluation.next_item import judge_next_item, rank_by_recommender
from m6rec.evaluation.requests import RequestCase, judge_requests, read_requests
from m6rec.filters import item_mask
from m6rec.interactions import Interactions
from m6rec.making.budget import Plan
from m6rec.making.crowd import CROWD, learned_crowd
from m6rec.making.order import work_folder
from m6rec.model_folder import open_model_folder
from m6rec.pairs.augmentation import Augmentation
from m6rec.recommender import Recommender
from m6rec.sources.movielens import load_default
from m6rec.split import leave_second_last_out
from m6rec.tune import tune
from m6rec.tuning.adapters import METHODS

REQUESTS = Path(__file__).parents[1] / "eval" / "requests"
SETS = ("templates", "development")
K = 10
FEWEST = K
"""Items a request must fit in the sub-catalog: with fewer, no list of ten could be right."""
ALONE = {
    "crowd": 0.0,
    "crowd_words": 0.0,
    "taste": 0.0,
    "language_model_history": 1.0,
}
"""Dials under which a history speaks through the language model and nothing else."""


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the table.

    Attributes:
        about: What differs from the row ``lora``.
        describe: What is said before a title, see `m6rec.config.PathSettings`.
        options: Arguments of `m6rec.tune.tune` that differ.
        voices: Dials that the run is tuned with, and measured with unless ``dials`` says otherwise.
        dials: Voices to measure with that differ from those the run writes.
        tuned: Whether there is anything to tune.
    """

    about: str
    describe: str = "several"
    options: Mapping[str, Any] = field(default_factory=dict)
    voices: Mapping[str, float] = field(default_factory=dict)
    dials: Mapping[str, float] = field(default_factory=dict)
    tuned: bool = True


SHARES = {"misspellings": 0.1, "carriers": 0.12, "joined": 0.15, "synonyms": 0.3}
"""Shares at which an augmentation is tried that is off by default."""


def _augmented() -> Iterator[tuple[str, Run]]:
    """Each augmentation the other way round than it is by default."""
    usual = Augmentation()
    for name, share in SHARES.items():
        on = bool(getattr(usual, name))
        changed = replace(usual, **{name: 0.0 if on else share})
        about = f"without {name}" if on else f"with {name} ({share})"
        yield f"{'no' if on else 'with'}-{name}", Run(about, options={"augmentation": changed})
    yield "no-augmentation", Run("without any", options={"augmentation": Augmentation.none()})


RUNS: dict[str, Run] = {
    "untuned": Run("the base model, worked examples in the prompt", tuned=False),
    "lora": Run("the default: LoRA, catalog loss, several paths"),
    "one-path": Run("one path per item: its rarest kind and decade", describe="one"),
    # Where nothing is said before the title, all evidence is about titles and counts in full.
    "bare-titles": Run("bare titles", describe="bare", dials={"titles": 1.0}),
    # What is drawn for the LM loss follows popularity, which the model then has learned to say itself:
    # divided out or added once more it would count wrongly.
    "lm-loss": Run(
        "plain LM loss, which learns popularity too",
        options={"objective": "lm"},
        voices={"neutral": 0.0},
        dials={"neutral": 0.0, "popularity": 0.0, "popularity_within": 0.0},
    ),
    **{
        method: Run(f"{method} tuning", options={"method": method})
        for method in METHODS
        if method not in {"lora", "full"}
    },
    **dict(_augmented()),
}


@dataclass(frozen=True, slots=True)
class Data:
    """The sub-catalog, who chose what, both as files too, and the cases to judge by."""

    items: Catalog
    choices: Interactions
    files: tuple[Path, Path]
    requests: dict[str, list[RequestCase]]
    histories: list[Any]


def prepare(
    folder: Path, n_films: int, n_users: int, source: tuple[Catalog, Interactions] | None = None
) -> Data:
    """Write the most-rated films and who chose them, the same on every machine.

    Args:
        folder: Where the two files go.
        n_films: How many films.
        n_users: How many users are judged.
        source: Where they are from; None for the default catalog.
    """
    items, choices = source or load_default()
    rows = np.sort(np.argsort(-items.popularity, kind="stable")[:n_films])
    kept = Catalog((items.at(int(row)) for row in rows), name=f"movielens-top-{len(rows)}")
    known = np.flatnonzero(np.isin(choices.row, rows))
    some = Interactions.from_columns(
        [choices.user_ids[user] for user in choices.user[known]],
        [items.at(int(row)).item_id for row in choices.row[known]],
        choices.rating[known],
        choices.timestamp[known],
        kept,
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = (folder / "catalog.jsonl", folder / "choices.parquet")
    kept.save(files[0])
    some.save(files[1])
    requests = {name: _fitting(REQUESTS / f"{name}.jsonl", kept) for name in SETS}
    cases = list(leave_second_last_out(some))
    drawn = np.random.default_rng(0).permutation(len(cases))[:n_users]
    histories = [cases[int(at)] for at in np.sort(drawn)]
    return Data(kept, some, files, requests, histories)


def _fitting(path: Path, catalog: Catalog) -> list[RequestCase]:
    return [
        case for case in read_requests(path) if item_mask(case.predicate, catalog).sum() >= FEWEST
    ]


def tuned(run: Run, data: Data, out: Path, seed: int, chosen: argparse.Namespace) -> None:
    """Tune with the product's own `tune`, or go on where it was interrupted."""
    if read_manifest(out):
        return
    work = work_folder(out)
    if chosen.steps is not None and not work.exists():
        Plan.of_steps(chosen.steps).save(work)
    if not (work / CROWD).exists():
        shutil.copytree(trained_crowd(data, chosen.out), work / CROWD)
    tune(
        *data.files,
        out=out,
        base=chosen.base,
        minutes=chosen.minutes,
        seed=seed,
        resume=True,
        config=Config(paths=PathSettings(run.describe)).with_values({"voices": dict(run.voices)}),
        **run.options,
    )


def trained_crowd(data: Data, out: Path) -> Path:
    """The crowd's sources, trained once: they have no part in the figures and take half a run's time."""
    folder = out / CROWD
    if not folder.is_dir():
        learned = learned_crowd(data.choices, len(data.items), 0)
        with replaced_folder(folder, {"choices": len(data.choices)}) as part:
            save_crowd(learned, part, [item.item_id for item in data.items])
    return folder


def measured(recommender: Recommender, run: Run, data: Data) -> dict[str, float]:
    """The figures of a row."""
    said = recommender.variant(recommender.config.with_values({"voices": dict(run.dials)}))
    figures: dict[str, float] = {}
    tokens: list[int] = []
    for name, cases in data.requests.items():
        rows = list(judge_requests(cases, said, data.items, name=name, k=K))
        figures[name] = statistics.fmean(row.precision for row in rows)
        tokens += [row.lm_tokens for row in rows]
    figures["tokens"] = statistics.fmean(tokens)
    mute = recommender.variant(
        recommender.config.with_values({"voices": {**run.dials, "kinds": 0.0, "kinds_within": 0.0}})
    )
    development = data.requests["development"]
    rows = list(judge_requests(development, mute, data.items, name="mute", k=K))
    figures["without probe"] = statistics.fmean(row.precision for row in rows)
    alone = recommender.variant(recommender.config.with_values({"voices": {**ALONE, **run.dials}}))
    rank = rank_by_recommender(alone, data.items, history_length=recommender.config.prompt.history)
    found = list(judge_next_item(data.histories, rank, data.items, k=K))
    figures["next item"] = statistics.fmean(row.hit_rate for row in found)
    figures["tokens, history"] = statistics.fmean(row.lm_tokens or 0 for row in found)
    return figures


def made(name: str, seed: int, data: Data, chosen: argparse.Namespace) -> dict[str, Any]:
    """One finished row: tuned, measured, and what it left in the cache removed."""
    run, folder = RUNS[name], chosen.out / "models" / f"{name}-{seed}"
    if not run.tuned:
        config = Config().with_values({"model": {"base": chosen.base}}) if chosen.base else None
        return measured(Recommender.load(catalog=data.files[0], config=config), run, data)
    tuned(run, data, folder, seed, chosen)
    figures = measured(Recommender.load(folder), run, data)
    merged = merged_model(open_model_folder(folder))
    if merged.name.startswith("merged-"):
        shutil.rmtree(merged)
    return {"losses": open_model_folder(folder).manifest.scores, **figures}


COLUMNS: dict[str, tuple[str, Callable[[dict[str, Any]], float | None]]] = {
    "templates": ("{:.3f}", lambda row: row.get("templates")),
    "development": ("{:.3f}", lambda row: row.get("development")),
    "development, no probe": ("{:.3f}", lambda row: row.get("without probe")),
    "next item HR@10": ("{:.3f}", lambda row: row.get("next item")),
    "LM tokens, request": ("{:.0f}", lambda row: row.get("tokens")),
    "LM tokens, history": ("{:.0f}", lambda row: row.get("tokens, history")),
    "validation loss": ("{:.3f}", lambda row: row.get("losses", {}).get("loss")),
    "minutes of tuning": ("{:.1f}", lambda row: row.get("losses", {}).get("minutes")),
    "step of best": ("{:.0f}", lambda row: row.get("losses", {}).get("step")),
}
"""Columns of the table: how a figure is written, and where a row has it."""


def table(rows: list[dict[str, Any]], heading: str) -> str:
    """A Markdown table: the mean over seeds, and half the range where there are several."""
    lines = [heading, "", f"| run | seeds | {' | '.join(COLUMNS)} | what differs |"]
    lines.append("|---" * (len(COLUMNS) + 3) + "|")
    for name in dict.fromkeys(row["run"] for row in rows):
        some = [row for row in rows if row["run"] == name]
        cells = [_cell(form, [get(row) for row in some]) for form, get in COLUMNS.values()]
        seeds = ", ".join(str(row["seed"]) for row in some)
        about = next(
            (f"failed: {row['error']}" for row in some if "error" in row), some[0]["about"]
        )
        lines.append(f"| {name} | {seeds} | {' | '.join(cells)} | {about} |")
    return "\n".join(lines) + "\n"


def _cell(form: str, values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return ""
    mean = form.format(statistics.fmean(known))
    spread = (max(known) - min(known)) / 2
    return mean if len(known) < 2 else f"{mean} ± {form.format(spread)}"


def main(arguments: list[str] | None = None) -> None:
    """Make the runs that are missing, then write results.json and table.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float, help="for the tuning command of every run")
    length.add_argument("--steps", type=int, help="of tuning, for every run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=list(RUNS), metavar="NAME")
    parser.add_argument("--base", help="base model; default: the product's")
    parser.add_argument("--films", type=int, default=1500)
    parser.add_argument("--users", type=int, default=200)
    ablate(parser.parse_args(arguments))


def ablate(chosen: argparse.Namespace, source: tuple[Catalog, Interactions] | None = None) -> None:
    """Make the runs that were chosen; a row is written as soon as it is there."""
    out: Path = chosen.out
    data = prepare(out, chosen.films, chosen.users, source)
    settings = {
        **{name: getattr(chosen, name) for name in ("minutes", "steps", "base")},
        "catalog": data.items.content_hash,
        "requests": {name: len(cases) for name, cases in data.requests.items()},
        "histories": len(data.histories),
    }
    for seed in chosen.seeds:
        for name in chosen.runs:
            part = out / "runs" / f"{name}-{seed}.json"
            kept = json.loads(part.read_text(encoding="utf-8")) if part.is_file() else {}
            if kept and kept["settings"] != settings:
                raise SystemExit(f"{part} was made with other settings; choose another --out")
            if kept and "error" not in kept:
                continue
            begin = time.monotonic()
            row = {"run": name, "seed": seed, "about": RUNS[name].about, "settings": settings}
            try:
                row |= made(name, seed, data, chosen)
            except M6RecError as error:
                row["error"] = str(error)
            row["seconds"] = time.monotonic() - begin
            write_text(part, json.dumps(row, indent=2) + "\n")
            write(out, settings)
    write(out, settings)


def write(out: Path, settings: Mapping[str, Any]) -> None:
    """Collect the rows that are there into results.json and table.md, in the order of `RUNS`."""
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in (out / "runs").glob("*.json")]
    rows.sort(key=lambda row: (list(RUNS).index(row["run"]), row["seed"]))
    write_text(out / "results.json", json.dumps({"settings": settings, "rows": rows}, indent=2))
    length = (
        f"{settings['minutes']} minutes" if settings["minutes"] else f"{settings['steps']} steps"
    )
    counts = ", ".join(f"{n} {name}" for name, n in settings["requests"].items())
    heading = (
        f"{length} of tuning each; precision@{K} over requests ({counts}), HR@{K} over "
        f"{settings['histories']} users. Mean over seeds, ± half the range."
    )
    write_text(out / "table.md", table(rows, heading))
    print(table(rows, heading), flush=True)


if __name__ == "__main__":
    main()
