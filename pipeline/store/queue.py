"""The queue: one row per story, in one of four orders, under filters. It reads the narrow table `queue` and its indexes."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.store.connection import Connection
from pipeline.store.narrowing import FILTERS, HAS, Filters, find_order, find_table, find_verdict_parts
from pipeline.store.search import find_pattern, match
from pipeline.store.snippet import make_snippet

# Lists longer than this are counted no further, and of a frequent word only so many of the newest documents are listed.
COUNT_AT_MOST = 1000
HITS_AT_MOST = 3000
HITS = "q.number IN (SELECT value FROM hits)"
SNIPPET_CHARACTERS = 20_000  # so far into a text its passage is looked for
# From here on it is cheaper to walk the queue and look into each row than to fetch all rows that have the name or topic.
FEW = 3000


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: the best-scored document of its story among those that pass the filters."""

    id: str
    title: str
    url: str
    source: str
    source_name: str
    source_kind: str
    source_flags: tuple[str, ...]
    language: str
    script: str
    published: str | None
    fetched_at: str
    score: float
    flagged: bool
    reasons: tuple[str, ...]
    verdict: str | None
    second: str
    reports: int
    outlets: int
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Rows of one page; `total` stories, counted up to COUNT_AT_MOST; `is_cut`: more documents have the words than are listed."""

    rows: list[QueueRow]
    total: int
    number: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """A filtered queue: what stands before it (WITH), its conditions on `q`, the bound values; `inner`: those of one document."""

    hits: str
    table: str
    where: str
    values: dict[str, str | float]
    inner: str
    is_cut: bool = False


class Queue:
    """Lists of documents. `filters`: keys of FILTERS and HAS, `flagged` (1), `verdict` (of VERDICT_STATES, `decided`, `any`),
    `second` (asked, agreed, disputed, settled), `search` (a reader's words), `order` (of ORDERS), `reader` (whose queue it is: a
    second opinion that waits for them shows nothing of the first)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, filters: Filters, number: int, rows: int) -> "QueuePage":
        """One page of the queue, or the last one when there are fewer. Raises ValueError for an unknown filter."""
        plan = self._plan(filters)
        found = self._find_hits(plan, filters)[:COUNT_AT_MOST] if "search" in filters else None
        total = self._count(plan, COUNT_AT_MOST) if found is None else len(found)
        number = min(number, max(1, -(-total // rows)))
        start = (number - 1) * rows
        numbers = self._find(plan, filters, rows, start) if found is None else found[start : start + rows]
        return QueuePage(self._read(filters, numbers), total, number, plan.is_cut)

    def rows(self, filters: Filters, *, limit: int = 50, offset: int = 0) -> list[QueueRow]:
        """So many rows of the queue. Raises ValueError for an unknown filter."""
        plan = self._plan(filters)
        found = self._find_hits(plan, filters)[offset : offset + limit] if "search" in filters else None
        return self._read(filters, self._find(plan, filters, limit, offset) if found is None else found)

    def explain(self, filters: Filters) -> list[str]:
        """How SQLite would find a page of the queue: its steps."""
        plan = self._plan(filters)
        order = f"ORDER BY q.{find_order(filters)} DESC, q.number"
        sql = f"EXPLAIN QUERY PLAN {plan.hits}SELECT q.number FROM {plan.table} WHERE {plan.where} {order}"
        return [str(row[3]) for row in self._connection.all_named(sql, plan.values)]

    def documents(self, filters: Filters, *, newest: int = 0) -> list[tuple[str, str]]:
        """Every document that passes, whole stories and not one of each, oldest first: id, verdict (`none` or what was said).

        `newest`: only so many, those that came last, and first the newest.
        """
        plan = self._plan(filters, whole=True)
        order = f"DESC LIMIT {int(newest)}" if newest else ""
        rows = self._connection.all_named(
            f"{plan.hits}SELECT q.document_id, q.verdict FROM queue AS q WHERE {plan.where} ORDER BY q.number {order}",
            plan.values,
        )
        return [(row[0], row[1]) for row in rows]

    def count_documents(self, filters: Filters) -> int:
        """How many `documents` there are."""
        plan = self._plan(filters, whole=True)
        rows = self._connection.all_named(f"{plan.hits}SELECT count(*) FROM queue AS q WHERE {plan.where}", plan.values)
        return int(rows[0][0])

    def count(self, filters: Filters, *, at_most: int = COUNT_AT_MOST) -> int:
        """How many stories the filters leave, counted up to `at_most`."""
        return self._count(self._plan(filters), at_most)

    def after(self, document_id: str, filters: Filters) -> str | None:
        """The id of the item that follows this one in the filtered queue, whether or not this one is still in it."""
        return self._neighbour(document_id, filters, "<", "DESC")

    def before(self, document_id: str, filters: Filters) -> str | None:
        """The id of the item that precedes this one in the filtered queue, whether or not this one is still in it."""
        return self._neighbour(document_id, filters, ">", "ASC")

    def tallies(self) -> dict[str, dict[str, int]]:
        """Documents by `route`, `source`, `verdict`, and `flagged` (0 or 1), from counters that triggers keep."""
        tallies: dict[str, dict[str, int]] = {}
        for name in ("route", "source", "verdict", "flagged"):
            rows = self._connection.all(f"SELECT {name}, sum(documents) FROM queue_counts WHERE documents > 0 GROUP BY {name}")
            tallies[name] = {str(row[0]): int(row[1]) for row in rows}
        return tallies

    def sources(self) -> dict[str, dict[str, str]]:
        """Every source that has documents, by id: name, kind, note, flags (words apart by blanks), legal; empty when unknown."""
        rows = self._connection.all(
            "SELECT c.source AS id, coalesce(name, c.source) AS name, coalesce(kind, '') AS kind, coalesce(note, '') AS note,"
            " coalesce(flags, '') AS flags,"
            " coalesce(legal, '') AS legal FROM (SELECT source FROM queue_counts GROUP BY source HAVING sum(documents) > 0) AS c"
            " LEFT JOIN sources ON sources.id = c.source ORDER BY 2"
        )
        return {row["id"]: dict(row) for row in rows}

    def entity_name(self, entity_id: str) -> str | None:
        """The canonical name of an entity that some document mentions, or None."""
        row = self._connection.one("SELECT name FROM mentions WHERE entity_id = ? LIMIT 1", entity_id)
        return row["name"] or entity_id if row else None

    def _neighbour(self, document_id: str, filters: Filters, side: str, direction: str) -> str | None:
        here = self._connection.one("SELECT * FROM queue WHERE document_id = ?", document_id)
        if here is None:
            return None
        plan, order = self._plan(filters), find_order(filters)
        opposite = {"<": ">", ">": "<"}[side]
        rows = self._connection.all_named(
            f"{plan.hits}SELECT q.document_id FROM {plan.table} WHERE {plan.where} AND q.cluster_id != :story"
            f" AND q.{order} {side}= :here AND (q.{order} {side} :here OR q.number {opposite} :place)"
            f" ORDER BY q.{order} {direction}, q.number {'ASC' if direction == 'DESC' else 'DESC'} LIMIT 1",
            {**plan.values, "here": here[order], "place": here["number"], "story": here["cluster_id"]},
        )
        return rows[0][0] if rows else None

    def _plan(self, filters: Filters, *, whole: bool = False) -> _Plan:
        values = {name: value for name, value in filters.items() if name not in ("order", "flagged")}
        parts, hits = ["q.flagged = 1"] if filters.get("flagged") else [], ""
        for name in values:
            if name in FILTERS:
                parts.append(FILTERS[name])
            elif name in HAS:
                parts.append(self._has(name, values))
            elif name == "search":
                hits, parts = "WITH hits AS MATERIALIZED (SELECT value FROM json_each(:hits)) ", [*parts, HITS]
            elif name not in ("verdict", "second", "reader"):
                known = ", ".join([*FILTERS, *HAS, "flagged", "verdict", "second", "search", "order", "reader"])
                raise ValueError(f"unknown filter {name!r} (known: {known})")
        parts += find_verdict_parts(values)
        is_cut = False
        if "search" in values:
            found = self._match(str(values["search"]), whole)
            is_cut, values["hits"] = len(found) == HITS_AT_MOST and not whole, json.dumps(found)
        inner = " AND ".join(["1", *parts])
        if whole:
            return _Plan(hits, "queue AS q", inner, values, inner)
        better = "(r.score > q.score OR (r.score = q.score AND r.number < q.number))"
        same = f"r.cluster_id = q.cluster_id AND {better} AND {inner.replace('q.', 'r.')}"
        # Left to itself SQLite looks for the better copy among all rows of a language or a source.
        better_copy = f"SELECT 1 FROM queue AS r INDEXED BY queue_cluster WHERE {same}"
        return _Plan(hits, find_table(filters), f"{inner} AND NOT EXISTS ({better_copy})", values, inner, is_cut)

    def _match(self, search: str, whole: bool) -> list[int]:
        # The newest hits only: a word of every third document would otherwise be sorted in whole.
        rows = self._connection.all(
            "SELECT rowid FROM documents_fts WHERE documents_fts MATCH ? ORDER BY rowid DESC LIMIT ?",
            match(search),
            -1 if whole else HITS_AT_MOST,
        )
        return [row[0] for row in rows]

    def _has(self, name: str, values: Filters) -> str:
        table, condition = HAS[name]
        probe = self._connection.all_named(f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {condition} LIMIT {FEW})", values)
        if probe[0][0] < FEW:
            return f"q.document_id IN (SELECT document_id FROM {table} WHERE {condition})"
        return f"EXISTS (SELECT 1 FROM {table} AS h WHERE h.document_id = q.document_id AND {condition})"

    def _find(self, plan: _Plan, filters: Filters, limit: int, offset: int = 0) -> list[int]:
        rows = self._connection.all_named(
            f"{plan.hits}SELECT q.number FROM {plan.table} WHERE {plan.where} ORDER BY q.{find_order(filters)} DESC, q.number"
            " LIMIT :limit OFFSET :offset",
            {**plan.values, "limit": limit, "offset": offset},
        )
        return [row[0] for row in rows]

    def _find_hits(self, plan: _Plan, filters: Filters) -> list[int]:
        """The same for a search, all of it: the hits are few, so that the best copy of each story is sooner picked here."""
        order = find_order(filters)
        sql = f"{plan.hits}SELECT q.number, q.cluster_id, q.score, q.{order} FROM queue AS q WHERE {plan.inner}"
        best: dict[str, tuple[Any, ...]] = {}
        for row in self._connection.all_named(sql, plan.values):
            number, story, score, place = row
            if story not in best or (score, -number) > best[story][:2]:
                best[story] = (score, -number, place)
        return [-less for _, less, _ in sorted(best.values(), key=lambda one: (one[2], one[1]), reverse=True)]

    def _count(self, plan: _Plan, at_most: int) -> int:
        rows = self._connection.all_named(
            f"{plan.hits}SELECT count(*) FROM (SELECT 1 FROM {plan.table} WHERE {plan.where} LIMIT :at_most)",
            {**plan.values, "at_most": at_most},
        )
        return int(rows[0][0])

    def _read(self, filters: Filters, numbers: list[int]) -> list[QueueRow]:
        chosen, snippets = ", ".join(map(str, numbers)), self._snippets(str(filters.get("search", "")), numbers)
        rows = self._connection.all(
            "SELECT documents.number, documents.id, title, documents.url, documents.source,"
            " coalesce(sources.name, documents.source) AS source_name,"
            " coalesce(sources.kind, '') AS source_kind, coalesce(sources.flags, '') AS source_flags, language,"
            " script, published, fetched_at,"
            " documents.score, reasons, documents.flagged, nullif(verdict, 'none') AS verdict, second, queue.cluster_id"
            " FROM documents JOIN queue USING (number) LEFT JOIN sources ON sources.id = documents.source"
            f" WHERE documents.number IN ({chosen})"
        )
        stories = self._connection.all(
            "SELECT cluster_id, count(DISTINCT url) AS reports, count(DISTINCT source) AS outlets FROM queue"
            f" WHERE cluster_id IN (SELECT cluster_id FROM queue WHERE number IN ({chosen})) GROUP BY cluster_id"
        )
        counts = {row["cluster_id"]: {"reports": row["reports"], "outlets": row["outlets"]} for row in stories}
        found = {row["number"]: _row(row, counts[row["cluster_id"]], snippets.get(row["number"], "")) for row in rows}
        return [found[number] for number in numbers]

    def _snippets(self, search: str, numbers: list[int]) -> dict[int, str]:
        if not search or not numbers:
            return {}
        pattern, chosen = find_pattern(search), ", ".join(map(str, numbers))
        rows = self._connection.all(
            f"SELECT number, substr(text, 1, {SNIPPET_CHARACTERS}) FROM documents WHERE number IN ({chosen})"
        )
        return {row[0]: make_snippet(row[1], pattern) for row in rows}


def _row(row: sqlite3.Row, story: Mapping[str, int], snippet: str) -> QueueRow:
    values: dict[str, Any] = dict(row)
    del values["number"], values["cluster_id"]
    values |= {"flagged": bool(row["flagged"]), "reasons": tuple(json.loads(row["reasons"]))}
    values["source_flags"] = tuple(row["source_flags"].split())
    return QueueRow(**values, reports=story["reports"], outlets=story["outlets"], snippet=snippet)
