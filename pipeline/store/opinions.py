"""Second opinions: what the reviewers said independently of each other, gold items, and each reviewer's own record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.records import Stop
from pipeline.store.chain import append_audit
from pipeline.store.connection import Connection, now
from pipeline.store.seal import audited

GOLD_VERDICTS = ("relevant", "not-relevant")
_KNOWN: dict[Path, tuple[list[Any], list["Opinion"]]] = {}  # by database: the newest decision and run, what was read then


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reviewer said of one document without knowing what others said."""

    document_id: str
    route: str
    reviewer: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Gold:
    """An item whose verdict is agreed, put before reviewers unmarked to see how they decide."""

    document_id: str
    verdict: str
    why: str
    set_by: str
    set_at: str


class Opinions:
    """Reads over decisions, and the table gold."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def independent(self) -> list[Opinion]:
        """Each reviewer's newest independent word (mode first or blind, not deferred) on documents that two or more judged so.

        Decisions are only appended, and languages change only in a run: as long as there is no newer one, what was read is kept.
        """
        newest = list(self._connection.all("SELECT (SELECT max(id) FROM decisions), (SELECT max(id) FROM runs)")[0])
        known = _KNOWN.get(self._connection.path)
        if known is None or known[0] != newest:
            known = _KNOWN[self._connection.path] = (newest, self._read_independent())
        return list(known[1])

    def _read_independent(self) -> list[Opinion]:
        rows = self._connection.all(
            "WITH several AS (SELECT document_id FROM decisions GROUP BY document_id HAVING min(reviewer) != max(reviewer)),"
            " said AS (SELECT document_id, reviewer, verdict FROM several CROSS JOIN decisions AS d USING (document_id)"
            " WHERE mode IN ('first', 'blind') AND id = ("
            " SELECT max(id) FROM decisions AS e WHERE e.document_id = d.document_id AND e.reviewer = d.reviewer"
            " AND e.mode IN ('first', 'blind')) AND verdict NOT IN ('withdrawn', 'defer')),"
            " twice AS (SELECT document_id FROM said GROUP BY document_id HAVING count(*) > 1)"
            " SELECT document_id, coalesce(route, 'und') AS route, reviewer, said.verdict FROM said"
            " JOIN twice USING (document_id) LEFT JOIN queue USING (document_id) ORDER BY document_id, reviewer"
        )
        return [Opinion(*row) for row in rows]

    def set_gold(self, document_id: str, verdict: str, why: str, by: str) -> None:
        """Make a document a gold item, or change what is right for it. Raises Stop for another verdict or no such document."""
        if verdict not in GOLD_VERDICTS:
            raise Stop(f"a gold item is relevant or not-relevant, not {verdict!r}")
        with audited(self._connection) as db:
            if db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is None:
                raise Stop(f"document {document_id!r} is not in this database")
            row = (document_id, verdict, why, by, now())
            db.execute("INSERT OR REPLACE INTO gold VALUES (?, ?, ?, ?, ?)", row)
            append_audit(db, by, "gold set", json.dumps(row, ensure_ascii=False))

    def drop_gold(self, document_id: str, by: str) -> None:
        """A gold item is an ordinary one again."""
        with audited(self._connection) as db:
            if db.execute("DELETE FROM gold WHERE document_id = ?", (document_id,)).rowcount:
                append_audit(db, by, "gold drop", json.dumps(document_id))

    def gold(self, document_id: str) -> Gold | None:
        """The gold item of this document, or None."""
        row = self._connection.one(
            "SELECT document_id, verdict, why, set_by, set_at FROM gold WHERE document_id = ?", document_id
        )
        return Gold(*row) if row else None

    def next_gold(self, reviewer: str, every: int) -> str | None:
        """A gold item when this reviewer made `every` (0: never) decisions since the last one and one is left, else None."""
        if not every:
            return None
        since = self._connection.one(
            "SELECT count(*) FROM decisions WHERE reviewer = ?1 AND batch IS NULL AND undoes IS NULL AND id >"
            " coalesce((SELECT max(id) FROM decisions WHERE reviewer = ?1 AND mode = 'gold'), 0)",
            reviewer,
        )[0]
        if since < every:
            return None
        row = self._connection.one(
            "SELECT document_id FROM gold JOIN queue USING (document_id) WHERE set_by != ?1 AND NOT EXISTS"
            " (SELECT 1 FROM decisions WHERE decisions.document_id = gold.document_id AND reviewer = ?1) ORDER BY place LIMIT 1",
            reviewer,
        )
        return str(row[0]) if row else None

    def is_hidden(self, document_id: str, reviewer: str) -> bool:
        """Whether what others said must not be shown to this reviewer yet: a second opinion is asked, or it is a gold item."""
        row = self._connection.one(
            "SELECT (second = 'asked' OR EXISTS (SELECT 1 FROM gold WHERE gold.document_id = queue.document_id AND set_by != ?2))"
            " AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.document_id = queue.document_id AND reviewer = ?2)"
            " FROM queue WHERE document_id = ?1",
            document_id,
            reviewer,
        )
        return bool(row and row[0])

    def history(self, reviewer: str, *, limit: int = 100, before: int | None = None) -> list[dict[str, Any]]:
        """This reviewer's newest decisions, copies left out: id, document_id, verdict, reason, note, decided_at, mode, title,
        language, script, standing (the verdict that stands now), second."""
        rows = self._connection.all(
            "SELECT d.id, d.document_id, d.verdict, d.reason, d.note, d.decided_at, d.mode, d.undoes, title, language, script,"
            " queue.verdict AS standing, second FROM decisions AS d JOIN documents ON documents.id = d.document_id"
            " JOIN queue USING (number) WHERE reviewer = ?1 AND batch IS NULL AND (?2 IS NULL OR d.id < ?2)"
            " ORDER BY d.id DESC LIMIT ?3",
            reviewer,
            before,
            limit,
        )
        return [dict(row) for row in rows]

    def record(self, reviewer: str) -> Mapping[str, Any]:
        """Counts of one reviewer: `verdicts`, `gold` and `gold_right`, `second` and `second_same`, `overruled`, `today`."""
        one, all_ = self._connection.one, self._connection.all
        verdicts = all_("SELECT verdict, count(*) FROM opinions WHERE reviewer = ? GROUP BY 1 ORDER BY 2 DESC", reviewer)
        gold = one(
            "SELECT count(*), total(d.verdict = gold.verdict) FROM decisions AS d JOIN gold USING (document_id)"
            " WHERE reviewer = ? AND mode = 'gold' AND d.verdict != 'withdrawn'",
            reviewer,
        )
        second = one(
            "SELECT count(*), total(mine.verdict = other.verdict) FROM opinions AS mine"
            " JOIN opinions AS other USING (document_id) WHERE mine.reviewer = ?1 AND other.reviewer != ?1"
            " AND mine.mode IN ('first', 'blind')"
            " AND other.mode IN ('first', 'blind') AND mine.verdict != 'defer' AND other.verdict != 'defer'",
            reviewer,
        )
        overruled = one(
            "SELECT count(*) FROM opinions AS mine JOIN opinions AS judge USING (document_id) WHERE mine.reviewer = ?"
            " AND judge.mode = 'adjudication' AND mine.mode != 'adjudication' AND mine.verdict != judge.verdict",
            reviewer,
        )
        return {
            "verdicts": {row[0]: row[1] for row in verdicts},
            "gold": gold[0],
            "gold_right": int(gold[1]),
            "second": second[0],
            "second_same": int(second[1]),
            "overruled": overruled[0],
            "today": self.count_today(reviewer),
        }

    def calibration(self, reviewer: str) -> list[dict[str, Any]]:
        """How often this reviewer said relevant, by the machine's score in tenths: band (0 to 9), decided, relevant."""
        rows = self._connection.all(
            "SELECT min(9, CAST(score * 10 AS INTEGER)) AS band, count(*) AS decided,"
            " sum(opinions.verdict = 'relevant') AS relevant FROM opinions JOIN queue USING (document_id)"
            " WHERE reviewer = ? AND opinions.verdict IN ('relevant', 'not-relevant') AND mode != 'copy' GROUP BY 1 ORDER BY 1",
            reviewer,
        )
        return [dict(row) for row in rows]

    def count_today(self, reviewer: str) -> int:
        """Decisions of this reviewer since midnight UTC, copies and undoing left out."""
        row = self._connection.one(
            "SELECT count(*) FROM decisions WHERE reviewer = ? AND batch IS NULL AND undoes IS NULL AND decided_at >= ?"
            " AND id > (SELECT coalesce(max(id), 0) - 20000 FROM decisions)",
            reviewer,
            now()[:10],
        )
        return int(row[0])

    def reviewers(self) -> list[str]:
        """Everybody who ever decided, by name."""
        return [row[0] for row in self._connection.all("SELECT DISTINCT reviewer FROM decisions ORDER BY 1")]
