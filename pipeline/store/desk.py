"""What analysts read and write: the queue, one item, decisions that are only ever appended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.records import Stop
from pipeline.store.chain import append_audit
from pipeline.store.connection import Connection, now
from pipeline.store.seal import DECIDE, audited

VERDICTS = ("relevant", "not-relevant", "unsure", "defer")

# The newest decision of all is the one that filters and the queue show; every decision stays in the table.
LATEST = "(SELECT verdict FROM decisions WHERE decisions.document_id = documents.id ORDER BY decisions.id DESC LIMIT 1)"

FILTERS = {
    "language": "language = :language",
    "script": "script = :script",
    "source": "documents.source = :source",
    "flagged": "flagged = :flagged",
    "entity": "documents.id IN (SELECT document_id FROM mentions WHERE entity_id = :entity)",
    "topic": "documents.id IN (SELECT document_id FROM labels WHERE axis = 'topics' AND label = :topic AND probability >= 0.5)",
    "search": "number IN (SELECT rowid FROM documents_fts WHERE documents_fts MATCH :search)",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reviewer concluded about one document, and when."""

    id: int
    document_id: str
    reviewer: str
    verdict: str
    reason: str
    note: str
    decided_at: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue."""

    id: str
    title: str
    url: str
    source: str
    source_name: str
    source_kind: str
    language: str
    script: str
    published: str | None
    fetched_at: str
    score: float
    flagged: bool
    reasons: tuple[str, ...]
    verdict: str | None
    cluster_size: int
    source_flags: tuple[str, ...] = ()


class Desk:
    """The queue by score, the decisions, and what the filters offer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self, filters: Mapping[str, str | int], *, limit: int = 50, offset: int = 0) -> list[QueueRow]:
        """Documents by falling score. `filters`: keys of FILTERS and `verdict` (a verdict, `none` or `any`).

        `search` is a reader's words, all of which must stand in title or text. Raises ValueError for an unknown filter.
        """
        where, values = _where(filters)
        rows = self._connection.all_named(
            f"SELECT documents.*, {LATEST} AS verdict, coalesce(sources.name, documents.source) AS source_name,"
            " coalesce(sources.kind, '') AS source_kind, coalesce(sources.flags, '') AS source_flags,"
            " (SELECT count(*) FROM documents AS copy WHERE copy.cluster_id = documents.cluster_id) AS cluster_size"
            " FROM documents LEFT JOIN sources ON sources.id = documents.source"
            f" WHERE {where} ORDER BY score DESC, number LIMIT :limit OFFSET :offset",
            {**values, "limit": limit, "offset": offset},
        )
        return [
            QueueRow(
                row["id"],
                row["title"],
                row["url"],
                row["source"],
                row["source_name"],
                row["source_kind"],
                row["language"],
                row["script"],
                row["published"],
                row["fetched_at"],
                row["score"],
                bool(row["flagged"]),
                tuple(json.loads(row["reasons"])),
                row["verdict"],
                row["cluster_size"],
                tuple(row["source_flags"].split()),
            )
            for row in rows
        ]

    def count(self, filters: Mapping[str, str | int]) -> int:
        """How many documents the filters leave."""
        where, values = _where(filters)
        return int(self._connection.all_named(f"SELECT count(*) FROM documents WHERE {where}", values)[0][0])

    def after(self, document_id: str, filters: Mapping[str, str | int]) -> str | None:
        """The id of the item that follows this one in the filtered queue, whether or not this one is still in it."""
        return self._neighbour(document_id, filters, "(score < here OR (score = here AND number > place))", "score DESC, number")

    def before(self, document_id: str, filters: Mapping[str, str | int]) -> str | None:
        """The id of the item that precedes this one in the filtered queue, whether or not this one is still in it."""
        return self._neighbour(document_id, filters, "(score > here OR (score = here AND number < place))", "score, number DESC")

    def _neighbour(self, document_id: str, filters: Mapping[str, str | int], side: str, order: str) -> str | None:
        where, values = _where(filters)
        rows = self._connection.all_named(
            "SELECT documents.id FROM documents, (SELECT score AS here, number AS place FROM documents WHERE id = :document_id)"
            f" WHERE {where} AND documents.id != :document_id AND {side} ORDER BY {order} LIMIT 1",
            {**values, "document_id": document_id},
        )
        return rows[0]["id"] if rows else None

    def sources(self) -> dict[str, dict[str, str]]:
        """Every source that has documents, by id: name, kind, note, flags (words apart by blanks), legal; empty when unknown."""
        rows = self._connection.all(
            "SELECT documents.source AS id, coalesce(name, documents.source) AS name, coalesce(kind, '') AS kind,"
            " coalesce(note, '') AS note, coalesce(flags, '') AS flags, coalesce(legal, '') AS legal"
            " FROM documents LEFT JOIN sources ON sources.id = documents.source GROUP BY 1 ORDER BY 2"
        )
        return {row["id"]: dict(row) for row in rows}

    def entity_name(self, entity_id: str) -> str | None:
        """The canonical name of an entity that some document mentions, or None."""
        row = self._connection.one("SELECT name FROM mentions WHERE entity_id = ? LIMIT 1", entity_id)
        return row["name"] or entity_id if row else None

    def choices(self) -> dict[str, list[tuple[str, int]]]:
        """What the filters can be set to, with counts: language (uz-Latn, uz-Cyrl, tg, ru, en), source, verdict."""
        route = "CASE language WHEN 'uz' THEN 'uz-' || script ELSE language END"
        queries = {
            "language": f"SELECT {route}, count(*) FROM documents GROUP BY 1 ORDER BY 1",
            "source": "SELECT source, count(*) FROM documents GROUP BY 1 ORDER BY 1",
            "verdict": f"SELECT coalesce({LATEST}, 'none'), count(*) FROM documents GROUP BY 1 ORDER BY 1",
        }
        return {name: [(row[0], row[1]) for row in self._connection.all(sql)] for name, sql in queries.items()}

    def others_in_cluster(self, document_id: str) -> list[dict[str, Any]]:
        """Other documents of the same story: id, title, source, url, fetched_at, language, script."""
        rows = self._connection.all(
            "SELECT id, title, source, url, fetched_at, language, script FROM documents WHERE id != ?1"
            " AND cluster_id = (SELECT cluster_id FROM documents WHERE id = ?1) ORDER BY number",
            document_id,
        )
        return [dict(row) for row in rows]

    def custody(self, document_id: str) -> dict[str, Any]:
        """Where the evidence lies: fetched_at, status, body_sha256, warc_file, warc_offset."""
        row = self._connection.one(
            "SELECT fetched_at, status, body_sha256, warc_file, warc_offset FROM pages WHERE id = ?", document_id
        )
        return dict(row) if row else {}

    def decide(self, document_id: str, reviewer: str, verdict: str, *, reason: str = "", note: str = "") -> int:
        """Append a decision. Raises Stop for an unknown verdict, reviewer or document."""
        if verdict not in VERDICTS:
            raise Stop(f"verdict {verdict!r} is unknown (known: {', '.join(VERDICTS)})")
        if not reviewer.strip():
            raise Stop("a decision needs a reviewer's name")
        if self._connection.one("SELECT 1 FROM documents WHERE id = ?", document_id) is None:
            raise Stop(f"document {document_id!r} is not in this database")
        row = (document_id, reviewer, verdict, reason, note, now())
        with audited(self._connection) as db:
            number = db.execute(
                "INSERT INTO decisions(document_id, reviewer, verdict, reason, note, decided_at) VALUES (?, ?, ?, ?, ?, ?)", row
            ).lastrowid
            append_audit(db, reviewer, DECIDE, json.dumps([number, *row], ensure_ascii=False))
        return int(number or 0)

    def decisions(self, document_id: str) -> list[Decision]:
        """Every decision on a document, newest first."""
        return [
            Decision(*row)
            for row in self._connection.all(
                "SELECT id, document_id, reviewer, verdict, reason, note, decided_at FROM decisions"
                " WHERE document_id = ? ORDER BY id DESC",
                document_id,
            )
        ]


def _where(filters: Mapping[str, str | int]) -> tuple[str, dict[str, str | int]]:
    parts, values = ["1"], dict(filters)
    for name in filters:
        if name == "verdict":
            parts += {"any": [], "none": [f"{LATEST} IS NULL"]}.get(str(filters[name]), [f"{LATEST} = :verdict"])
        elif name in FILTERS:
            parts.append(FILTERS[name])
            if name == "search":
                values[name] = _quote(str(filters[name]))
        else:
            raise ValueError(f"unknown filter {name!r} (known: {', '.join([*FILTERS, 'verdict'])})")
    return " AND ".join(parts), values


def _quote(words: str) -> str:
    # Each word as an FTS5 string: what a reader types is never FTS5 syntax.
    return " ".join('"' + word.replace('"', '""') + '"' for word in words.replace("\0", " ").split()) or '""'
