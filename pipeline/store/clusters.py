"""Which documents tell one story: the index that finds copies in a growing archive, and what is known of a story."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.store.connection import Connection
from pipeline.store.segments import Segments

MOST_CANDIDATES = 16  # documents looked at closely, those that share the most keys
MOST_PER_KEY = 32  # rows: what stands in more documents is a set phrase, or a story whose other copies are found already
MOST_VERSIONS = 4  # of one address

CANDIDATES = f"""
SELECT d.id, d.url, d.language, d.cluster_id, d.fetched_at, s.keys, s.hashes
FROM cluster_sketches AS s JOIN documents AS d USING (number)
WHERE number IN (SELECT value FROM json_each(:numbers))
   OR number IN (SELECT number FROM documents WHERE url = :url ORDER BY number LIMIT {MOST_VERSIONS})
   OR number = (SELECT number FROM documents WHERE id = :id)
ORDER BY number
"""
FRESH = "SELECT key, number FROM cluster_keys WHERE key IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as the index knows it: `keys` find it, `hashes` (sorted little-endian uint32) are compared."""

    id: str
    url: str
    language: str
    cluster_id: str
    keys: tuple[int, ...]
    hashes: bytes
    seen: str = ""  # when it was fetched


@dataclass(frozen=True, slots=True)
class Story:
    """A cluster: `reports` (addresses) from `outlets` (independent sources), and the document that stands for them."""

    id: str
    representative: str
    reports: int
    outlets: int
    first_seen: str


class MemoryIndex:
    """An index that ends with its process: for tests, for single runs, and for the batch that is not saved yet."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._places: dict[str, int] = {}
        self._by_key: dict[int, list[str]] = defaultdict(list)
        self._by_url: dict[str, list[str]] = defaultdict(list)

    def find(self, entry: Entry) -> list[Entry]:
        """Entries that share a key or the address with this one, itself included if it is known, oldest first."""
        shared = Counter(ident for key in entry.keys for ident in self._by_key.get(key, ()))
        found = {ident for ident, _ in shared.most_common(MOST_CANDIDATES)} | {entry.id}
        found.update(self._by_url.get(entry.url, ())[:MOST_VERSIONS])
        return [self._entries[ident] for ident in sorted(found & self._places.keys(), key=self._places.__getitem__)]

    def remember(self, entry: Entry) -> None:
        """Keep the entry; the same document again takes its own place."""
        if old := self._entries.get(entry.id):
            self._by_url[old.url].remove(old.id)
            for key in old.keys:
                if old.id in self._by_key[key]:
                    self._by_key[key].remove(old.id)
        self._places.setdefault(entry.id, len(self._places))
        self._entries[entry.id] = entry
        self._by_url[entry.url].append(entry.id)
        for key in entry.keys:
            if len(self._by_key[key]) < MOST_PER_KEY:
                self._by_key[key].append(entry.id)

    def get(self, document_id: str) -> Entry | None:
        """The entry of one document, or None."""
        return self._entries.get(document_id)


class Clusters:
    """The tables cluster_keys, cluster_segments and cluster_sketches. An entry waits in memory until its document is saved."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._segments = Segments(connection)
        self._waiting = MemoryIndex()

    def find(self, entry: Entry) -> list[Entry]:
        """Stored documents and those of the present batch that share a key or the address, oldest first."""
        values = {"numbers": json.dumps(self._find_numbers(entry.keys)), "url": entry.url, "id": entry.id}
        waiting = self._waiting.find(entry)
        newer = {known.id for known in waiting}
        rows = self._connection.all_named(CANDIDATES, values)
        return [_entry(row) for row in rows if row["id"] not in newer] + waiting

    def remember(self, entry: Entry) -> None:
        """Let the rest of the batch find it; it reaches the disk together with its document, or never."""
        self._waiting.remember(entry)

    def write(self, db: sqlite3.Connection, document_ids: Iterable[str]) -> None:
        """Index documents that the caller's transaction has just inserted. Their old rows went by a trigger."""
        for document_id in document_ids:
            if entry := self._waiting.get(document_id):
                _insert(db, entry)
        self._segments.settle(db, MOST_PER_KEY)

    def _find_numbers(self, keys: Sequence[int]) -> list[int]:
        """The documents that share the most keys. Fresh rows come first: what moves into a segment is seen twice, not never."""
        fresh = [(row[0], row[1]) for row in self._connection.all(FRESH, json.dumps(keys))] if keys else []
        found = self._segments.find(keys, fresh, MOST_PER_KEY) if keys else {}
        shared = Counter(number for numbers in found.values() for number in numbers)
        return sorted(shared, key=lambda number: (-shared[number], number))[:MOST_CANDIDATES]

    def settle(self) -> None:
        """The batch is on disk, or was given up: nothing waits any more."""
        self._waiting = MemoryIndex()

    def story(self, cluster_id: str) -> Story | None:
        """The story of a cluster: N reports from M outlets, represented by the earliest of its full reports."""
        counts = self._connection.one(
            "SELECT count(DISTINCT url) AS reports, count(DISTINCT source) AS outlets, min(fetched_at) AS first_seen,"
            " max(length(text)) AS longest FROM documents WHERE cluster_id = ?",
            cluster_id,
        )
        if not counts["reports"]:
            return None
        first = self._connection.one(
            # Full: not much shorter than the longest, so that a copy cut short does not stand for its original.
            "SELECT id FROM documents WHERE cluster_id = ? AND length(text) >= 0.8 * ?"
            " ORDER BY coalesce(published, fetched_at), number LIMIT 1",
            cluster_id,
            counts["longest"],
        )
        return Story(cluster_id, first["id"], counts["reports"], counts["outlets"], counts["first_seen"])


def _entry(row: sqlite3.Row) -> Entry:
    keys = tuple(json.loads(row["keys"]))
    return Entry(row["id"], row["url"], row["language"], row["cluster_id"], keys, row["hashes"], row["fetched_at"])


def _insert(db: sqlite3.Connection, entry: Entry) -> None:
    (number,) = db.execute("SELECT number FROM documents WHERE id = ?", (entry.id,)).fetchone()
    db.execute("INSERT INTO cluster_sketches VALUES (?, ?, ?)", (number, json.dumps(entry.keys), entry.hashes))
    db.executemany(
        "INSERT INTO cluster_keys SELECT ?1, ?2 WHERE (SELECT count(*) FROM cluster_keys WHERE key = ?1) < ?3",
        [(key, number, MOST_PER_KEY) for key in entry.keys],
    )
