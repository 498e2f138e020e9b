"""All sources in one crawl: one request at a time per host, any number of hosts at once."""

import logging
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro

from pipeline.records import FetchLog, Page
from spiders import settings as polite
from spiders.addresses import read_addresses
from spiders.feed import read_feed
from spiders.index import Reader
from spiders.listing import read_listing
from spiders.report import read_reports
from spiders.road import SourceSpider
from spiders.sitemap import read_sitemap
from spiders.source import Source
from spiders.tally import Tally

SHOW_EVERY_SECONDS = 5.0
# They write a stack trace for what the tally says in words.
QUIET = ("scrapy.downloadermiddlewares", "scrapy.core.downloader", "scrapy.core.scraper", "scrapy.spidermiddlewares", "twisted",
         "spiders.robots")


class CatalogueSpider(SourceSpider):
    """Every source through every way in; `xabar crawl` runs it."""

    name = "catalogue"
    readers: ClassVar[dict[str, Reader]] = {
        "feed": read_feed, "sitemap": read_sitemap, "listing": read_listing, "report": read_reports, "addresses": read_addresses}


def crawl(sources: dict[str, Source], *, limit: int | None, settings: dict[str, Any], fetch_log: FetchLog, archive: Any,
          resting: Mapping[str, str] = MappingProxyType({}), spider: type[SourceSpider] = CatalogueSpider,
          show: Callable[[Tally], None] = lambda _: None) -> Tally:
    """Crawl to the end in this process and say what came. Scrapy's reactor starts once per process.

    `archive` is what the item pipeline of `settings` saves pages into; `resting` hosts are not asked, for the reason given;
    `show` is called now and then on the way.
    Raises what the item pipeline raised.
    """
    tally = Tally(sources)
    merged = Settings()
    merged.setmodule(polite, priority="project")
    merged.update(settings, priority="cmdline")
    process = AsyncCrawlerProcess(merged)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    crawler = process.create_crawler(spider)
    _connect(crawler, tally)
    _connect_progress(crawler, tally, show)
    process.crawl(crawler, sources=sources, limit=limit, fetch_log=fetch_log, tally=tally, archive=archive,
                  resting=resting)
    process.start()
    if tally.error:
        raise tally.error
    return tally


def _connect(crawler: Any, tally: Tally) -> None:
    def count_page(item: object) -> None:
        if isinstance(item, Page):
            tally.fetch(item.source)

    def stop_crawl(failure: Any) -> None:
        # An archive that cannot be written is no reason to go on asking other people's servers.
        if tally.error is None:
            tally.error = failure.value
            deferred_from_coro(crawler.engine.close_spider_async(reason="archive failed"))

    def count_bug(failure: Any, response: Response) -> None:
        tally.fail(response.meta["source"].id, f"internal error: {type(failure.value).__name__}: {failure.value}")

    def note_end(reason: str) -> None:
        tally.end_reason = reason

    for handler, signal in ((count_page, signals.item_scraped), (stop_crawl, signals.item_error),
                            (count_bug, signals.spider_error), (note_end, signals.spider_closed)):
        crawler.signals.connect(handler, signal=signal, weak=False)


def _connect_progress(crawler: Any, tally: Tally, show: Callable[[Tally], None]) -> None:
    """Call `show` at most once in SHOW_EVERY_SECONDS, whenever a request has ended."""
    shown = time.monotonic()

    def show_now_and_then(request: object) -> None:  # noqa: ARG001  the signal's argument
        nonlocal shown
        if time.monotonic() - shown >= SHOW_EVERY_SECONDS:
            shown = time.monotonic()
            show(tally)

    crawler.signals.connect(show_now_and_then, signal=signals.request_left_downloader, weak=False)
