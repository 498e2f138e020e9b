"""Who may use the review page: accounts and their sessions. Passwords are kept as argon2 hashes, session tokens as SHA-256."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pipeline.records import Stop
from pipeline.store.chain import actor, append_audit
from pipeline.store.connection import Connection, now
from pipeline.store.seal import audited

ROLES = ("reader", "analyst", "lead", "admin")  # each may what those before it may


@dataclass(frozen=True, slots=True)
class User:
    """An account. Without `password` (an argon2 hash) only a reverse proxy can sign it in."""

    name: str
    role: str
    password: str | None
    active: bool
    created_at: str


class Accounts:
    """The tables users and sessions. Every change is in the audit; a password never is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, role: str, password: str | None) -> None:
        """Make an account. Raises Stop when the name is taken."""
        self._check_role(role)
        with audited(self._connection) as db:
            if db.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise Stop(f"user {name!r} is there already; 'xabar users change {name}' changes role or password")
            db.execute("INSERT INTO users(name, role, password, created_at) VALUES (?, ?, ?, ?)", (name, role, password, now()))
            append_audit(db, actor(), "user add", json.dumps({"name": name, "role": role}, ensure_ascii=False))

    def change(self, name: str, *, role: str | None = None, password: str | None = None, active: bool | None = None) -> None:
        """Change what is given and end the user's sessions. Raises Stop when there is no such user."""
        if role is not None:
            self._check_role(role)
        changed = {"name": name, "role": role, "password": password is not None, "active": active}
        with audited(self._connection) as db:
            if not db.execute(
                "UPDATE users SET role = coalesce(?, role), password = coalesce(?, password), active = coalesce(?, active)"
                " WHERE name = ?",
                (role, password, None if active is None else int(active), name),
            ).rowcount:
                raise Stop(f"user {name!r} is unknown; 'xabar users list' names them all")
            db.execute("DELETE FROM sessions WHERE user = ?", (name,))
            append_audit(db, actor(), "user change", json.dumps(changed, ensure_ascii=False))

    def get(self, name: str) -> User | None:
        """One account, or None."""
        row = self._connection.one("SELECT name, role, password, active, created_at FROM users WHERE name = ?", name)
        return User(row["name"], row["role"], row["password"], bool(row["active"]), row["created_at"]) if row else None

    def all(self) -> list[User]:
        """Every account by name."""
        rows = self._connection.all("SELECT name, role, password, active, created_at FROM users ORDER BY name")
        return [User(row["name"], row["role"], row["password"], bool(row["active"]), row["created_at"]) for row in rows]

    def exist(self) -> bool:
        """Whether anybody has an account: then everybody must sign in."""
        return self._connection.one("SELECT 1 FROM users LIMIT 1") is not None

    def open_session(self, name: str, token: str, hours: float) -> None:
        """Let this token stand for the user for so many hours; sessions that have ended are forgotten."""
        started = datetime.now(UTC)
        expires = (started + timedelta(hours=hours)).isoformat(timespec="seconds")
        with audited(self._connection) as db:
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", (started.isoformat(timespec="seconds"),))
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_hash(token), name, now(), expires))
            append_audit(db, name, "sign in", json.dumps(None))

    def close_session(self, token: str) -> None:
        """End one session."""
        with audited(self._connection) as db:
            row = db.execute("SELECT user FROM sessions WHERE token_sha256 = ?", (_hash(token),)).fetchone()
            if row:
                db.execute("DELETE FROM sessions WHERE token_sha256 = ?", (_hash(token),))
                append_audit(db, row["user"], "sign out", json.dumps(None))

    def session_user(self, token: str) -> User | None:
        """Whose session this is: an active user whose session has not ended, or None."""
        row = self._connection.one("SELECT user FROM sessions WHERE token_sha256 = ? AND expires_at > ?", _hash(token), now())
        user = self.get(row["user"]) if row else None
        return user if user and user.active else None

    def _check_role(self, role: str) -> None:
        if role not in ROLES:
            raise Stop(f"role {role!r} is unknown (known: {', '.join(ROLES)})")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
