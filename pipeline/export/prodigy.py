"""Prodigy: JSONL tasks `{text, spans, meta}`, offsets in code points. Tokens and `_input_hash` are added by its recipes."""

import json
from collections.abc import Iterable
from typing import BinaryIO

from pipeline.export.row import Row

ANSWERS = {"relevant": "accept", "not-relevant": "reject", "unsure": "ignore"}


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """One task per document; returns how many."""
    return sum(1 for row in rows if stream.write(_dump(row)))


def _dump(row: Row) -> bytes:
    doc = row.final
    meta = {"id": doc.id, "language": doc.language, "source": doc.source, "url": doc.url, "title": doc.title}
    values = {
        "text": doc.text,
        "spans": [{"start": m.start, "end": m.end, "label": m.label, "entity_id": m.entity_id} for m in row.spans],
        "meta": meta | {"verdict": row.verdict, "score": round(doc.score, 3)},
    }
    # The answer is to the question of a text classification task: is this document relevant?
    if row.verdict in ANSWERS:
        values |= {"label": "RELEVANT", "answer": ANSWERS[row.verdict]}
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
