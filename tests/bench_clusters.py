"""What finding copies costs as the archive grows: `python -m tests.bench_clusters [COUNT] [BEFORE]`.

Processor microseconds per document (finding and writing, without the document's own row), how many times those of the first
10,000, and peak memory. Documents are made by seed, of about 120 words; a tenth of them are copies of an earlier one, cut to 40
to 100 %. BEFORE documents are there already: compare `bench_clusters 10000` with `bench_clusters 10000 1000000`.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipeline.cluster import KEYS, cluster
from pipeline.records import Document
from pipeline.store import Store, segments
from pipeline.store.clusters import Clusters
from pipeline.store.connection import Connection
from pipeline.store.segments import FAN, FRESH_ROWS, Segment
from tests.conftest import FETCHED

STEP, BATCH, WORDS, FILL = 10_000, 32, 120, 50_000
NUMBERED = (
    "INSERT INTO documents(number, id, url, source, fetched_at, title, text, language, script, language_confidence, guess,"
    " cluster_id, score, flagged, reasons, evidence)"
    " VALUES (?, ?, ?, 's', '2026', '', '', 'en', '', 1.0, '', ?, 0.0, 0, '[]', '[]')"
)
ROW = (
    "INSERT INTO documents(id, url, source, fetched_at, title, text, language, script, language_confidence, guess, cluster_id,"
    " score, flagged, reasons, evidence) VALUES (?, ?, 's', '2026', '', '', 'en', '', 1.0, '', ?, 0.0, 0, '[]', '[]')"
)


def iter_documents(count: int) -> Iterator[Document]:
    chance = random.Random(7)  # noqa: S311  repeatable, no secret
    words = [f"w{number}" for number in range(30_000)]
    recent: list[list[str]] = []
    for number in range(count):
        if recent and number % 10 == 0:
            chosen = chance.choice(recent)
            text = chosen[: int(len(chosen) * chance.uniform(0.4, 1.0))]
        else:
            text = chance.choices(words, k=WORDS)
            recent.append(text)
            del recent[:-5_000]
        yield Document(f"d{number}", f"u{number}", "s", FETCHED, "", " ".join(text), language="en")


def fill(connection: Connection, count: int) -> None:
    """Documents of before, as many inserts and merges would have left them: their rows, sketches and sorted segments.

    Inserting a million one by one takes most of an hour. The merges that this skips are in no figure: every FAN segments of one
    size become one, so each key is written again about log8(COUNT) times.
    """
    chance, key_rows = np.random.default_rng(11), []
    for first in range(0, count, FILL):
        numbers = np.arange(first + 1, min(count, first + FILL) + 1)
        hashes = np.sort(chance.integers(0, 2**32, (numbers.size, WORDS - 3), dtype=np.uint32), axis=1)
        keys = np.sort(chance.integers(0, 2**63, (numbers.size, KEYS), dtype=np.uint64), axis=1)
        key_rows.append((keys.ravel(), np.repeat(numbers, KEYS).astype(np.uint32)))
        with connection.write() as db:
            names = [f"{value:016x}" for value in chance.integers(0, 2**63, numbers.size)]
            db.executemany(NUMBERED, zip(numbers.tolist(), names, (f"u{name}" for name in names), names, strict=True))
            rows = zip(numbers.tolist(), map(json.dumps, keys.tolist()), map(bytes, hashes), strict=True)
            db.executemany("INSERT INTO cluster_sketches VALUES (?, ?, ?)", rows)
    keys, numbers = (np.concatenate(parts) for parts in zip(*key_rows, strict=True))
    start = 0
    for level in range(6, -1, -1):  # the segments that merges by eights leave of so many rows
        size = FRESH_ROWS * FAN**level
        while keys.size - start >= size:
            part, start = slice(start, start + size), start + size
            order = np.lexsort((numbers[part], keys[part]))
            with connection.write() as db:
                segments.insert(db, level, Segment(keys[part][order], numbers[part][order]))


def main(count: int, before: int) -> None:
    """Print a line of JSON for every step."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        Store.open(path, create=True).close()
        connection = Connection.open(path, create=False)
        with connection.write() as db:  # full text, queue and dashboard have measurements of their own
            others = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'cluster%'"
            for (name,) in db.execute(others).fetchall():
                db.execute(f"DROP TRIGGER {name}")
        if before:
            fill(connection, before)
        clusters = Store(connection).clusters
        spent, first, batch, began = 0.0, 0.0, [], time.process_time()
        for number, doc in enumerate(iter_documents(count), 1):
            batch.append(doc)
            if len(batch) < BATCH and number < count:
                continue
            spent += _insert(connection, clusters, batch)
            batch = []
            if number % STEP < BATCH:
                first = first or spent
                line = {"documents": before + number, "us": round(spent / STEP * 1e6), "ratio": round(spent / first, 2)}
                print(json.dumps(line | {"MB": _peak_mb()}), flush=True)
                spent = 0.0
        print(json.dumps({"processor seconds": round(time.process_time() - began, 1)}))
        connection.close()


def _insert(connection: Connection, clusters: Clusters, batch: Sequence[Document]) -> float:
    """Processor seconds of the index: finding and writing, without the documents' own rows."""
    started = time.process_time()
    done = cluster(batch, clusters)
    with connection.write() as db:
        paused = time.process_time()
        db.executemany(ROW, [(item.id, item.url, item.cluster_id) for item in done])
        started += time.process_time() - paused
        clusters.write(db, [item.id for item in done])
    clusters.settle()
    return time.process_time() - started


def _peak_mb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*(int(value) for value in (*sys.argv[1:], *("1000000", "0")[len(sys.argv) - 1 :])))
