"""What analysts put right beside their decisions: language, spans, level, topics, genre. Appended, never overwritten."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.records import Stop
from pipeline.store.connection import Connection, now
from pipeline.store.seal import append_row

# What `value` of each task holds; a newer correction of the same task supersedes the older ones, spans excepted: each is an edit.
SHAPES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "language": {"language": str},
    "entities": {"action": str, "start": int, "end": int, "label": str, "entity_id": (str, type(None))},
    "relevance": {"relevance": str},
    "topics": {"topics": list},
    "genre": {"genre": str},
}
LANGUAGES = ("uz", "tg", "ru", "en", "und")
SPAN_ACTIONS = ("add", "remove")


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that one reviewer put right. `value` has the fields of SHAPES[task]."""

    id: int
    document_id: str
    reviewer: str
    task: str
    value: dict[str, Any]
    note: str
    corrected_at: str


class Corrections:
    """The table corrections."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, document_id: str, reviewer: str, task: str, value: Mapping[str, Any], *, note: str = "") -> int:
        """Append a correction. Raises Stop for an unknown task, a value of another shape, no reviewer, no such document.

        Spans are offsets into the document's text in code points; `action` is add or remove.
        """
        _check(task, value)
        if not reviewer.strip():
            raise Stop("a correction needs a reviewer's name")
        row = self._connection.one("SELECT length(text) AS size FROM documents WHERE id = ?", document_id)
        if row is None:
            raise Stop(f"document {document_id!r} is not in this database")
        if task == "entities" and not 0 <= value["start"] < value["end"] <= row["size"]:
            raise Stop(f"span {value['start']}-{value['end']} is not inside document {document_id} ({row['size']} characters)")
        text = json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
        return append_row(self._connection, reviewer, "corrections", (document_id, reviewer, task, text, note, now()))

    def of(self, document_id: str) -> list[Correction]:
        """Every correction of a document, oldest first."""
        return self._read("document_id = ?", document_id)

    def all(self, task: str) -> list[Correction]:
        """Every correction of a task, oldest first."""
        return self._read("task = ?", task)

    def _read(self, where: str, value: str) -> list[Correction]:
        rows = self._connection.all(f"SELECT * FROM corrections WHERE {where} ORDER BY id", value)
        names = Correction.__slots__
        return [Correction(**{name: row[name] for name in names} | {"value": json.loads(row["value"])}) for row in rows]


def _check(task: str, value: Mapping[str, Any]) -> None:
    if task not in SHAPES:
        raise Stop(f"correction of {task!r} is unknown (known: {', '.join(SHAPES)})")
    shape = SHAPES[task]
    if value.keys() != shape.keys() or not all(isinstance(value[name], kind) for name, kind in shape.items()):
        raise Stop(f"a correction of {task} must have exactly: {', '.join(shape)}; got {dict(value)!r}")
    if task == "language" and value["language"] not in LANGUAGES:
        raise Stop(f"language {value['language']!r} is unknown (known: {', '.join(LANGUAGES)})")
    if task == "entities" and value["action"] not in SPAN_ACTIONS:
        raise Stop(f"action {value['action']!r} is unknown (known: {', '.join(SPAN_ACTIONS)})")
    if task == "entities" and value["label"] == "PER" and not value["entity_id"]:
        raise Stop("persons outside the gazetteer are never stored; nothing was saved")
