"""The command line: what it prints, where, and how it ends."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import m6rec.pull
import m6rec.tune
from m6rec.cli import loading, main
from m6rec.cli.chats import chat_file
from m6rec.cli.history import read_history
from m6rec.errors import (
    FilterError,
    ModelError,
    ModelFolderError,
    PullError,
    RequestError,
)
from m6rec.records import Choice, Clarification
from tests.fakes import FakeRecommender

ROOT = Path(__file__).parent.parent
WITH_FAKE = (
    # A test run in the background of a script inherits an ignored Ctrl-C.
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from m6rec.cli import loading, main\n"
    "from tests.fakes import FakeRecommender\n"
    "loading.load_recommender = lambda *_: FakeRecommender()\n"
    "main(prog_name='m6rec')\n"
)


@pytest.fixture
def fake(monkeypatch):
    recommender = FakeRecommender()
    monkeypatch.setattr(loading, "load_recommender", lambda *_: recommender)
    return recommender


@pytest.fixture
def broken(monkeypatch):
    """Return a function that makes the next recommend raise."""

    def fails_with(error):
        recommender = FakeRecommender()

        def recommend(*_, **__):
            raise error

        monkeypatch.setattr(recommender, "recommend", recommend)
        monkeypatch.setattr(loading, "load_recommender", lambda *_: recommender)

    return fails_with


def run(*args, stdin=None):
    return CliRunner().invoke(main, args, input=stdin)


def process(*args, code=WITH_FAKE, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code, *args],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_wish_gives_numbered_titles_and_reasons(fake):
    result = run("recommend", "I want some comedy movies", "-k", "3")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout == (
        " 1. Toy Story      animation, comedy, 1995\n"
        " 2. Groundhog Day  comedy, romance, 1993\n"
        " 3. Men in Black   comedy, sci-fi, 1997\n"
    )


def test_lists_fit_eighty_columns(fake):
    result = run("recommend", "comedies")
    lines = result.stdout.splitlines()
    assert len(lines) == 7
    assert max(map(len, lines)) <= 80


def test_words_need_no_quotes(fake):
    run("recommend", "some", "comedy", "movies")
    assert fake.calls[-1]["text"] == "some comedy movies"


def test_every_option_reaches_the_recommender(fake):
    run(
        *("recommend", "comedies", "--like", "Toy Story", "--like", "Shrek", "--dislike", "Alien"),
        *("--seen", "The Mask", "--user", "7", "--where", "year>=1990", "-k", "4"),
    )
    assert fake.calls == [
        {
            "text": "comedies",
            "liked": ("Toy Story", "Shrek"),
            "disliked": ("Alien",),
            "seen": ("The Mask",),
            "user": "7",
            "where": "year>=1990",
            "k": 4,
        }
    ]


def test_what_a_model_is_loaded_from(monkeypatch):
    asked = []

    def load(*source):
        asked.append(source)
        return FakeRecommender()

    monkeypatch.setattr(loading, "load_recommender", load)
    run("recommend", "x", "--model", "m", "--catalog", "c.csv", "--config", "t.toml")
    run("chat", "--model", "m", "--catalog", "c.csv", stdin="comedies\n")
    assert asked == [("m", "c.csv", "t.toml"), ("m", "c.csv", None)]


def test_json_is_one_object_with_the_agreed_keys(fake):
    result = run(
        "recommend", "喜剧电影", "--like", "toy stroy", "--like", "xx", "-k", "2", "--json"
    )
    assert result.stdout.count("\n") == 1
    assert "喜剧电影" in result.stdout
    answer = json.loads(result.stdout)
    assert [*answer] == [
        *("request", "items", "matched", "unmatched", "understood", "relaxed"),
        *("exact", "elapsed_ms", "lm_tokens", "lm_calls"),
    ]
    assert answer["items"][0] == {
        "rank": 1,
        "item_id": "6",
        "title": "Shrek",
        "score": 3.15,
        "log_prob": -1.0,
        "terms": {"words": 3.0, "popularity": 0.15},
        "why": "animation, comedy, 2001",
    }
    assert answer["matched"][0] == {
        "mention": "toy stroy",
        "item_id": "1",
        "title": "Toy Story",
        "confidence": 0.89,
        "how": "fuzzy",
        "nearest": [],
    }
    assert answer["unmatched"][0]["mention"] == "xx"
    assert answer["exact"] is True


def test_typed_titles_are_confirmed_and_refused_ones_get_the_nearest(fake):
    result = run("recommend", "--like", "the matrx", "--like", "alin wonderlan", "-k", "1")
    assert result.stdout.splitlines()[-1] == '"the matrx" read as The Matrix (0.95)'
    assert result.stderr.startswith('"alin wonderlan" not found; nearest: ')
    assert result.exit_code == 0


def test_what_was_understood_stands_above_the_list(fake):
    result = run("recommend", "comedies from the 90s, no romance", "-k", "1")
    assert result.stdout.startswith("understood: 90s, not Romance\n 1. ")


def test_explain_shows_terms_that_add_up(fake):
    result = run("recommend", "comedies", "-k", "1", "--explain")
    assert result.stdout.splitlines()[1] == "    score 1.25 = words +1.00 popularity +0.25"


def test_nothing_asked_shows_what_suits_many_and_says_so(fake):
    result = run("recommend", "-k", "1")
    assert result.exit_code == 0
    assert result.stdout == " 1. The Matrix  action, sci-fi, 1999\n"
    assert result.stderr == "Nothing asked: this is what suits many. Say what you would like.\n"


def test_bytes_that_are_no_text_are_replaced(fake):
    result = run("recommend", "comedies \udcff", "--json")
    assert json.loads(result.stdout)["request"] == "comedies \ufffd"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (RequestError("too long"), 2, "m6rec: too long\n"),
        (FilterError("year>=3000\nleaves no item"), 2, "m6rec: year>=3000 leaves no item\n"),
        (ModelFolderError("no folder x"), 2, "m6rec: no folder x\n"),
        (PullError("tried a, b"), 1, "m6rec: tried a, b\n"),
        (ModelError("NaN"), 1, "m6rec: NaN\n"),
        (
            KeyError("row"),
            1,
            "m6rec: unexpected KeyError: 'row' (this is a fault of m6rec; -v shows where)\n",
        ),
        (KeyboardInterrupt(), 130, "\n"),
    ],
)
def test_failures_are_one_line_and_an_exit_code(broken, error, code, line):
    broken(error)
    result = run("recommend", "comedies")
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", line)


def test_verbose_adds_the_traceback_of_a_fault(broken):
    broken(KeyError("row"))
    result = run("recommend", "comedies", "-v")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert result.stderr.endswith("m6rec: unexpected KeyError: 'row'\n")


@pytest.mark.parametrize("place", ["before", "after"])
def test_verbose_may_stand_on_either_side_of_the_command(fake, place):
    args = ["-v", "recommend", "x"] if place == "before" else ["recommend", "x", "-v"]
    assert "tokens in 0 calls" in run(*args).stderr
    assert "tokens" not in run("recommend", "x").stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["recommend", "x", "-k", "0"], "0 is not in the range x>=1"),
        (["recommend", "x", "-k", "ten"], "'ten' is not a valid integer"),
        (["recommend", "x", "--liek", "y"], "--liek"),
        (["recomend", "x"], "No such command 'recomend'"),
        (["tune", "c.csv"], "Missing option '--out'"),
        (["tune", "c.csv", "--out", "d", "--method", "magic"], "'magic' is not one of"),
        (["tune", "c.csv", "--out", "d", "--minutes", "0"], "0.0 is not in the range"),
        (["eval", "--out", "d", "--tasks", "cooking"], "no task 'cooking'"),
        (["eval", "--out", "d", "--methods", ","], "names nothing"),
        (["pull", "internet"], "nothing is called 'internet'"),
        (["config", "--config", "nowhere.toml"], "cannot read config nowhere.toml"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_2(args, words):
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.startswith("m6rec: ")
    assert result.stderr.count("\n") == 1


def test_the_version_is_that_of_the_package():
    assert run("--version").stdout == f"m6rec {m6rec.__version__}\n"


def test_no_command_shows_the_help():
    assert run().stdout == run("--help").stdout
    assert run().exit_code == 0


def test_every_command_explains_itself():
    for name in main.commands:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert result.stdout.startswith(f"Usage: m6rec {name} [OPTIONS]")
        assert "--verbose" in result.stdout


def test_config_prints_settings_that_can_be_read_back(tmp_path):
    printed = run("config").stdout
    file = tmp_path / "m6rec.toml"
    file.write_text(printed, encoding="utf-8")
    assert run("config", "--config", str(file)).stdout == printed
    assert "# " in printed


def test_pull_lists_bytes_and_place_of_what_the_default_needs(monkeypatch, tmp_path):
    def fetched(name):
        (tmp_path / name).write_bytes(b"x" * 1234)
        return tmp_path / name

    monkeypatch.setattr(m6rec.pull, "pull", fetched)
    lines = run("pull").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("smollm2-135m-instruct", "movielens-default", "film-facts")
    ]
    assert lines[0].endswith(f"  1,234 bytes  {tmp_path / 'smollm2-135m-instruct'}")
    assert run("pull", "film-facts", "film-facts").stdout.count("\n") == 1


def test_tune_passes_its_options_on(monkeypatch):
    asked = []
    monkeypatch.setattr(m6rec.tune, "tune", lambda **given: asked.append(given))
    result = run("tune", "c.csv", "i.csv", "--out", "d", "--method", "ia3", "--minutes", "3")
    assert result.exit_code == 0
    assert asked == [
        {
            "catalog": "c.csv",
            "interactions": "i.csv",
            "out": "d",
            "base": None,
            "method": "ia3",
            "minutes": 3.0,
            "load_in_4bit": False,
            "objective": "catalog",
            "loop": {},
            "seed": 0,
            "resume": False,
        }
    ]


def test_eval_prints_its_report_and_writes_the_figures(fake, tmp_path):
    requests = tmp_path / "genres.jsonl"
    case = {"id": "w", "kind": "genre", "language": "en", "request": "westerns"}
    line = json.dumps(case | {"predicate": "'Western' in genres"})
    requests.write_text(line + "\n", encoding="utf-8")
    chosen = ["--tasks", "requests", "--methods", "m6rec,popularity", "--requests", str(requests)]
    result = run("eval", *chosen, "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip() == (tmp_path / "run" / "report.md").read_text("utf-8").strip()
    assert (tmp_path / "run" / "results.json").is_file()
    assert fake.calls[-1]["text"] == "westerns"


def test_eval_on_ones_own_catalog_needs_interactions_for_the_next_item(fake):
    result = run("eval", "--catalog", "c.csv", "--methods", "m6rec", "--out", "d")
    assert result.exit_code == 2
    assert "needs --interactions FILE" in result.stderr


# A conversation ---------------------------------------------------------------------------------


def test_chat_in_a_pipe_answers_each_line_without_prompts(fake):
    result = run("chat", "-k", "1", stdin="comedies\r\n\n/like 1\r\n/more\n/quit\nnever read\n")
    assert result.exit_code == 0
    assert result.stdout == (
        " 1. Toy Story  animation, comedy, 1995\n"
        "liked: Toy Story\n"
        "asked for: comedies\n"
        " 1. Shrek  animation, comedy, 2001\n"
    )
    assert len(fake.calls) == 2


def test_chat_survives_mistakes_and_ends_with_its_input(fake):
    result = run("chat", stdin="/like 3\n" + "x" * 100_000 + "\n/lke\n")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "there is no list yet that #3 could point to"
    assert lines[1] == "Only the first 2,000 of 100,000 characters were read."
    assert lines[-1] == "There is no command /lke; did you mean /like? /help lists them."


def test_chat_loads_nothing_before_it_must(monkeypatch):
    monkeypatch.setattr(loading, "load_recommender", lambda *_: pytest.fail("loaded"))
    assert run("chat", stdin="/help\n/k 5\n/quit\n").exit_code == 0


def test_chat_ends_when_the_model_cannot_be_loaded(monkeypatch):
    def missing(*_):
        raise ModelFolderError("no model folder at nowhere")

    monkeypatch.setattr(loading, "load_recommender", missing)
    result = run("chat", "--model", "nowhere", stdin="comedies\nmore\n")
    assert result.exit_code == 2
    assert result.stderr == "m6rec: no model folder at nowhere\n"


def test_ctrl_c_takes_back_a_line_and_a_second_one_leaves():
    chat = process("chat", "-k", "1")
    chat.stdin.write("comedies\n")
    chat.stdin.flush()
    assert chat.stdout.readline().startswith(" 1. Toy Story")
    chat.send_signal(signal.SIGINT)
    assert chat.stderr.readline() == "\n"
    assert chat.stderr.readline() == "Cancelled; Ctrl-C again leaves.\n"
    chat.stdin.write("westerns\n")
    chat.stdin.flush()
    assert chat.stdout.readline().startswith("asked for: comedies; westerns")
    chat.stdout.readline()
    chat.send_signal(signal.SIGINT)
    chat.stderr.readline()
    chat.stderr.readline()
    chat.send_signal(signal.SIGINT)
    assert chat.wait(timeout=30) == 130
    assert "Traceback" not in chat.communicate()[1]


def test_a_saved_conversation_goes_on_under_its_name(fake):
    first = run("chat", "-k", "2", stdin="comedies\nno romance\n/save Anna, the 2nd\n")
    assert first.stdout.splitlines()[-1] == (
        "Saved. Go on later with: m6rec chat --user 'Anna, the 2nd'"
    )
    again = run("chat", "--user", "Anna, the 2nd", stdin="/why 1\nmore\n")
    lines = again.stdout.splitlines()
    assert lines[0] == (
        "Going on where Anna, the 2nd left off: asked for comedies; no romance. /reset starts over."
    )
    assert lines[1].startswith("1. Toy Story: ")
    assert " 1. The Mask  comedy, fantasy, 1994" in lines
    assert run("chat", "--user", "Anna", stdin="").stdout == ""


def test_a_damaged_conversation_is_one_line(fake):
    run("chat", stdin="comedies\n/save anna\n")
    chat_file("anna").write_text("{", encoding="utf-8")
    result = CliRunner().invoke(main, ["chat", "--user", "anna"], input="x\n")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "delete it to start anew" in result.stderr


@pytest.mark.parametrize("name", ["../../x", "a/b", ".", "千与千寻" * 20, "A" * 100, "\x00"])
def test_any_name_makes_a_file_of_its_own(name):
    path = chat_file(name)
    assert path.parent.name == "chats"
    assert len(path.name) < 100
    assert chat_file(name + "x") != path


def test_a_transcript_is_written_once(fake, tmp_path):
    for name in ("talk.md", "talk.json"):
        file = tmp_path / name
        result = run("chat", "-k", "1", stdin=f"comedies\n/export {file}\n/export {file}\n")
        assert f"Written: {file}" in result.stdout
        assert "is there already" in result.stdout
        assert "Toy Story" in file.read_text(encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8"))["turns"][0]["said"] == "comedies"
    result = run("chat", stdin=f"/export {tmp_path}/no/such\n/export {tmp_path}/talk.md/x.md\n")
    assert "cannot write" in result.stdout


def test_a_question_is_shown_below_the_list(fake):
    choices = tuple(Choice(kind, kind, f"no {kind}") for kind in ("comedy", "horror"))
    fake.companion.questions = [Clarification("genres", choices, 1.0, 2.0, 0.4)]
    result = run("chat", "-k", "1", stdin="surprise me\nthe second\n")
    assert result.stdout == (
        " 1. The Matrix  action, sci-fi, 1999\n"
        'Rather comedy or horror? (or "neither", or "skip")\n'
        "asked for: surprise me; horror\n"
        " 1. Alien  horror, sci-fi, 1979\n"
    )


def test_a_reader_that_goes_away_is_no_failure():
    chat = process("chat", "-k", "14")
    chat.stdout.close()
    try:
        _, errors = chat.communicate("animation\n" * 50, timeout=30)
    except BrokenPipeError:
        errors = chat.stderr.read()
    assert (chat.wait(timeout=30), errors) == (0, "")


def test_a_model_folder_that_does_not_exist_is_the_users_mistake():
    command = [sys.executable, "-m", "m6rec.cli", "recommend", "x", "--model", "no-such-folder"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no-such-folder" in done.stderr
    assert done.stderr.count("\n") == 1


# Histories from files ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "liked", "disliked"),
    [
        (
            "h.txt",
            "Toy Story\r\n\n Heat, the film \n千与千寻\n",
            "Toy Story|Heat, the film|千与千寻",
            "",
        ),
        ("h.csv", 'Toy Story\n"Mask, The"\n', "Toy Story|Mask, The", ""),
        ("h.csv", "rating,Title\n5,Heat\n2,Alien\n2.5,Shrek\n", "Heat|Shrek", "Alien"),
        ("h.csv", "userId,movieId,rating\n1,10,4\n1,20,0.5\n", "10", "20"),
        ("h.tsv", "title\tyear\nHeat\t1995\n", "Heat", ""),
        (
            "h.jsonl",
            '"Heat"\n{"item_id": 7, "rating": 5}\n{"title": "X", "rating": 1}\n',
            "Heat|7",
            "X",
        ),
        ("h.txt", "\ufeffHeat\nHeat\n", "Heat", ""),
    ],
)
def test_a_history_is_read_from_lines_tables_and_json(tmp_path, name, text, liked, disliked):
    file = tmp_path / name
    file.write_bytes(text.encode())
    history = read_history(file)
    assert ("|".join(history.liked), "|".join(history.disliked)) == (liked, disliked)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("h.txt", b"\n \n", "names no item"),
        ("h.csv", b"", "names no item"),
        ("h.csv", b"title,rating\nHeat,5\n,4\n", "row 3 names no item"),
        ("h.csv", b"title,rating\nHeat,good\n", "line 2: rating 'good' is not a number"),
        ("h.jsonl", b"{}\n", "line 1 names no item"),
        ("h.jsonl", b"true\n", "line 1 names no item"),
        ("h.jsonl", b'"a"\n{nope\n', "line 2 is no JSON"),
        ("h.txt", b"caf\xe9\n", "is not UTF-8 (byte 3)"),
        ("missing.txt", None, "cannot read history"),
    ],
)
def test_a_history_that_cannot_be_read_names_file_and_place(tmp_path, name, data, words):
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(RequestError) as failure:
        read_history(file)
    assert words in str(failure.value)
    assert name in str(failure.value)


def test_history_and_likes_go_together(fake, tmp_path):
    file = tmp_path / "h.csv"
    file.write_text("title,rating\nAlien,1\nShrek,5\n", encoding="utf-8")
    run("recommend", "--history", str(file), "--like", "The Mask", "-k", "1")
    assert fake.calls[-1]["liked"] == ("Shrek", "The Mask")
    assert fake.calls[-1]["disliked"] == ("Alien",)
