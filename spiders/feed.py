"""Articles announced by RSS and Atom feeds, malformed ones too."""

import time
from io import BytesIO
from typing import ClassVar
from urllib.parse import urljoin

import feedparser

from pipeline.records import Link
from spiders.index import Index, NotAnIndex, Reader
from spiders.road import SourceSpider
from spiders.source import Source


def read_feed(body: bytes, url: str, source: Source) -> Index:
    """The items of a feed with title and date. Raises NotAnIndex when there are none, saying what came instead."""
    # A file object, because feedparser takes a string for an address or a file name.
    parsed = feedparser.parse(BytesIO(body), sanitize_html=False)
    links = tuple(Link(urljoin(url, entry["link"].strip()), entry.get("title") or None, _published(entry))
                  for entry in parsed.entries if entry.get("link"))
    if links:
        return Index(links)
    if not body.strip():
        raise NotAnIndex("answered with 0 bytes")
    if not parsed.version and b"<html" in body[:2000].lower():
        raise NotAnIndex("is an HTML page, not a feed")
    if parsed.bozo:
        raise NotAnIndex("is not well-formed and has no items")
    raise NotAnIndex("has no items")


def _published(entry: feedparser.FeedParserDict) -> str | None:
    stamp = entry.get("published_parsed") or entry.get("updated_parsed")
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", stamp) if stamp else None


class FeedSpider(SourceSpider):
    """`scrapy crawl feed -a source=ID`: the articles of a source's feeds."""

    name = "feed"
    readers: ClassVar[dict[str, Reader]] = {"feed": read_feed}
