"""What the audit says of the rest: a hash of every outcome, of the rows of pages, and of the bytes of the WARC files."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.records import Stop
from pipeline.store.chain import START, actor, anchor, append_audit, digest, read_head, readable_head, write_head
from pipeline.store.connection import Connection, marks

SAVE, ADOPT, SEAL_PAGES, SEAL_WARC, SOURCES, DECIDE = "save", "adopt", "seal pages", "seal warc", "sources", "decide"
APPEND = "append"
CHUNK_BYTES = 1 << 20

# Named one by one: a column that a later version adds does not change what was sealed.
PAGES = "id, url, source, fetched_at, status, body_sha256, warc_file, warc_offset, hint_title, hint_published"
PARTS = {
    "page": f"SELECT {PAGES} FROM pages WHERE id = ?",
    "outcome": "SELECT page_id, outcome, stage, reason, error, at FROM outcomes WHERE page_id = ?",
    "document": "SELECT number, id, url, source, fetched_at, title, text, published, published_source, language, script,"
    " language_confidence, guess, cluster_id, score, flagged, reasons, evidence FROM documents WHERE id = ?",
    "mentions": 'SELECT document_id, start, "end", text, label, entity_id, found_by, probability, why, name, kind, certain'
    " FROM mentions WHERE document_id = ? ORDER BY rowid",
    "labels": "SELECT document_id, axis, label, probability, model FROM labels WHERE document_id = ? ORDER BY rowid",
}
# Hashed where there are rows, so that what was sealed before this table came is still what was sealed.
LATER_PARTS = {
    "details": "SELECT document_id, institution, calendar, pages, sections, citations FROM details WHERE document_id = ?",
}

# Tables whose rows are only ever appended, with the columns that are vouched for; the first one is the id.
APPENDED = {
    "corrections": "id, document_id, reviewer, task, value, note, corrected_at",
    "models": "id, task, made_at, manifest, artefact",
    "evaluations": "id, model_id, against, evaluated_at, report",
    "promotions": "id, task, model_id, action, reasons, actor, promoted_at",
    "candidate_votes": "id, name, written, reviewer, verdict, kind, entity_id, evidence, note, voted_at",
    "gate_events": "id, source, event, host, body_sha256, actor, at",
}

Parts = dict[str, list[list[Any]]]  # the rows of one outcome by table, in the order of PARTS and LATER_PARTS


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes [start, end) of a WARC file and their SHA-256."""

    file: str
    start: int
    end: int
    sha256: str


@contextmanager
def audited(connection: Connection) -> Iterator[sqlite3.Connection]:
    """A transaction that appends to the audit; after its commit the head file follows."""
    try:
        with readable_head(connection.path):
            first = read_head(connection.path) in (None, START)
    except ValueError:  # left as it is: verify names it
        first = False
    with connection.write() as db:
        if first:
            _adopt(db)
        yield db
        # Before the commit: rows without a head file are never the work of a kill.
        write_head(connection.path, START)
    anchor(connection)


def append_row(connection: Connection, by: str, table: str, row: Sequence[object]) -> int:
    """Append a row to one of the APPENDED tables, `row` without its number if it has one, and its hash to the audit."""
    columns = APPENDED[table].split(", ")
    named = columns[len(columns) - len(row) :]
    with audited(connection) as db:
        number = db.execute(f"INSERT INTO {table}({', '.join(named)}) VALUES ({marks(tuple(row))})", tuple(row)).lastrowid
        saved = db.execute(f"SELECT {APPENDED[table]} FROM {table} WHERE rowid = ?", (number,)).fetchone()
        append_audit(db, by, f"{APPEND} {table}", json.dumps([saved[0], digest(list(saved))]))
    return int(number or 0)


def save_digests(db: sqlite3.Connection, digests: Mapping[str, str]) -> None:
    """Append one row with the hash of each of these outcomes, inside the caller's transaction."""
    if digests:
        append_audit(db, actor(), SAVE, json.dumps(dict(digests)))


def digest_written(db: sqlite3.Connection, written: Mapping[str, Parts]) -> dict[str, str]:
    """`outcome_digest` of rows that were just inserted, without reading them back: all parts but the page's, by page id."""
    sql = f"SELECT {PAGES} FROM pages WHERE id IN (SELECT value FROM json_each(?))"
    pages = {row[0]: list(row) for row in db.execute(sql, (json.dumps(list(written)),))}
    return {page_id: digest({"page": [pages[page_id]]} | parts) for page_id, parts in written.items()}


def outcome_digest(db: sqlite3.Connection, page_id: str) -> str:
    """The hash of one page's row, its outcome and, if it is a document, the document with mentions and labels."""
    return digest(outcome_parts(db, page_id))


def outcome_parts(db: sqlite3.Connection, page_id: str) -> Parts:
    """The rows behind `outcome_digest` by table; one of PARTS without rows is an empty list, one of LATER_PARTS is left out."""
    parts = {name: [list(row) for row in db.execute(sql, (page_id,))] for name, sql in (PARTS | LATER_PARTS).items()}
    return {name: rows for name, rows in parts.items() if rows or name in PARTS}


def sources_digest(db: sqlite3.Connection) -> str:
    """The hash of the table sources."""
    sql = "SELECT id, name, homepage, country, languages, kind, note, flags, legal, layout FROM sources ORDER BY id"
    rows = db.execute(sql).fetchall()
    # A database of before these columns has them empty, and was sealed without them.
    width = 10 if any(row["layout"] for row in rows) else 9 if any(row["flags"] or row["legal"] for row in rows) else 7
    return digest([list(row)[:width] for row in rows])


def page_rows(db: sqlite3.Connection, skip: int = 0) -> Iterator[list[Any]]:
    """The rows of pages in the order they came; by place and not by rowid, which VACUUM may deal out anew."""
    for row in db.execute(f"SELECT {PAGES} FROM pages ORDER BY rowid LIMIT -1 OFFSET ?", (skip,)):
        yield list(row)


def seal(connection: Connection, folder: Path) -> None:
    """Append the hashes of the page rows and WARC bytes that came since the last seal. Raises Stop on a damaged audit."""
    try:
        # Read before the transaction: nobody waits for the lock while a large file is hashed.
        ranges = list(_new_ranges(sealed_ends(connection.all(*_of(SEAL_WARC))), folder))
        with audited(connection) as db:
            ends = sealed_ends(db.execute(*_bind(SEAL_WARC)))
            for found in ranges:
                if ends.get(found.file, 0) == found.start:  # else another command sealed it in between
                    append_audit(db, actor(), SEAL_WARC, json.dumps(asdict(found)))
            _seal_pages(db)
    except (ValueError, KeyError, TypeError) as error:
        raise Stop(f"{connection.path}: the audit is damaged, 'xabar verify' names the row; go on with a backup") from error


def sealed_ends(rows: Iterable[Any]) -> dict[str, int]:
    """How far each WARC file is sealed, from the audit's subjects."""
    return {seal["file"]: seal["end"] for seal in (json.loads(row[0]) for row in rows)}


def hash_range(path: Path, start: int, end: int, stones: Mapping[int, bytes] | None = None) -> str | None:
    """The SHA-256 of bytes [start, end) of a file, or None when it ends before. Raises OSError.

    `stones`: bytes that count in the place of those that stand there, by where they begin.
    """
    found, place = sha256(), start
    with path.open("rb") as stream:
        for begin in [*sorted(begin for begin in stones or {} if start <= begin < end), end]:
            stream.seek(place)
            while place < begin and (chunk := stream.read(min(CHUNK_BYTES, begin - place))):
                found.update(chunk)
                place += len(chunk)
            if place < begin:
                return None
            if begin < end and stones:
                found.update(stones[begin])
                place += len(stones[begin])
        stream.seek(0, os.SEEK_END)
        return found.hexdigest() if stream.tell() >= end else None


def _new_ranges(ends: dict[str, int], folder: Path) -> Iterator[Range]:
    for path in sorted(folder.glob("*.warc.gz")):
        start, end = ends.get(path.name, 0), path.stat().st_size
        if end > start:
            _sync(path)
            found = hash_range(path, start, end)
            if found is not None:
                yield Range(path.name, start, end, found)


def _sync(path: Path) -> None:
    # A crawl that runs now may have bytes that are not on the disk yet: no seal for what a power cut may take.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _seal_pages(db: sqlite3.Connection) -> None:
    last = db.execute("SELECT subject FROM audit WHERE action = ? ORDER BY id DESC LIMIT 1", (SEAL_PAGES,)).fetchone()
    before = sum(json.loads(last[0])[name] for name in ("before", "count")) if last else 0
    hashes = [digest(row) for row in page_rows(db, before)]
    if hashes:
        append_audit(db, actor(), SEAL_PAGES, json.dumps({"before": before, "count": len(hashes), "sha256": digest(hashes)}))


def _adopt(db: sqlite3.Connection) -> None:
    # A database from before there was a head file, or one that lost it: said in the audit, and named by verify.
    last = db.execute("SELECT max(id) FROM audit").fetchone()[0] or 0
    known: set[str] = set()
    for (subject,) in db.execute(*_bind(SAVE)):
        known |= json.loads(subject).keys()
    digests = {
        row[0]: outcome_digest(db, row[0]) for row in db.execute("SELECT page_id FROM outcomes").fetchall() if row[0] not in known
    }
    if last or digests:
        append_audit(db, actor(), ADOPT, json.dumps({"rows": last, "outcomes": digests}))


def _of(action: str) -> tuple[str, str]:
    return "SELECT subject FROM audit WHERE action = ? ORDER BY id", action


def _bind(action: str) -> tuple[str, tuple[str]]:
    sql, value = _of(action)
    return sql, (value,)
