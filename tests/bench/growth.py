"""What the archive's size costs: short documents into the store, 10^3 to 10^6, and what is asked of it at the end.

    python -m tests.bench.growth [DOCUMENTS] [--batch N] [--db FILE]

Documents of about 45 invented words go through the copy index and the store's transaction, as `xabar run` writes them: rows,
full text, queue, copies, and the audit's hashes. One in twenty is flagged, one in ten is a copy. Prints JSON.
"""

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.cluster import cluster
from pipeline.records import Document, Label, Mention, Page
from pipeline.store import Store
from pipeline.store.connection import Connection
from tests.bench.candidate import FETCHED, read_peak_mb

SYLLABLES = "to li bon sa mar qan oʻz bek is ton ха бар су да ми лат ка рор ов ал".split()  # noqa: SIM905
ROUTES = (("uz", "Latn"), ("uz", "Cyrl"), ("tg", "Cyrl"), ("ru", "Cyrl"), ("en", "Latn"))
COMMON = ("Tolibonning", "суд", "hukumat", "Талибан", "border")
WORDS, ROUNDS = 45, 40
LEAST_STEP = 1000
PLAIN = (
    "CREATE TABLE d (number INTEGER PRIMARY KEY, id TEXT UNIQUE, url TEXT, title TEXT, text TEXT)",
    "CREATE VIRTUAL TABLE f USING fts5(title, text, content='d', content_rowid='number')",
    "CREATE TRIGGER t AFTER INSERT ON d BEGIN INSERT INTO f(rowid, title, text) VALUES (new.number, new.title, new.text); END",
)


def iter_documents(count: int) -> Iterator[Document]:
    """Short documents by seed, with a mention and labels."""
    chance = random.Random(11)  # noqa: S311  repeatable, no secret
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(20_000)]
    earlier: list[str] = []
    for number in range(count):
        language, script = ROUTES[number % len(ROUTES)]
        if earlier and number % 10 == 0:
            text = chance.choice(earlier)
        else:
            text = " ".join([*chance.choices(words, k=WORDS), *([COMMON[number % 5]] if number % 3 == 0 else [])])
            earlier.append(text)
            del earlier[:-2_000]
        flagged = number % 20 == 0
        mentions = (Mention(0, 3, text[:3], "ORG", "taliban", ("gazetteer",), 0.9, "form", "Taliban", "armed-unit"),)
        labels = tuple(Label("relevance", f"R{place}", 0.25, "m") for place in range(4))
        yield Document(
            f"d{number:08d}", f"https://h.invalid/{number}", f"source-{number % 98}", FETCHED, text[:60], text,
            language=language, script=script, mentions=mentions if number % 3 == 0 else (), labels=labels,
            score=round(chance.uniform(0.5, 1) if flagged else chance.uniform(0, 0.5), 4), flagged=flagged,
        )  # fmt: skip


def grow(path: Path, count: int, batch: int) -> list[dict[str, Any]]:
    """Fill the archive; at each power of ten, what a document cost since the last one, and the peak memory."""
    rows, spent, saved, since, at = [], 0.0, 0.0, 0, LEAST_STEP
    with Store.open(path, create=True) as store:
        waiting: list[Document] = []
        for number, doc in enumerate(iter_documents(count), 1):
            waiting.append(doc)
            if len(waiting) < batch and number not in (at, count):
                continue
            _save_pages(store, waiting)
            begun = time.process_time()
            done = cluster(waiting, store.clusters)
            middle = time.process_time()
            store.documents.save(done)
            end = time.process_time()
            spent, saved, since, waiting = spent + middle - begun, saved + end - middle, since + len(waiting), []
            if number in (at, count):
                rows.append(
                    {"documents": number, "save_us": round(saved / since * 1e6, 1), "cluster_us": round(spent / since * 1e6, 1),
                     "peak_mb": read_peak_mb(), "file_mb": round(path.stat().st_size / 1e6)}
                )  # fmt: skip
                print(json.dumps(rows[-1]), flush=True)
                spent, saved, since, at = 0.0, 0.0, 0, at * 10
    return rows


def measure_plain(count: int = 5000, batch: int = 1000) -> float:
    """Microseconds per document of a table with full text and nothing else: what SQLite itself takes, in the same run."""
    docs = list(iter_documents(count))
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "x.db", isolation_level=None)) as db:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *PLAIN):
            db.execute(statement)
        begun = time.process_time()
        for start in range(0, count, batch):
            db.execute("BEGIN IMMEDIATE")
            rows = [(doc.id, doc.url, doc.title, doc.text) for doc in docs[start : start + batch]]
            db.executemany("INSERT INTO d(id, url, title, text) VALUES (?, ?, ?, ?)", rows)
            db.execute("COMMIT")
        return round((time.process_time() - begun) / count * 1e6, 1)


def ask(path: Path) -> dict[str, dict[str, float]]:
    """p50 and p95 in ms of what the review page asks, and of a decision."""
    with Store.open(path) as store:
        flagged = [row.id for row in store.queue.rows({"flagged": 1}, limit=ROUNDS)]
        questions: dict[str, Callable[[int], object]] = {
            "queue, first page": lambda _: store.queue.rows({"flagged": 1}),
            "queue, one language": lambda n: store.queue.rows({"flagged": 1, "route": ("tg", "ru", "en")[n % 3]}),
            "queue, one source": lambda n: store.queue.rows({"flagged": 1, "source": f"source-{n}"}),
            "queue, page 20": lambda _: store.queue.rows({"flagged": 1}, offset=1000),
            "search, frequent word, newest first": lambda _: store.queue.rows({"search": "hukumat", "order": "newest"}),
            "search, two words, newest first": lambda _: store.queue.rows({"search": "hukumat oʻzbek", "order": "newest"}),
            "search, frequent word, by score": lambda _: store.queue.rows({"search": "hukumat", "order": "score"}),
            "decide": lambda n: store.desk.decide(flagged[n], "bench", "relevant"),
        }
        found: dict[str, list[float]] = {name: [] for name in questions}
        for number in range(min(ROUNDS, len(flagged))):
            for name, question in questions.items():
                begun = time.process_time()
                question(number)
                found[name].append((time.process_time() - begun) * 1000)
    return {
        name: {"p50": round(median(times), 2), "p95": round(sorted(times)[int(0.95 * len(times))], 2)}
        for name, times in found.items()
    }


def _save_pages(store: Store, docs: list[Document]) -> None:
    """The rows that outcomes refer to; a crawl has written them, so they are not on the clock."""
    connection: Connection = store.pages._connection
    with connection.write() as db:
        for doc in docs:
            page = Page(doc.url, doc.source, doc.fetched_at, {}, b"")
            db.execute(
                "INSERT INTO pages VALUES (?, ?, ?, ?, 200, ?, 'x.warc.gz', 0, NULL, NULL)",
                (doc.id, doc.url, doc.source, doc.fetched_at.isoformat(), page.body_sha256),
            )


def measure(count: int, batch: int, path: Path | None = None) -> dict[str, Any]:
    """Both, in a folder that goes at the end unless `path` is given."""
    with tempfile.TemporaryDirectory() as folder:
        here = path or Path(folder) / "x.db"
        plain = measure_plain()
        return {"batch": batch, "plain_us": plain, "growth": grow(here, count, batch), "questions_ms": ask(here)}


def main() -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int, nargs="?", default=100_000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--db", type=Path)
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.documents, chosen.batch, chosen.db)))


if __name__ == "__main__":
    main()
