"""The audit's hash chain, and its head in a file beside the database, so that rows cut off at the end are missed."""

import fcntl
import getpass
import json
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pipeline.records import Stop
from pipeline.store.connection import Connection, now

HEAD_FORMAT = re.compile(rb"(\d{12}) ([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of an audit: its id and its hash. Id 0 stands for an audit without rows."""

    id: int
    sha256: str

    def __bytes__(self) -> bytes:
        return f"{self.id:012d} {self.sha256}\n".encode()


START = Head(0, "0" * 64)


def append_audit(db: sqlite3.Connection, actor: str, action: str, subject: str) -> None:
    """Add a row to the chain, inside the caller's transaction: its hash covers the row before it."""
    last = db.execute("SELECT sha256 FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    previous, at = last[0] if last else "", now()
    db.execute(
        "INSERT INTO audit(at, actor, action, subject, previous_sha256, sha256) VALUES (?, ?, ?, ?, ?, ?)",
        (at, actor, action, subject, previous, link(previous, leaf(at, actor, action, subject))),
    )


def leaf(at: str, actor: str, action: str, subject: str) -> str:
    """The hash of what a row says: a chain can be shown to others with only this of the rows that are not for them."""
    return digest([at, actor, action, subject])


def link(previous: str, content: str) -> str:
    """The hash of a row: of the row before it, and of what it says (a `leaf`)."""
    return digest([previous, content])


def follows(row: sqlite3.Row, previous: str) -> bool:
    """Whether an audit row stands where it was written: after the row with this hash, and saying what it said."""
    said = (row["at"], row["actor"], row["action"], row["subject"])
    # The second form is how the first databases hashed their rows.
    return row["previous_sha256"] == previous and row["sha256"] in (link(previous, leaf(*said)), _first_form(previous, *said))


def digest(value: object) -> str:
    """SHA-256 over a value's JSON; bytes where text belongs are hashed as what they are."""
    return sha256(json.dumps(value, default=repr).encode()).hexdigest()


def actor() -> str:
    """Who runs this program, as the system names them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no passwd entry, as in a bare container
        return "unknown"


def head_path(database: Path) -> Path:
    """The head file of a database: `xabar.db` has `xabar-audit-head.txt` beside it."""
    return database.with_name(database.stem + "-audit-head.txt")


def read_head(database: Path) -> Head | None:
    """What the head file says; None when there is no file. Raises ValueError when no head stands in it."""
    try:
        return _parse(head_path(database).read_bytes())
    except FileNotFoundError:
        return None


def write_head(database: Path, head: Head) -> None:
    """Make the head file of a database that has none; one that is there stays."""
    try:
        with readable_head(database), head_path(database).open("xb") as stream:
            _write(stream.fileno(), head)
    except FileExistsError:
        pass


@contextmanager
def readable_head(database: Path) -> Iterator[None]:
    """Turn what the system says of the head file into one line (Stop)."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise Stop(
            f"{head_path(database)}: the head of the audit cannot be read or written ({error.strerror}); what was saved before "
            "is saved, put this right and run the command again"
        ) from error


def anchor(connection: Connection) -> None:
    """Bring the head file up to the newest committed row. A head that is not on the chain stays: `verify` names it."""
    with readable_head(connection.path), head_path(connection.path).open("r+b") as stream:
        # Under the lock the newest row is asked for anew, so of two writers the slower one never sets the head back.
        fcntl.flock(stream, fcntl.LOCK_EX)
        try:
            old = _parse(stream.read())
        except ValueError:
            return
        row = connection.one("SELECT id, sha256 FROM audit ORDER BY id DESC LIMIT 1")
        if row is None or old.id == row["id"] or not _stands(connection, old):
            return
        _sync_log(connection.path)
        _write(stream.fileno(), Head(row["id"], row["sha256"]))


def _first_form(*fields: str) -> str:
    return sha256(json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _parse(data: bytes) -> Head:
    if not data:  # killed between making the file and its first line
        return START
    match = HEAD_FORMAT.fullmatch(data)
    if match is None:
        raise ValueError("no head stands in it")
    return Head(int(match[1]), match[2].decode())


def _stands(connection: Connection, head: Head) -> bool:
    if head == START:
        return True
    row: Sequence[str] | None = connection.one("SELECT sha256 FROM audit WHERE id = ?", head.id)
    return row is not None and row[0] == head.sha256


def _sync_log(database: Path) -> None:
    # The database itself may lose its last commits when the power fails; a head must never be ahead of it.
    try:
        handle = os.open(f"{database}-wal", os.O_RDONLY)
    except FileNotFoundError:  # checkpointed, which is synced
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(handle: int, head: Head) -> None:
    # Always as long as before and in one piece: a kill leaves the old line or the new one.
    os.pwrite(handle, bytes(head), 0)
    os.fsync(handle)
