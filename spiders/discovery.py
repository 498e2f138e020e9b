"""How a site announces its articles: feeds in its homepage, sitemaps in its robots.txt, and the usual places."""

import re
from collections.abc import AsyncIterator
from typing import ClassVar

from scrapy import Selector
from scrapy.http import Request, Response

from pipeline.records import Link
from spiders.crawl import CatalogueSpider
from spiders.index import Index, NotAnIndex, Reader, join
from spiders.source import Source

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "text/xml")
SITEMAP = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def read_homepage(body: bytes, url: str, source: Source) -> Index:
    """The feeds that a homepage declares, where it is its own host. Raises NotAnIndex when it declares none."""
    page = Selector(text=body.decode("utf-8", "replace"), type="html")
    declared = [a.attrib for a in page.css('link[rel~="alternate"][href]') if a.attrib.get("type", "").lower() in FEED_TYPES]
    feeds = [Link(join(url, found["href"]), found.get("title")) for found in declared]
    if not feeds:
        raise NotAnIndex("declares no feed")
    return Index(tuple(link for link in feeds if source.owns(link.url)))


def read_robots(body: bytes, url: str, source: Source) -> Index:
    """The sitemaps that robots.txt names. Raises NotAnIndex when it names none."""
    found = [Link(join(url, address.decode("latin-1"))) for address in SITEMAP.findall(body[:500_000])]
    if not found:
        raise NotAnIndex("names no sitemap")
    return Index(tuple(link for link in found if source.owns(link.url)))


GOLDEN = "golden"
LOOKS: dict[str, Reader] = {"homepage": read_homepage, "robots": read_robots}


class DiscoverySpider(CatalogueSpider):
    """Everything that CatalogueSpider reads, and what a site says of its ways in; that is noted, not followed.

    Golden pages, starts of their own kind, are asked for as articles.
    """

    name = "discovery"
    readers: ClassVar[dict[str, Reader]] = {**CatalogueSpider.readers, **LOOKS}

    async def start(self) -> AsyncIterator[Request]:
        """The ways in, then the golden pages."""
        async for request in super().start():
            yield request
        for source in self.sources.values():
            for start in source.start:
                if start.kind == GOLDEN:
                    yield self._ask(source, start.url, self.parse_article, article=True, link=Link(start.url), start=start)

    def _read_index(self, response: Response) -> Index:
        index = super()._read_index(response)
        return Index(()) if response.meta["start"].kind in LOOKS else index


class OnePageSpider(CatalogueSpider):
    """One article of each source: the address of its first start."""

    name = "one page"

    async def start(self) -> AsyncIterator[Request]:
        """No index is read."""
        for source in self.sources.values():
            start = source.start[0]
            yield self._ask(source, start.url, self.parse_article, article=True, link=Link(start.url), start=start)
