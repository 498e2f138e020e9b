"""SIGKILL at random instants: nothing acknowledged is lost, nothing is stored twice, a second run completes.

Real processes are killed, at random times and not at hooks. XABAR_KILL_SEED repeats a run; the seed is printed.
"""

import http.client
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest

from pipeline.custody.inspection import inspect_archive
from pipeline.evidence import EvidenceWriter, find_damage, read_page
from pipeline.records import Document
from pipeline.store import Store
from tests.conftest import make_page

KILLS = int(os.environ.get("XABAR_KILLS") or 8)  # of each kind
ARTICLES = max(40, 8 * (KILLS - 3))  # enough that many kills find work to interrupt
CRAWLED = max(100, 25 * (KILLS - 3))  # a crawl fetches about this many between two kills, so that most of them interrupt it
AT_WORK = 0.75  # of the kills come after the first write
REVIEW_KILLS = int(os.environ.get("XABAR_KILLS") or 3)  # the page takes a while to come up
SETTINGS = """
[crawl]
contact = "test"
loopback_delay_seconds = 0.05
allow_private_hosts = ["127.0.0.0/8"]
[run]
batch_size = 4
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 60 * KILLS)]


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("XABAR_KILL_SEED") or time.time_ns() % 1_000_000)
    print(f"XABAR_KILL_SEED={seed}")
    return random.Random(seed)  # noqa: S311  no secret, a repeatable choice of instants


class Site(BaseHTTPRequestHandler):
    """A feed and its articles, with validators, so that a second crawl is conditional."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        article = re.fullmatch(r"/news/(\d+)", self.path)
        if self.path == "/feed.xml":
            items = "".join(
                f"<item><title>{n}</title><link>{self._base()}/news/{n}</link></item>" for n in range(CRAWLED)
            )
            body, kind = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode(), "application/rss+xml"
        elif self.path == "/robots.txt":
            body, kind = b"User-agent: *\nAllow: /\n", "text/plain"
        elif article:
            body, kind = make_page(int(article[1])).body, "text/html; charset=utf-8"
        else:
            self.send_error(404)
            return
        tag = f'"{len(body)}"'
        same = self.headers.get("If-None-Match") == tag
        self.send_response(304 if same else 200)
        for name, value in (("Content-Type", kind), ("ETag", tag), ("Content-Length", "0" if same else str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        if not same:
            self.wfile.write(body)

    def _base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    settings = [] if arguments[0] == "backup" else ["--config", "x.toml"]
    command = [sys.executable, "-m", "pipeline.cli", *arguments, "--db", "x.db", *settings]
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(folder: Path, *arguments: str) -> None:
    process = start(folder, *arguments)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output


def kill_at_random(folder: Path, chance: random.Random, longest: float, *arguments: str, sign: str = "x.db*") -> None:
    """Most of the time counted from the first write to the files of this name, so that a slow start does not spare the work."""
    before = look(folder, sign)
    process = start(folder, *arguments)
    if chance.random() < AT_WORK:
        deadline = time.monotonic() + 60
        while look(folder, sign) == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
    try:
        process.communicate(timeout=chance.uniform(0.0, longest))
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def look(folder: Path, files: str) -> list[tuple[str, int, int]]:
    """Size and time of some files."""
    found = []
    for path in sorted(folder.glob(files)):
        with suppress(FileNotFoundError):  # SQLite has just removed its log
            seen = path.stat()
            found.append((path.name, seen.st_size, seen.st_mtime_ns))
    return found


def stored(folder: Path, table: str, column: str) -> list[str]:
    """What another program sees in the database after the kill."""
    if not (folder / "x.db").exists():
        return []
    raw = sqlite3.connect(folder / "x.db")
    try:
        return [row[0] for row in raw.execute(f"SELECT {column} FROM {table}")]
    except sqlite3.OperationalError:  # killed before the tables were made
        return []
    finally:
        raw.close()


def write_source(folder: Path, site: str) -> None:
    (folder / "x.toml").write_text(SETTINGS)
    (folder / "sources").mkdir()
    (folder / "sources" / "sinov.toml").write_text(
        f'name = "Sinov"\nhomepage = "{site}/"\ncountry = "UZ"\nlanguages = ["uz"]\nkind = "newspaper"\n'
        f'start = [{{feed = "{site}/feed.xml"}}]\nallow = ["/news/"]\nnote = "test"\n'
    )


def test_a_killed_crawl_loses_no_page_and_a_second_one_completes(tmp_path: Path, site: str, chance: random.Random) -> None:
    write_source(tmp_path, site)
    kept: set[str] = set()
    partial = 0
    for _ in range(KILLS):
        kill_at_random(tmp_path, chance, 3.5, "crawl", "--sources", "sources", sign="x-warc/*")
        now = set(stored(tmp_path, "pages", "id"))
        assert kept <= now, "a page that was acknowledged is gone"
        partial += len(kept) < len(now) < CRAWLED
        kept = now
    finish(tmp_path, "crawl", "--sources", "sources")
    urls = stored(tmp_path, "pages", "url")
    assert sorted(urls) == sorted(f"{site}/news/{n}" for n in range(CRAWLED)), "complete, and nothing twice"
    with Store.open(tmp_path / "x.db") as store:
        assert find_damage(store) == []
    print(f"{partial} of {KILLS} kills fell into the middle of the crawl")


def test_a_killed_run_loses_no_outcome_and_a_second_one_completes(tmp_path: Path, chance: random.Random) -> None:
    (tmp_path / "x.toml").write_text(SETTINGS)
    pages = [make_page(n, make_page(n).body * (1 + n % 3)) for n in range(ARTICLES)]
    with Store.open(tmp_path / "x.db", create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
        for page in pages:
            store.pages.save(page, *writer.append(page))
    kept: set[str] = set()
    for _ in range(KILLS):
        kill_at_random(tmp_path, chance, 3.0, "run")
        now = set(stored(tmp_path, "outcomes", "page_id"))
        assert kept <= now
        assert set(stored(tmp_path, "documents", "id")) <= now, "a document without its outcome"
        kept = now
    finish(tmp_path, "run")
    assert sorted(stored(tmp_path, "outcomes", "page_id")) == sorted(page.id for page in pages)
    documents = stored(tmp_path, "documents", "id")
    assert len(documents) == len(set(documents)) == ARTICLES


def test_a_killed_review_keeps_every_decision_it_acknowledged(tmp_path: Path, chance: random.Random) -> None:
    (tmp_path / "x.toml").write_text(SETTINGS)
    page = make_page(1)
    with Store.open(tmp_path / "x.db", create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
        store.pages.save(page, *writer.append(page))
        store.documents.save([Document(page.id, page.url, "s", page.fetched_at, "t", "x", flagged=True, score=0.9)])
    acknowledged = 0
    for _ in range(REVIEW_KILLS):
        process = start(tmp_path, "review", "--port", "0", "--reviewer", "sinov")
        assert process.stdout is not None
        port = int(re.findall(r":(\d+)", process.stdout.readline())[0])
        acknowledged += decide_until_it_dies(port, page.id, threading.Timer(chance.uniform(0.0, 0.6), process.kill))
        process.kill()
        process.communicate(timeout=100)
    assert acknowledged > 0
    with Store.open(tmp_path / "x.db") as store:
        print(f"{acknowledged} decisions were acknowledged before {REVIEW_KILLS} kills")
        stored_ones = len(store.desk.decisions(page.id))
        assert acknowledged <= stored_ones <= acknowledged + REVIEW_KILLS, "at most the one in flight is more"
        assert store.ledger.first_broken_link() is None


def test_a_killed_retention_drops_no_other_body_and_verify_stays_clean(tmp_path: Path, chance: random.Random) -> None:
    (tmp_path / "x.toml").write_text(SETTINGS)
    flagged: set[str] = set()
    for part in range(4):  # four files, so that a kill may fall between two of them
        with Store.open(tmp_path / "x.db", create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
            for n in range(part, ARTICLES, 4):
                page = make_page(n, make_page(n).body + os.urandom(40_000).hex().encode())
                store.pages.save(page, *writer.append(page))
                store.documents.save([Document(page.id, page.url, "s", page.fetched_at, "t", "x" * 300, flagged=n % 3 == 0)])
                flagged |= {page.id} if n % 3 == 0 else set()
    for _ in range(KILLS):
        kill_at_random(tmp_path, chance, 2.5, "retention", "--days", "1")
        assert inspect_archive(tmp_path / "x.db")[0].damage == []
    finish(tmp_path, "retention", "--days", "1")
    findings, _ = inspect_archive(tmp_path / "x.db")
    assert (findings.damage, findings.notes) == ([], [])
    with Store.open(tmp_path / "x.db") as store:
        assert {doc.id for doc in store.documents.all() if doc.text} == flagged
        kept = [read_page(store.evidence_folder, ref).id for refs in store.pages.pending(batch=9, again=True) for ref in refs]
        assert set(kept) == flagged


def test_a_killed_backup_leaves_nothing_that_looks_like_one_and_the_archive_clean(tmp_path: Path, chance: random.Random) -> None:
    (tmp_path / "x.toml").write_text(SETTINGS)
    with Store.open(tmp_path / "x.db", create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
        for n in range(ARTICLES):
            page = make_page(n, make_page(n).body + os.urandom(100_000).hex().encode())
            store.pages.save(page, *writer.append(page))
    whole = 0
    for number in range(KILLS):
        kill_at_random(tmp_path, chance, 0.4, "backup", f"copy{number}", "--no-verify", sign=f"copy{number}")
        if (tmp_path / f"copy{number}" / "x.db").exists():
            whole += 1
            assert inspect_archive(tmp_path / f"copy{number}" / "x.db")[0].damage == []
        assert inspect_archive(tmp_path / "x.db")[0].damage == []
        shutil.rmtree(tmp_path / f"copy{number}", ignore_errors=True)
    print(f"{whole} of {KILLS} backups were complete before the kill")


def decide_until_it_dies(port: int, document_id: str, death: threading.Timer) -> int:
    """Post decisions as a browser would; counts those that were answered with the redirect to the next item.

    The first answer starts the timer that ends it.
    """
    answered = 0
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", f"/item/{document_id}")
        answer = connection.getresponse()
        html, cookie = answer.read().decode(), answer.getheader("Set-Cookie", "").split(";")[0]
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
        action = re.search(r'<form[^>]*action="([^"]*)"[^>]*id="decide"|<form[^>]*id="decide"[^>]*action="([^"]*)"', html)
        assert action, "the decide form"
        path = action[1] or action[2]
        for _ in range(5_000):
            connection.request(
                "POST", path, urlencode(fields | {"verdict": "relevant"}),
                {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"},
            )
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 303, answer.status
            answered += 1
            if answered == 1:
                death.start()
    except (OSError, http.client.HTTPException):
        pass
    return answered
