"""What is no longer kept: tombstones of removed pages, salted hashes of erased addresses, and what the audit says of both."""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from pipeline.store.chain import actor, append_audit, digest
from pipeline.store.connection import Connection, now
from pipeline.store.seal import PAGES, audited, outcome_digest, save_digests

REMOVE = "remove"
RETENTION, ERASURE = "retention", "erasure"
ERASED = "erased"  # the outcome of an erased page

# A decision is somebody's work on an item: what was decided on is kept whether or not it was flagged.
DUE = """
SELECT pages.id FROM pages JOIN outcomes ON page_id = pages.id LEFT JOIN documents ON documents.id = pages.id
WHERE pages.fetched_at < ? AND pages.id NOT IN (SELECT page_id FROM tombstones)
    AND (outcome = 'skipped' OR (outcome = 'document' AND NOT flagged))
    AND pages.id NOT IN (SELECT document_id FROM decisions)
ORDER BY pages.rowid
"""


@dataclass(frozen=True, slots=True)
class Hole:
    """Bytes [start, end) of a WARC file that held a removed record, and their SHA-256 before."""

    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A WARC file after a removal: the SHA-256 of its bytes [0, end) with tombstones in its holes."""

    file: str
    end: int
    sha256: str
    holes: tuple[Hole, ...]


class Removals:
    """The tables tombstones and erased_addresses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, before: str) -> list[str]:
        """Ids of the pages fetched before this time that nobody flagged or decided on and whose bodies are still here."""
        return [row[0] for row in self._connection.all(DUE, before)]

    def find(self, what: str) -> list[str]:
        """Ids of the pages that an address or a document's id names: every version of the article."""
        rows = self._connection.all(
            "SELECT id FROM pages WHERE url != '' AND url IN (?1, (SELECT url FROM pages WHERE id = ?1)) ORDER BY rowid", what
        )
        return [row[0] for row in rows]

    def copies(self, page_ids: Sequence[str]) -> list[str]:
        """Addresses of the same story that are not among these pages."""
        marks = ", ".join("?" * len(page_ids))
        rows = self._connection.all(
            f"SELECT DISTINCT url FROM documents WHERE id NOT IN ({marks})"
            f" AND cluster_id IN (SELECT cluster_id FROM documents WHERE id IN ({marks})) ORDER BY url",
            *page_ids,
            *page_ids,
        )
        return [row[0] for row in rows]

    def places(self, page_ids: Sequence[str]) -> list[tuple[str, str, int]]:
        """(id, WARC file, offset) of each of these pages."""
        marks = ", ".join("?" * len(page_ids))
        rows = self._connection.all(f"SELECT id, warc_file, warc_offset FROM pages WHERE id IN ({marks})", *page_ids)
        return [(row[0], row[1], row[2]) for row in rows]

    def rewritten(self) -> list[Rewritten]:
        """What every removal so far made of the WARC files, oldest first."""
        rows = self._connection.all("SELECT subject FROM audit WHERE action = ? ORDER BY id", REMOVE)
        return [found for row in rows for found in read_rewritten(json.loads(row[0]))]

    def record(self, kind: str, page_ids: Sequence[str], files: Sequence[Rewritten], reason: str) -> None:
        """Take the pages' texts out of the database and say so in the audit, in one transaction; the files come after it."""
        at = now()
        with audited(self._connection) as db:
            db.execute("PRAGMA secure_delete = ON")
            stones = [_bury(db, page_id, kind, at) for page_id in page_ids]
            addresses = _erase_addresses(db, page_ids, at) if kind == ERASURE else []
            for page_id in page_ids:
                (_erase if kind == ERASURE else _drop_body)(db, page_id)
            subject = {
                "kind": kind,
                "reason": reason,
                "stones": stones,
                "addresses": addresses,
                "salt": _digest_salt(*db.execute("SELECT salt FROM erasure_salt").fetchone()) if kind == ERASURE else "",
                "files": [asdict(file) for file in files],
            }
            append_audit(db, actor(), REMOVE, json.dumps(subject, ensure_ascii=False))
            save_digests(db, {page_id: outcome_digest(db, page_id) for page_id in page_ids})
            if kind == ERASURE:
                # The old segments of the search index hold the words still; this writes one new segment.
                db.execute("INSERT INTO documents_fts(documents_fts) VALUES ('optimize')")
        if kind == ERASURE:
            self._connection.one("PRAGMA wal_checkpoint(TRUNCATE)")

    def tombstone(self, page_id: str) -> dict[str, Any] | None:
        """kind and time of a page's removal, or None."""
        row = self._connection.one("SELECT kind, at FROM tombstones WHERE page_id = ?", page_id)
        return dict(row) if row else None

    def is_erased(self, url: str) -> bool:
        """Whether an address was erased on request: it is never fetched again."""
        salt = self._connection.one("SELECT salt FROM erasure_salt")
        if salt is None:
            return False
        return self._connection.one("SELECT 1 FROM erased_addresses WHERE hash = ?", hash_address(salt[0], url)) is not None


def read_rewritten(subject: dict[str, Any]) -> Iterator[Rewritten]:
    """The files of one audit row of a removal."""
    for item in subject["files"]:
        yield Rewritten(**item | {"holes": tuple(Hole(**hole) for hole in item["holes"])})


def check_removals(db: sqlite3.Connection, subjects: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line for every tombstone, erased address or salt that is not what the audit's removals say."""
    stones = {stone[0]: stone for subject in subjects for stone in subject["stones"]}
    there = {row[0]: list(row) for row in db.execute("SELECT page_id, kind, at, page_sha256, text_sha256 FROM tombstones")}
    for page_id in sorted(stones.keys() | there.keys(), key=str):
        if stones.get(page_id) != there.get(page_id):
            yield f"tombstone {page_id}: not what the audit says was removed"
    addresses = dict(reversed([tuple(item) for subject in subjects for item in subject["addresses"]]))
    if addresses != dict(db.execute("SELECT hash, at FROM erased_addresses").fetchall()):
        yield "erased_addresses: not those that the audit names"
    salts = [subject["salt"] for subject in subjects if subject["salt"]]
    if [_digest_salt(row[0]) for row in db.execute("SELECT salt FROM erasure_salt")] != salts[:1]:
        yield "erasure_salt: not the one that the erased addresses were hashed with"


def sealed_pages(subjects: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The hash of each erased page's row as it was when it was sealed."""
    return {stone[0]: stone[3] for subject in subjects if subject["kind"] == ERASURE for stone in subject["stones"]}


def hash_address(salt: bytes, url: str) -> str:
    """The salted hash of an address; http and https, www and a slash at the end are no other address."""
    parts = urlsplit(url.strip())
    host = parts.netloc.lower().removeprefix("www.")
    rest = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return hmac.new(salt, f"{host}{rest}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _digest_salt(salt: object) -> str:
    return hashlib.sha256(salt if isinstance(salt, bytes) else repr(salt).encode()).hexdigest()


def _bury(db: sqlite3.Connection, page_id: str, kind: str, at: str) -> list[str]:
    """The tombstone of one page: the hashes of its row, as it was sealed, and of its text."""
    old = db.execute("SELECT page_sha256, text_sha256 FROM tombstones WHERE page_id = ?", (page_id,)).fetchone()
    page = digest(list(db.execute(f"SELECT {PAGES} FROM pages WHERE id = ?", (page_id,)).fetchone()))
    text = db.execute("SELECT text FROM documents WHERE id = ?", (page_id,)).fetchone()
    hashes = list(old) if old else [page, hashlib.sha256(text[0].encode()).hexdigest() if text else ""]
    db.execute("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?)", (page_id, kind, at, *hashes))
    return [page_id, kind, at, *hashes]


def _drop_body(db: sqlite3.Connection, page_id: str) -> None:
    """Title, address and findings as numbers stay; the text and everything that quotes it goes."""
    row = db.execute("SELECT number, title, text FROM documents WHERE id = ?", (page_id,)).fetchone()
    _drop_findings(db, page_id)
    if row is None:
        return
    number, title, text = row
    db.execute("INSERT INTO documents_fts(documents_fts, rowid, title, text) VALUES ('delete', ?, ?, ?)", (number, title, text))
    db.execute("UPDATE documents SET text = '', evidence = '[]', reasons = '[]' WHERE id = ?", (page_id,))
    db.execute("INSERT INTO documents_fts(rowid, title, text) VALUES (?, ?, '')", (number, title))


def _erase(db: sqlite3.Connection, page_id: str) -> None:
    _drop_findings(db, page_id)
    db.execute("DELETE FROM labels WHERE document_id = ?", (page_id,))
    db.execute("DELETE FROM documents WHERE id = ?", (page_id,))
    db.execute("DELETE FROM outcomes WHERE page_id = ?", (page_id,))
    db.execute("INSERT INTO outcomes VALUES (?, ?, NULL, NULL, NULL, ?)", (page_id, ERASED, now()))
    db.execute("UPDATE pages SET url = '', body_sha256 = '', hint_title = NULL, hint_published = NULL WHERE id = ?", (page_id,))


def _drop_findings(db: sqlite3.Connection, page_id: str) -> None:
    db.execute("DELETE FROM mentions WHERE document_id = ?", (page_id,))
    db.execute("DELETE FROM details WHERE document_id = ?", (page_id,))


def _erase_addresses(db: sqlite3.Connection, page_ids: Iterable[str], at: str) -> list[list[str]]:
    """Keep the salted hash of every address, and forget the address wherever the crawl remembers it."""
    db.execute("INSERT INTO erasure_salt SELECT ? WHERE NOT EXISTS (SELECT 1 FROM erasure_salt)", (secrets.token_bytes(32),))
    (salt,) = db.execute("SELECT salt FROM erasure_salt").fetchone()
    rows = []
    for page_id in page_ids:
        (url,) = db.execute("SELECT url FROM pages WHERE id = ?", (page_id,)).fetchone()
        if url:
            rows.append([hash_address(salt, url), at])
            _forget_address(db, url)
    db.executemany("INSERT OR IGNORE INTO erased_addresses VALUES (?, ?)", rows)
    return rows


def _forget_address(db: sqlite3.Connection, url: str) -> None:
    db.execute("DELETE FROM fetches WHERE url = ?", (url,))
    for index, text in db.execute("SELECT url, links FROM fetches WHERE instr(links, ?)", (json.dumps(url)[1:-1],)).fetchall():
        links = [link for link in json.loads(text) if link[0] != url]
        db.execute("UPDATE fetches SET links = ? WHERE url = ?", (json.dumps(links, ensure_ascii=False), index))
