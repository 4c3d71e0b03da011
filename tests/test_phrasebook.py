"""The lists of requests in prompts/requests, and the script that keeps them clear of held-out ones.

Run: python -m pytest tests/test_phrasebook.py -n 0
"""

import importlib.util
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from m6rec.vocabulary import spelling

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "check_overlap.py"
GENRES = frozenset(
    [
        *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary"),
        *("Drama", "Fantasy", "Film-Noir", "Horror", "IMAX", "Musical", "Mystery", "Romance"),
        *("Sci-Fi", "Thriller", "War", "Western"),
    ]
)


def wishes_of(domain: str) -> dict[str, Any]:
    paths = sorted((ROOT / "prompts" / "requests" / domain).glob("*.toml"))
    parts = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
    assert {key for part in parts for key in part} <= {"wish", "neutral"}
    neutral = [text for part in parts for text in part.get("neutral", {"text": []})["text"]]
    return {
        "wish": [wish for part in parts for wish in part.get("wish", [])],
        "neutral": {"text": neutral},
    }


@pytest.fixture(scope="module")
def films() -> dict[str, Any]:
    return wishes_of("films")


@pytest.fixture(scope="module")
def books() -> dict[str, Any]:
    return wishes_of("books")


@pytest.fixture(scope="module", params=["films", "books"])
def domain(request: pytest.FixtureRequest) -> dict[str, Any]:
    return wishes_of(request.param)


def _main() -> Callable[[list[str]], int]:
    # scripts/ is no package, so its files are loaded by path.
    spec = importlib.util.spec_from_file_location("check_overlap", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Callable[[list[str]], int] = module.main
    return main


MAIN = _main()


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def check(capsys):
    """A function that runs the script on a folder of lists and a file of held-out requests."""

    def run(folder: Path, held_out: Path, *options: str) -> Done:
        try:
            code = MAIN(["--requests", str(folder), "--held-out", str(held_out), *options])
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return run


@pytest.fixture
def lists(tmp_path):
    """A function that writes training utterances and held-out requests, one utterance a line."""

    def write(training: list[str], held_out: list[str]) -> tuple[Path, Path]:
        folder = tmp_path / "requests"
        folder.mkdir()
        body = "".join(f"  {json.dumps(text, ensure_ascii=False)},\n" for text in training)
        toml = f'# kept\n[[wish]]\nany = ["Drama"]\ntext = [\n{body}]\n'
        (folder / "toy.toml").write_text(toml, encoding="utf-8")
        requests = tmp_path / "held.jsonl"
        rows = [json.dumps({"request": text}, ensure_ascii=False) for text in held_out]
        requests.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return folder, requests

    return write


def test_each_wish_has_only_known_keys_and_one_kind_of_genres(domain):
    for wish in domain["wish"]:
        assert set(wish) <= {"any", "all", "decade", "text"}
        assert ("any" in wish) != ("all" in wish), wish


def test_genres_exist_and_pairs_are_two_different_ones(films):
    for wish in films["wish"]:
        genres = wish.get("any") or wish["all"]
        assert genres
        assert set(genres) <= GENRES, genres
        assert len(set(genres)) == len(genres), genres
        if "all" in wish:
            assert len(genres) == 2, genres


def test_shelves_are_named_once_and_pairs_are_two_different_ones(books):
    for wish in books["wish"]:
        named = [[n] if isinstance(n, str) else n for n in wish.get("all", [wish.get("any")])]
        shelves = [spelling(shelf) for names in named for shelf in names]
        assert all(shelves), wish
        assert len(set(shelves)) == len(shelves), shelves
        assert len(named) == (2 if "all" in wish else 1), named


def test_decades_read_as_facets_do(films):
    decades = [wish["decade"] for wish in films["wish"] if "decade" in wish]
    assert decades
    for decade in decades:
        assert decade.endswith("0s"), decade
        assert 1900 <= int(decade[:-1]) <= 2020, decade


def test_no_utterance_is_empty_padded_or_said_twice(domain):
    texts = [text for wish in domain["wish"] for text in wish["text"]] + domain["neutral"]["text"]
    assert [text for text in texts if not text or text != text.strip()] == []
    counts = Counter(text.casefold() for text in texts)
    assert [text for text, n in counts.items() if n > 1] == []


def test_every_genre_has_enough_utterances_of_its_own(films):
    counts: Counter[str] = Counter()
    for wish in films["wish"]:
        if len(wish.get("any", ())) == 1:
            counts[wish["any"][0]] += len(wish["text"])
    short = {genre: counts[genre] for genre in GENRES - {"IMAX"} if counts[genre] < 40}
    assert short == {}
    assert counts["IMAX"] >= 5


def test_most_shelves_have_enough_utterances_of_their_own(books):
    counts = [len(wish["text"]) for wish in books["wish"] if "any" in wish]
    assert sum(count >= 25 for count in counts) >= 28


def test_every_wish_keeps_an_utterance_and_neutral_ones_are_many(domain):
    assert [wish for wish in domain["wish"] if not wish["text"]] == []
    assert len(domain["neutral"]["text"]) >= 40
    assert sum("all" in wish for wish in domain["wish"]) >= 25


def test_no_training_request_comes_too_close_to_a_held_out_one():
    # Standard output names only training text, so a failure gives nothing of the held-out set away.
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("text", "request_text"),
    [
        ("a lighthouse keeper", "Lighthouses!"),
        ("robbing trains", "a train that was robbed"),
        ("a spy in Lisbon", "spies"),
        ("海盗和藏宝图", "想看海盗的电影"),
    ],
    ids=["plural", "two endings", "ies", "chinese"],
)
def test_a_rare_shared_word_is_too_close(lists, text, request_text, check):
    done = check(*lists([text, "two people talk"], [request_text]))
    assert (done.returncode, done.stdout) == (1, f"{text}\n")


def test_one_common_word_is_not_too_close_but_two_are(lists, check):
    training = ["ghost train", "ghost ship", "ghost town", "ghost dog", "train crew", "train snow"]
    training += ["train fog", "ship"]
    done = check(*lists(training, ["a ghost on a train"]))
    assert (done.returncode, done.stdout) == (1, "ghost train\n")


def test_words_of_any_request_and_variables_are_not_content(lists, check):
    training = ["a good movie to watch tonight", "recommend {genre} stories", "推荐一部好看的电影"]
    done = check(*lists(training, ["watch a good film, good story", "genre", "推荐电影"]))
    assert (done.returncode, done.stdout) == (0, "")


def test_held_out_text_is_printed_only_when_asked(lists, check):
    files = lists(["a lighthouse"], ["the lighthouse and its secret crew"])
    quiet = check(*files)
    assert "crew" not in quiet.stdout + quiet.stderr
    assert "secret crew" in check(*files, "--show").stdout


def test_delete_goes_on_until_nothing_is_close(lists, check):
    # "ghost" is in four utterances; once "ghost train" has gone it is in three, and so rare.
    training = ["ghost train", "ghost ship", "ghost town", "ghost dog", 'quiet "quoted" hills']
    folder, held_out = lists(training, ["a ghost on a train"])
    done = check(folder, held_out, "--delete")
    assert done.returncode == 0
    assert done.stdout.splitlines() == training[:4]
    text = (folder / "toy.toml").read_text(encoding="utf-8")
    assert text.startswith("# kept\n")
    assert tomllib.loads(text)["wish"][0]["text"] == training[4:]
    assert check(folder, held_out).returncode == 0


def test_delete_drops_a_wish_that_is_left_without_text(lists, check):
    folder, held_out = lists(["hills"], ["lighthouse"])
    path = folder / "toy.toml"
    before = path.read_text(encoding="utf-8")
    emptied = '[[wish]]\nany = ["War"]\ndecade = "1940s"\ntext = [\n  "a lighthouse",\n]\n'
    path.write_text(f"{before}\n{emptied}\n{before}", encoding="utf-8")
    assert check(folder, held_out, "--delete").returncode == 0
    assert path.read_text(encoding="utf-8") == f"{before}\n{before}"


def test_delete_leaves_a_line_of_several_utterances_and_says_so(lists, check):
    folder, held_out = lists([], ["lighthouse"])
    path = folder / "toy.toml"
    path.write_text('text = [\n  "a lighthouse", "hills",\n]\n', encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    done = check(folder, held_out, "--delete")
    assert done.returncode == 1
    assert "toy.toml: give 'a lighthouse' its own line" in done.stderr
    assert path.read_text(encoding="utf-8") == before


def test_missing_files_are_refused(tmp_path, check):
    done = check(tmp_path, tmp_path / "none.jsonl")
    assert done.returncode == 2
    assert "no .toml file" in done.stderr
