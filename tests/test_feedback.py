"""What users said is kept, in this process, in the next one, and through a kill.

Run: pytest tests/test_feedback.py -n 0
"""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m6rec.errors import ConfigError, MissingExtraError, RequestError
from m6rec.feedback import VARIABLE, VERDICTS, Feedback
from m6rec.home import home

ROOT = Path(__file__).parent.parent
WRITER = """
import sys
from m6rec.feedback import Feedback
kept = Feedback(sys.argv[1])
for n in range(10_000):
    kept.remember("films", "ann", str(n), "liked")
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
"""


def place(tmp_path):
    return str(tmp_path / "kept" / "feedback.sqlite")


def test_the_last_verdict_on_an_item_counts_and_is_the_latest(tmp_path):
    kept = Feedback(place(tmp_path))
    for item, verdict in (("1", "liked"), ("2", "seen"), ("1", "disliked")):
        kept.remember("films", "ann", item, verdict)
    assert kept.verdicts("films", "ann") == (("2", "seen"), ("1", "disliked"))


def test_users_and_catalogs_are_kept_apart(tmp_path):
    kept = Feedback(place(tmp_path))
    kept.remember("films", "ann", "1", "liked")
    kept.remember("books", "ann", "1", "seen")
    kept.remember("films", "bob", "1", "disliked")
    assert kept.verdicts("films", "ann") == (("1", "liked"),)
    assert kept.verdicts("books", "bob") == ()


def test_another_process_knows_at_once(tmp_path):
    kept = Feedback(place(tmp_path))
    assert kept.verdicts("films", "ann") == ()
    code = (
        "from m6rec.feedback import Feedback\n"
        f"Feedback({place(tmp_path)!r}).remember('films', 'ann', '7', 'liked')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert kept.verdicts("films", "ann") == (("7", "liked"),)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL to send")
def test_a_kill_among_ten_thousand_writes_loses_nothing_acknowledged(tmp_path):
    command = [sys.executable, "-c", WRITER, place(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        if writer.stdout is None:
            raise AssertionError("a pipe was asked for")
        acknowledged = -1
        for line in writer.stdout:
            # What stands in the pipe was acknowledged too; only a last line may be cut.
            acknowledged = int(line) if line.endswith("\n") else acknowledged
            if acknowledged == 500:
                os.kill(writer.pid, signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    assert acknowledged >= 500
    found = {int(item) for item, _ in Feedback(place(tmp_path)).verdicts("films", "ann")}
    assert {*range(acknowledged + 1)} <= found
    assert max(found) < 9_999


def test_two_writers_do_not_lose_each_others_words(tmp_path):
    code = (
        "import sys\nfrom m6rec.feedback import Feedback\n"
        f"kept = Feedback({place(tmp_path)!r})\n"
        "for n in range(100): kept.remember('films', 'ann', f'{sys.argv[1]}{n}', 'seen')"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, who], cwd=ROOT) for who in "ab"]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert len(Feedback(place(tmp_path)).verdicts("films", "ann")) == 200


def test_it_is_written_ahead(tmp_path):
    Feedback(place(tmp_path)).remember("films", "ann", "1", "liked")
    with sqlite3.connect(place(tmp_path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_asking_about_somebody_creates_nothing(tmp_path):
    kept = Feedback(place(tmp_path))
    assert kept.verdicts("films", "ann") == ()
    assert kept.forget("films", "ann") == 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_user_said_can_be_deleted(tmp_path):
    kept = Feedback(place(tmp_path))
    kept.remember("films", "ann", "1", "liked")
    kept.remember("films", "bob", "1", "liked")
    assert kept.forget("films", "ann") == 1
    assert kept.verdicts("films", "ann") == ()
    assert kept.verdicts("films", "bob") == (("1", "liked"),)


def test_an_unknown_verdict_is_refused(tmp_path):
    with pytest.raises(RequestError, match="'loved' is not known; use one of liked"):
        Feedback(place(tmp_path)).remember("films", "ann", "1", "loved")


def test_where_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert Feedback().url.database == str(home() / "feedback.sqlite")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other.sqlite"))
    assert Feedback().url.database == str(tmp_path / "other.sqlite")
    assert Feedback(place(tmp_path)).url.database == place(tmp_path)
    for written in ("postgresql://ann@db/x", "postgres://ann@db/x"):
        assert str(Feedback(written).url) == "postgresql+psycopg://ann@db/x"


@pytest.mark.parametrize("name", ["what?.sqlite", "100%.sqlite", "a#b@c.sqlite", "数据"])
def test_any_file_name_will_do(tmp_path, name):
    kept = Feedback(str(tmp_path / name))
    kept.remember("films", "ann", "1", "liked")
    assert (tmp_path / name).is_file()
    assert kept.verdicts("films", "ann") == (("1", "liked"),)


def test_a_place_that_cannot_be_used_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("no database at all, and long enough to be looked at\n" * 20)
    for where in (
        str(tmp_path / "file" / "x.sqlite"),
        str(tmp_path / "file"),
        "nosuch://x/y",
        "://",
    ):
        kept = Feedback(where)
        with pytest.raises(ConfigError) as failure:
            kept.remember("films", "ann", "1", "liked")
        assert "\n" not in str(failure.value)


def test_a_password_is_never_shown():
    pytest.importorskip("sqlalchemy")
    kept = Feedback("postgresql://ann:secret@nowhere.invalid:1/x")
    with pytest.raises((ConfigError, MissingExtraError)) as failure:
        kept.verdicts("films", "ann")
    assert "secret" not in str(failure.value)


def test_the_statements_are_postgres_too():
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    table = Feedback()._table
    created = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert "id SERIAL NOT NULL" in created
    assert '"user" TEXT NOT NULL' in created


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(VERDICTS)), max_size=8))
def test_whatever_an_item_is_called_it_comes_back(tmp_path_factory, said):
    kept = Feedback(str(tmp_path_factory.mktemp("kept") / "f.sqlite"))
    said = [(item.encode("utf-8", "ignore").decode() or "x", verdict) for item, verdict in said]
    for item, verdict in said:
        kept.remember("films", "ann", item, verdict)
    last: dict[str, str] = {}
    for item, verdict in said:
        last.pop(item, None)
        last[item] = verdict
    assert dict(kept.verdicts("films", "ann")) == last
    assert [item for item, _ in kept.verdicts("films", "ann")] == [*last]
    kept.close()
