"""What is kept of documents that the encoder read, so that the same story is found in another language; and what was found.

The tables tellings (one row for each such document) and same_stories (pairs; the lesser id first). Both are derived: a
document that is erased or loses its text takes its rows with it (triggers), and `xabar run --again` makes them anew.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.store.connection import Connection

MOST_NEAR = 20_000  # documents that one is compared with, the newest of its days: about 15 MB, 20 ms

NEAR = """
SELECT d.id, t.day, t.names, t.figures, t.vector, d.language
FROM tellings AS t JOIN documents AS d USING (number)
WHERE t.day BETWEEN :first AND :last AND d.language != :language AND d.id != :id ORDER BY t.number DESC LIMIT :most
"""
PAIRS = """
SELECT d.id, d.title, d.source, d.url, d.fetched_at, d.language, d.script, p.similarity, q.verdict, q.second
FROM (SELECT other_id AS id, similarity FROM same_stories WHERE document_id = ?1
      UNION ALL SELECT document_id, similarity FROM same_stories WHERE other_id = ?1) AS p
JOIN documents AS d USING (id) JOIN queue AS q USING (number) ORDER BY p.similarity DESC, d.number
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """A document as it is compared: its day (proleptic ordinal), the entities it surely names, its figures, its unit vector."""

    id: str
    language: str
    day: int
    names: frozenset[str]
    figures: frozenset[str]
    vector: NDArray[np.float32] = field(compare=False, repr=False)


class Tellings:
    """A telling waits in memory until its document is saved, and its pairs with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, tuple[Telling, tuple[tuple[str, float], ...]]] = {}

    def near(self, telling: Telling, days: int) -> list[Telling]:
        """Documents in other languages of so many days around this one, those of the present batch first, then the newest."""
        span = range(telling.day - days, telling.day + days + 1)
        waiting = [
            other
            for other, _ in reversed(self._waiting.values())
            if other.id != telling.id and other.language != telling.language and other.day in span
        ]
        newer = {other.id for other in waiting}
        values = {"first": span[0], "last": span[-1], "language": telling.language, "id": telling.id, "most": MOST_NEAR}
        rows = self._connection.all_named(NEAR, values)
        return waiting + [_telling(row) for row in rows if row["id"] not in newer]

    def remember(self, telling: Telling, pairs: Sequence[tuple[str, float]]) -> None:
        """Let later documents find it; it reaches the disk together with its document, or never. `pairs`: id, similarity."""
        self._waiting[telling.id] = (telling, tuple(pairs))

    def write(self, db: sqlite3.Connection, document_ids: Iterable[str]) -> None:
        """Store what belongs to documents that the caller's transaction has just inserted."""
        for document_id in document_ids:
            if document_id not in self._waiting:
                continue
            telling, pairs = self._waiting[document_id]
            names, figures = (json.dumps(sorted(part), ensure_ascii=False) for part in (telling.names, telling.figures))
            db.execute(
                "INSERT INTO tellings SELECT number, ?, ?, ?, ? FROM documents WHERE id = ?",
                (telling.day, names, figures, telling.vector.astype("<f2").tobytes(), document_id),
            )
            db.executemany(
                "INSERT OR REPLACE INTO same_stories SELECT min(?1, ?2), max(?1, ?2), ?3"
                " WHERE EXISTS (SELECT 1 FROM documents WHERE id = ?2)",
                [(document_id, other, round(similarity, 4)) for other, similarity in pairs],
            )

    def settle(self) -> None:
        """What waited is on the disk, or its transaction was undone and the same pages come again."""
        self._waiting.clear()

    def same_story(self, document_id: str) -> list[dict[str, Any]]:
        """Documents that tell this one's story in another language, the most alike first; as Desk.others_in_cluster."""
        return [dict(row) for row in self._connection.all(PAIRS, document_id)]


def _telling(row: sqlite3.Row) -> Telling:
    vector = np.frombuffer(row["vector"], "<f2").astype(np.float32)
    names, figures = (frozenset(json.loads(row[name])) for name in ("names", "figures"))
    return Telling(row["id"], row["language"], row["day"], names, figures, vector)
