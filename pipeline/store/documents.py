"""Outcomes, and the documents with their mentions and labels: one outcome per page, saved whole or not at all."""

import dataclasses
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from datetime import datetime
from typing import Any

from pipeline.records import Citation, Document, Label, Mention, Outcome, PageSpan, Quarantined, Section, Skipped
from pipeline.store.clusters import Clusters
from pipeline.store.connection import Connection, marks, now
from pipeline.store.lines import Lines
from pipeline.store.seal import audited, save_digests

DOCUMENT_COLUMNS = (
    "id",
    "url",
    "source",
    "fetched_at",
    "title",
    "text",
    "published",
    "published_source",
    "language",
    "script",
    "language_confidence",
    "guess",
    "cluster_id",
    "score",
    "flagged",
    "reasons",
    "evidence",
)


class Documents:
    """The tables outcomes, documents, mentions and labels."""

    def __init__(self, connection: Connection, clusters: Clusters, lines: Lines) -> None:
        self._connection = connection
        self._clusters = clusters
        self._lines = lines

    def save(self, outcomes: Iterable[Outcome], *, replace: bool = False, persons: str = "gazetteer") -> int:
        """Store each outcome with all that belongs to it. Returns how many were new; saving twice changes nothing.

        Persons that the gazetteer does not hold are left out, unless `persons` is "all".
        """
        kept = outcomes if persons == "all" else map(_without_private_persons, outcomes)
        with audited(self._connection) as db:
            new = [outcome for outcome in kept if _save_one(db, outcome, replace)]
            self._clusters.write(db, [outcome.id for outcome in new if isinstance(outcome, Document)])
            self._lines.write(db)
            save_digests(db, [outcome.id for outcome in new])
        self._clusters.settle()
        self._lines.settle()
        return len(new)

    def load(self, document_id: str) -> Document | None:
        """The document as it was saved: `load(save(doc)) == doc`."""
        row = self._connection.one("SELECT * FROM documents WHERE id = ?", document_id)
        if row is None:
            return None
        mentions = self._connection.all("SELECT * FROM mentions WHERE document_id = ? ORDER BY rowid", document_id)
        labels = self._connection.all("SELECT * FROM labels WHERE document_id = ? ORDER BY rowid", document_id)
        details = self._connection.one("SELECT * FROM details WHERE document_id = ?", document_id)
        return _document(row, mentions, labels, _details(details) if details else {})

    def versions(self, document_id: str) -> list[dict[str, Any]]:
        """Every version of this document's article (same address, other bytes), oldest first: version, id, fetched_at, title."""
        rows = self._connection.all(
            "SELECT version, document_id AS id, versions.fetched_at, title FROM versions JOIN documents ON id = document_id"
            " WHERE versions.url = (SELECT url FROM documents WHERE id = ?) ORDER BY version",
            document_id,
        )
        return [dict(row) for row in rows]

    def all(self) -> Iterator[Document]:
        """Every document, oldest first."""
        for row in self._connection.all("SELECT id FROM documents ORDER BY number"):
            if doc := self.load(row["id"]):
                yield doc

    def quarantined(self) -> list[dict[str, Any]]:
        """Pages on which a stage raised: page_id, url, source, stage, error, traceback."""
        return [
            dict(row)
            for row in self._connection.all(
                "SELECT page_id, url, source, stage, reason AS error, error AS traceback FROM outcomes"
                " JOIN pages ON pages.id = page_id WHERE outcome = 'quarantined' ORDER BY page_id"
            )
        ]


def _without_private_persons(outcome: Outcome) -> Outcome:
    if not isinstance(outcome, Document):
        return outcome
    return dataclasses.replace(outcome, mentions=tuple(m for m in outcome.mentions if m.label != "PER" or m.entity_id))


def _save_one(db: sqlite3.Connection, outcome: Outcome, replace: bool) -> bool:
    if replace:
        _forget(db, outcome.id)
    row = _outcome_row(outcome)
    if not db.execute(f"INSERT OR IGNORE INTO outcomes VALUES ({marks(row)})", row).rowcount:
        return False
    if isinstance(outcome, Document):
        _insert_document(db, outcome)
    return True


def _forget(db: sqlite3.Connection, page_id: str) -> None:
    # Decisions stay: they are about the document, and its id does not change.
    db.execute("DELETE FROM mentions WHERE document_id = ?", (page_id,))
    db.execute("DELETE FROM labels WHERE document_id = ?", (page_id,))
    db.execute("DELETE FROM details WHERE document_id = ?", (page_id,))
    db.execute("DELETE FROM documents WHERE id = ?", (page_id,))
    db.execute("DELETE FROM outcomes WHERE page_id = ?", (page_id,))


def _outcome_row(outcome: Outcome) -> tuple[str | None, ...]:
    match outcome:
        case Skipped():
            return (outcome.id, "skipped", outcome.stage, outcome.reason.value, outcome.detail or None, now())
        case Quarantined():
            return (outcome.id, "quarantined", outcome.stage, outcome.error, outcome.traceback, now())
        case Document():
            return (outcome.id, "document", None, None, None, now())


def _insert_document(db: sqlite3.Connection, doc: Document) -> None:
    values = {name: getattr(doc, name) for name in DOCUMENT_COLUMNS} | {
        "fetched_at": doc.fetched_at.isoformat(timespec="seconds"),
        "flagged": int(doc.flagged),
        "reasons": json.dumps(doc.reasons, ensure_ascii=False),
        "evidence": json.dumps(doc.evidence),
    }
    row = tuple(values.values())
    db.execute(f"INSERT INTO documents({', '.join(DOCUMENT_COLUMNS)}) VALUES ({marks(row)})", row)
    db.executemany(
        "INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                doc.id,
                m.start,
                m.end,
                m.text,
                m.label,
                m.entity_id,
                json.dumps(m.found_by),
                m.probability,
                m.why,
                m.name,
                m.kind,
                int(m.certain),
            )
            for m in doc.mentions
        ],
    )
    db.executemany(
        "INSERT INTO labels VALUES (?, ?, ?, ?, ?)",
        [(doc.id, label.axis, label.label, label.probability, label.model) for label in doc.labels],
    )
    _insert_details(db, doc)


def _insert_details(db: sqlite3.Connection, doc: Document) -> None:
    if not (doc.institution or doc.calendar or doc.pages or doc.sections or doc.citations):
        return
    lists = [[astuple(item) for item in items] for items in (doc.pages, doc.sections, doc.citations)]
    row = (doc.id, doc.institution, doc.calendar, *(json.dumps(items, ensure_ascii=False) for items in lists))
    db.execute(f"INSERT INTO details VALUES ({marks(row)})", row)


def _details(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "institution": row["institution"],
        "calendar": row["calendar"],
        "pages": tuple(PageSpan(*item) for item in json.loads(row["pages"])),
        "sections": tuple(Section(*item) for item in json.loads(row["sections"])),
        "citations": tuple(
            Citation(mark, text, tuple(urls), page, anchor) for mark, text, urls, page, anchor in json.loads(row["citations"])
        ),
    }


def _document(row: sqlite3.Row, mentions: list[sqlite3.Row], labels: list[sqlite3.Row], details: Mapping[str, Any]) -> Document:
    values = (
        dict(details)
        | {name: row[name] for name in DOCUMENT_COLUMNS}
        | {
            "fetched_at": datetime.fromisoformat(row["fetched_at"]),
            "flagged": bool(row["flagged"]),
            "reasons": tuple(json.loads(row["reasons"])),
            "evidence": tuple((a, b) for a, b in json.loads(row["evidence"])),
        }
    )
    return Document(
        **values,
        mentions=tuple(
            Mention(
                m["start"],
                m["end"],
                m["text"],
                m["label"],
                m["entity_id"],
                tuple(json.loads(m["found_by"])),
                m["probability"],
                m["why"],
                m["name"],
                m["kind"],
                bool(m["certain"]),
            )
            for m in mentions
        ),
        labels=tuple(Label(item["axis"], item["label"], item["probability"], item["model"]) for item in labels),
    )
