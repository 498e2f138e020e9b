"""Measure the review page: `python -m tests.bench_review FOLDER [--documents 1000000] [--seconds 60]`.

Makes a database of invented words (one in twenty documents flagged, 20,000 decisions), serves it, asks for each page while
another process saves documents, then lets eight reviewers decide at once. Prints milliseconds per page (wall, and CPU of the
server), and what became of every decision.
"""

import argparse
import http.client
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from gazetteer.entries import load_entities
from pipeline import dashboard_tables
from pipeline.records import Document
from pipeline.review_tables import fill_queue
from pipeline.store import Store
from tests.conftest import FETCHED, make_page
from tests.test_review_server import run_server

_SYLLABLES = "to li bon sa mar qan oʻz bek is ton ха бар су да ми лат ка рор ов ал"
SYLLABLES = _SYLLABLES.split()
COMMON = ("Tolibonning", "Толибон", "sud", "суд", "hukumat", "хабар", "Талибан", "border")
ROUTES = (("uz", "Latn"), ("uz", "Cyrl"), ("tg", "Cyrl"), ("ru", "Cyrl"), ("en", "Latn"))
ENTITIES = ("taliban", "islamic-state", "islamic-movement-of-uzbekistan", "al-qaeda")
REVIEWERS = 8
ROUNDS = 40
DECISIONS = 20_000
WRITER = "import sys; from pathlib import Path; from tests.bench_review import write; write(Path(sys.argv[1]))"
COLUMNS = (
    "number, id, url, source, fetched_at, title, text, published, published_source, language, script, language_confidence, guess,"
    " cluster_id, score, flagged, reasons, evidence"
)


def make_database(path: Path, documents: int, words: int = 45) -> None:
    """Documents of so many words, mentions and labels without triggers, which are put back, and what they keep is filled."""
    with Store.open(path, create=True) as store, store.documents._connection.write() as db:
        kept = db.execute(
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE (type = 'trigger' AND tbl_name IN ('documents', 'queue', 'mentions'))"
            " OR"
            " (type = 'index' AND sql IS NOT NULL AND tbl_name IN ('documents', 'queue', 'mentions', 'labels'))"
        ).fetchall()
        for kind, name, _ in kept:
            db.execute(f"DROP {kind} {name}")
        db.executemany(f"INSERT INTO documents({COLUMNS}) VALUES ({', '.join('?' * 18)})", _iter_documents(documents, words))
        _add_mentions(db, documents)
        db.execute(
            "INSERT INTO labels SELECT id, 'topics', CASE number % 3 WHEN 0 THEN 'attack' ELSE 'financing' END, 0.7, 'm'"
            " FROM documents WHERE flagged OR number % 9 = 0"
        )
        db.execute("INSERT INTO documents_fts(documents_fts) VALUES ('rebuild')")
        db.execute(fill_queue("documents.id"))
        db.execute("INSERT INTO queue_counts SELECT route, source, flagged, verdict, count(*) FROM queue GROUP BY 1, 2, 3, 4")
        for statement in dashboard_tables.FILL.split(";\n"):
            db.execute(statement)
        for _, _, sql in kept:
            db.execute(sql)
        rows = db.execute(
            "SELECT document_id FROM queue WHERE flagged ORDER BY score DESC LIMIT ?", (min(DECISIONS, documents // 50),)
        ).fetchall()
        chance = random.Random(3)  # noqa: S311  no secret
        db.executemany(
            "INSERT INTO decisions(document_id, reviewer, verdict, decided_at, mode)"
            " VALUES (?, ?, ?, '2026-09-01T00:00:00+00:00', 'first')",
            [(row[0], f"r{n % 9}", chance.choice(["relevant", "not-relevant"])) for n, row in enumerate(rows)],
        )
        db.executemany(
            "INSERT INTO decisions(document_id, reviewer, verdict, decided_at, mode)"
            " VALUES (?, 'second', ?, '2026-09-02T00:00:00+00:00', 'blind')",
            [(row[0], chance.choice(["relevant", "not-relevant"])) for row in rows[::10]],
        )


def _add_mentions(db: sqlite3.Connection, documents: int) -> None:
    """Names as an archive has them: some in every other report, most in few."""
    chance = random.Random(4)  # noqa: S311  no secret
    entities = [
        (entity.id, entity.label, entity.name, entity.kind) for entity in load_entities() if entity.label in ("ORG", "LOC")
    ]
    weights = [1 / place for place in range(1, len(entities) + 1)]
    entities.sort(key=lambda entity: (entity[0] not in ENTITIES, entity[0]))
    db.executemany(
        "INSERT INTO mentions VALUES (?, 0, 5, 'x', ?, ?, '[\"gazetteer\"]', 0.9, '', ?, ?, 1)",
        (
            (f"d{number}", label, entity_id, name, kind)
            for number in range(1, documents + 1)
            if number % 20 == 0 or number % 9 == 0
            for entity_id, label, name, kind in chance.choices(entities, weights, k=chance.randint(1, 8))
        ),
    )


def _iter_documents(documents: int, size: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(5)  # noqa: S311  no secret
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(20_000)]
    for number in range(1, documents + 1):
        language, script = ROUTES[(number + number // 20) % 5]
        flagged = number % 20 == 0
        text = " ".join([*chance.choices(words, k=size), *([chance.choice(COMMON)] if number % 3 == 0 else [])])
        day = f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        cluster = f"c{number // 40}" if number % 7 == 0 else f"d{number}"
        score = round(chance.uniform(0.5, 1) if flagged else chance.uniform(0, 0.5), 4)
        place = (number, f"d{number}", f"http://h/{number}", f"source-{number % 98}", FETCHED.isoformat())
        yield (*place, text[:60], text, day, "meta", language, script, 0.9, "", cluster, score, int(flagged), '["reason"]', "[]")


def write(path: Path) -> None:
    """What a crawl and its analysis do meanwhile: a page and a document, again and again, until killed."""
    for number in range(10_000_000):
        page = make_page(number, url=f"http://127.0.0.1/new/{number}")
        with Store.open(path) as store:
            store.pages.save(page, "x.warc.gz", number)
            text = f"A new document {number} on the Taliban"
            doc = Document(page.id, page.url, "sinov", FETCHED, "New", text, language="en", score=0.4)
            store.documents.save([doc])


class Browser:
    """One reviewer's connection."""

    def __init__(self, address: str, reviewer: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=300)
        self._cookies = {"xabar_reviewer": reviewer}

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, body, and where to go on."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("GET" if form is None else "POST", path, urlencode(form) if form else None, headers)
        answer = self._connection.getresponse()
        body = answer.read().decode()
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self._cookies[name] = value
        return answer.status, body, answer.headers.get("location", "")


def measure_pages(address: str, process: int) -> None:
    """Each page ROUNDS times in turn."""
    browser, found = Browser(address, "bench"), {}
    paths = {
        "queue": "/",
        "queue, one language, newest": "/?language=tg&order=newest",
        "queue, source and day": "/?source=source-7&since=2026-06-01",
        "queue, organisation, all": "/?entity=taliban&show=all&decision=any",
        "queue, topic": "/?topic=attack&order=doubt",
        "queue, decided": "/?decision=relevant",
        "search, frequent word": "/?search=Толибон&show=all&decision=any",
        "search, rare words": "/?search=tolibon+marqan&show=all&decision=any",
        "item": "/item/d20000",
        "dashboard": "/dashboard",
        "dashboard, two years": "/dashboard?weeks=all",
        "agreement": "/agreement",
        "my record": "/me",
    }
    for _ in range(ROUNDS):
        for name, path in paths.items():
            began, cpu = time.perf_counter(), _cpu(process)
            status, _, _ = browser.ask(path.replace("Толибон", "%D0%A2%D0%BE%D0%BB%D0%B8%D0%B1%D0%BE%D0%BD"))
            found.setdefault(name, []).append(((time.perf_counter() - began) * 1000, (_cpu(process) - cpu) * 1000, status))
    for name, rows in found.items():
        wall, used = sorted(row[0] for row in rows), sorted(row[1] for row in rows)
        place = int(0.95 * len(rows))
        bad = {row[2] for row in rows} - {200}
        half = len(rows) // 2
        print(f"{name:32} p50 {wall[half]:7.1f}  p95 {wall[place]:7.1f}  cpu p50 {used[half]:6.1f} {bad or ''}", flush=True)


def measure_reviewers(address: str, path: Path, seconds: float) -> None:
    """Eight reviewers decide one item after another; every answer is counted, every decision must be in the database."""
    answers: Counter[int] = Counter()
    waits: list[float] = []
    before = count_decisions(path)
    Browser(address, "bench").ask("/item/d20")
    threads = [threading.Thread(target=_review, args=(address, f"bench-{n}", seconds, answers, waits)) for n in range(REVIEWERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits.sort()
    print(f"{REVIEWERS} reviewers, {seconds:.0f} s: answers {dict(answers)}, saved {count_decisions(path) - before}")
    half, most = waits[len(waits) // 2], waits[int(0.95 * len(waits))]
    print(f"decision to next item: p50 {half:.1f} ms, p95 {most:.1f} ms, worst {waits[-1]:.1f} ms")


def count_decisions(path: Path) -> int:
    """How many the database holds."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM decisions").fetchone()[0])


def _review(address: str, name: str, seconds: float, answers: Counter[int], waits: list[float]) -> None:
    browser, until = Browser(address, name), time.monotonic() + seconds
    # Each reads a queue of their own order, as people do; several meet on the same items all the same.
    here = f"/item/d{20 * (int(name[-1]) + 1)}?order={('score', 'doubt', 'newest', 'random')[int(name[-1]) % 4]}"
    _, page, _ = browser.ask(here)
    while time.monotonic() < until:
        form = {"token": page.split('name="token" value="')[1].split('"')[0], "verdict": "relevant", "seen": "0"}
        began = time.perf_counter()
        status, body, there = browser.ask(here.replace("?", "/decide?", 1), form)
        answers[status] += 1
        if status != 303:
            print(body[body.find("<main") :][:300])
            return
        if not there.startswith("/item/"):  # the end of the queue: everything is decided
            return
        _, page, _ = browser.ask(there)
        waits.append((time.perf_counter() - began) * 1000)
        here = there


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    """Make, serve, measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--documents", type=int, default=1_000_000)
    options.add_argument("--seconds", type=float, default=60)
    chosen = options.parse_args()
    path = chosen.folder / "review.db"
    if not path.exists():
        began = time.perf_counter()
        make_database(path, chosen.documents)
        print(f"made in {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:.0f} MB", flush=True)
    with run_server(path) as (process, address):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
        try:
            measure_pages(address, process.pid)
            measure_reviewers(address, path, chosen.seconds)
        finally:
            writer.kill()
            writer.wait()


if __name__ == "__main__":
    main()
