"""What our crawl costs beside plain Scrapy: the same site on loopback, pages per processor second of the crawling process.

Three take turns: a plain spider that keeps nothing; our engine (guard, robots, throttle, tally) that keeps nothing either; and
`xabar crawl`, which also hashes, looks for groups' own voices, packs, pushes to the disk and writes to the database. The cost
of a page is the slope between a small and a large crawl, so that starting does not count.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

SMALL, LARGE = 50, 550
KINDS = ("plain", "engine", "xabar")
ENGINE = """
import sys
from pathlib import Path
from pipeline.inspect_source import Notebook
from spiders.crawl import crawl
from spiders.settings import crawl_settings
from spiders.source import load_sources

sources = load_sources(Path("sources"))
settings = crawl_settings(
    contact="bench", delay=0.0, loopback_delay=0.0, timeout=30, max_bytes=10**7, allow_private_hosts=["127.0.0.0/8"],
    item_pipeline="pipeline.inspect_source.Collect", sources=sources.values(),
)
kept = Notebook()
crawl(sources, limit=None, settings=settings, fetch_log=kept, archive=kept)
"""
PLAIN = """
import sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Plain(scrapy.Spider):
    name = "plain"
    start_urls = [sys.argv[1]]

    def parse(self, response):
        for url in response.xpath("//link/text()").getall():
            yield scrapy.Request(url, callback=self.parse_item)

    def parse_item(self, response):
        yield {"url": response.url, "body": response.body}

process = CrawlerProcess({"LOG_LEVEL": "ERROR", "ROBOTSTXT_OBEY": True, "TELNETCONSOLE_ENABLED": False})
process.crawl(Plain)
process.start()
"""
SETTINGS = """
[crawl]
contact = "bench"
loopback_delay_seconds = 0.0
allow_private_hosts = ["127.0.0.0/8"]
"""


class Site(BaseHTTPRequestHandler):
    """A feed of so many articles, which are the pages of the measurement in turn."""

    protocol_version = "HTTP/1.1"
    pages: ClassVar[list[bytes]] = []

    def do_GET(self) -> None:
        """Answer."""
        feed, article = re.fullmatch(r"/feed-(\d+)\.xml", self.path), re.fullmatch(r"/news/(\d+)", self.path)
        if feed:
            base = f"http://127.0.0.1:{self.server.server_address[1]}"
            items = "".join(f"<item><title>{n}</title><link>{base}/news/{n}</link></item>" for n in range(int(feed[1])))
            body, kind = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode(), "application/rss+xml"
        elif article:
            body, kind = self.pages[int(article[1]) % len(self.pages)], "text/html; charset=utf-8"
        else:
            body, kind = b"User-agent: *\nAllow: /\n", "text/plain"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@contextmanager
def serve(pages: list[bytes]) -> Iterator[str]:
    """The site, as long as the block runs."""
    Site.pages = pages
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def measure(pages: list[bytes], rounds: int) -> dict[str, Any]:
    """Pages per processor second of both, medians, and the median of the ratios."""
    found = []
    with serve(pages) as base:
        for _ in range(rounds):
            found.append({name: _slope(name, base) for name in KINDS})
            print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    return {
        **{name: round(median(one[name] for one in found), 1) for name in found[0]},
        "engine_ratio": round(median(one["engine"] / one["plain"] for one in found), 2),
        "ratio": round(median(one["xabar"] / one["plain"] for one in found), 2),
        "page_kb": round(sum(map(len, pages)) / len(pages) / 1024),
    }


def _slope(name: str, base: str) -> float:
    small, large = (_crawl(name, base, count) for count in (SMALL, LARGE))
    return round((LARGE - SMALL) / (large - small), 1)


def _crawl(name: str, base: str, count: int) -> float:
    feed = f"{base}/feed-{count}.xml"
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "plain.py").write_text(PLAIN, encoding="utf-8")
        (here / "engine.py").write_text(ENGINE, encoding="utf-8")
        (here / "x.toml").write_text(SETTINGS, encoding="utf-8")
        (here / "sources").mkdir()
        (here / "sources" / "sinov.toml").write_text(
            f'name = "Sinov"\nhomepage = "{base}/"\ncountry = "UZ"\nlanguages = ["uz"]\nkind = "newspaper"\n'
            f'start = [{{feed = "{feed}"}}]\nallow = ["/news/"]\nnote = "bench"\n',
            encoding="utf-8",
        )
        ours = ["-m", "pipeline.cli", "crawl", "--sources", "sources", "--config", "x.toml", "--json"]
        command = [sys.executable, *(ours if name == "xabar" else [f"{name}.py", feed])]
        return run_child(command, here)


def run_child(command: list[str], folder: Path) -> float:
    """Processor seconds of one child. Raises CalledProcessError."""
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=os.environ)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise subprocess.CalledProcessError(process.returncode, command, log.read())
    return usage.ru_utime + usage.ru_stime
