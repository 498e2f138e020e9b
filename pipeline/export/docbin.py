"""spaCy's DocBin: texts with their names as `doc.ents`, for `spacy train`. Languages that no pipeline has are left out."""

from collections.abc import Iterable
from typing import Any, BinaryIO

from pipeline.export.row import Row


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """Returns how many texts were written."""
    from models import LANGUAGES
    from models.entities.docbin import make_docbin

    store = make_docbin(_make(row) for row in rows if row.final.language in LANGUAGES)
    stream.write(store.to_bytes())
    return len(store)


def _make(row: Row) -> dict[str, Any]:
    doc = row.final
    spans = [[m.start, m.end, m.label] for m in row.spans]
    return {"id": doc.id, "language": doc.language, "text": doc.text, "spans": spans}
