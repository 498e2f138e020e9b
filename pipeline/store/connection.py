"""One SQLite connection: opened carefully, written in short IMMEDIATE transactions, its errors said in words."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from pipeline.migrations import migrations
from pipeline.records import Stop

BUSY_TIMEOUT_SECONDS = 5.0


class Connection:
    """What the parts of the store share: `write()`, `all()`, `one()`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        # A crawl reads index pages in threads that ask and tell the store: they take turns, a transaction as a whole.
        self._turn = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, create: bool) -> "Connection":
        """Open, migrate and check. Raises Stop with one readable line."""
        if not create and not path.is_file():
            raise Stop(f"{path}: no database there; 'xabar crawl --db {path}' makes one, or name another with --db")
        if not path.parent.is_dir():
            raise Stop(f"{path.parent}: no such folder; make it, or name another database with --db")
        with _readable_errors(path):
            connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        with self._turn, _readable_errors(self.path):
            # IMMEDIATE: a deferred transaction that becomes a writer fails at once when somebody else writes.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Every row of a query."""
        with self._turn, _readable_errors(self.path):
            return self._connection.execute(sql, values).fetchall()

    def all_named(self, sql: str, values: Mapping[str, object]) -> list[sqlite3.Row]:
        """Every row of a query whose values have names."""
        with self._turn, _readable_errors(self.path):
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """The first row of a query, or None."""
        with self._turn, _readable_errors(self.path):
            return self._connection.execute(sql, values).fetchone()


def now() -> str:
    """The time of writing, UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def marks(row: tuple[object, ...]) -> str:
    """As many question marks as the row has values."""
    return ", ".join("?" * len(row))


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")
    database = Database(connection, execute_plugins=False)
    if not migrations.pending(database):
        return
    # One lock round looking and migrating: two commands that start together must not both create the tables.
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(database)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _readable_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Stop(
                f"{path}: locked by another program for more than {BUSY_TIMEOUT_SECONDS:.0f} s; "
                "end it (another xabar command? an open SQLite browser?) and try again"
            ) from error
        if "unable to open" in str(error) or "readonly" in str(error):
            raise Stop(f"{path}: cannot be written ({error}); check the permissions of the file and its folder") from error
        if "disk" in str(error) and "full" in str(error):
            raise Stop(f"{path}: the disk is full; nothing of this step was written, make room and run it again") from error
        raise
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise Stop(f"{path}: this is not a readable xabar database ({error}); name another with --db") from error
        raise
    except UnicodeDecodeError as error:  # a damaged name in the schema
        raise Stop(f"{path}: damaged, its schema is not text; restore a backup, or name another database with --db") from error
