"""The older part of the copy index: sorted arrays that are never changed, only merged, a few large ones instead of many small.

Keys are random numbers, so a tree that holds all of them writes a page of the disk for every key once it no longer fits into
memory. Here new keys stay in a small table; from time to time its rows become a sorted segment, and eight segments of one size
become one of the next (a log-structured merge: O'Neil et al. 1996). Every key is written a handful of times, beside others.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.store.connection import Connection

FRESH_ROWS = 48_000  # rows of cluster_keys that become a segment: those of some 4,000 documents
FAN = 8  # segments of one level that become one of the next


@dataclass(frozen=True, slots=True)
class Segment:
    """Sorted keys, and for each the number of a document; the numbers of one key are in order."""

    keys: NDArray[np.uint64]
    numbers: NDArray[np.uint32]

    def find(self, wanted: NDArray[np.uint64]) -> list[NDArray[np.uint32]]:
        """For each wanted key the documents that have it."""
        starts = np.searchsorted(self.keys, wanted, "left")
        ends = np.searchsorted(self.keys, wanted, "right")
        return [self.numbers[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


class Segments:
    """The table cluster_segments, with its arrays kept in memory: 12 bytes a key, 150 MB for a million documents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, Segment] = {}

    def find(self, keys: Sequence[int], fresh: Iterable[tuple[int, int]], most: int) -> dict[int, list[int]]:
        """For each key the documents that have it, the oldest `most`; `fresh` are rows that are in no segment yet."""
        self._refresh()
        found: dict[int, set[int]] = {key: set() for key in keys}
        for key, number in fresh:
            found[key].add(number)
        wanted = np.array(keys, dtype=np.uint64)
        for segment in self._known.values():
            for key, numbers in zip(keys, segment.find(wanted), strict=True):
                found[key].update(numbers[:most].tolist())
        return {key: sorted(numbers)[:most] for key, numbers in found.items()}

    def settle(self, db: sqlite3.Connection, most: int) -> None:
        """In the caller's transaction: make a segment of the fresh rows once they are many, and merge what is due."""
        (count,) = db.execute("SELECT count(*) FROM cluster_keys").fetchone()
        if count < FRESH_ROWS:
            return
        rows = np.array(db.execute("SELECT key, number FROM cluster_keys ORDER BY key, number").fetchall(), dtype=np.uint64)
        db.execute("DELETE FROM cluster_keys")
        level = 0
        while count >= FRESH_ROWS * FAN ** (level + 1):  # the rows of a database from before there were segments
            level += 1
        insert(db, level, Segment(rows[:, 0], rows[:, 1].astype(np.uint32)))
        while len(ids := _read_ids(db, level)) >= FAN:
            _merge(db, ids, level + 1, most)
            level += 1

    def _refresh(self) -> None:
        """Segments never change: only those that came since are read."""
        ids = {row[0] for row in self._connection.all("SELECT id FROM cluster_segments")}
        for gone in self._known.keys() - ids:
            del self._known[gone]
        for new in sorted(ids - self._known.keys()):
            row = self._connection.one("SELECT keys, numbers FROM cluster_segments WHERE id = ?", new)
            if row is not None:  # else merged away in between: the next look finds what became of it
                self._known[new] = _segment(row)


def _read_ids(db: sqlite3.Connection, level: int) -> list[int]:
    return [row[0] for row in db.execute("SELECT id FROM cluster_segments WHERE level = ? ORDER BY id", (level,))]


def _segment(row: Sequence[bytes]) -> Segment:
    return Segment(np.frombuffer(row[0], dtype="<u8"), np.frombuffer(row[1], dtype="<u4"))


def insert(db: sqlite3.Connection, level: int, segment: Segment) -> None:
    """Keep a segment of so many merges."""
    db.execute(
        "INSERT INTO cluster_segments(level, keys, numbers) VALUES (?, ?, ?)",
        (level, segment.keys.astype("<u8").tobytes(), segment.numbers.astype("<u4").tobytes()),
    )


def _merge(db: sqlite3.Connection, ids: Sequence[int], level: int, most: int) -> None:
    """One segment of several: without documents that are gone, and of no key more than the oldest `most`."""
    sql = "SELECT keys, numbers FROM cluster_segments WHERE id = ?"
    parts = [_segment(db.execute(sql, (ident,)).fetchone()) for ident in ids]
    keys, numbers = np.concatenate([part.keys for part in parts]), np.concatenate([part.numbers for part in parts])
    order = np.lexsort((numbers, keys))
    keys, numbers = keys[order], numbers[order]
    first, last = int(numbers.min()), int(numbers.max())
    there = db.execute("SELECT number FROM cluster_sketches WHERE number BETWEEN ? AND ?", (first, last)).fetchall()
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    rank = np.arange(keys.size) - np.repeat(starts, np.diff(np.append(starts, keys.size)))
    kept = (rank < most) & np.isin(numbers, np.array(there, dtype=np.uint32).ravel())
    db.executemany("DELETE FROM cluster_segments WHERE id = ?", [(ident,) for ident in ids])
    insert(db, level, Segment(keys[kept], numbers[kept]))
