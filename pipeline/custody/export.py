"""`xabar export`: documents as JSONL, with their decisions and where the evidence lies. Texts only when asked for."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.records import Document, Stop
from pipeline.store import Store


def export_lines(store: Store, out: Path | None, *, flagged: bool, decided: bool, bodies: bool) -> int:
    """Write one line per document to a new file or standard output; returns how many. The audit has it first."""
    if out is not None and out.exists():
        raise Stop(f"{out}: is in the way; name a file that does not exist yet")
    chosen = {"format": "jsonl", "to": out.name if out else "-", "flagged": flagged, "decided": decided, "bodies": bodies}
    rows = _rows(store, flagged=flagged, decided=decided, bodies=bodies)
    if out is None:
        store.ledger.record("export", chosen)
        return sum(1 for row in rows if print_row(row))
    partial = out.with_name(out.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8") as stream:
            store.ledger.record("export", chosen)
            count = sum(1 for row in rows if stream.write(dump(row)))
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(out)
    except OSError as error:
        raise Stop(f"{out}: cannot be written ({error.strerror}); name another file with --out") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return count


def print_row(row: dict[str, Any]) -> bool:
    """Write a row to standard output."""
    return bool(sys.stdout.write(dump(row)))


def dump(row: dict[str, Any]) -> str:
    """A row as a line."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def make_row(store: Store, doc: Document, *, bodies: bool) -> dict[str, Any]:
    """What is exported of a document: everything that was found and decided; its text only with `bodies`."""
    row = asdict(doc) | {
        "fetched_at": doc.fetched_at.isoformat(timespec="seconds"),
        "decisions": [asdict(decision) for decision in store.desk.decisions(doc.id)],
        "custody": store.desk.custody(doc.id),
    }
    if not bodies:
        del row["text"]
    return row


def _rows(store: Store, *, flagged: bool, decided: bool, bodies: bool) -> Iterator[dict[str, Any]]:
    for doc in store.documents.all():
        if doc.flagged or not flagged:
            row = make_row(store, doc, bodies=bodies)
            if row["decisions"] or not decided:
                yield row
