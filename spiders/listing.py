"""Articles announced by a plain HTML list with pages."""

import re
from collections.abc import Iterable
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from scrapy import Selector

from pipeline.records import Link
from spiders.index import Index, NotAnIndex, Reader, join
from spiders.road import SourceSpider
from spiders.source import Source

SPACE = re.compile(r"\s+")


def read_listing(body: bytes, url: str, source: Source) -> Index:
    """Links into the source's article paths, and the next page. Raises NotAnIndex when a list has no article."""
    if not body.strip():
        raise NotAnIndex("answered with 0 bytes")
    page = Selector(text=body.decode("utf-8", "replace"), type="html")
    anchors = [(join(url, a.attrib["href"]), _text(a)) for a in page.css("a[href]")]
    articles = [Link(address, text or None) for address, text in anchors
                if source.allows(address) and urlsplit(address).path.rstrip("/") != urlsplit(url).path.rstrip("/")]
    others = [Link(address) for address, _ in anchors if address.startswith("http") and not source.owns(address)]
    if not articles:
        raise NotAnIndex("links to no article" + (", only to further lists" if _next_url(page, url, anchors) else ""))
    return Index((*articles, *others), next_url=_next_url(page, url, anchors))


def _next_url(page: Selector, url: str, anchors: Iterable[tuple[str, str]]) -> str | None:
    declared = page.css('a[rel~="next"]::attr(href), link[rel~="next"]::attr(href)').get()
    if declared:
        return join(url, declared) or None
    number = _page_number(url) + 1
    same_list = [address for address, _ in anchors if urlsplit(address).path == urlsplit(url).path]
    return next((address for address in same_list if _page_number(address) == number), None)


def _text(anchor: Selector) -> str:
    return SPACE.sub(" ", anchor.xpath("string()").get("")).strip()


def _page_number(url: str) -> int:
    value = parse_qs(urlsplit(url).query).get("page", ["1"])[0]
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 7 else 1


class ListingSpider(SourceSpider):
    """`scrapy crawl listing -a source=ID`: the articles that a source's lists link to, page after page."""

    name = "listing"
    readers: ClassVar[dict[str, Reader]] = {"listing": read_listing}
