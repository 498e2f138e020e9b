"""The copy index by itself, in a database without texts: what `xabar archive` remembers of the stories it has seen."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.records import Document
from pipeline.store.clusters import Clusters, Entry
from pipeline.store.connection import Connection

INSERT = (
    "INSERT INTO documents(id, url, source, fetched_at, title, text, language, script, language_confidence, guess, cluster_id,"
    " score, flagged, reasons, evidence) VALUES (?, ?, ?, ?, '', '', ?, '', 0.0, '', ?, 0.0, 0, '[]', '[]')"
)


class CopyIndex:
    """An index on the disk, with the same answers as the archive's own. Use as a context manager."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._clusters = Clusters(connection)

    @classmethod
    def open(cls, path: Path) -> "CopyIndex":
        """Open or make it. Raises Stop."""
        connection = Connection.open(path, create=True)
        with connection.write() as db:
            for trigger in ("documents_fts_insert", "documents_fts_delete", "queue_insert", "queue_delete"):
                db.execute(f"DROP TRIGGER IF EXISTS {trigger}")  # nobody reads or searches here
        return cls(connection)

    def __enter__(self) -> "CopyIndex":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def find(self, entry: Entry) -> Sequence[Entry]:
        """As Clusters.find."""
        return self._clusters.find(entry)

    def remember(self, entry: Entry) -> None:
        """As Clusters.remember; `save` keeps it."""
        self._clusters.remember(entry)

    def save(self, docs: Iterable[Document]) -> None:
        """Keep these documents, which were remembered since the last save."""
        rows = [(d.id, d.url, d.source, d.fetched_at.isoformat(timespec="seconds"), d.language, d.cluster_id) for d in docs]
        with self._connection.write() as db:
            db.executemany(INSERT, rows)
            self._clusters.write(db, [row[0] for row in rows])
        self._clusters.settle()

    def forget(self, ids: Sequence[str]) -> None:
        """Drop documents of a segment that was not finished."""
        with self._connection.write() as db:
            db.execute("DELETE FROM documents WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))
