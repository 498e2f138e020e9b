"""Articles announced by RSS and Atom feeds, malformed ones too."""

import time
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import ClassVar

import feedparser

from pipeline.records import Link
from spiders.index import Index, NotAnIndex, Reader, join
from spiders.road import SourceSpider
from spiders.source import Source

# feedparser takes 3 s and more for a megabyte that was made to be slow.
MAX_FEED_BYTES = 2_000_000
MAX_LINKS = 2000


def read_feed(body: bytes, url: str, source: Source) -> Index:
    """The items of a feed with title and date. Raises NotAnIndex when there are none, saying what came instead."""
    if len(body) > MAX_FEED_BYTES:
        raise NotAnIndex(f"is larger than {MAX_FEED_BYTES / 1e6:.0f} MB: given up")
    # A file object, because feedparser takes a string for an address or a file name.
    parsed = feedparser.parse(BytesIO(body), sanitize_html=False)
    links = tuple(Link(join(url, entry["link"]), entry.get("title") or None, _published(entry))
                  for entry in parsed.entries[:MAX_LINKS] if entry.get("link"))
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
    try:  # with the publisher's own offset: in UTC an item of the small hours would lie a day too early
        return parsedate_to_datetime(entry.get("published", "")).isoformat()
    except ValueError:
        stamp = entry.get("published_parsed") or entry.get("updated_parsed")
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", stamp) if stamp else None


class FeedSpider(SourceSpider):
    """`scrapy crawl feed -a source=ID`: the articles of a source's feeds."""

    name = "feed"
    readers: ClassVar[dict[str, Reader]] = {"feed": read_feed}
