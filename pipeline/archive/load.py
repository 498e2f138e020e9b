"""What an archive flagged comes into a database: the page with its evidence, the document, its copies; and what the gate saw."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.archive.output import import_arrow
from pipeline.archive.plan import MANIFEST, read_manifest
from pipeline.cluster import make_entry
from pipeline.evidence import EvidenceError, read_page
from pipeline.importing import Imported
from pipeline.intake import Intake
from pipeline.records import Document, Reason, Stop
from pipeline.store import Store
from pipeline.store.documents import make_document
from pipeline.store.pages import PageRef

BATCH = 256
Row = dict[str, Any]


def is_archive(path: Path) -> bool:
    """Whether `xabar archive` made this folder."""
    return (path / MANIFEST).is_file()


def load_archive(store: Store, out: Path, done: Imported) -> None:
    """Store what was flagged; twice changes nothing. Raises Stop for an archive that is not finished."""
    if not read_manifest(out)["done"]:
        raise Stop(f"{out}: the archive is not finished; run the same 'xabar archive' again, then import it")
    intake = Intake(store)
    try:
        for path in sorted((out / "documents").glob("*.parquet")):
            done.files += 1
            for rows in _cut(_iter_flagged(out, path.name)):
                _take(store, intake, out, rows, done)
    finally:
        intake.close_spider()
    _pass_on_gate(store, out)


def _take(store: Store, intake: Intake, out: Path, rows: Sequence[tuple[Row, Document]], done: Imported) -> None:
    docs = []
    for row, doc in rows:
        done.found += 1
        try:
            page = read_page(out / "evidence", _make_ref(row, doc))
        except EvidenceError as error:
            done.broken.append(f"{doc.url}: {error}")
            continue
        intake.process_item(page)
        if store.pages.has(page.id):  # else its address was erased on request
            docs.append(doc)
            store.clusters.remember(replace(make_entry(doc), cluster_id=doc.cluster_id))
    new = store.documents.save(docs, persons="all")  # the archive has left out whom it had to
    done.stored += new
    done.left["stored before, or erased"] += len(rows) - new


def _iter_flagged(out: Path, name: str) -> Iterator[tuple[Row, Document]]:
    _, parquet = import_arrow()
    rows = parquet.read_table(out / "documents" / name, filters=[("flagged", "=", 1)]).to_pylist()
    wanted = [row["id"] for row in rows]
    found: dict[str, dict[str, list[Row]]] = {"mentions": defaultdict(list), "labels": defaultdict(list)}
    for table, by_document in found.items():
        for row in parquet.read_table(out / table / name, filters=[("document_id", "in", wanted)]).to_pylist() if wanted else ():
            by_document[row["document_id"]].append(row)
    for row in rows:
        yield row, make_document(row, found["mentions"][row["id"]], found["labels"][row["id"]], row)


def _make_ref(row: Row, doc: Document) -> PageRef:
    place = (row["status"], row["body_sha256"], row["warc_file"], row["warc_offset"])
    return PageRef(doc.id, doc.url, doc.source, doc.fetched_at, *place, None, None)


def _pass_on_gate(store: Store, out: Path) -> None:
    """Sources in which the gate saw a group's own voice wait for a human here too."""
    _, parquet = import_arrow()
    for path in sorted((out / "outcomes").glob("*.parquet")):
        for row in parquet.read_table(path, filters=[("reason", "=", Reason.PROMOTIONAL.value)]).to_pylist():
            store.gate.drop(row["source"], row["url"], row["body_sha256"])


def _cut(rows: Iterator[tuple[Row, Document]]) -> Iterator[list[tuple[Row, Document]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
