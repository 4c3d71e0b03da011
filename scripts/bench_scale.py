"""Build and search the tree of a million made-up titles, beside one of the default catalog's size.

    python scripts/bench_scale.py --out runs/scale.json [--titles 1000000] [--prompts 30]

Latency is the exact top-10 by the shipped model, popularity as a voice, the prompt included. Memory is the
highest resident size during the build above what was there before (Linux only), and the arrays alone.
"""

import argparse
import json
import statistics
import time
from itertools import product
from pathlib import Path

import numpy as np

from m6rec.assembly import assemble
from m6rec.atomic import write_text
from m6rec.catalog import Catalog
from m6rec.decoding.distribution import CatalogDistribution, Question
from m6rec.decoding.neutral import NeutralTable
from m6rec.decoding.search import top_k
from m6rec.decoding.voices import Voice
from m6rec.filters import item_mask
from m6rec.index import index_catalog
from m6rec.records import Item

DEFAULT_SIZE = 9_066
GENRES = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


FIRST = words(
    "Silver Golden Broken Silent Hidden Burning Frozen Lost Last First Secret Crimson Distant Empty Endless "
    "Fallen Gentle Hollow Iron Lonely Midnight Northern Paper Quiet Restless Savage Sleeping Stolen Sudden "
    "Tender Velvet Wandering Winter Wooden Yellow Ancient Bitter Blind Brave Bright Cold Crooked Dark Deep "
    "Electric Emerald Faithful Forgotten Green Happy Heavy Holy Invisible Little Lucky Modern Naked Perfect"
)
NOUNS = words(
    "Garden River House Road Mirror Letter Summer Island Engine Harbor Orchard Window Bridge Circus Kingdom "
    "Mountain Ocean Palace Piano Prison Railway Ranch Shadow Street Tower Valley Village Voyage Wedding Witness "
    "Agent Angel Baker Captain Child Dancer Daughter Detective Doctor Dragon Empress Farmer Father Ghost Giant "
    "Hunter King Lawyer Lover Merchant Mother Nurse Outlaw Painter Pilot Poet Prince Queen Rabbit Sailor Singer "
    "Soldier Stranger Teacher Thief Tiger Traveler Uncle Visitor Widow Winner Wizard Wolf Writer Moon Storm Snow "
    "Fire Rain Dust Heart Name Song Game"
)
JOINTS = (" of the ", " and the ", " without a ", " in the ")


def titles(n: int) -> list[str]:
    """The first `n` of 58 x 84 x 84 x 4 titles, shuffled by a fixed seed."""
    every = len(FIRST) * len(NOUNS) * len(NOUNS) * len(JOINTS)
    chosen = np.sort(np.random.default_rng(0).choice(every, n, replace=False)).tolist()
    wanted, found = iter([*chosen, -1]), []
    following = next(wanted)
    for i, (first, noun, joint, other) in enumerate(product(FIRST, NOUNS, JOINTS, NOUNS)):
        if i == following:
            found.append(f"{first} {noun}{joint}{other}")
            following = next(wanted)
    return found


def catalog(n: int) -> Catalog:
    """Titles with a genre, a year and a popularity that falls as films' does."""
    rng = np.random.default_rng(1)
    genres, years = rng.integers(len(GENRES), size=n), rng.integers(1950, 2026, size=n)
    popularity = rng.permutation(1e5 / np.arange(1, n + 1) ** 0.8)
    return Catalog(
        (
            Item(str(i), title, {"genre": GENRES[genre], "year": year}, float(liked))
            for i, (title, genre, year, liked) in enumerate(
                zip(titles(n), genres.tolist(), years.tolist(), popularity.tolist(), strict=True)
            )
        ),
        name="made-up films",
    )


def resident(key: str) -> float:
    """Megabytes of resident memory now (VmRSS) or at the highest (VmHWM)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    return float("nan")


def main() -> None:
    """Print a table and write it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--titles", type=int, default=1_000_000)
    parser.add_argument("--prompts", type=int, default=30)
    chosen = parser.parse_args()
    parts = assemble(None, None, None)
    wishes = [f"{g.lower()} films from the {d}s" for d in (60, 80, 90) for g in GENRES]
    prompts = [parts.writer.write(text) for text in wishes[: chosen.prompts]]
    results: dict[str, dict[str, float]] = {}
    for size in (DEFAULT_SIZE, chosen.titles):
        begin = time.perf_counter()
        items = catalog(size)
        made = time.perf_counter() - begin
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
        before, begin = resident("VmRSS"), time.perf_counter()
        index = index_catalog(items, parts.codec, parts.vocabulary)
        figures = {
            "catalog seconds": made,
            "build seconds": time.perf_counter() - begin,
            "build MB": resident("VmHWM") - before,
            "tree MB": index.tree.nbytes / 1e6,
            "paths": index.tree.n_paths,
        }
        neutral = NeutralTable(index.tree, parts.distribution.model, [0])
        space = CatalogDistribution(
            index.tree, parts.distribution.model, parts.codec, neutral, index.described
        )
        popularity = items.popularity + 1.0
        questions = [
            Question(p, (Voice("popularity", 0.3, popularity, 1.4),), title_weight=0.6)
            for p in prompts
        ]
        figures |= latencies(space, questions, items)
        results[f"{size} titles"] = {k: float(f"{v:.4g}") for k, v in figures.items()}
        for name, value in results[f"{size} titles"].items():
            print(f"{size:>9} titles  {name:34} {value:g}")
    write_text(chosen.out, json.dumps(results, indent=2) + "\n")


def latencies(
    space: CatalogDistribution, questions: list[Question], items: Catalog
) -> dict[str, float]:
    """Exact top-10 with and without a filter that keeps 1 % of the items."""
    rng = np.random.default_rng(2)
    lucky = rng.random(len(items)) < 0.01
    span = "year>=1991 and year<1992"
    rows = []
    for question in [questions[0], *questions]:  # the first one warms up
        row: list[float] = []
        for mask in (None, lambda: lucky, lambda: item_mask(span, items)):
            space.prompts.clear()
            begin = time.perf_counter()
            allowed = None if mask is None else mask()
            result = top_k(space.ask(question), 10, allowed=allowed, width=24)
            row += [time.perf_counter() - begin, result.tokens]
        rows.append(row)
    plain, tokens, drawn, drawn_tokens, spanned, spanned_tokens = zip(*rows[1:], strict=True)
    return {
        "top-10 ms": 1000 * statistics.median(plain),
        "top-10 tokens": statistics.median(tokens),
        "1 % drawn, times no filter": statistics.median(
            b / a for a, b in zip(plain, drawn, strict=True)
        ),
        "1 % drawn, tokens": statistics.median(drawn_tokens),
        "one year, times no filter": statistics.median(
            b / a for a, b in zip(plain, spanned, strict=True)
        ),
        "one year, tokens": statistics.median(spanned_tokens),
    }


if __name__ == "__main__":
    main()
