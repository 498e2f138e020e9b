"""What was done, when and by whom: runs, sources, the audit's hash chain, and the counts that `status` prints."""

import getpass
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from pipeline.store.connection import Connection, now

ROUTE = "language || CASE language WHEN 'uz' THEN '-' || script ELSE '' END"


class Ledger:
    """The tables runs, sources and audit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def run(self, command: str) -> Iterator[dict[str, Any]]:
        """Record a run: yields the summary to fill in. A run that was killed keeps an empty `ended_at`."""
        summary: dict[str, Any] = {}
        with self._connection.write() as db:
            number = db.execute("INSERT INTO runs(command, started_at) VALUES (?, ?)", (command, now())).lastrowid
        yield summary
        text = json.dumps(summary, ensure_ascii=False, sort_keys=True)
        with self._connection.write() as db:
            db.execute("UPDATE runs SET ended_at = ?, summary = ? WHERE id = ?", (now(), text, number))
            append_audit(db, _actor(), f"run {command}", text)

    def last_runs(self, count: int = 5) -> list[dict[str, Any]]:
        """The newest runs first: command, started_at, ended_at, summary."""
        rows = self._connection.all("SELECT command, started_at, ended_at, summary FROM runs ORDER BY id DESC LIMIT ?", count)
        return [dict(row) | {"summary": json.loads(row["summary"] or "{}")} for row in rows]

    def save_sources(self, rows: Iterable[tuple[str, str, str, str, Sequence[str], str, str]]) -> None:
        """Keep (id, name, homepage, country, languages, kind, note) of each source, for the review page."""
        with self._connection.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (i, name, home, country, " ".join(languages), kind, note)
                    for i, name, home, country, languages, kind, note in rows
                ],
            )

    def source(self, source_id: str) -> dict[str, Any]:
        """One source as it was at its last crawl; empty when it was never crawled."""
        row = self._connection.one("SELECT * FROM sources WHERE id = ?", source_id)
        return dict(row) if row else {}

    def first_broken_link(self) -> int | None:
        """The id of the first audit row whose hash does not follow from the row before it, or None."""
        previous = ""
        for row in self._connection.all("SELECT * FROM audit ORDER BY id"):
            if row["previous_sha256"] != previous or row["sha256"] != _digest(previous, *row[1:5]):
                return int(row["id"])
            previous = row["sha256"]
        return None

    def summary(self) -> dict[str, Any]:
        """Counts: pages, waiting, outcomes, languages, skipped by reason, flagged by language and source, decisions."""
        return {
            "pages": self._number("SELECT count(*) FROM pages"),
            "waiting": self._number("SELECT count(*) FROM pages WHERE id NOT IN (SELECT page_id FROM outcomes)"),
            "outcomes": self._counts("SELECT outcome, count(*) FROM outcomes GROUP BY 1 ORDER BY 1"),
            "languages": self._counts(f"SELECT {ROUTE}, count(*) FROM documents GROUP BY 1 ORDER BY 1"),
            "skipped": self._counts(
                "SELECT reason, count(*) FROM outcomes WHERE outcome = 'skipped' GROUP BY 1 ORDER BY 2 DESC, 1"
            ),
            "flagged": self._number("SELECT count(*) FROM documents WHERE flagged"),
            "flagged_by_language": self._counts(f"SELECT {ROUTE}, sum(flagged) FROM documents GROUP BY 1 ORDER BY 1"),
            "documents_by_source": self._counts("SELECT source, count(*) FROM documents GROUP BY 1 ORDER BY 1"),
            "flagged_by_source": self._counts("SELECT source, sum(flagged) FROM documents GROUP BY 1 ORDER BY 1"),
            "decisions": self._counts("SELECT verdict, count(*) FROM decisions GROUP BY 1 ORDER BY 1"),
        }

    def _counts(self, sql: str) -> dict[str, int]:
        return {str(key): number for key, number in self._connection.all(sql)}

    def _number(self, sql: str) -> int:
        return int(self._connection.one(sql)[0])


def append_audit(db: sqlite3.Connection, actor: str, action: str, subject: str) -> None:
    """Add a row to the chain, inside the caller's transaction: its hash covers the row before it."""
    last = db.execute("SELECT sha256 FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    previous, at = last[0] if last else "", now()
    db.execute(
        "INSERT INTO audit(at, actor, action, subject, previous_sha256, sha256) VALUES (?, ?, ?, ?, ?, ?)",
        (at, actor, action, subject, previous, _digest(previous, at, actor, action, subject)),
    )


def _digest(*fields: str) -> str:
    return sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no passwd entry, as in a bare container
        return "unknown"
