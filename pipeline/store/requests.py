"""Four eyes: what one person asks for and another must grant, such as a large export or a change of the gazetteer."""

import json
from dataclasses import dataclass
from typing import Any

from pipeline.records import Stop
from pipeline.store.chain import append_audit
from pipeline.store.connection import Connection, now
from pipeline.store.seal import audited


@dataclass(frozen=True, slots=True)
class Request:
    """`kind` (such as `export` or `gazetteer`) and `subject` say what exactly is asked; `answer` is '', granted or refused."""

    id: int
    kind: str
    subject: dict[str, Any]
    asked_by: str
    asked_at: str
    answer: str
    answered_by: str | None
    answered_at: str | None


class Requests:
    """The table requests. Asking and answering are in the audit; nobody answers their own request."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, kind: str, subject: dict[str, Any], by: str) -> int:
        """Ask; the same request of the same person that still waits is not asked twice."""
        said = json.dumps(subject, ensure_ascii=False, sort_keys=True)
        with audited(self._connection) as db:
            waiting = db.execute(
                "SELECT id FROM requests WHERE kind = ? AND subject = ? AND asked_by = ? AND answer = ''", (kind, said, by)
            ).fetchone()
            if waiting:
                return int(waiting[0])
            number = db.execute(
                "INSERT INTO requests(kind, subject, asked_by, asked_at) VALUES (?, ?, ?, ?)", (kind, said, by, now())
            ).lastrowid
            append_audit(db, by, "ask", json.dumps([number, kind, said], ensure_ascii=False))
        return int(number or 0)

    def answer(self, number: int, by: str, *, granted: bool) -> Request:
        """Grant or refuse. Raises Stop for one's own request, an answered one or an unknown one."""
        answer = "granted" if granted else "refused"
        with audited(self._connection) as db:
            row = db.execute("SELECT asked_by, answer FROM requests WHERE id = ?", (number,)).fetchone()
            if row is None or row["answer"]:
                raise Stop(f"request {number} {'was answered already' if row else 'is unknown'}; nothing was changed")
            if row["asked_by"] == by:
                raise Stop("nobody grants their own request: a second person must look at it")
            db.execute(
                "UPDATE requests SET answer = ?, answered_by = ?, answered_at = ? WHERE id = ?", (answer, by, now(), number)
            )
            append_audit(db, by, answer, json.dumps(number))
        found = self.get(number)
        if found is None:
            raise Stop(f"request {number} is gone")
        return found

    def get(self, number: int) -> Request | None:
        """One request, or None."""
        return next(iter(self._read("id = ?", number)), None)

    def granted(self, kind: str, subject: dict[str, Any], by: str) -> Request | None:
        """The newest granted request of this person for exactly this, or None."""
        said = json.dumps(subject, ensure_ascii=False, sort_keys=True)
        return next(iter(self._read("kind = ? AND subject = ? AND asked_by = ? AND answer = 'granted'", kind, said, by)), None)

    def all(self, kind: str | None = None, *, limit: int = 200) -> list[Request]:
        """The newest first; of one kind if it is named."""
        return self._read("?1 IS NULL OR kind = ?1", kind)[:limit]

    def _read(self, where: str, *values: object) -> list[Request]:
        columns = "id, kind, subject, asked_by, asked_at, answer, answered_by, answered_at"
        rows = self._connection.all(f"SELECT {columns} FROM requests WHERE {where} ORDER BY id DESC", *values)
        return [Request(row[0], row[1], json.loads(row[2]), *row[3:]) for row in rows]
