"""What was done, when and by whom: runs, sources, the audit's hash chain, and the counts that `status` prints."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from pipeline.records import Layout, Reason
from pipeline.store.chain import START, Head, actor, append_audit, follows
from pipeline.store.connection import Connection, now
from pipeline.store.seal import SOURCES, audited, seal, sources_digest

ROUTE = "language || CASE language WHEN 'uz' THEN '-' || script ELSE '' END"


class Ledger:
    """The tables runs, sources and audit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def run(self, command: str) -> Iterator[dict[str, Any]]:
        """Record a run: yields the summary to fill in. A run that was killed keeps an empty `ended_at`.

        What an earlier run that was killed left unsealed is sealed first, what this one wrote at its end.
        """
        summary: dict[str, Any] = {}
        self.seal()
        started = now()
        with self._connection.write() as db:
            number = db.execute("INSERT INTO runs(command, started_at) VALUES (?, ?)", (command, started)).lastrowid
        yield summary
        self.seal()
        text, ended = json.dumps(summary, ensure_ascii=False, sort_keys=True), now()
        with audited(self._connection) as db:
            db.execute("UPDATE runs SET ended_at = ?, summary = ? WHERE id = ?", (ended, text, number))
            append_audit(db, actor(), f"run {command}", json.dumps([number, started, ended, text], ensure_ascii=False))

    def seal(self) -> None:
        """Write the hashes of the pages and WARC bytes that came since the last seal into the audit."""
        path = self._connection.path
        seal(self._connection, path.with_name(path.stem + "-warc"))

    def record(self, action: str, subject: object, *, by: str | None = None) -> None:
        """Write into the audit what was done with the data: a backup, an export, a read. `by`: the system's user unless named."""
        with audited(self._connection) as db:
            append_audit(db, by or actor(), action, json.dumps(subject, ensure_ascii=False))

    def audit(self, count: int, *, before: int | None = None) -> list[dict[str, Any]]:
        """The newest audit rows first, older than row `before` if given: id, at, actor, action, subject (JSON)."""
        rows = self._connection.all(
            "SELECT id, at, actor, action, subject FROM audit WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2",
            before,
            count,
        )
        return [dict(row) for row in rows]

    def head(self, row: int | None = None) -> Head:
        """The newest row of the audit, or this one; START where there is none."""
        where = "WHERE id = ?" if row is not None else "ORDER BY id DESC LIMIT 1"
        found = self._connection.one(f"SELECT id, sha256 FROM audit {where}", *([row] if row is not None else []))
        return Head(*found) if found else START

    def record_change(self, action: str, state: Mapping[str, str]) -> bool:
        """Write a state into the audit unless it is the newest of its kind there; with the names of what changed."""
        row = self._connection.one("SELECT subject FROM audit WHERE action = ? ORDER BY id DESC LIMIT 1", action)
        before: dict[str, str] = json.loads(row[0])["state"] if row else {}
        if row and before == state:
            return False
        changed = sorted(name for name in before.keys() | state.keys() if before.get(name) != state.get(name))
        self.record(action, {"changed": changed if row else [], "state": dict(state)})
        return True

    def last_runs(self, count: int = 5) -> list[dict[str, Any]]:
        """The newest runs first: command, started_at, ended_at, summary."""
        rows = self._connection.all("SELECT command, started_at, ended_at, summary FROM runs ORDER BY id DESC LIMIT ?", count)
        return [dict(row) | {"summary": json.loads(row["summary"] or "{}")} for row in rows]

    def save_sources(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep what a source's file says of it, for the review page and for reading its pages."""
        with audited(self._connection) as db:
            db.executemany(
                "INSERT OR REPLACE INTO sources(id, name, homepage, country, languages, kind, note, flags, legal, layout)"
                " VALUES (:id, :name, :homepage, :country, :languages, :kind, :note, :flags, :legal, :layout)",
                [_source_row(row) for row in rows],
            )
            append_audit(db, actor(), SOURCES, sources_digest(db))

    def source(self, source_id: str) -> dict[str, Any]:
        """One source as it was at its last crawl; empty when it was never crawled."""
        row = self._connection.one("SELECT * FROM sources WHERE id = ?", source_id)
        return dict(row) if row else {}

    def countries(self) -> dict[str, str]:
        """The country (ISO 3166) of every source that was crawled or imported."""
        return self._texts("SELECT id, country FROM sources")

    def layouts(self) -> dict[str, Layout]:
        """Where the pages of a source have what, for every source whose file says so."""
        texts = self._texts("SELECT id, layout FROM sources WHERE layout <> ''")
        return {source: Layout(**json.loads(text)) for source, text in texts.items()}

    def first_broken_link(self) -> int | None:
        """The id of the first audit row whose hash does not follow from the row before it, or None."""
        previous = ""
        for row in self._connection.all("SELECT * FROM audit ORDER BY id"):
            if not follows(row, previous):
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
            "unread": self.unread(),
        }

    def unread(self) -> list[dict[str, Any]]:
        """Pages per source in a language that is not ours, what it looks like, the last time: a source that changed shows."""
        sql = """SELECT pages.source, outcomes.error AS language, count(*) AS pages, max(pages.fetched_at) AS latest
                 FROM outcomes JOIN pages ON pages.id = outcomes.page_id WHERE outcomes.reason = ?
                 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"""
        return [dict(row) for row in self._connection.all(sql, Reason.UNSUPPORTED_LANGUAGE)]

    def _texts(self, sql: str) -> dict[str, str]:
        return dict(map(tuple, self._connection.all(sql)))

    def _counts(self, sql: str) -> dict[str, int]:
        return {str(key): number for key, number in self._connection.all(sql)}

    def _number(self, sql: str) -> int:
        return int(self._connection.one(sql)[0])


def _source_row(row: Mapping[str, Any]) -> dict[str, Any]:
    layout = row.get("layout")
    lists = {key: " ".join(row.get(key, ())) for key in ("languages", "flags")}
    return {**row, **lists, "layout": json.dumps(asdict(layout), ensure_ascii=False) if layout else ""}
