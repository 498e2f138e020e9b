"""Articles announced by sitemaps: plain, news, packed, and indexes of sitemaps."""

import gzip
import zlib
from io import BytesIO
from typing import ClassVar

from lxml import etree
from scrapy.utils.sitemap import Sitemap

from pipeline.records import Link
from spiders.index import Index, NotAnIndex, Reader, join
from spiders.road import SourceSpider
from spiders.source import Source

MAX_LINKS = 2000
MAX_BYTES = 50_000_000


def read_sitemap(body: bytes, url: str, source: Source) -> Index:
    """At most MAX_LINKS addresses, newest first. Raises NotAnIndex."""
    if not body.strip():
        raise NotAnIndex("answered with 0 bytes")
    try:
        sitemap = Sitemap(_unpack(body))
        rows = [(row.get("lastmod") or "", join(url, row["loc"])) for row in sitemap if row.get("loc")]
    except (etree.XMLSyntaxError, StopIteration, AttributeError, TypeError, ValueError) as error:
        raise NotAnIndex("is not a sitemap") from error
    newest = sorted(rows, key=lambda row: row[0], reverse=True)[:MAX_LINKS]
    if not newest:
        raise NotAnIndex("is an HTML page, not a sitemap" if b"<html" in body[:2000].lower() else "has no addresses")
    if sitemap.type == "sitemapindex":
        return Index((), indexes=tuple(address for _, address in newest))
    return Index(tuple(Link(address, None, lastmod or None) for lastmod, address in newest))


def _unpack(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as packed:
            return packed.read(MAX_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise NotAnIndex("is packed and cannot be unpacked") from error


class SitemapSpider(SourceSpider):
    """`scrapy crawl sitemap -a source=ID`: the articles of a source's sitemaps, newest first."""

    name = "sitemap"
    readers: ClassVar[dict[str, Reader]] = {"sitemap": read_sitemap}
