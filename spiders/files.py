"""The PDF files that a page links to."""

from urllib.parse import urlsplit

from scrapy import Selector

from pipeline.records import Link
from spiders.index import join
from spiders.source import Source


def find_files(body: bytes, url: str, source: Source) -> list[Link]:
    """The PDF files on the source's own hosts that a report's page links to."""
    page = Selector(text=body.decode("utf-8", "replace"), type="html")
    found = [Link(address, _title(a)) for a in page.css("a[href]") if is_pdf(address := join(url, a.attrib["href"]))]
    return [link for link in dict.fromkeys(found) if source.owns(link.url)]


def is_pdf(address: str) -> bool:
    """Whether an address looks like a PDF file."""
    return urlsplit(address).path.lower().endswith(".pdf")


def _title(anchor: Selector) -> str | None:
    return " ".join(anchor.xpath("string()").get("").split()) or None
