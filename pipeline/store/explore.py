"""What a connection for exploring may read: the views of explore_tables.py, and what these read themselves. Everything else, and
whatever would change something, attach a file or gather a whole archive into one cell, is refused by SQLite."""

import re
import sqlite3
from functools import cache

from pipeline.explore_tables import EXPLORE

VIEWS = tuple(re.findall(r"CREATE VIEW (\w+)", EXPLORE))
PRAGMAS = frozenset(
    {"table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list", "schema_version", "data_version"}
)
SCHEMA = frozenset(
    {"sqlite_master", "sqlite_schema", "json_each", "documents_fts_config", *(f"pragma_{name}" for name in PRAGMAS)}
)
# What carries many rows or very much text out in one cell, and what searches or reads texts.
REFUSED_FUNCTIONS = frozenset(
    {"load_extension", "group_concat", "string_agg", "json_group_array", "json_group_object", "jsonb_group_array"}
    | {"jsonb_group_object", "zeroblob", "randomblob", "printf", "format", "snippet", "highlight", "bm25", "match", "readfile"}
)
LONGEST_CELL_BYTES = 100_000
LONGEST_SQL = 10_000
# A name of ours given to a subquery would be believed to be our view.
_GAP = r"(?:\s|/\*.*?\*/|--[^\n]*(?:\n|$))*"
_SPOOF = re.compile(rf"explore_\w*[\"'`\]]?{_GAP}(?:\(.*?\){_GAP})?as{_GAP}(?:not{_GAP})?(?:materialized{_GAP})?\(", re.I | re.S)


def find_problem(sql: str) -> str | None:
    """Why this text may be no part of a query, or None."""
    if len(sql) > LONGEST_SQL:
        return f"longer than {LONGEST_SQL} characters"
    return "a subquery may not be called like one of our views (explore_...)" if _SPOOF.search(sql) else None


def guard(connection: sqlite3.Connection) -> None:
    """Let this connection read what may be explored, and nothing else."""
    allowed = _list_reads()
    limit = getattr(connection, "setlimit", None)  # Python 3.11 has it
    if limit:
        limit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_CELL_BYTES)

    def authorize(action: int, one: str | None, two: str | None, _: str | None, within: str | None) -> int:
        return sqlite3.SQLITE_OK if _may(allowed, action, one or "", two or "", within) else sqlite3.SQLITE_DENY

    connection.set_authorizer(authorize)


def _may(allowed: frozenset[tuple[str, str, str]], action: int, one: str, two: str, within: str | None) -> bool:
    if action == sqlite3.SQLITE_READ:
        return one in VIEWS or one in SCHEMA or (within or "", one, two) in allowed
    if action == sqlite3.SQLITE_FUNCTION:
        return two.lower() not in REFUSED_FUNCTIONS
    if action == sqlite3.SQLITE_PRAGMA:
        return one.lower() in (*PRAGMAS, "database_list")  # the latter for Datasette itself; as a table nobody reads it
    if action == sqlite3.SQLITE_UPDATE:
        # So SQLite calls it when it opens a virtual table to say what columns it has; the file itself is opened read-only.
        return one in ("sqlite_master", "sqlite_schema")
    return action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)


@cache
def _list_reads() -> frozenset[tuple[str, str, str]]:
    """(view, table, column) of everything that the views read, as SQLite itself tells it on an empty database."""
    from sqlite_utils import Database

    from pipeline.migrations import migrations

    database, seen = Database(memory=True), set()
    migrations.apply(database)

    def listen(action: int, one: str | None, two: str | None, _: str | None, within: str | None) -> int:
        if action == sqlite3.SQLITE_READ and within in VIEWS:
            seen.add((str(within), one or "", two or ""))
        return sqlite3.SQLITE_OK

    database.conn.set_authorizer(listen)
    for view in VIEWS:
        database.conn.execute(f"SELECT * FROM {view}").fetchall()
    database.conn.set_authorizer(None)
    database.conn.close()
    # Where only rows are counted SQLite names no column, and no view any more.
    return frozenset(seen | {("", table, "") for _, table, _ in seen})
