"""A page of a segment on its way through the passes, and the files of JSON lines in which it waits between them."""

import json
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.records import (
    Citation,
    Document,
    Label,
    Mention,
    Outcome,
    PageSpan,
    Quarantined,
    Reason,
    Section,
    Skipped,
)


@dataclass(frozen=True, slots=True)
class Item:
    """Where a page's record lies (`offset` bytes into segment number `segment`), and what became of it so far."""

    id: str
    url: str
    source: str
    fetched_at: str
    status: int
    body_sha256: str
    segment: int
    offset: int
    outcome: Outcome


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """All of it, or no file."""
    # Named by process: a cluster may begin a unit again while a machine that it has lost sight of still works on it.
    partial = path.with_name(f"{path.name}.{socket.gethostname()}-{os.getpid()}.partial")
    with partial.open("w", encoding="utf-8", errors="surrogatepass") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False, default=_say) + "\n")
    partial.replace(path)


def iter_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of such a file; none where there is no file."""
    if path.is_file():
        with path.open(encoding="utf-8", errors="surrogatepass") as lines:
            for line in lines:
                yield json.loads(line)


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Keep items for the next pass."""
    write_lines(path, ({"kind": type(item.outcome).__name__} | asdict(_drop_states(item)) for item in items))


def read_items(path: Path) -> Iterator[Item]:
    """Take them up again."""
    for row in iter_lines(path):
        kind = row.pop("kind")
        yield Item(**row | {"outcome": _read_outcome(kind, row["outcome"])})


def _drop_states(item: Item) -> Item:
    return replace(item, outcome=replace(item.outcome, vectors=None, sense=None)) if isinstance(item.outcome, Document) else item


def _read_outcome(kind: str, row: dict[str, Any]) -> Outcome:
    if kind == "Skipped":
        return Skipped(**row | {"reason": Reason(row["reason"])})
    if kind == "Quarantined":
        return Quarantined(**row)
    return Document(
        **row
        | {
            "fetched_at": datetime.fromisoformat(row["fetched_at"]),
            "mentions": tuple(Mention(**one | {"found_by": tuple(one["found_by"])}) for one in row["mentions"]),
            "labels": tuple(Label(**one) for one in row["labels"]),
            "evidence": tuple((start, end) for start, end in row["evidence"]),
            "reasons": tuple(row["reasons"]),
            "pages": tuple(PageSpan(**one) for one in row["pages"]),
            "sections": tuple(Section(**one) for one in row["sections"]),
            "citations": tuple(Citation(**one | {"urls": tuple(one["urls"])}) for one in row["citations"]),
        }
    )


def _say(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a file of items")
