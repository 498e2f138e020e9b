"""Counts for the dashboard, from tables and indexes that are made for them: no query here reads a text or scans the archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.store.connection import Connection

LEAST_ITEMS = 5  # a count by place is given from so many documents up: fewer may point at somebody
BANDS = 10


@dataclass(frozen=True, slots=True)
class Total:
    """How many flagged documents name or have something, and in which week the first and the last of them appeared."""

    name: str
    documents: int
    weeks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Band:
    """Flagged documents with a score from `least` to below `below`: how many were decided, how many of them relevant."""

    least: float
    below: float
    decided: int
    relevant: int


class Dashboard:
    """Reads over flagged_weeks, named_pairs, queue and decisions. A week is named by its Monday."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_state(self) -> tuple[Any, ...]:
        """Changes with all that is counted here: what is flagged, waits, was decided; the newest decision and end of a run."""
        newest = self._connection.one(
            "SELECT (SELECT max(id) FROM decisions), (SELECT max(ended_at) FROM runs), (SELECT total(documents) FROM named_pairs)"
        )
        totals = self.totals()
        return (*newest, totals["flagged"], totals["waiting"], totals["decided"])

    def newest_week(self) -> str:
        """The week of the newest flagged document; empty without any."""
        # A page may call itself of any year; nobody counts to its weeks.
        row = self._connection.one(
            "SELECT max(week) FROM flagged_weeks WHERE what = 'route' AND documents > 0 AND week BETWEEN '1900' AND '2999'"
        )
        return str(row[0] or "")

    def weeks(self, what: str, since: str) -> list[Total]:
        """By `route`, `source` or a label of entities, the most first: totals from this week on, with their weeks."""
        rows = self._connection.all(
            "SELECT name, week, documents FROM flagged_weeks WHERE what = ? AND week >= ? AND documents > 0 ORDER BY name, week",
            what,
            since,
        )
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["name"], {})[row["week"]] = row["documents"]
        totals = [Total(name, sum(weeks.values()), weeks) for name, weeks in found.items()]
        return sorted(totals, key=lambda total: (-total.documents, total.name))

    def places(self, since: str) -> tuple[list[Total], int]:
        """Places that LEAST_ITEMS flagged documents or more name, without weeks; and how many places fewer name."""
        rows = self._connection.all(
            "SELECT name, sum(documents) AS documents FROM flagged_weeks WHERE what = 'LOC' AND week >= ? AND documents > 0"
            " GROUP BY name ORDER BY 2 DESC, 1",
            since,
        )
        shown = [Total(row["name"], row["documents"], {}) for row in rows if row["documents"] >= LEAST_ITEMS]
        return shown, len(rows) - len(shown)

    def pairs(self, since: str, limit: int) -> list[tuple[str, str, int]]:
        """Organisations that stand in one flagged document together, the most frequent pairs first."""
        rows = self._connection.all(
            "SELECT one, two, sum(documents) AS documents FROM named_pairs WHERE week >= ? AND documents > 0"
            " GROUP BY one, two ORDER BY 3 DESC, 1, 2 LIMIT ?",
            since,
            limit,
        )
        return [(row["one"], row["two"], row["documents"]) for row in rows]

    def named(self) -> set[str]:
        """Every entity that a flagged document names or ever named."""
        rows = self._connection.all("SELECT DISTINCT name FROM flagged_weeks WHERE what NOT IN ('route', 'source')")
        return {row[0] for row in rows}

    def count_waiting(self, since: str, until: str) -> int:
        """Flagged and undecided documents of these days, both included; an empty day is no limit."""
        row = self._connection.one(
            "SELECT count(*) FROM queue WHERE flagged = 1 AND verdict = 'none' AND day >= ? AND day <= ?", since, until or "9999"
        )
        return int(row[0])

    def bands(self) -> list[Band]:
        """Of the flagged documents with a clear verdict, by score in tenths: how often the flag was right."""
        rows = self._connection.all(
            f"SELECT min({BANDS - 1}, CAST(score * {BANDS} AS INTEGER)) AS band, count(*) AS decided,"
            " sum(verdict = 'relevant') AS relevant FROM queue INDEXED BY queue_judged WHERE flagged = 1 AND verdict != 'none'"
            " AND verdict IN ('relevant', 'not-relevant') GROUP BY 1 ORDER BY 1"
        )
        return [Band(row["band"] / BANDS, (row["band"] + 1) / BANDS, row["decided"], row["relevant"]) for row in rows]

    def totals(self) -> dict[str, int]:
        """From counters: `documents`, `flagged`, `waiting` (flagged and undecided), `decided`."""
        row: Any = self._connection.one(
            "SELECT total(documents) AS documents, total(documents * flagged) AS flagged,"
            " total(documents * (flagged = 1 AND verdict = 'none')) AS waiting,"
            " total(documents * (verdict != 'none')) AS decided FROM queue_counts"
        )
        return {name: int(row[name]) for name in ("documents", "flagged", "waiting", "decided")}
