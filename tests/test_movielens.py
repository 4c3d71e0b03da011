"""MovieLens: titles, film facts, the pinned snapshot (rebuilt small here) and GroupLens' files."""

import hashlib
import io
import json
import lzma
import pickle
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from m6rec.artifacts import ARTIFACTS, WheelMember
from m6rec.errors import CatalogError, PullError
from m6rec.home import home
from m6rec.pull import pull
from m6rec.sources import movielens, read_catalog
from m6rec.sources.film_facts import join_film_facts, names, read_film_facts
from m6rec.sources.latest_small import load_latest_small
from m6rec.sources.movielens import Film, Ratings, build, load_default, load_default_catalog

FACTS = [
    ("The Matrix", 1999, 136.0, "Action, Sci-Fi", "Ann Wye, Bo Ex", "Q123", "Cy Low, Di High", "Won 4 Oscars.", 4),
    ("Borat", 2006, 84.0, "Comedy", "Larry C", "", "", None, 0),
    ("Les Misérables", 1998, None, "Drama", "Bille A", None, "Li Am", None, 0),
    ("Hamlet", 1990, 130.0, "Drama", "Zef", "", "Di High", None, 0),
    ("Hamlet", 1990, 60.0, "Horror", "Other", "", "", None, 0),
    ("Twin", 1980, 60.0, "Drama", "One", "", "", None, 0),
    ("Twin", 1980, 60.0, "Drama", "Two", "", "", None, 0),
    ("Old", 1981, 90.0, "Drama", "Early", "", "", None, 0),
    ("Old", 1983, 90.0, "Drama", "Late", "", "", None, 0),
]  # fmt: skip


def facts_file(folder: Path) -> Path:
    path = folder / "movies.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            'CREATE TABLE omdb (ID INTEGER, Title, Year, Runtime, Genre, Director, Writer, "Cast", '
            "Language DEFAULT 'English, French', Country DEFAULT 'France', Awards, Oscars)"
        )
        database.executemany(
            "INSERT INTO omdb (ID, Title, Year, Runtime, Genre, Director, Writer, "
            '"Cast", Awards, Oscars) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
            [(number, *row) for number, row in enumerate(FACTS)],
        )
        database.commit()
    return path


FILMS = [
    Film("1", "Matrix, The", 1999, "Action|Sci-Fi"),
    Film("2", "Borat: Cultural Learnings", 2006, "Comedy"),
    Film("3", "Miserables (Misérables, Les)", 1997, "(no genres listed)"),
    Film("4", "Hamlet", 1990, "Drama"),
    Film("5", "", None, "Drama"),
    Film("6", "Twin", 1980, "Drama"),
    Film("7", "Old", 1982, "Drama"),
    Film("8", "Matrix", 2000, "Action"),
    Film("9", "Hamlet", None, "Drama"),
]
MOVIES = ["1", "4", "4", "4", "5", "5", "2", "1"]
RATINGS = Ratings(
    ["u", "u", "v", "w", "u", "v", "w", "w"],
    MOVIES,
    np.arange(8).astype(np.float32),
    np.array([30, 10, 20, 9, 1, 1, 8, 7], np.int64),
)


def test_facts_join_by_title_and_year_and_nothing_else(tmp_path):
    catalog, _ = build(FILMS, RATINGS, name="small", facts=facts_file(tmp_path))
    assert catalog["1"].fields == {
        "genres": ("Action", "Sci-Fi"),
        "year": 1999,
        "directors": ("Ann Wye", "Bo Ex"),
        # "Di High" plays in Hamlet too, which three people rated, and so is better known.
        "cast": ("Di High", "Cy Low"),
        "countries": ("France",),
        "languages": ("English", "French"),
        "awards": "Won 4 Oscars",
        "oscars": 4,
        "runtime": 136,
    }
    assert catalog["2"].fields["directors"] == ("Larry C",)
    assert catalog["3"].fields["directors"] == ("Bille A",)
    assert catalog["3"].fields["also_known_as"] == ("Les Misérables",)
    assert "genres" not in catalog["3"].fields
    assert catalog["4"].fields["directors"] == ("Zef",)
    for ambiguous_or_used in "6789":
        assert "directors" not in catalog[ambiguous_or_used].fields
    assert catalog.popularity.tolist() == [2, 1, 0, 3, 0, 0, 0, 0]
    assert [item.title for item in catalog][:4] == ["The Matrix", "Borat: Cultural Learnings", "Miserables", "Hamlet (1990)"]  # fmt: skip
    assert catalog.notes == (
        "1 film without a title left out (ids 5), with 2 ratings",
        "film facts joined for 4 of 8 films (50.0 %)",
    )


def test_ratings_of_untitled_films_go_with_them():
    catalog, interactions = build(FILMS, RATINGS, name="small", missing="no network")
    assert catalog.notes[1] == "no film facts joined: no network"
    assert len(interactions) == 6
    assert [catalog.at(row).item_id for row in interactions.history("w")] == ["1", "2", "4"]


def test_joining_nothing_changes_nothing():
    catalog, _ = build(FILMS, RATINGS, name="small")
    assert join_film_facts(catalog.items, []) == (list(catalog.items), 0)


def test_names_are_cleaned():
    assert names("Ed Ames, Jr.,  Bo  Li, Q42, , Bo Li, list of many") == ("Ed Ames Jr.", "Bo Li")
    assert names(None) == ()


def test_another_file_is_no_film_facts(tmp_path):
    (tmp_path / "movies.db").write_text("no database, but long enough to be looked at")
    with pytest.raises(CatalogError, match="cannot read film facts from"):
        read_film_facts(tmp_path / "movies.db")


@pytest.fixture
def snapshot(monkeypatch, tmp_path) -> Path:
    """A small snapshot and its film facts, pulled already."""
    import pandas as pd

    pickled = io.BytesIO()
    by_id = {film.movie_id: film for film in FILMS}
    rated = [by_id[movie] for movie in MOVIES]
    pd.DataFrame(
        {
            "movieId": [int(film.movie_id) for film in rated],
            "title": [film.title or None for film in rated],
            "year": [float(film.year or "nan") for film in rated],
            "genres": [film.genres for film in rated],
            "userId": [{"u": 1, "v": 2, "w": 3}[user] for user in RATINGS.users],
            "rating": RATINGS.rating.astype(float),
            "timestamp": RATINGS.timestamp,
        }
    ).to_pickle(pickled, compression="xz")
    put("movielens-default", "movielens.pkl.compress", pickled.getvalue(), monkeypatch)
    put("film-facts", "movies.db", facts_file(tmp_path).read_bytes(), monkeypatch)
    return home() / "artifacts" / "movielens-default" / "movielens.pkl.compress"


def put(name: str, file: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    entry = WheelMember("tiny-m6rec-data", "1.0", 1, "0" * 64, f"tiny/{file}", sha256, "CC0")
    monkeypatch.setitem(ARTIFACTS, name, entry)
    folder = home() / "artifacts" / name
    folder.mkdir(parents=True)
    (folder / file).write_bytes(content)
    manifest = {"file": file, "bytes": len(content), "sha256": sha256}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_the_default_is_converted_once_and_then_needs_no_source(snapshot, capsys):
    catalog, interactions = load_default()
    assert capsys.readouterr().err == "preparing MovieLens\n"
    assert [item.item_id for item in catalog] == ["1", "2", "4"]
    assert catalog.notes[0].startswith("1 film without a title left out (ids 5), with 2")
    assert (len(interactions), interactions.n_users) == (6, 3)
    folder = home() / "data" / "movielens-default"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["complete"], manifest["items"], manifest["interactions"]) == (True, 3, 6)
    assert manifest["content_hash"] == catalog.content_hash

    snapshot.unlink()
    again = read_catalog("movielens-default")
    assert again.items == catalog.items
    assert capsys.readouterr().err == ""


def test_a_conversion_by_other_code_is_made_anew(snapshot):
    load_default()
    file = home() / "data" / "movielens-default" / "manifest.json"
    now = json.loads(file.read_text())
    file.write_text(json.dumps({**now, "recipe": "by an older version", "notes": ["stale"]}))
    load_default_catalog()
    made = json.loads(file.read_text())
    assert (made["recipe"], made["notes"]) == (now["recipe"], now["notes"])


def test_later_loads_need_neither_pandas_nor_torch(snapshot):
    load_default()
    program = (
        "import sys; from m6rec.sources.movielens import load_default, load_default_catalog;"
        "load_default_catalog(); print([m for m in ('pandas', 'pyarrow') if m in sys.modules]);"
        "load_default(); print([m for m in ('pandas', 'torch') if m in sys.modules])"
    )
    pinned = [
        f"ARTIFACTS[{name!r}] = {ARTIFACTS[name]!r}" for name in ("movielens-default", "film-facts")
    ]
    program = f"from m6rec.artifacts import *; {'; '.join(pinned)}; {program}"
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "[]\n[]\n"


def test_without_film_facts_it_works_and_asks_again_later(snapshot, monkeypatch):
    tries = []

    def offline(name, **options):
        if name == "film-facts":
            tries.append(name)
            raise PullError("no network")
        return pull(name, **options)

    monkeypatch.setattr(movielens, "pull", offline)
    assert load_default_catalog().notes[1] == "no film facts joined: no network"
    load_default_catalog()
    assert len(tries) == 1, "an offline user must not wait at every start"
    monkeypatch.setattr(movielens, "RETRY_SECONDS", -1)
    monkeypatch.setattr(movielens, "pull", pull)
    assert "film facts joined for 3 of 3" in load_default_catalog().notes[1]


def test_a_changed_snapshot_is_never_unpickled(snapshot):
    size = snapshot.stat().st_size
    evil = lzma.compress(pickle.dumps(print))
    snapshot.write_bytes(evil + b"\0" * (size - len(evil)))
    with pytest.raises(PullError, match="was changed after it was fetched: refused"):
        load_default_catalog()
    assert not (home() / "data" / "movielens-default").exists()


MOVIES_CSV = 'movieId,title,genres\n1,"Matrix, The (1999)",Action|Sci-Fi\n4,Hamlet (1990),Drama\n'
RATINGS_CSV = "userId,movieId,rating,timestamp\n1,4,3.5,20\n1,1,4.0,10\n"


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_grouplens_files_are_cleaned_alike(snapshot, tmp_path, form):
    path = tmp_path / "ml"
    if form == "folder":
        path.mkdir()
        (path / "movies.csv").write_text(MOVIES_CSV)
        (path / "ratings.csv").write_text(RATINGS_CSV)
    else:
        path = tmp_path / "ml-latest-small.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("ml-latest-small/movies.csv", MOVIES_CSV)
            archive.writestr("ml-latest-small/ratings.csv", RATINGS_CSV)
    catalog, interactions = load_latest_small(path)
    assert [(item.title, item.fields["year"]) for item in catalog] == [
        ("The Matrix", 1999),
        ("Hamlet", 1990),
    ]
    assert catalog["1"].fields["runtime"] == 136
    assert interactions.history("1").tolist() == [0, 1]
    assert read_catalog(path).items == catalog.items


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        (None, "cannot read ratings.csv in"),
        ("user,movieId,rating,timestamp\n", "line 1 lacks one of the columns userId, movieId"),
        (RATINGS_CSV + "1,4\n", "line 4 lacks one of the columns"),
        (RATINGS_CSV + "1,4,good,1\n", "line 4 has rating 'good' and timestamp '1'"),
    ],
)
def test_damaged_grouplens_files_are_named(snapshot, tmp_path, ratings, message):
    (tmp_path / "movies.csv").write_text(MOVIES_CSV)
    if ratings is not None:
        (tmp_path / "ratings.csv").write_text(ratings)
    with pytest.raises(CatalogError, match=message):
        load_latest_small(tmp_path)


@pytest.mark.real
def test_the_pinned_snapshot_is_what_all_figures_were_made_with():
    catalog, interactions = load_default(lambda *_: None)
    assert (len(catalog), len(interactions), interactions.n_users) == (9061, 99_997, 671)
    assert catalog["2571"].title == "The Matrix"
    assert catalog["2571"].fields["directors"] == ("Lana Wachowski", "Lilly Wachowski")
    assert catalog["47"].fields["also_known_as"] == ("Se7en",)
    assert "ids 108548, 108583, 143410, 151307, 162376), with 7 ratings" in catalog.notes[0]
    assert "film facts joined for 7543 of 9061 films (83.2 %)" in catalog.notes[1]
