"""doccano, sequence labelling: JSONL `{text, label: [[start, end, label]]}`, offsets in code points; the rest is metadata."""

import json
from collections.abc import Iterable
from typing import BinaryIO

from pipeline.export.row import Row


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """One line per document; returns how many."""
    return sum(1 for row in rows if stream.write(_dump(row)))


def _dump(row: Row) -> bytes:
    doc = row.final
    values = {
        "text": doc.text,
        "label": [[m.start, m.end, m.label] for m in row.spans],
        "xabar_id": doc.id,
        "language": doc.language,
        "title": doc.title,
        "url": doc.url,
        "verdict": row.verdict,
    }
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
