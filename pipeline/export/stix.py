"""STIX 2.1 (OASIS standard, 10 June 2021): a bundle with a report per document, a note per verdict, and the organisations named.

A report refers to its publisher (identity) and to the armed and extremist organisations of the gazetteer (threat-actor), and to
nothing else: no person, no state. It says itself whether a human has looked. Everything is marked TLP:AMBER.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from uuid import UUID, uuid4, uuid5

from gazetteer.record import Entity
from pipeline.export.row import Row, rfc3339
from pipeline.export.statement import state

# Our own namespace: the standard keeps its own for observables (section 2.9). The same content has the same id for ever.
NAMESPACE = UUID("5b6d0d2e-3f0e-4c55-9d0c-7b1f5a9c2e61")
BEGIN = "2026-01-01T00:00:00.000Z"  # of what does not change
AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"  # section 7.2.1.4
MARKING = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": AMBER,
    "created": "2017-01-20T00:00:00.000Z",
    "definition_type": "tlp",
    "name": "TLP:AMBER",
    "definition": {"tlp": "amber"},
}


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """One bundle; returns how many documents. Objects that several reports refer to stand in it once."""
    producer = _identity("xabar", "system")
    written, count = {AMBER, producer["id"]}, 0
    stream.write(f'{{"type": "bundle", "id": "bundle--{uuid4()}", "objects": [\n'.encode())
    stream.write(_dump(MARKING) + b",\n" + _dump(producer))
    for row in rows:
        for item in _make_objects(row, producer["id"]):
            if item["id"] not in written:
                stream.write(b",\n" + _dump(item))
            if item["type"] in ("identity", "threat-actor"):
                written.add(item["id"])
        count += 1
    stream.write(b"\n]}\n")
    return count


def make_id(kind: str, *parts: str) -> str:
    """`kind--UUID` (version 5) of what identifies an object."""
    return f"{kind}--{uuid5(NAMESPACE, chr(0).join((kind, *parts)))}"


def _make_objects(row: Row, producer: str) -> Iterator[dict[str, Any]]:
    publisher, actors = _identity(row.source_name or row.doc.source, "organization"), list(map(_actor, row.actors))
    yield from (publisher, *actors)
    report = _report(row, producer, [publisher["id"], *(actor["id"] for actor in actors)])
    yield report
    if row.verdict != "none":
        yield _common("note", report["id"], created=row.changed) | {
            "created_by_ref": producer,
            "abstract": f"Verdict: {row.verdict}",
            "content": state(row),
            "object_refs": [report["id"]],
        }


def _report(row: Row, producer: str, references: list[str]) -> dict[str, Any]:
    doc, language = row.final, row.final.language
    report = _common("report", doc.id, created=rfc3339(row.doc.fetched_at.isoformat())) | {
        "created_by_ref": producer,
        "modified": row.changed,
        "name": doc.title or doc.url or doc.id,
        "description": f"{state(row)}\n\n{doc.text}".strip(),
        "published": row.moment,
        "object_refs": references,
        "external_references": [{"source_name": doc.source, "external_id": doc.id} | ({"url": doc.url} if doc.url else {})],
    }
    if row.actors:
        report["report_types"] = ["threat-actor"]
    if row.topics:
        report["labels"] = list(row.topics)
    return report | ({"lang": language} if language != "und" else {})


def _identity(name: str, kind: str) -> dict[str, Any]:
    return _common("identity", name) | {"name": name, "identity_class": kind}


def _actor(entity: Entity) -> dict[str, Any]:
    reference = {"source_name": "xabar gazetteer", "external_id": entity.id}
    return _common("threat-actor", entity.id, entity.name) | {"name": entity.name, "external_references": [reference]}


def _common(kind: str, *parts: str, created: str = BEGIN) -> dict[str, Any]:
    start = {"type": kind, "spec_version": "2.1", "id": make_id(kind, *parts), "created": created, "modified": created}
    return start | {"object_marking_refs": [AMBER]}


def _dump(item: dict[str, Any]) -> bytes:
    return json.dumps(item, ensure_ascii=False).encode("utf-8", "replace")
