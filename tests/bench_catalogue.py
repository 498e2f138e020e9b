"""What a large catalogue costs before the first request: `python -m tests.bench_catalogue [SOURCES]`.

Processor seconds and peak memory of one process, imports included: reading SOURCES files, finding what is due, writing down the
plan, starting the crawler with all of them. No request is made.
"""

import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from scrapy.http import Request

from pipeline.config import load_config
from pipeline.crawl import KEPT, choose_sources
from pipeline.schedule import find_due
from pipeline.store import Store
from spiders.crawl import CatalogueSpider, crawl
from spiders.settings import crawl_settings


class Ready(CatalogueSpider):
    """Makes its requests, and asks none of them."""

    made, first = 0, 0.0

    async def start(self) -> AsyncIterator[Request]:
        """Counts."""
        async for _ in super().start():
            Ready.first = Ready.first or time.process_time()
            Ready.made += 1
        for nothing in ():
            yield nothing


def write_sources(folder: Path, count: int) -> None:
    """Files as a catalogue has them, each with two ways in."""
    for number in range(count):
        home = f"https://s{number}.example"
        text = f'name = "Source {number}"\nhomepage = "{home}/"\ncountry = "UZ"\nlanguages = ["uz", "ru"]\nkind = "newspaper"\n'
        text += f'start = [{{feed = "{home}/feed.xml"}}, {{sitemap = "{home}/map.xml"}}]\nallow = ["/news/"]\nper_week = 90\n'
        (folder / f"s{number}.toml").write_text(text)


def main(count: int) -> None:
    """Print a line of JSON."""
    began, seconds = time.process_time(), {"imports": time.process_time()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sources").mkdir()
        write_sources(folder / "sources", count)
        with Store.open(folder / "x.db", create=True) as store:
            began = time.process_time()
            sources = choose_sources(folder / "sources", [])
            seconds["reading"] = time.process_time() - began
            due = find_due(store, sources, datetime.now(UTC))
            seconds["due"] = time.process_time() - began - seconds["reading"]
            store.ledger.save_sources({key: getattr(source, key) for key in KEPT} for source in sources.values())
            store.visits.plan(due)
            store.visits.start(sources)
            seconds["plan"] = time.process_time() - began - seconds["reading"] - seconds["due"]
            before = time.process_time()
            settings = crawl_settings(contact="bench", delay=5.0, loopback_delay=0.2, timeout=30, max_bytes=10**7,
                                      allow_private_hosts=[], item_pipeline="pipeline.intake.Intake",
                                      sources=sources.values())  # fmt: skip
            crawl(sources, limit=None, settings=settings, fetch_log=store.pages, archive=store, spider=Ready)
            seconds["crawler, to the first request"] = Ready.first - before
            rest = time.process_time() - Ready.first
    peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    facts = {"sources": count, "requests": Ready.made, "MB": peak // 1024, "seconds": round(sum(seconds.values()), 2)}
    parts = {key: round(value, 2) for key, value in seconds.items()}
    print(json.dumps(facts | {"further requests": round(rest, 2), "parts": parts}))


if __name__ == "__main__":
    load_config(None)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
