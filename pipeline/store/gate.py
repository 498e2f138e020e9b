"""What the gate for promotional content did: hash, host and time of what it dropped, and which sources wait for a human."""

from dataclasses import dataclass

from pipeline.records import Reason, Stop
from pipeline.store.chain import actor
from pipeline.store.connection import Connection, now
from pipeline.store.seal import append_row


@dataclass(frozen=True, slots=True)
class Dropped:
    """One event: `drop` pauses the source, `resume` is somebody's word that it may be read again."""

    id: int
    source: str
    event: str
    host: str
    body_sha256: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page that the gate stopped and whose bytes are still here."""

    id: str
    url: str
    source: str
    body_sha256: str


class Gate:
    """The table gate_events."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self) -> list[Waiting]:
        """Pages that the gate stopped and that were not erased yet."""
        rows = self._connection.all(
            "SELECT id, url, source, body_sha256 FROM pages JOIN outcomes ON page_id = id"
            " WHERE outcome = 'skipped' AND reason = ? ORDER BY pages.rowid",
            Reason.PROMOTIONAL.value,
        )
        return [Waiting(*row) for row in rows]

    def drop(self, source: str, host: str, body_sha256: str) -> None:
        """Note what was dropped; from now on the source is paused. The same page again changes nothing."""
        if not self.has_dropped(body_sha256):
            append_row(self._connection, actor(), "gate_events", (source, "drop", host, body_sha256, actor(), now()))

    def has_dropped(self, body_sha256: str) -> bool:
        """Whether a page of these bytes was dropped: it stays out, also when its source is read again."""
        return self._connection.one("SELECT 1 FROM gate_events WHERE event = 'drop' AND body_sha256 = ?", body_sha256) is not None

    def resume(self, source: str) -> None:
        """Somebody has looked: the source may be read again. Raises Stop when it is not paused."""
        if source not in self.paused():
            raise Stop(f"source {source!r} is not paused by the gate (paused: {', '.join(sorted(self.paused())) or 'none'})")
        append_row(self._connection, actor(), "gate_events", (source, "resume", "", "", actor(), now()))

    def paused(self) -> set[str]:
        """The sources that wait for a human."""
        newest = "SELECT max(id) FROM gate_events GROUP BY source"
        rows = self._connection.all(f"SELECT source FROM gate_events WHERE event = 'drop' AND id IN ({newest})")
        return {row["source"] for row in rows}

    def events(self) -> list[Dropped]:
        """Everything that happened, oldest first."""
        return [Dropped(*row) for row in self._connection.all("SELECT * FROM gate_events ORDER BY id")]
