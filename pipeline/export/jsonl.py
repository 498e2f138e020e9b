"""JSONL, our own format: everything of a document on one line, which `read` turns back into the same row."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, BinaryIO

from pipeline.export.row import Row
from pipeline.records import Citation, Document, Label, Mention, PageSpan, Section
from pipeline.store.corrections import Correction
from pipeline.store.desk import Decision

QUOTES = ("text", "sections", "citations")  # absent from a line that carries no body


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """One line per document; returns how many."""
    return sum(1 for row in rows if stream.write(dump(row)))


def dump(row: Row) -> bytes:
    """A row as a line."""
    values = asdict(row.doc) | {
        "fetched_at": row.doc.fetched_at.isoformat(),
        "source_name": row.source_name,
        "verdict": row.verdict,
        "decisions": [asdict(decision) for decision in row.decisions],
        "corrections": [asdict(correction) for correction in row.corrections],
        "custody": dict(row.custody),
        "same_stories": [list(pair) for pair in row.same_stories],
    }
    for name in ("vectors", "sense", *(QUOTES if not row.doc.text else ())):
        del values[name]
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def read(lines: Iterable[bytes]) -> Iterator[Row]:
    """The rows again, as they were written."""
    for line in lines:
        values = json.loads(line)
        yield Row(
            _document({field.name: values[field.name] for field in fields(Document) if field.name in values}),
            values["verdict"],
            tuple(Decision(**item) for item in values["decisions"]),
            tuple(Correction(**item) for item in values["corrections"]),
            values["custody"],
            values["source_name"],
            tuple((other, similarity) for other, similarity in values.get("same_stories", ())),
        )


def _document(values: dict[str, Any]) -> Document:
    lists: dict[str, Any] = {
        "mentions": tuple(Mention(**item | {"found_by": tuple(item["found_by"])}) for item in values["mentions"]),
        "labels": tuple(Label(**item) for item in values["labels"]),
        "evidence": tuple((start, end) for start, end in values["evidence"]),
        "reasons": tuple(values["reasons"]),
        "pages": tuple(PageSpan(**item) for item in values["pages"]),
        "sections": tuple(Section(**item) for item in values.get("sections", ())),
        "citations": tuple(Citation(**item | {"urls": tuple(item["urls"])}) for item in values.get("citations", ())),
        "fetched_at": datetime.fromisoformat(values["fetched_at"]),
    }
    return Document(**({"text": ""} | values | lists))
