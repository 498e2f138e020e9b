"""Articles announced by a plain list of addresses, one a line: for backfill, or where a source has nothing better."""

from typing import ClassVar

from pipeline.records import Link
from spiders.index import Index, NotAnIndex, Reader, join
from spiders.road import SourceSpider
from spiders.source import Source

MAX_LINKS = 2000


def read_addresses(body: bytes, url: str, source: Source) -> Index:
    """One link per line; empty lines and lines that begin with # are none. Raises NotAnIndex when no line is an address."""
    if body.lstrip()[:1] == b"<":
        raise NotAnIndex("is an HTML page, not a list of addresses")
    words = [line.split()[0] for line in body.decode("utf-8", "replace").splitlines() if line.strip()]
    links = [Link(join(url, word)) for word in words if word.startswith(("http://", "https://", "/"))]
    if not links:
        raise NotAnIndex("has no addresses")
    return Index(tuple(links[:MAX_LINKS]))


class AddressesSpider(SourceSpider):
    """`scrapy crawl addresses -a source=ID`: the articles of a source's lists of addresses."""

    name = "addresses"
    readers: ClassVar[dict[str, Reader]] = {"addresses": read_addresses}
