"""What known users said about items, kept between runs: SQLite by default, PostgreSQL by URL.

Verdicts are only ever added; the last one on an item counts. A call that has returned is on disk:
SQLite runs with a write-ahead log and a full sync, so neither a killed process nor a power cut loses
what was acknowledged, and a second process reads it at once.
"""

import datetime as dt
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from m6rec.errors import ConfigError, MissingExtraError, RequestError
from m6rec.home import home

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine, Table

VERDICTS = ("liked", "disliked", "seen")
VARIABLE = "M6REC_FEEDBACK"
"""Environment variable that names the place when the settings do not."""
PATIENCE_SECONDS = 30
"""How long a write waits for another process to finish its own."""
_POSTGRES = ("postgres://", "postgresql://")


class Feedback:
    """Verdicts of users on the items of catalogs. Nothing is opened before the first call.

    Args:
        place: A file for SQLite, or a database URL (``postgresql://user@host/name``). Empty: what
            the environment variable ``M6REC_FEEDBACK`` says, else ``feedback.sqlite`` in `home()`.
    """

    def __init__(self, place: str = "") -> None:
        self._place = place

    @property
    def url(self) -> "URL":
        """The place as a database URL.

        Raises:
            ConfigError: The place looks like a URL and is none.
        """
        from sqlalchemy import URL, make_url
        from sqlalchemy.exc import ArgumentError

        place = self._place or os.environ.get(VARIABLE, "").strip()
        if "://" not in place:
            path = Path(place).expanduser() if place else home() / "feedback.sqlite"
            # Put together, not parsed: a "?" or "#" in a file's name is no part of a URL.
            return URL.create("sqlite", database=str(path.absolute()))
        for prefix in _POSTGRES:
            if place.startswith(prefix):
                place = f"postgresql+psycopg://{place.removeprefix(prefix)}"
        try:
            return make_url(place)
        except ArgumentError as error:
            raise ConfigError(
                f"the feedback place {place.partition('://')[0]}://... is no database URL; write a "
                "file name or postgresql://user@host/name"
            ) from error

    def remember(self, catalog: str, user: str, item_id: str, verdict: str) -> None:
        """Keep one verdict; it is on disk when this returns.

        Raises:
            RequestError: The verdict is not one of `VERDICTS`.
            ConfigError: The place cannot be opened or written.
            MissingExtraError: The place needs a database driver that is not installed.
        """
        if verdict not in VERDICTS:
            raise RequestError(
                f"verdict '{verdict}' is not known; use one of {', '.join(VERDICTS)}"
            )
        said = {"catalog": catalog, "user": user, "item": item_id, "verdict": verdict}
        with self._connected() as connection:
            connection.execute(self._table.insert(), said)

    def verdicts(self, catalog: str, user: str) -> tuple[tuple[str, str], ...]:
        """The last verdict on each item as (item id, verdict), oldest first.

        Raises:
            ConfigError: The place cannot be opened or read.
            MissingExtraError: The place needs a database driver that is not installed.
        """
        from sqlalchemy import select

        if self._is_missing():
            return ()
        columns = self._table.c
        query = (
            select(columns.item, columns.verdict)
            .where(columns.catalog == catalog, columns.user == user)
            .order_by(columns.id)
        )
        last: dict[str, str] = {}
        with self._connected() as connection:
            for item_id, verdict in connection.execute(query):
                last.pop(item_id, None)
                last[item_id] = verdict
        return tuple(last.items())

    def everybody(self, catalog: str) -> tuple[tuple[str, str, str, int], ...]:
        """The last verdict of every user on each item, oldest first.

        Returns:
            User, item id, verdict, and when: seconds since 1970.

        Raises:
            ConfigError: The place cannot be opened or read.
            MissingExtraError: The place needs a database driver that is not installed.
        """
        from sqlalchemy import select

        if self._is_missing():
            return ()
        columns = self._table.c
        query = (
            select(columns.user, columns.item, columns.verdict, columns.at)
            .where(columns.catalog == catalog)
            .order_by(columns.id)
        )
        last: dict[tuple[str, str], tuple[str, str, str, int]] = {}
        with self._connected() as connection:
            for user, item_id, verdict, at in connection.execute(query):
                # SQLite gives back what it was told in UTC without saying so.
                when = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
                last.pop((user, item_id), None)
                last[user, item_id] = (user, item_id, verdict, int(when.timestamp()))
        return tuple(last.values())

    def forget(self, catalog: str, user: str) -> int:
        """Delete everything a user said about a catalog's items; returns how many verdicts.

        Raises:
            ConfigError: The place cannot be opened or written.
            MissingExtraError: The place needs a database driver that is not installed.
        """
        if self._is_missing():
            return 0
        columns = self._table.c
        theirs = self._table.delete().where(columns.catalog == catalog, columns.user == user)
        with self._connected() as connection:
            return int(connection.execute(theirs).rowcount)

    def close(self) -> None:
        """Let go of the open connections; the next call opens new ones."""
        if "_engine" in vars(self):
            self._engine.dispose()
            del self._engine

    def _is_missing(self) -> bool:
        """Whether there is no file yet; asking about somebody must not create one."""
        url = self.url
        named = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
        return named and not Path(str(url.database)).exists()

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A transaction, committed when the block ends; database errors become ours."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise ConfigError(
                f"cannot use the feedback in {self._shown}: {reason}; choose another place with "
                f"[feedback] place in the settings, or with {VARIABLE}"
            ) from error

    @property
    def _shown(self) -> str:
        return self.url.render_as_string(hide_password=True)

    @cached_property
    def _table(self) -> "Table":
        from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, func

        return Table(
            "verdicts",
            MetaData(),
            Column("id", Integer, primary_key=True, autoincrement=True),
            Column("catalog", Text, nullable=False, index=True),
            Column("user", Text, nullable=False, index=True),
            Column("item", Text, nullable=False),
            Column("verdict", Text, nullable=False),
            Column("at", DateTime(timezone=True), server_default=func.now(), nullable=False),
        )

    @cached_property
    def _engine(self) -> "Engine":
        from sqlalchemy import create_engine, event
        from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

        url = self.url
        try:
            local = url.get_backend_name() == "sqlite"
            if local and url.database:
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            waits = {"timeout": PATIENCE_SECONDS} if local else {}
            engine = create_engine(url, connect_args=waits)
            if local:
                event.listen(engine, "connect", _make_durable)
            weakref.finalize(self, engine.dispose)
            self._create(engine)
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"the feedback place needs the driver {error.name}; pip install 'm6rec[postgres]'"
            ) from error
        except NoSuchModuleError as error:
            raise ConfigError(
                f"the feedback place is no database URL that is known ({error}); write a file name or "
                "postgresql://user@host/name"
            ) from error
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise ConfigError(
                f"cannot open the feedback in {self._shown}: {reason}; choose another place with "
                f"[feedback] place in the settings, or with {VARIABLE}"
            ) from error
        return engine

    def _create(self, engine: "Engine") -> None:
        """Make the table where it is missing, in one statement: two processes may start at once."""
        from sqlalchemy.schema import CreateIndex, CreateTable

        with engine.begin() as connection:
            connection.execute(CreateTable(self._table, if_not_exists=True))
            for index in self._table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


def _make_durable(connection: Any, _: Any) -> None:
    """Write ahead, and sync at every commit: SQLite's defaults block readers while one writes."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
