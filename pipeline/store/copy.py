"""A copy of the database while others write to it: one moment's state, with the head of its audit."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pipeline.store.chain import Head, head_path, read_head, write_head

STEP_PAGES = 2048


def copy_database(source: Path, partial: Path, final: Path, show: Callable[[int, int], None]) -> list[str]:
    """Copy into `partial`, write the head file of `final`, and return the WARC files that the copy needs.

    `show` gets pages done and pages in all. Raises sqlite3.Error and OSError.
    """
    try:
        head = read_head(source)
    except ValueError:  # copied as it is, so that the copy does not look better than the original
        head_path(final).write_bytes(head_path(source).read_bytes())
        head = None
    with closing(sqlite3.connect(source, isolation_level=None)) as old, closing(sqlite3.connect(partial)) as new:
        # An open read transaction: the copy is of this moment, and need not begin again whenever somebody writes.
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM audit").fetchone()
        old.backup(new, pages=STEP_PAGES, progress=lambda _, left, total: show(total - left, total), sleep=0)
        if head is not None:
            write_head(final, _newest(new, head))
        names = _warc_files(new)
        new.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it; opening it turns WAL on again
    _sync(partial)
    return names


def _newest(db: sqlite3.Connection, head: Head) -> Head:
    row = db.execute("SELECT sha256 FROM audit WHERE id = ?", (head.id,)).fetchone()
    if head.id and (row is None or row[0] != head.sha256):
        return head
    last = db.execute("SELECT id, sha256 FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return Head(*last) if last else head


def _warc_files(db: sqlite3.Connection) -> list[str]:
    sealed = "SELECT json_extract(subject, '$.file') FROM audit WHERE action = 'seal warc' AND json_valid(subject)"
    return [row[0] for row in db.execute(f"SELECT warc_file FROM pages UNION {sealed} ORDER BY 1")]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
