"""What analysts do with one document: decide, take back, look at the evidence. Decisions are only ever appended."""

import json
import sqlite3
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pipeline.records import Stop
from pipeline.store.chain import append_audit
from pipeline.store.connection import Connection, marks, now
from pipeline.store.seal import DECIDE, audited

VERDICTS = ("relevant", "not-relevant", "unsure", "defer")
COLUMNS = "id, document_id, reviewer, verdict, reason, note, decided_at, clause, mode, asks_second, batch, undoes"


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reviewer concluded about one document, and when. A row of the append-only table `decisions`.

    `verdict` is one of VERDICTS, or `withdrawn`: the reviewer took back what they had said. Per reviewer and document the newest
    row counts (the view `opinions`); rows of mode `gold` never count, they measure the reviewer.
    `mode`: `first` (nobody else had decided), `blind` (others had, and it was not shown), `open` (it was shown), `copy` (came
    with the decision `batch` on another report of the story), `gold`, `adjudication` (ends a dispute, stands above the others).
    `asks_second` is 1 where a second opinion was wanted; `undoes` is the id of the decision that was undone.
    """

    id: int
    document_id: str
    reviewer: str
    verdict: str
    reason: str
    note: str
    decided_at: str
    clause: str = ""
    mode: str = "open"
    asks_second: int = 0
    batch: int | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class SecondOpinions:
    """Which first decisions ask for a second one: `unsure`, a score from `from_score` on, and a `share` (0 to 1) of the rest."""

    share: float = 0.0
    from_score: float = 2.0
    after_unsure: bool = False

    def wanted(self, document_id: str, score: float, verdict: str) -> bool:
        """Whether this decision asks for one. The sample is drawn by the document's id, so nobody can choose it."""
        if verdict == "defer":
            return False
        drawn = int.from_bytes(sha256(document_id.encode()).digest()[:4], "big") / 2**32
        return (self.after_unsure and verdict == "unsure") or score >= self.from_score or drawn < self.share


NO_SECOND = SecondOpinions()


class Desk:
    """Decisions and the evidence beside them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def decide(
        self,
        document_id: str,
        reviewer: str,
        verdict: str,
        *,
        reason: str = "",
        note: str = "",
        clause: str = "",
        seen: int | None = None,
        copies: bool = False,
        adjudicate: bool = False,
        second: SecondOpinions = NO_SECOND,
    ) -> int:
        """Append a decision and return its id. Raises Stop for an unknown verdict, reviewer or document.

        `seen` is the newest decision that was shown (None: all were); `copies` decides the undecided reports of the same story
        with it.
        """
        if verdict not in VERDICTS:
            raise Stop(f"verdict {verdict!r} is unknown (known: {', '.join(VERDICTS)})")
        if not reviewer.strip():
            raise Stop("a decision needs a reviewer's name")
        with audited(self._connection) as db:
            row = db.execute("SELECT score, cluster_id FROM queue WHERE document_id = ?", (document_id,)).fetchone()
            if row is None:
                raise Stop(f"document {document_id!r} is not in this database")
            mode = "adjudication" if adjudicate else _find_mode(db, document_id, reviewer, seen)
            asks = mode == "first" and second.wanted(document_id, row["score"], verdict)
            said = (reviewer, verdict, reason, note, now(), clause)
            number = _append(db, (document_id, *said, mode, int(asks), None, None))
            for copy in _undecided_copies(db, document_id, row["cluster_id"]) if copies else ():
                _append(db, (copy, *said, "copy", 0, number, None))
            db.execute("DELETE FROM drafts WHERE document_id = ? AND reviewer = ?", (document_id, reviewer))
        return number

    def undo(self, reviewer: str) -> str | None:
        """Take back this reviewer's newest decision that is not undone yet, with its copies; returns its document's id.

        Nothing is deleted: what they had said before is said again, or `withdrawn` when they had said nothing.
        """
        with audited(self._connection) as db:
            last = db.execute(
                f"SELECT {COLUMNS} FROM decisions WHERE reviewer = ?1 AND undoes IS NULL AND batch IS NULL AND id NOT IN"
                " (SELECT undoes FROM decisions WHERE reviewer = ?1 AND undoes IS NOT NULL) ORDER BY id DESC LIMIT 1",
                (reviewer,),
            ).fetchone()
            if last is None:
                return None
            for row in db.execute(
                f"SELECT {COLUMNS} FROM decisions WHERE id = ?1 OR (batch = ?1 AND id > ?1) ORDER BY id", (last["id"],)
            ).fetchall():
                _take_back(db, row)
        return str(last["document_id"])

    def decisions(self, document_id: str) -> list[Decision]:
        """Every decision on a document, newest first."""
        rows = self._connection.all(f"SELECT {COLUMNS} FROM decisions WHERE document_id = ? ORDER BY id DESC", document_id)
        return [Decision(*row) for row in rows]

    def verdicts(self) -> dict[str, list[tuple[str, str]]]:
        """What there is to learn from: (verdict, reason) of each reviewer by document; of a settled dispute only its end."""
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self._connection.all(
            "SELECT document_id, verdict, reason FROM opinions AS o WHERE mode = 'adjudication' OR NOT EXISTS"
            " (SELECT 1 FROM opinions AS settled WHERE settled.document_id = o.document_id AND settled.mode = 'adjudication')"
            " ORDER BY document_id, id"
        ):
            found.setdefault(row["document_id"], []).append((row["verdict"], row["reason"]))
        return found

    def batch(self, number: int) -> list[Decision]:
        """The decisions on other reports of the story that came with this one."""
        rows = self._connection.all(f"SELECT {COLUMNS} FROM decisions WHERE batch = ? AND id > ? ORDER BY id", number, number)
        return [Decision(*row) for row in rows]

    def decision(self, number: int) -> Decision | None:
        """One decision by its id, or None."""
        row = self._connection.one(f"SELECT {COLUMNS} FROM decisions WHERE id = ?", number)
        return Decision(*row) if row else None

    def others_in_cluster(self, document_id: str) -> list[dict[str, Any]]:
        """Other documents of the same story: id, title, source, url, fetched_at, language, script, verdict, second."""
        rows = self._connection.all(
            "SELECT documents.id, title, documents.source, documents.url, fetched_at, language, script, verdict, second"
            " FROM documents JOIN queue USING (number) WHERE documents.id != ?1"
            " AND documents.cluster_id = (SELECT cluster_id FROM documents WHERE id = ?1) ORDER BY number",
            document_id,
        )
        return [dict(row) for row in rows]

    def custody(self, document_id: str) -> dict[str, Any]:
        """Where the evidence lies: fetched_at, status, body_sha256, warc_file, warc_offset."""
        row = self._connection.one(
            "SELECT fetched_at, status, body_sha256, warc_file, warc_offset FROM pages WHERE id = ?", document_id
        )
        return dict(row) if row else {}


def _find_mode(db: sqlite3.Connection, document_id: str, reviewer: str, seen: int | None) -> str:
    if db.execute("SELECT 1 FROM gold WHERE document_id = ?", (document_id,)).fetchone() and not _has_said(
        db, document_id, reviewer
    ):
        return "gold"
    others = db.execute(
        "SELECT min(id) FROM opinions WHERE document_id = ? AND reviewer != ?", (document_id, reviewer)
    ).fetchone()[0]
    if others is None:
        return "first"
    return "open" if seen is None or others <= seen else "blind"


def _has_said(db: sqlite3.Connection, document_id: str, reviewer: str) -> bool:
    found = db.execute("SELECT 1 FROM decisions WHERE document_id = ? AND reviewer = ?", (document_id, reviewer))
    return found.fetchone() is not None


def _undecided_copies(db: sqlite3.Connection, document_id: str, cluster_id: str) -> list[str]:
    rows = db.execute(
        "SELECT document_id FROM queue WHERE cluster_id = ? AND document_id != ? AND verdict = 'none' ORDER BY number",
        (cluster_id, document_id),
    )
    return [row[0] for row in rows]


def _take_back(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    before = db.execute(
        f"SELECT {COLUMNS} FROM decisions WHERE document_id = ? AND reviewer = ? AND id < ? ORDER BY id DESC LIMIT 1",
        (row["document_id"], row["reviewer"], row["id"]),
    ).fetchone()
    said = (before["verdict"], before["reason"], before["note"]) if before else ("withdrawn", "", "")
    kind = (before["clause"], before["mode"], before["asks_second"]) if before else ("", row["mode"], 0)
    _append(db, (row["document_id"], row["reviewer"], *said, now(), *kind, None, row["id"]))


def _append(db: sqlite3.Connection, row: tuple[object, ...]) -> int:
    names = COLUMNS.removeprefix("id, ")
    number = db.execute(f"INSERT INTO decisions({names}) VALUES ({marks(row)})", row).lastrowid
    append_audit(db, str(row[1]), DECIDE, json.dumps([number, *row], ensure_ascii=False))
    return int(number or 0)
