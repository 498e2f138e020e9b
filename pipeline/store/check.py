"""Whether the database is as it was written: every row that the audit vouches for is read and hashed again."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.store.chain import START, Head, digest, follows, head_path, read_head
from pipeline.store.removal import REMOVE, Hole, check_removals, read_rewritten, sealed_pages
from pipeline.store.seal import (
    ADOPT,
    APPEND,
    APPENDED,
    DECIDE,
    SAVE,
    SEAL_PAGES,
    SEAL_WARC,
    SOURCES,
    Range,
    outcome_digest,
    page_rows,
    sources_digest,
)

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, sqlite3.Error)
DECISION = "id, document_id, reviewer, verdict, reason, note, decided_at, clause, mode, asks_second, batch, undoes"
SECOND_DECISION_FORM = 7  # columns: what was written before there were second opinions
FIRST_DECISION_FORM = (0, 1, 3, 4, 5)  # number, document, verdict, reason, note: what the first databases wrote


@dataclass(slots=True)
class Findings:
    """What a check found: damage, things worth knowing that are none; ranges of WARC bytes to compare, and removed ones."""

    damage: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    holes: dict[str, list[Hole]] = field(default_factory=lambda: defaultdict(list))
    head: Head = START


@dataclass(slots=True)
class _Vouched:
    """What the audit says of the other tables."""

    outcomes: dict[str, str] = field(default_factory=dict)
    decisions: dict[int, tuple[list[Any], str]] = field(default_factory=dict)
    runs: dict[int, list[Any]] = field(default_factory=dict)
    first_runs: set[tuple[str, str]] = field(default_factory=set)
    seals: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    sources: str | None = None
    removals: list[dict[str, Any]] = field(default_factory=list)
    appended: dict[str, dict[int | str, str]] = field(default_factory=lambda: {table: {} for table in APPENDED})


def check_database(path: Path) -> Findings:
    """Compare the chain, its head and every vouched row with one moment's state of the database. Writes nothing."""
    findings = Findings()
    try:
        # The head first: a command that writes meanwhile can only bring the chain ahead of it.
        head, unreadable = read_head(path), ""
    except (ValueError, OSError) as error:
        head, unreadable = None, str(error)
    try:
        with closing(open_snapshot(path)) as db:
            _check_file(db, findings)
            vouched = _check_chain(db, findings, head)
            if unreadable:
                findings.damage.append(f"audit: {head_path(path).name} cannot be used: {unreadable}")
            elif findings.head != START and head is None:
                findings.damage.append(f"audit: {head_path(path).name} is missing; the end of the audit is not vouched for")
            for check in CHECKS:
                findings.damage += _survive(check, db, vouched)
    except sqlite3.Error as error:
        findings.damage.append(f"database: {path.name} cannot be read to its end ({error})")
    return findings


def open_snapshot(path: Path) -> sqlite3.Connection:
    """One moment's state of a database, for reading only; close it soon."""
    db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
    db.row_factory = sqlite3.Row
    # Damaged text must be compared like any other, and not raise.
    db.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    db.execute("BEGIN")
    return db


def _check_file(db: sqlite3.Connection, findings: Findings) -> None:
    for row in db.execute("PRAGMA integrity_check(5)"):
        if row[0] != "ok":
            findings.damage.append(f"database: {row[0]}")


def _check_chain(db: sqlite3.Connection, findings: Findings, head: Head | None) -> _Vouched:
    vouched, previous, broken, met = _Vouched(), START, False, head in (None, START)
    for row in db.execute("SELECT * FROM audit ORDER BY id"):
        if not broken and (row["id"] != previous.id + 1 or not follows(row, previous.sha256 if previous.id else "")):
            broken = True
            findings.damage.append(f"audit: row {row['id']} does not follow from the row before it")
        previous = Head(row["id"], row["sha256"])
        met = met or previous == head
        try:
            _take(row, vouched, findings)
        except UNREADABLE:
            findings.damage.append(f"audit: row {row['id']}: its subject cannot be read")
    findings.head = previous
    if head is not None and not met:
        cut = f"rows {previous.id + 1} to {head.id} are gone" if head.id > previous.id else "that row is another one now"
        findings.damage.append(f"audit: the head file names row {head.id} ({head.sha256[:12]}...), and {cut}")
    elif head is not None and head.id < previous.id:
        findings.notes.append(
            f"audit: the head file stands at row {head.id} of {previous.id}: a command writes now, or was killed before it "
            "could move the head; the next command moves it"
        )
    return vouched


def _take(row: sqlite3.Row, vouched: _Vouched, findings: Findings) -> None:
    action, subject = row["action"], row["subject"]
    if action == SAVE:
        vouched.outcomes |= json.loads(subject)
    elif action == ADOPT:
        adopted = json.loads(subject)
        vouched.outcomes |= adopted["outcomes"]
        findings.notes.append(
            f"audit: at row {row['id']} there was no head file and it was made anew: that nothing was cut off behind row "
            f"{adopted['rows']} before then is not vouched for"
        )
    elif action == DECIDE:
        values = json.loads(subject)
        vouched.decisions[values[0]] = (values, row["actor"])
    elif action == SEAL_PAGES:
        vouched.seals.append((row["id"], json.loads(subject)))
    elif action == SEAL_WARC:
        findings.ranges.append(Range(**json.loads(subject)))
    elif action == REMOVE:
        _take_removal(json.loads(subject), vouched, findings)
    elif action == SOURCES:
        vouched.sources = subject
    elif action.startswith(f"{APPEND} "):
        number, sha256 = json.loads(subject)
        vouched.appended[action.removeprefix(f"{APPEND} ")][number] = sha256
    elif action.startswith("run "):
        _take_run(action.removeprefix("run "), subject, vouched)


def _take_removal(subject: dict[str, Any], vouched: _Vouched, findings: Findings) -> None:
    """From here on the files are as the removal left them: one seal takes the place of all before it."""
    vouched.removals.append(subject)
    for found in read_rewritten(subject):
        findings.ranges = [part for part in findings.ranges if part.file != found.file]
        findings.ranges.append(Range(found.file, 0, found.end, found.sha256))
        findings.holes[found.file] += found.holes


def _take_run(command: str, subject: str, vouched: _Vouched) -> None:
    value = json.loads(subject)
    if isinstance(value, list):
        number, started, ended, summary = value
        vouched.runs[number] = [number, command, started, ended, summary]
    else:
        vouched.first_runs.add((command, subject))


def _survive(
    check: Callable[[sqlite3.Connection, _Vouched], Iterator[str]], db: sqlite3.Connection, vouched: _Vouched
) -> list[str]:
    # A damaged audit row may say anything, and a damaged table be of any type: the other checks still have their turn.
    try:
        return list(check(db, vouched))
    except UNREADABLE as error:
        return [f"{check.__name__.removeprefix('_check_')}: can not be compared with the audit ({error!r})"]


def _check_outcomes(db: sqlite3.Connection, vouched: _Vouched) -> Iterator[str]:
    there = [row[0] for row in db.execute("SELECT page_id FROM outcomes ORDER BY rowid").fetchall()]
    for page_id in there:
        if page_id not in vouched.outcomes:
            yield f"outcome {page_id}: the audit knows nothing of it"
        elif vouched.outcomes[page_id] != outcome_digest(db, page_id):
            yield f"outcome {page_id}: its page, document, mentions or labels are not what was saved"
    for page_id in vouched.outcomes.keys() - set(there):
        yield f"outcome {page_id}: it was saved, and is gone"


def _check_strays(db: sqlite3.Connection, _: _Vouched) -> Iterator[str]:
    for table, column, other in (
        ("documents", "id", "SELECT page_id FROM outcomes WHERE outcome = 'document'"),
        ("mentions", "document_id", "SELECT id FROM documents"),
        ("labels", "document_id", "SELECT id FROM documents"),
        ("details", "document_id", "SELECT id FROM documents"),
    ):
        for row in db.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} NOT IN ({other})"):
            yield f"{table}: rows for {row[0]}, which was never saved as a document"


def _check_decisions(db: sqlite3.Connection, vouched: _Vouched) -> Iterator[str]:
    there: Mapping[int, list[Any]] = {row[0]: list(row) for row in db.execute(f"SELECT {DECISION} FROM decisions")}
    for number, row in there.items():
        said, reviewer = vouched.decisions.get(number, ([], ""))
        first_form = len(said) == len(FIRST_DECISION_FORM)
        same = (
            [row[i] for i in FIRST_DECISION_FORM] == said if first_form else row[: max(len(said), SECOND_DECISION_FORM)] == said
        )
        if not same or row[2] != reviewer:
            yield f"decision {number}: not what the audit says was decided"
    for number in vouched.decisions.keys() - there.keys():
        yield f"decision {number}: it was made, and is gone"


def _check_runs(db: sqlite3.Connection, vouched: _Vouched) -> Iterator[str]:
    there = {row[0]: list(row) for row in db.execute("SELECT id, command, started_at, ended_at, summary FROM runs")}
    for number, row in there.items():
        said = vouched.runs.get(number)
        if said != row and (said or not (row[3] is None or (row[1], row[4]) in vouched.first_runs)):
            yield f"run {number}: not what the audit says"
    for number in vouched.runs.keys() - there.keys():
        yield f"run {number}: it is gone"


def _check_pages(db: sqlite3.Connection, vouched: _Vouched) -> Iterator[str]:
    rows, place, erased = page_rows(db), 0, sealed_pages(vouched.removals)
    for number, seal in vouched.seals:
        hashes: Sequence[str] = [erased.get(row[0]) or digest(row) for row in islice(rows, seal["count"])]
        if seal["before"] != place or digest(hashes) != seal["sha256"]:
            yield f"pages: rows {place + 1} to {place + seal['count']} are not those that audit row {number} sealed"
        place += seal["count"]


def _check_sources(db: sqlite3.Connection, vouched: _Vouched) -> Iterator[str]:
    if vouched.sources is not None and vouched.sources != sources_digest(db):
        yield "sources: not what the last crawl wrote"


def _check_appended(db: sqlite3.Connection, vouched: _Vouched) -> Iterator[str]:
    known = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, columns in APPENDED.items():
        said = vouched.appended[table]
        there = {row[0]: digest(list(row)) for row in db.execute(f"SELECT {columns} FROM {table}")} if table in known else {}
        for number in sorted(there.keys() | said.keys(), key=str):
            if there.get(number) != said.get(number):
                yield f"{table} {number}: {'it was saved, and is gone' if number not in there else 'not what the audit says'}"


def _check_removals(db: sqlite3.Connection, vouched: _Vouched) -> Iterator[str]:
    there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'tombstones'").fetchone()
    yield from check_removals(db, vouched.removals) if there or vouched.removals else ()


CHECKS = (
    _check_outcomes,
    _check_strays,
    _check_decisions,
    _check_runs,
    _check_pages,
    _check_sources,
    _check_appended,
    _check_removals,
)
