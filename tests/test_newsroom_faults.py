"""A whole crawl of the newsroom with its hostile and broken sites, judged by the newsroom's own log."""

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.spider_site import ROOT, SETTINGS

pytestmark = [pytest.mark.quality, pytest.mark.slow, pytest.mark.timeout(1500)]
PORT = 8890
OFF_LIMITS = ("127.0.3.1", "127.0.4.1")
DELAY = 0.2
TOML = """name = "{site}"
homepage = "{base}/"
country = "XX"
languages = ["uz"]
kind = "newspaper"
start = [{{feed = "{base}/feed.xml"}}, {{sitemap = "{base}/sitemap.xml"}}, {{listing = "{base}/news/"}}]
allow = ["/news/"]
"""
NAMED = {
    "robots-deny": "robots.txt forbids", "robots-500": "robots.txt could not be read (HTTP 500)", "error-500": "HTTP 500",
    "flaky": "second or third try", "slow": "answers slowly", "truncated": "before the whole page came",
    "redirect-offsite": "leads to another site", "redirect-private": "redirect leads to", "redirect-loop": "in a circle",
    "bomb": "given up", "huge": "given up", "trap": "links to no article", "bad-charset": "another character set",
    "empty": "0 bytes", "binary": "binary data", "soft-404": "is an HTML page, not a feed", "bad-feed": "not well-formed",
}

# The system counts the memory of the process that starts another as the other's too: a small one starts the crawl, not pytest.
LAUNCHER = """
import resource, subprocess, sys
returned = subprocess.run(sys.argv[2:]).returncode
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(returned)
"""


@pytest.fixture(scope="module")
def crawls(eval_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[SimpleNamespace]]:
    """Two crawls: rows by site, the newsroom's log, megabytes and seconds."""
    folder = tmp_path_factory.mktemp("newsroom")
    script, pages = eval_data / "newsroom" / "newsroom.py", eval_data / "newsroom" / "pages"
    room = subprocess.Popen([sys.executable, str(script), str(pages), "--port", str(PORT), "--faults"], stdout=subprocess.DEVNULL)
    try:
        sites = {site["site"].replace(".", "-"): site for site in ask("sites")}
        (folder / "sources").mkdir()
        for name, site in sites.items():
            text = TOML.format(site=site["site"], base=site["base"].rstrip("/"))
            (folder / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
        (folder / "x.toml").write_text(SETTINGS.format(delay=DELAY, timeout=30.0, max_bytes=10_000_000), encoding="utf-8")
        first = crawl(folder, sites)
        with sqlite3.connect(folder / "x.db") as db:
            first.remembered = {url for (url,) in db.execute("SELECT url FROM fetches WHERE etag IS NOT NULL")}
        db.close()
        yield [first, crawl(folder, sites)]
    finally:
        room.terminate()
        room.wait(timeout=30)


def ask(what: str) -> Any:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.1.1:{PORT}/-/{what}.json", timeout=30) as answer:
                return json.load(answer)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def crawl(folder: Path, sites: dict[str, Any]) -> SimpleNamespace:
    before, began = len(ask("log")), time.monotonic()
    line = [sys.executable, "-m", "pipeline.cli", "crawl", "--json", "--sources", str(folder / "sources"),
            "--config", str(folder / "x.toml"), "--db", str(folder / "x.db")]
    with (folder / "out.json").open("w") as out, (folder / "err.txt").open("w") as err:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        launch = [sys.executable, "-S", "-c", LAUNCHER, str(folder / "peak.txt"), *line]
        returned = subprocess.run(launch, cwd=ROOT, env=environment, stdout=out, stderr=err, check=False).returncode
    said = (folder / "out.json").read_text()
    assert returned in (0, 1), (folder / "err.txt").read_text()
    assert said, (folder / "err.txt").read_text()
    rows = {row["source"]: row for row in json.loads(said)}
    log = [request for request in ask("log")[before:] if not request["path"].startswith("/-/")]
    megabytes = int((folder / "peak.txt").read_text()) / 1024
    return SimpleNamespace(rows=rows, log=log, sites=sites, megabytes=megabytes, seconds=time.monotonic() - began)


def test_every_good_page_is_stored_and_each_fault_is_named(crawls: list[SimpleNamespace]) -> None:
    first = crawls[0]
    good = {name for name, site in first.sites.items() if not site["fault"]}
    assert {name: first.rows[name]["fetched"] for name in good} == {name: len(first.sites[name]["pages"]) for name in good}
    for name, words in NAMED.items():
        assert any(words in reason for reason in first.rows[name]["reasons"]), (name, first.rows[name]["reasons"])


def test_nobody_is_asked_who_must_not_be_and_nobody_too_often(crawls: list[SimpleNamespace]) -> None:
    for crawled in crawls:
        assert not [request for request in crawled.log if request["host"] in OFF_LIMITS]
        assert not [request for request in crawled.log if request["path"].startswith("/private/")]
        assert {request["path"] for request in crawled.log if request["site"] in ("robots-deny", "robots-500")} == {"/robots.txt"}
        times = defaultdict(list)
        for request in crawled.log:
            if crawled.sites[request["site"].replace(".", "-")]["fault"] in ("bomb", "huge", "truncated", "slow"):
                continue
            times[request["host"]].append(request["time"])
        # The newsroom writes down when it has ended an answer: one that was given up stands close to the next.
        gaps = [after - before for host, moments in times.items() for before, after in pairwise(sorted(moments))]
        assert min(gaps) >= DELAY * 0.9
        assert crawled.megabytes < 400


def test_the_second_crawl_asks_conditionally(crawls: list[SimpleNamespace]) -> None:
    first, second = crawls
    good = {site["site"] for site in second.sites.values() if not site["fault"]}
    asked = [request for request in second.log if request["site"] in good and request["path"] != "/robots.txt"]
    known = [request for request in asked if f"http://{request['host']}:{PORT}{request['path']}" in first.remembered]
    assert len(known) >= 0.95 * len(asked), "what a busy machine made fail the first time is no more than this"
    assert [request["path"] for request in known if not request["if_none_match"]] == []
