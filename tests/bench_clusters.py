"""What finding copies costs as the archive grows: `python -m tests.bench_clusters 1000000`.

CPU microseconds per document, of the process and of the first 10,000 documents as one, and peak memory. Documents are made by
seed, of about 120 words; a tenth of them are copies of an earlier one, cut to 40 to 100 %.
"""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.cluster import cluster
from pipeline.records import Document
from pipeline.store import Store
from pipeline.store.connection import Connection
from tests.conftest import FETCHED

STEP, BATCH, WORDS = 10_000, 32, 120
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


def main(count: int) -> None:
    """Print a line of JSON for every step."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        Store.open(path, create=True).close()
        connection = Connection.open(path, create=False)
        clusters = Store(connection).clusters
        spent, first, batch = 0.0, 0.0, []
        for number, doc in enumerate(iter_documents(count), 1):
            batch.append(doc)
            if len(batch) < BATCH and number < count:
                continue
            started = time.process_time()
            done = cluster(batch, clusters)
            with connection.write() as db:
                db.executemany(ROW, [(item.id, item.url, item.cluster_id) for item in done])
                clusters.write(db, [item.id for item in done])
            clusters.settle()
            spent += time.process_time() - started
            batch = []
            if number % STEP < BATCH:
                first = first or spent
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                line = {"documents": number, "us": round(spent / STEP * 1e6), "ratio": round(spent / first, 2), "MB": memory}
                print(json.dumps(line), flush=True)
                spent = 0.0
        connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
