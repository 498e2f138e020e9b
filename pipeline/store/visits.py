"""When each source was due, visited and why not; what came of it; and the state that was concluded from it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pipeline.store.connection import Connection, now

NO_TEXT = ("too-short", "not-an-article", "empty", "soft-404")
COUNTS = ("fetched", "unchanged", "failed", "refused")
TEXTS_KEPT = 60


class Visits:
    """The tables visits, health and hosts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, due: Mapping[str, str]) -> None:
        """Write down that these sources are due, each since its time. What an earlier run left open was killed."""
        with self._connection.write() as db:
            db.execute("UPDATE visits SET why_not = 'the run was killed' WHERE ended_at IS NULL AND why_not IS NULL")
            db.executemany("INSERT INTO visits(source, due_at) VALUES (?, ?)", due.items())

    def start(self, sources: Iterable[str]) -> None:
        """Their visit begins."""
        at = now()
        with self._connection.write() as db:
            db.executemany(
                "UPDATE visits SET started_at = ? WHERE source = ? AND why_not IS NULL AND ended_at IS NULL",
                [(at, source) for source in sources],
            )

    def end(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Their visit ended; `rows` are the crawl's: source, read, fetched, unchanged, failed, refused, finished, reasons."""
        at = now()
        with self._connection.write() as db:
            for row in rows:
                why = None if row["finished"] else "stopped before its end"
                values = (at, why, row["read"], *(row[name] for name in COUNTS), json.dumps(row["reasons"], ensure_ascii=False))
                db.execute(
                    "UPDATE visits SET ended_at = ?, why_not = ?, read_index = ?, fetched = ?, unchanged = ?, failed = ?,"
                    " refused = ?, reasons = ? WHERE source = ? AND why_not IS NULL AND ended_at IS NULL",
                    (*values, row["source"]),
                )

    def skip(self, sources: Iterable[str], why: str) -> None:
        """They were due and are not visited by this run."""
        with self._connection.write() as db:
            db.executemany(
                "UPDATE visits SET why_not = ? WHERE source = ? AND why_not IS NULL AND ended_at IS NULL",
                [(why, source) for source in sources],
            )

    def last_started(self) -> dict[str, tuple[str, int]]:
        """Of each source: when the last visit that came to its end began, and how many visits in a row could read no way in."""
        rows = self._connection.all(
            "SELECT source, max(started_at) AS started, (SELECT count(*) FROM visits AS later WHERE later.source = visits.source"
            " AND later.ended_at IS NOT NULL AND later.read_index = 0 AND later.id > coalesce("
            "(SELECT max(good.id) FROM visits AS good WHERE good.source = visits.source AND good.read_index > 0), 0)) AS failed"
            " FROM visits WHERE ended_at IS NOT NULL AND why_not IS NULL GROUP BY source"
        )
        return {row["source"]: (row["started"], row["failed"]) for row in rows}

    def measure(self) -> None:
        """Keep what the texts of each ended visit were like, once its pages have outcomes: retention may erase them later."""
        rows = self._connection.all(
            "SELECT id, source, started_at, ended_at FROM visits WHERE measured IS NULL AND ended_at IS NOT NULL"
        )
        for row in rows:
            span = (row["source"], row["started_at"], row["ended_at"])
            waiting = self._connection.one(
                "SELECT 1 FROM pages LEFT JOIN outcomes ON page_id = pages.id WHERE source = ? AND fetched_at BETWEEN ? AND ?"
                " AND outcome IS NULL LIMIT 1",
                *span,
            )
            if waiting is None:
                text = json.dumps(self._describe(span))
                with self._connection.write() as db:
                    db.execute("UPDATE visits SET measured = ? WHERE id = ?", (text, row["id"]))

    def history(self, source: str, since: str) -> list[dict[str, Any]]:
        """The visits of a source that ended, oldest first: every column, `reasons` and `measured` as objects."""
        rows = self._connection.all(
            "SELECT * FROM visits WHERE source = ? AND ended_at >= ? AND (why_not IS NULL OR read_index > 0) ORDER BY id",
            source,
            since,
        )
        return [dict(row) | {name: json.loads(row[name] or "{}") for name in ("reasons", "measured")} for row in rows]

    def ledger(self, limit: int = 50) -> list[dict[str, Any]]:
        """The newest visits, first the newest: source, due_at, started_at, ended_at, why_not and the counts."""
        rows = self._connection.all(
            "SELECT source, due_at, started_at, ended_at, why_not, fetched, unchanged, failed, refused"
            " FROM visits ORDER BY id DESC LIMIT ?",
            limit,
        )
        return [dict(row) for row in rows]

    def conclude(self, source: str, state: str, reason: str, since: datetime) -> bool:
        """Keep the state of a source; True when it is another than before."""
        last = self.state(source)
        with self._connection.write() as db:
            if last and last["state"] == state:
                db.execute("UPDATE health SET reason = ? WHERE id = ?", (reason, last["id"]))
                return False
            db.execute(
                "INSERT INTO health(source, state, reason, since) VALUES (?, ?, ?, ?)",
                (source, state, reason, since.isoformat(timespec="seconds")),
            )
        return True

    def state(self, source: str) -> dict[str, Any]:
        """The state of a source: id, source, state, reason, since; empty when it was never visited."""
        row = self._connection.one(
            "SELECT * FROM health WHERE source = ? AND state != 'accepted' ORDER BY id DESC LIMIT 1", source
        )
        return dict(row) if row else {}

    def accept(self, source: str, who: str) -> None:
        """Somebody has looked, and what the source gives now is as it shall be."""
        with self._connection.write() as db:
            db.execute("INSERT INTO health(source, state, reason, since) VALUES (?, 'accepted', ?, ?)", (source, who, now()))

    def accepted(self, source: str) -> list[str]:
        """The moments at which somebody accepted what a source gives, oldest first."""
        rows = self._connection.all("SELECT since FROM health WHERE source = ? AND state = 'accepted' ORDER BY id", source)
        return [row["since"] for row in rows]

    def states(self) -> list[dict[str, Any]]:
        """The state of every source: source, state, reason, since, last visit, articles of the last 7 days."""
        rows = self._connection.all(
            "SELECT source, state, reason, since,"
            " (SELECT max(ended_at) FROM visits WHERE visits.source = health.source) AS visited,"
            " (SELECT sum(fetched) FROM visits WHERE visits.source = health.source AND ended_at > date('now', '-7 days')) AS week"
            " FROM health WHERE id IN (SELECT max(id) FROM health WHERE state != 'accepted' GROUP BY source) ORDER BY source"
        )
        return [dict(row) for row in rows]

    def hosts(self) -> dict[str, dict[str, Any]]:
        """Hosts that are left alone until a moment: host, failures, wait_until, reason."""
        return {row["host"]: dict(row) for row in self._connection.all("SELECT * FROM hosts")}

    def rest_hosts(self, rows: Iterable[Mapping[str, Any]], well: Iterable[str]) -> None:
        """Keep the hosts that are to be left alone (host, failures, wait_until, reason); forget those that answered."""
        with self._connection.write() as db:
            db.executemany("DELETE FROM hosts WHERE host = ?", [(host,) for host in well])
            db.executemany(
                "INSERT OR REPLACE INTO hosts VALUES (:host, :failures, :wait_until, :reason)", [dict(row) for row in rows]
            )

    def _describe(self, span: tuple[str, str, str]) -> dict[str, Any]:
        rows = self._connection.all(
            "SELECT outcome, reason, documents.language, length(text) AS length, published IS NOT NULL AS dated,"
            " documents.title != '' AS titled, EXISTS(SELECT 1 FROM documents AS older"
            " WHERE older.cluster_id = documents.cluster_id AND older.source = documents.source"
            " AND older.number < documents.number AND older.url != documents.url) AS repeated"
            " FROM pages JOIN outcomes ON page_id = pages.id LEFT JOIN documents ON documents.id = pages.id"
            " WHERE pages.source = ? AND pages.fetched_at BETWEEN ? AND ?",
            *span,
        )
        documents = [row for row in rows if row["outcome"] == "document" and row["length"] is not None]
        languages = Counter(row["language"] if row["language"] != "und" else "other" for row in documents)
        languages["other"] += sum(row["reason"] == "unsupported-language" for row in rows)
        lengths = [row["length"] for row in documents] + [0 for row in rows if row["reason"] in NO_TEXT]
        sums = {name: sum(row[name] for row in documents) for name in ("dated", "titled", "repeated")}
        return {
            "languages": {name: count for name, count in languages.items() if count},
            "lengths": lengths[:TEXTS_KEPT],
            "documents": len(documents),
            **sums,
        }
