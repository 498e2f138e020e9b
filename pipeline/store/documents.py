"""Outcomes, and the documents with their mentions and labels: one outcome per page, saved whole or not at all."""

import dataclasses
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from pipeline.records import Citation, Document, Label, Mention, Outcome, PageSpan, Quarantined, Section, Skipped
from pipeline.store.clusters import Clusters
from pipeline.store.connection import Connection, marks, now
from pipeline.store.lines import Lines
from pipeline.store.seal import Parts, audited, digest_written, save_digests
from pipeline.store.tellings import Tellings

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
Row = Mapping[str, Any] | sqlite3.Row
AMONG = "IN (SELECT value FROM json_each(?))"
INSERTS = {
    "outcome": "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?)",
    "document": f"INSERT INTO documents({', '.join(DOCUMENT_COLUMNS)}) VALUES ({marks(DOCUMENT_COLUMNS)})",
    "mentions": f"INSERT INTO mentions VALUES ({marks(tuple(range(12)))})",
    "labels": "INSERT INTO labels VALUES (?, ?, ?, ?, ?)",
    "details": "INSERT INTO details VALUES (?, ?, ?, ?, ?, ?)",
}


class Documents:
    """The tables outcomes, documents, mentions and labels."""

    def __init__(self, connection: Connection, clusters: Clusters, lines: Lines, tellings: Tellings) -> None:
        self._connection = connection
        self._clusters = clusters
        self._lines = lines
        self._tellings = tellings

    def save(self, outcomes: Iterable[Outcome], *, replace: bool = False, persons: str = "gazetteer") -> int:
        """Store each outcome with all that belongs to it. Returns how many were new; saving twice changes nothing.

        Persons that the gazetteer does not hold are left out, unless `persons` is "all".
        """
        every = persons == "all"
        kept = [leave_out_persons(one) if isinstance(one, Document) and not every else one for one in outcomes]
        with audited(self._connection) as db:
            if replace:
                _forget(db, [outcome.id for outcome in kept])
            written = _insert(db, _choose_new(db, kept))
            documents = [page_id for page_id, parts in written.items() if parts["document"]]
            self._clusters.write(db, documents)
            self._tellings.write(db, documents)
            self._lines.write(db)
            save_digests(db, digest_written(db, written))
        self._clusters.settle()
        self._lines.settle()
        self._tellings.settle()
        return len(written)

    def load(self, document_id: str) -> Document | None:
        """The document as it was saved: `load(save(doc)) == doc`."""
        row = self._connection.one("SELECT * FROM documents WHERE id = ?", document_id)
        if row is None:
            return None
        mentions = self._connection.all("SELECT * FROM mentions WHERE document_id = ? ORDER BY rowid", document_id)
        labels = self._connection.all("SELECT * FROM labels WHERE document_id = ? ORDER BY rowid", document_id)
        details = self._connection.one("SELECT * FROM details WHERE document_id = ?", document_id)
        return make_document(row, mentions, labels, details)

    def versions(self, document_id: str) -> list[dict[str, Any]]:
        """Every version of this document's article (same address, other bytes), oldest first: version, id, fetched_at, title."""
        here = self._connection.one("SELECT url FROM documents WHERE id = ?", document_id)
        # The address as a value: SQLite takes no subquery into the window, and would number every article of the archive.
        rows = self._connection.all(
            "SELECT version, document_id AS id, versions.fetched_at, title FROM versions JOIN documents ON id = document_id"
            " WHERE versions.url = ? ORDER BY version",
            here["url"] if here else None,
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


def leave_out_persons(doc: Document) -> Document:
    """The document without persons that the gazetteer does not hold."""
    if all(m.entity_id or m.label != "PER" for m in doc.mentions):
        return doc
    return dataclasses.replace(doc, mentions=tuple(m for m in doc.mentions if m.label != "PER" or m.entity_id))


def _choose_new(db: sqlite3.Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The first outcome of each page that has none yet."""
    first = {outcome.id: outcome for outcome in reversed(outcomes)}
    known = {row[0] for row in db.execute(f"SELECT page_id FROM outcomes WHERE page_id {AMONG}", (json.dumps(list(first)),))}
    return [outcome for outcome in outcomes if outcome.id not in known and first[outcome.id] is outcome]


def _forget(db: sqlite3.Connection, page_ids: Sequence[str]) -> None:
    # Decisions stay: they are about the document, and its id does not change.
    for place in ("mentions WHERE document_id", "labels WHERE document_id", "details WHERE document_id", "documents WHERE id",
                  "outcomes WHERE page_id"):  # fmt: skip
        db.execute(f"DELETE FROM {place} {AMONG}", (json.dumps(page_ids),))


def _insert(db: sqlite3.Connection, outcomes: Sequence[Outcome]) -> dict[str, Parts]:
    """Write them, table by table; returns by page what was written, as the seal hashes it."""
    written = {outcome.id: _make_parts(outcome) for outcome in outcomes}
    for table, sql in INSERTS.items():
        db.executemany(sql, [row for parts in written.values() for row in parts.get(table, ())])
    rows = db.execute(f"SELECT id, number FROM documents WHERE id {AMONG}", (json.dumps(list(written)),))
    for page_id, number in rows:
        parts = written[page_id]
        parts["document"] = [[number, *parts["document"][0]]]
    return written


def _make_parts(outcome: Outcome) -> Parts:
    match outcome:
        case Skipped():
            said = ["skipped", outcome.stage, outcome.reason.value, outcome.detail or None, now()]
        case Quarantined():
            said = ["quarantined", outcome.stage, outcome.error, outcome.traceback, now()]
        case Document():
            return {"outcome": [[outcome.id, "document", None, None, None, now()]], **make_rows(outcome)}
    return {"outcome": [[outcome.id, *said]], "document": [], "mentions": [], "labels": []}


def make_rows(doc: Document) -> Parts:
    """The rows of a document by table, values in the order of the columns; the document's without its number."""
    # Numbers are floats here where the column is REAL: what is hashed must be what is read back.
    mentions: list[list[object]] = [
        [doc.id, m.start, m.end, m.text, m.label, m.entity_id, json.dumps(m.found_by), float(m.probability), m.why, m.name,
         m.kind, int(m.certain)]
        for m in doc.mentions
    ]  # fmt: skip
    row = [
        doc.id, doc.url, doc.source, doc.fetched_at.isoformat(timespec="seconds"), doc.title, doc.text, doc.published,
        doc.published_source, doc.language, doc.script, float(doc.language_confidence), doc.guess, doc.cluster_id,
        float(doc.score), int(doc.flagged), json.dumps(doc.reasons, ensure_ascii=False), json.dumps(doc.evidence),
    ]  # fmt: skip
    parts: Parts = {
        "document": [row],
        "mentions": mentions,
        "labels": [[doc.id, label.axis, label.label, float(label.probability), label.model] for label in doc.labels],
    }
    if doc.institution or doc.calendar or doc.pages or doc.sections or doc.citations:
        lists = [[astuple(item) for item in items] for items in (doc.pages, doc.sections, doc.citations)]
        texts = [json.dumps(items, ensure_ascii=False) for items in lists]
        parts["details"] = [[doc.id, doc.institution, doc.calendar, *texts]]
    return parts


def _details(row: Row) -> dict[str, Any]:
    return {
        "institution": row["institution"],
        "calendar": row["calendar"],
        "pages": tuple(PageSpan(*item) for item in json.loads(row["pages"])),
        "sections": tuple(Section(*item) for item in json.loads(row["sections"])),
        "citations": tuple(
            Citation(mark, text, tuple(urls), page, anchor) for mark, text, urls, page, anchor in json.loads(row["citations"])
        ),
    }


def make_document(row: Row, mentions: Iterable[Row], labels: Iterable[Row], details: Row | None = None) -> Document:
    """The document of these rows, which are looked into by the names of the columns."""
    found = _details(details) if details else {}
    values = (
        found
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
