"""Write an export: the formats by name, the audit first, a file whole or not at all."""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from pipeline.export import atom, docbin, doccano, jsonl, label_studio, misp, parquet, prodigy, spreadsheet, stix
from pipeline.export.row import Row, read_rows
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.narrowing import Filters


@dataclass(frozen=True, slots=True)
class Format:
    """How one is written; whether it is of use only with the texts; whether it is for files only."""

    write: Callable[[Iterable[Row], BinaryIO], int]
    ending: str
    of_texts: bool = False
    is_binary: bool = False


FORMATS = {
    "jsonl": Format(jsonl.write, "jsonl"),
    "csv": Format(spreadsheet.write, "csv"),
    "parquet": Format(parquet.write, "parquet", is_binary=True),
    "stix": Format(stix.write, "json"),
    "misp": Format(misp.write, "json"),
    "label-studio": Format(label_studio.write, "json", of_texts=True),
    "doccano": Format(doccano.write, "jsonl", of_texts=True),
    "prodigy": Format(prodigy.write, "jsonl", of_texts=True),
    "spacy": Format(docbin.write, "spacy", of_texts=True, is_binary=True),
    "atom": Format(atom.write, "atom"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported: `filters` as `Queue` takes them, `title` of a feed, and what may leave beyond the findings."""

    kind: str
    filters: Filters
    bodies: bool = False
    persons: bool = False
    title: str = "xabar"
    newest: int = 0  # only so many documents, those that came last; 0: all

    def check(self) -> Format:
        """Its format. Raises Stop for an unknown one, and for one that needs what was not said or is not installed."""
        chosen = FORMATS.get(self.kind)
        if chosen is None:
            raise Stop(f"--format {self.kind!r} is unknown (known: {', '.join(FORMATS)})")
        if chosen.of_texts and not self.bodies:
            raise Stop(f"--format {self.kind} is made of the texts themselves; say --bodies if they may leave, the audit has it")
        if self.kind == "parquet" and find_spec("pyarrow") is None:
            raise Stop(parquet.MISSING)
        return chosen

    def describe(self, to: str) -> dict[str, object]:
        """What the audit says of it."""
        said: dict[str, object] = {"format": self.kind, "to": to, "filters": dict(self.filters)}
        return said | {"bodies": self.bodies, "persons": self.persons}


def export(store: Store, order: Order, out: Path | None) -> int:
    """Write to a new file or standard output; returns how many documents. Raises Stop; the audit has it first.

    A feed is written anew over the old one.
    """
    chosen = order.check()
    if out is not None and out.exists() and order.kind != "atom":
        raise Stop(f"{out}: is in the way; name a file that does not exist yet")
    if out is None and chosen.is_binary and sys.stdout.isatty():
        raise Stop(f"--format {order.kind} is no text; name a file with --out")
    if out is None:
        store.ledger.record("export", order.describe("-"))
        return write_to(store, order, sys.stdout.buffer)
    waiting = out.with_name(out.name + ".partial")
    try:
        with waiting.open("wb") as stream:
            store.ledger.record("export", order.describe(out.name))
            count = write_to(store, order, stream)
            stream.flush()
            os.fsync(stream.fileno())
        waiting.replace(out)
    except OSError as error:
        raise Stop(f"{out}: cannot be written ({error.strerror}); name another file with --out") from error
    finally:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
    return count


def write_to(store: Store, order: Order, stream: BinaryIO) -> int:
    """The documents of an order, in its format; returns how many. The caller has put it into the audit."""
    chosen = order.check()
    rows = read_rows(store, order.filters, bodies=order.bodies, persons=order.persons, newest=order.newest)
    if chosen.of_texts:
        rows = (row for row in rows if row.doc.text)
    write = partial(atom.write, title=order.title) if order.kind == "atom" else chosen.write
    return write(rows, stream)
