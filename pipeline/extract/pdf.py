"""A PDF with a text layer becomes an article: the lines of every page, read where they stand."""

import time
from ctypes import byref, c_int, create_string_buffer
from datetime import date
from typing import Any

import pypdfium2
from pypdfium2 import raw

from pipeline.extract.article import Article
from pipeline.extract.encoding import clean
from pipeline.extract.line import Line, WebLink
from pipeline.extract.report import make_article
from pipeline.extract.word import read_page_lines

MAX_PAGES = 1_000
MAX_CHARACTERS = 4_000_000
MAX_SECONDS = 60.0
MAX_LINKS = 20_000
MAX_URL_BYTES = 2_048


class Unreadable(Exception):
    """The bytes are no PDF that can be opened: broken or encrypted."""


class TooLarge(Exception):
    """A report with more pages or text than are read; it is not read in part, or hits would be missed without a word."""


def read_pdf(body: bytes, *, latest: date | None = None) -> Article:
    """Text, title and structure of a PDF. Its creation date is never the publication's: only a day printed on page one counts.

    An empty text means that there is no text layer. Raises Unreadable and TooLarge.
    """
    try:
        pdf = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        why = "encrypted, it asks for a password" if "password" in str(error) else f"cannot be opened as PDF: {error}"
        raise Unreadable(why) from error
    try:
        lines, links = _read_pages(pdf)
        named = " ".join(str(pdf.get_metadata_dict().get("Title", "")).split())
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"a page cannot be read: {error}") from error
    finally:
        pdf.close()
    return make_article(lines, links, named, latest)


def _read_pages(pdf: pypdfium2.PdfDocument) -> tuple[list[list[Line]], list[WebLink]]:
    if len(pdf) > MAX_PAGES:
        raise TooLarge(f"{len(pdf)} pages, the limit is {MAX_PAGES}")
    pages: list[list[Line]] = []
    links: list[WebLink] = []
    total, until = 0, time.monotonic() + MAX_SECONDS
    for number in range(1, len(pdf) + 1):
        page = pdf[number - 1]
        content = page.get_textpage()
        pages.append(read_page_lines(content, number))
        links += _read_links(pdf, page, number, MAX_LINKS - len(links))
        content.close()
        page.close()
        total += sum(len(line.text) for line in pages[-1])
        if total > MAX_CHARACTERS:
            raise TooLarge(f"more than {MAX_CHARACTERS} characters")
        if time.monotonic() > until:
            raise TooLarge(f"page {number} of {len(pdf)} was reached in {MAX_SECONDS:.0f} s, which is the limit")
    return pages, links


def _read_links(pdf: pypdfium2.PdfDocument, page: Any, number: int, most: int) -> list[WebLink]:
    found: list[WebLink] = []
    place, link = c_int(0), raw.FPDF_LINK()
    while len(found) < most and raw.FPDFLink_Enumerate(page.raw, byref(place), byref(link)):
        area = raw.FS_RECTF()
        url = _read_url(pdf, link)
        if url and raw.FPDFLink_GetAnnotRect(link, byref(area)):
            found.append(WebLink(number, area.left, min(area.bottom, area.top), area.right, max(area.bottom, area.top), url))
    return found


def _read_url(pdf: pypdfium2.PdfDocument, link: Any) -> str:
    action = raw.FPDFLink_GetAction(link)
    if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
        return ""
    size = raw.FPDFAction_GetURIPath(pdf.raw, action, None, 0)
    if not 1 < size <= MAX_URL_BYTES:
        return ""
    buffer = create_string_buffer(size)
    raw.FPDFAction_GetURIPath(pdf.raw, action, buffer, size)
    url = clean(buffer.value.decode("utf-8", "replace")).strip()
    return url if url.lower().startswith(("http://", "https://")) else ""
