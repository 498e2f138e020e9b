"""MISP (draft-dulaunoy-misp-core-format): an event per document, as MISP's own search returns and its import reads.

Distribution is "your organisation only", the threat level undefined, nothing is `to_ids` or published: sharing further is
a decision of the people who import it. Organisations are `threat-actor` attributes only where the gazetteer holds them as such.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from pipeline.export.row import Row
from pipeline.export.statement import state

NAMESPACE = UUID("0a6a2b07-8c0c-4f7c-a6b6-57a1f2f6d3b4")
UNDEFINED, INITIAL, COMPLETED, OUR_ORGANISATION, INHERIT = "4", "0", "2", "0", "5"


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """`{"response": [{"Event": ...}, ...]}`; returns how many."""
    count = 0
    stream.write(b'{"response": [')
    for row in rows:
        event = json.dumps({"Event": _make_event(row)}, ensure_ascii=False).encode("utf-8", "replace")
        stream.write((b",\n" if count else b"\n") + event)
        count += 1
    stream.write(b"\n]}\n")
    return count


def _make_event(row: Row) -> dict[str, Any]:
    doc = row.final
    tags = ["tlp:amber", f'xabar:verdict="{row.verdict}"', *(f'xabar:topic="{topic}"' for topic in row.topics)]
    return {
        "uuid": str(uuid5(NAMESPACE, doc.id)),
        "info": doc.title or doc.url or doc.id,
        "date": row.moment[:10],
        "timestamp": _seconds(row.changed),
        "threat_level_id": UNDEFINED,
        "analysis": INITIAL if row.verdict == "none" else COMPLETED,
        "distribution": OUR_ORGANISATION,
        "published": False,
        "Attribute": list(_make_attributes(row)),
        "Tag": [{"name": tag} for tag in tags],
    }


def _make_attributes(row: Row) -> Iterator[dict[str, Any]]:
    doc = row.final
    if doc.url:
        yield _attribute(row, "link", "External analysis", doc.url, f"Published by {row.source_name or doc.source}")
    yield _attribute(row, "text", "Internal reference", f"xabar {doc.id}", "Id in the database of xabar")
    yield _attribute(row, "comment", "Other", state(row))
    if digest := row.custody.get("body_sha256"):
        yield _attribute(row, "text", "Internal reference", digest, "SHA-256 of the page as it was fetched")
    for entity in row.actors:
        yield _attribute(
            row, "threat-actor", "Attribution", entity.name, f"Named in the report; {entity.id} in xabar's gazetteer"
        )
    if doc.text:
        yield _attribute(row, "text", "External analysis", doc.text, f"The report's text, language {doc.language}")


def _attribute(row: Row, kind: str, category: str, value: str, comment: str = "") -> dict[str, Any]:
    return {
        "uuid": str(uuid5(NAMESPACE, "\0".join((row.doc.id, kind, value)))),
        "type": kind,
        "category": category,
        "value": value,
        "comment": comment,
        "timestamp": _seconds(row.changed),
        "to_ids": False,
        "distribution": INHERIT,
    }


def _seconds(moment: str) -> str:
    return str(int(datetime.fromisoformat(moment).timestamp()))
