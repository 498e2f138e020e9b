"""What our crawl costs beside plain Scrapy: `python -m tests.bench_crawl [HOSTS] [PAGES] [ROUNDS]`.

A server of its own process serves HOSTS feeds with PAGES articles each on loopback; politeness is off. Three crawls take turns,
each in a process of its own: a plain spider that reads the same feeds, ours with pages kept in memory (the engine: guard, robots,
throttle, tally), ours into WARC files and a database. Printed: articles a second of processor time, how much of plain Scrapy's
that is, and microseconds a page that the archive adds. Feeds, robots.txt and start-up are counted as the user pays them.
"""

import json
import multiprocessing
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from tests.conftest import make_page
from tests.spider_site import ROOT

KINDS = ("plain", "engine", "archive")


def serve(hosts: int, pages: int, ports: Any) -> None:
    """All sites of one process; every page has about 20 KB."""
    filling = "<p>" + "Shaharda yangi maktab ochildi, unda olti yuz bola oʻqiydi. " * 300 + "</p>"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/feed.xml":
                base = f"http://{self.server.server_address[0]}:{self.server.server_address[1]}"
                items = "".join(f"<item><title>{n}</title><link>{escape(base)}/news/{n}</link></item>" for n in range(pages))
                self._send(f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode(), "application/rss+xml")
            elif self.path == "/robots.txt":
                self._send(b"User-agent: *\nDisallow: /private/\n", "text/plain")
            else:
                number = int(self.path.rsplit("/", 1)[1])
                body = make_page(number).body.replace(b"</article>", filling.encode() + b"</article>")
                self._send(body, "text/html; charset=utf-8")

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    servers = [ThreadingHTTPServer((f"127.0.12.{number + 1}", 0), Handler) for number in range(hosts)]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ports.send([f"{server.server_address[0]}:{server.server_address[1]}" for server in servers])
    ports.recv()


def crawl_plain(sites: list[str]) -> int:
    """Scrapy as its tutorial has it: one spider, the feed's links, an item a page."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    class Plain(scrapy.Spider):
        name = "plain"
        start_urls: ClassVar[list[str]] = [f"http://{site}/feed.xml" for site in sites]

        def parse(self, response: Any) -> Any:
            for link in response.xpath("//item/link/text()").getall():
                yield response.follow(link, self.parse_article)

        def parse_article(self, response: Any) -> Any:
            yield {"url": response.url, "status": response.status, "headers": dict(response.headers), "body": response.body}

    settings = {"ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 64, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
    process = CrawlerProcess(settings | {"LOG_LEVEL": "ERROR", "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False})
    crawler = process.create_crawler(Plain)
    process.crawl(crawler)
    process.start()
    return int(crawler.stats.get_value("item_scraped_count", 0))


def crawl_ours(sites: list[str], folder: Path, *, archive: bool) -> int:
    """All sites through `spiders.crawl`, as `xabar crawl` does."""
    from pipeline.inspect_source import Notebook
    from pipeline.store import Store
    from spiders.crawl import crawl
    from spiders.settings import crawl_settings
    from spiders.source import load_sources

    (folder / "sources").mkdir()
    for number, site in enumerate(sites):
        text = f'name = "x"\nhomepage = "http://{site}/"\ncountry = "UZ"\nlanguages = ["uz"]\nkind = "newspaper"\n'
        text += f'start = [{{feed = "http://{site}/feed.xml"}}]\nallow = ["/news/"]\n'
        (folder / "sources" / f"s{number}.toml").write_text(text)
    sources = load_sources(folder / "sources")
    settings = crawl_settings(
        contact="bench", delay=0.0, loopback_delay=0.0, timeout=30, max_bytes=10**7, allow_private_hosts=["127.0.0.0/8"],
        item_pipeline="pipeline.intake.Intake" if archive else "pipeline.inspect_source.Collect", sources=sources.values(),
    )  # fmt: skip
    with Store.open(folder / "x.db", create=True) as store:
        kept: Any = store if archive else Notebook()
        tally = crawl(sources, limit=None, settings=settings, fetch_log=store.pages if archive else kept, archive=kept)
    return tally.totals()[0]


def run_one(kind: str, sites: list[str]) -> None:
    """In a process of its own: a line with articles and seconds of processor time, imports included."""
    with tempfile.TemporaryDirectory() as folder:
        count = crawl_plain(sites) if kind == "plain" else crawl_ours(sites, Path(folder), archive=kind == "archive")
    print(json.dumps({"articles": count, "seconds": time.process_time()}))


def main(hosts: int, pages: int, rounds: int) -> None:
    """Print a line of JSON for each kind."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(hosts, pages, theirs), daemon=True)
    server.start()
    sites, spent = ours.recv(), defaultdict(list)
    for number in range(rounds):
        for kind in KINDS if number % 2 else reversed(KINDS):
            done = subprocess.run([sys.executable, "-m", "tests.bench_crawl", "--one", kind, *sites], cwd=ROOT, check=True,
                                  capture_output=True, text=True, timeout=600)  # fmt: skip
            line = json.loads(done.stdout.splitlines()[-1])
            assert line["articles"] == hosts * pages, line
            spent[kind].append(line["seconds"])
    ours.send("end")
    server.join(10)
    middle = {kind: median(values) for kind, values in spent.items()}
    for kind in KINDS:
        facts = {"kind": kind, "articles": hosts * pages, "articles_per_cpu_second": round(hosts * pages / middle[kind], 1)}
        facts["of_plain"] = round(middle["plain"] / middle[kind], 2)
        if kind == "archive":
            facts["archive_adds_us_a_page"] = round((middle[kind] - middle["engine"]) / (hosts * pages) * 1e6)
        print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        run_one(sys.argv[2], sys.argv[3:])
    else:
        main(*(int(value) for value in (*sys.argv[1:], *("20", "100", "3")[len(sys.argv) - 1:])))
