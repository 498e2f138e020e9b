"""Parquet of documents, mentions, labels and outcomes, a file for each segment; the columns are those of the database.

The rules of the store hold: persons outside the gazetteer and the texts of old documents that nobody flagged are left out, and
of promotional content only hash, host and time are kept. Needs pyarrow, which the extra `scale` brings.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.archive.item import Item, iter_lines
from pipeline.archive.plan import Plan
from pipeline.archive.segment import read_at
from pipeline.evidence import EvidenceWriter
from pipeline.importing import make_finder
from pipeline.records import Document, Quarantined, Reason, Skipped, Stop
from pipeline.store.documents import DOCUMENT_COLUMNS, leave_out_persons, make_rows

MISSING = "xabar archive needs pyarrow, which is not installed; run: pip install 'xabar[scale]'"
REAL, WHOLE = ("language_confidence", "score", "probability"), ("flagged", "start", "end", "certain", "status", "warc_offset")
DETAILS = ("institution", "calendar", "pages", "sections", "citations")
PAGE = ("status", "body_sha256", "warc_file", "warc_offset")  # of the copy in the folder evidence; empty where there is none
TABLES: dict[str, tuple[str, ...]] = {
    "documents": (*DOCUMENT_COLUMNS, *DETAILS, *PAGE),
    "mentions": ("document_id", "start", "end", "text", "label", "entity_id", "found_by", "probability", "why", "name", "kind",
                 "certain"),
    "labels": ("document_id", "axis", "label", "probability", "model"),
    "outcomes": ("page_id", "url", "source", "fetched_at", "body_sha256", "outcome", "stage", "reason"),
}  # fmt: skip
Tables = dict[str, list[dict[str, Any]]]


class Output:
    """Writes segment after segment; one that is there already is passed over."""

    def __init__(self, plan: Plan, *, persons: str, retention_days: int) -> None:
        self._plan = plan
        self._persons = persons
        self._before = datetime.now(UTC) - timedelta(days=retention_days) if retention_days else None
        self._arrow, self._parquet = import_arrow()
        for table in (*TABLES, "quarantine", "evidence"):
            (plan.out / table).mkdir(exist_ok=True)

    def has(self, segment: int) -> bool:
        """Whether this segment's files are there: that of outcomes comes last."""
        return self._path("outcomes", segment).is_file()

    def count(self, segment: int) -> dict[str, int]:
        """What a segment that was written holds: documents, flagged, skipped, quarantined."""
        kinds = self._parquet.read_table(self._path("outcomes", segment), columns=["outcome"])["outcome"].to_pylist()
        flagged = self._parquet.read_table(self._path("documents", segment), columns=["flagged"])["flagged"].to_pylist()
        bad = self._plan.out / "quarantine" / f"{self._plan.name(segment)}.jsonl"
        broken = bad.read_text("utf-8", "surrogatepass").count("\n") if bad.is_file() else 0
        names = {"documents": kinds.count("document"), "skipped": kinds.count("skipped")}
        return names | {"flagged": sum(flagged), "quarantined": broken}

    def write(self, segment: int, items: Sequence[Item]) -> None:
        """Everything of one segment, or nothing that counts."""
        find = make_finder(self._plan.sources, self._plan.fixed)
        tables: Tables = {name: [] for name in TABLES}
        bad = [row for row in iter_lines(self._plan.bad(segment)) if "error" in row]
        with EvidenceWriter(self._plan.out / "evidence") as writer:
            for item in items:
                outcome = item.outcome
                tables["outcomes"].append(_make_outcome(item))
                if isinstance(outcome, Quarantined):
                    bad.append({"offset": item.offset, "url": item.url, "error": outcome.error, "traceback": outcome.traceback})
                elif isinstance(outcome, Document):
                    kept = self._keep(outcome)
                    page = read_at(self._plan.segments[segment], item.offset, find) if kept.flagged else None
                    _add(tables, item, kept, writer.append(page) if page else ("", 0))
        self._write_bad(segment, bad)
        for name, rows in tables.items():
            self._write_table(name, segment, rows)

    def _keep(self, doc: Document) -> Document:
        allowed = doc if self._persons == "all" else leave_out_persons(doc)
        if doc.flagged or self._before is None or doc.fetched_at >= self._before:
            return allowed
        # As retention leaves a document: title, address and findings as numbers.
        return replace(
            allowed,
            text="",
            mentions=(),
            evidence=(),
            reasons=(),
            institution="",
            calendar="",
            pages=(),
            sections=(),
            citations=(),
        )

    def _write_bad(self, segment: int, rows: Iterable[Mapping[str, Any]]) -> None:
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        path = self._plan.out / "quarantine" / f"{self._plan.name(segment)}.jsonl"
        path.unlink(missing_ok=True)
        if lines:
            path.write_text(lines, encoding="ascii")

    def _write_table(self, name: str, segment: int, rows: list[dict[str, Any]]) -> None:
        arrow, path = self._arrow, self._path(name, segment)
        kinds = {
            key: arrow.float64() if key in REAL else arrow.int64() if key in WHOLE else arrow.string() for key in TABLES[name]
        }
        partial = path.with_name(f"{path.name}.partial")
        self._parquet.write_table(arrow.Table.from_pylist(rows, arrow.schema(list(kinds.items()))), partial, compression="zstd")
        partial.replace(path)

    def _path(self, table: str, segment: int) -> Path:
        return self._plan.out / table / f"{self._plan.name(segment)}.parquet"


def import_arrow() -> tuple[Any, Any]:
    """pyarrow and its reader of Parquet. Raises Stop where they are not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise Stop(MISSING) from error
    return pyarrow, pyarrow.parquet


def sweep(plan: Plan) -> None:
    """Remove evidence that no finished segment names: a kill left it."""
    _, parquet = import_arrow()
    named: set[str] = set()
    for path in sorted((plan.out / "documents").glob("*.parquet")):
        if (plan.out / "outcomes" / path.name).is_file():
            named |= set(parquet.read_table(path, columns=["warc_file"])["warc_file"].to_pylist())
    for path in (plan.out / "evidence").glob("*.warc.gz"):
        if path.name not in named:
            path.unlink()


def _make_outcome(item: Item) -> dict[str, Any]:
    outcome = item.outcome
    kind = type(outcome).__name__.lower()
    row = {"page_id": item.id, "url": item.url, "source": item.source, "fetched_at": item.fetched_at,
           "body_sha256": item.body_sha256, "outcome": kind, "stage": None, "reason": None}  # fmt: skip
    if isinstance(outcome, Skipped):
        row |= {"stage": outcome.stage, "reason": outcome.reason.value}
        if outcome.reason is Reason.PROMOTIONAL:
            row["url"] = urlsplit(item.url).hostname or ""
    if isinstance(outcome, Quarantined):
        row |= {"stage": outcome.stage, "reason": outcome.error}
    return row


def _add(tables: Tables, item: Item, doc: Document, place: tuple[str, int]) -> None:
    rows = make_rows(doc)
    details = dict(zip(DETAILS, rows.get("details", [[doc.id, "", "", "[]", "[]", "[]"]])[0][1:], strict=True))
    page = dict(zip(PAGE, (item.status, item.body_sha256, *place), strict=True))
    tables["documents"].append(dict(zip(DOCUMENT_COLUMNS, rows["document"][0], strict=True)) | details | page)
    for name in ("mentions", "labels"):
        tables[name].extend(dict(zip(TABLES[name], row, strict=True)) for row in rows[name])
