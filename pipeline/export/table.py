"""A document as one flat record, for tables: what CSV and Parquet have in common."""

from pipeline.export.row import Row

Cell = str | float | bool | None
TEXTS = (
    *("id", "url", "source", "source_name", "title", "published", "published_source", "fetched_at", "language", "script"),
    *("relevance", "topics", "genre", "organisations", "names", "reasons", "verdict", "decisions", "clause", "reason", "note"),
    *("cluster_id", "body_sha256", "text"),
)
COLUMNS = (*TEXTS, "score", "flagged")


def flatten(row: Row) -> dict[str, Cell]:
    """The values of COLUMNS. Lists are joined by `; `; clause, reason and note are those of the newest decision."""
    doc, newest = row.final, row.decisions[0] if row.decisions else None
    best = {
        axis: max((item for item in doc.labels if item.axis == axis), key=lambda item: item.probability, default=None)
        for axis in ("relevance", "genre")
    }
    corrected = {item.task: item.value.get(item.task) for item in row.corrections if item.task in best}
    axes = {axis: corrected.get(axis) or (label.label if label else "") for axis, label in best.items()}
    plain = {name: getattr(doc, name) for name in COLUMNS if hasattr(doc, name)}
    return plain | axes | {
        "fetched_at": doc.fetched_at.isoformat(timespec="seconds"),
        "source_name": row.source_name,
        "topics": "; ".join(row.topics),
        "organisations": "; ".join(entity.id for entity in row.organisations),
        "names": "; ".join(sorted({m.name or m.text for m in doc.mentions} - {""})),
        "reasons": "; ".join(doc.reasons),
        "verdict": row.verdict,
        "decisions": "; ".join(f"{said.reviewer}: {said.verdict}" for said in reversed(row.decisions)),
        "clause": newest.clause if newest else "",
        "reason": newest.reason if newest else "",
        "note": newest.note if newest else "",
        "body_sha256": row.custody.get("body_sha256", ""),
    }  # fmt: skip
