"""What a reviewer keeps for themselves: saved filters, and notes that are not sent yet. Both may change; neither is evidence."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from pipeline.records import Stop
from pipeline.store.connection import Connection, now

MOST_FILTERS = 100


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A queue that somebody comes back to. `query` is what stands behind the address: `?language=tg`, or nothing."""

    id: int
    owner: str
    name: str
    query: str
    created_at: str


class Notebook:
    """The tables saved_filters and drafts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_filter(self, owner: str, name: str, query: str) -> int:
        """Keep a filter under a name; the same name again is changed. Raises Stop when there are too many."""
        with self._connection.write() as db:
            count = db.execute("SELECT count(*) FROM saved_filters WHERE owner = ? AND name != ?", (owner, name)).fetchone()[0]
            if count >= MOST_FILTERS:
                raise Stop(f"{owner} has {MOST_FILTERS} saved filters; delete one first")
            row = db.execute(
                "INSERT INTO saved_filters(owner, name, query, created_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query RETURNING id",
                (owner, name, query, now()),
            ).fetchone()
        return int(row[0])

    def filters(self, owner: str) -> list[SavedFilter]:
        """The filters of one user by name."""
        rows = self._connection.all(
            "SELECT id, owner, name, query, created_at FROM saved_filters WHERE owner = ? ORDER BY name", owner
        )
        return [SavedFilter(*row) for row in rows]

    def filter(self, number: int) -> SavedFilter | None:
        """One saved filter, or None."""
        row = self._connection.one("SELECT id, owner, name, query, created_at FROM saved_filters WHERE id = ?", number)
        return SavedFilter(*row) if row else None

    def named(self, name: str = "") -> list[SavedFilter]:
        """Whoever's filters have this name, or `owner:name`; without one, everybody's."""
        rows = self._connection.all(
            "SELECT id, owner, name, query, created_at FROM saved_filters"
            " WHERE ?1 = '' OR name = ?1 OR owner || ':' || name = ?1 ORDER BY owner, name",
            name,
        )
        return [SavedFilter(*row) for row in rows]

    def delete_filter(self, owner: str, number: int) -> None:
        """Forget a filter of this user."""
        with self._connection.write() as db:
            db.execute("DELETE FROM saved_filters WHERE owner = ? AND id = ?", (owner, number))

    def make_feed(self, owner: str, number: int) -> str | None:
        """A new address for the feed of this user's filter, which ends an earlier one; None when they have no such filter."""
        token = secrets.token_hex(16)
        with self._connection.write() as db:
            if not db.execute("SELECT 1 FROM saved_filters WHERE owner = ? AND id = ?", (owner, number)).fetchone():
                return None
            db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, NULL)", (_hash(token), number, now()))
        return token

    def end_feed(self, owner: str, number: int) -> None:
        """The address of this user's feed leads nowhere from now on."""
        with self._connection.write() as db:
            sql = "DELETE FROM feeds WHERE filter_id IN (SELECT id FROM saved_filters WHERE owner = ? AND id = ?)"
            db.execute(sql, (owner, number))

    def feed(self, token: str) -> SavedFilter | None:
        """The filter whose feed has this address, or None."""
        row = self._connection.one(
            "SELECT id, owner, name, query, saved_filters.created_at FROM feeds JOIN saved_filters ON id = filter_id"
            " WHERE token_sha256 = ?",
            _hash(token),
        )
        return SavedFilter(*row) if row else None

    def feeds(self, owner: str) -> dict[int, str]:
        """Since when this user's filters have a feed, by the filter's id."""
        rows = self._connection.all(
            "SELECT filter_id, feeds.created_at FROM feeds JOIN saved_filters ON id = filter_id WHERE owner = ?", owner
        )
        return {row["filter_id"]: row["created_at"] for row in rows}

    def keep_draft(self, document_id: str, reviewer: str, note: str) -> None:
        """Keep a note that is being written; an empty one is forgotten."""
        with self._connection.write() as db:
            if note.strip():
                db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (document_id, reviewer, note, now()))
            else:
                db.execute("DELETE FROM drafts WHERE document_id = ? AND reviewer = ?", (document_id, reviewer))

    def draft(self, document_id: str, reviewer: str) -> str:
        """The note that this reviewer was writing, or nothing."""
        row = self._connection.one("SELECT note FROM drafts WHERE document_id = ? AND reviewer = ?", document_id, reviewer)
        return str(row["note"]) if row else ""


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
