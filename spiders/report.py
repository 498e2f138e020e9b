"""Reports of think tanks and international bodies: a list of pages, each of which leads to a PDF."""

from typing import ClassVar

from spiders.files import find_files
from spiders.index import Index, NotAnIndex, Reader
from spiders.listing import read_listing
from spiders.road import SourceSpider
from spiders.source import Source


def read_reports(body: bytes, url: str, source: Source) -> Index:
    """What a listing announces, PDF files first: a list may link them directly, and they need not lie in the article paths."""
    files = find_files(body, url, source)
    try:
        rest = read_listing(body, url, source)
    except NotAnIndex:
        if not files:
            raise
        return Index(tuple(files))
    return Index((*files, *rest.links), next_url=rest.next_url)


class ReportSpider(SourceSpider):
    """`scrapy crawl report -a source=ID`: the reports that a source's lists lead to, PDF files included."""

    name = "report"
    readers: ClassVar[dict[str, Reader]] = {"report": read_reports}
