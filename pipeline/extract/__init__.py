"""A page becomes a document: title, text and day of publication, or the reason why it is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from pipeline.extract.article import Article
from pipeline.extract.budget import TooSlow
from pipeline.extract.dates import read_stamp
from pipeline.extract.encoding import clean
from pipeline.extract.repeated import Memory, drop_repeated
from pipeline.extract.sniff import Kind, find_kind
from pipeline.records import Document, Layout, Page, Reason, Skipped

STAGE = "extract"
MAX_HTML_BYTES = 5_000_000
MAX_REPORT_BYTES = 50_000_000
# The shortest of 229 articles read by hand has 253 characters; what is below 200 is a caption, a notice or an empty template.
MIN_CHARACTERS = 200
MAX_ERROR_PAGE_CHARACTERS = 1_000
_ERROR_TITLES = ("404", "not found", "не найден", "topilmadi", "топилмади", "ёфт нашуд", "access denied",
                 "доступ запрещ", "forbidden")


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: Reason
    detail: str = ""


def extract(
    pages: Sequence[Page],
    zone_of: Callable[[str], tzinfo | None] = lambda _: None,
    memory: Memory | None = None,
    layout_of: Callable[[str], Layout | None] = lambda _: None,
) -> list[Document | Skipped]:
    """One Document or Skipped for every page, in order. Bad bytes are expected; anything else is raised.

    `zone_of` gives the clock of a source, `layout_of` where its pages have what, both by its id; `memory` is what is known of the
    lines that a site repeats.
    """
    items = [_extract_one(page, zone_of(page.source), layout_of(page.source)) for page in pages]
    return items if memory is None else drop_repeated(items, memory)


def _extract_one(page: Page, zone: tzinfo | None, layout: Layout | None) -> Document | Skipped:
    latest = page.fetched_at.date() + timedelta(days=1)  # time zones: a page may be from tomorrow, a day later is a mistake
    article = _read(page, latest, zone, layout)
    if isinstance(article, _Refusal):
        return Skipped(page.id, STAGE, article.reason, article.detail)
    title, text = clean(article.title or page.hint_title or ""), clean(article.text).strip()
    if refusal := _judge(title, text):
        return Skipped(page.id, STAGE, refusal.reason, refusal.detail)
    published, source = article.published, article.published_source
    if published is None and page.hint_published:
        hinted = read_stamp(page.hint_published, zone)
        published, source = (hinted.isoformat(), "feed") if hinted and hinted <= latest else (None, None)
    return Document(
        page.id, page.url, page.source, page.fetched_at, title, text, published, source, institution=article.institution,
        calendar=article.calendar, pages=article.pages, sections=article.sections, citations=article.citations)


def _read(page: Page, latest: date, zone: tzinfo | None, layout: Layout | None) -> Article | _Refusal:
    kind = find_kind(page.body, page.headers)
    limit = MAX_HTML_BYTES if kind is Kind.HTML else MAX_REPORT_BYTES
    if len(page.body) > limit:
        return _Refusal(Reason.TOO_LARGE, f"{len(page.body)} bytes, the limit for {kind.value} is {limit}")
    match kind:
        case Kind.EMPTY:
            return _Refusal(Reason.EMPTY)
        case Kind.BINARY:
            return _Refusal(Reason.NOT_TEXT)
        case Kind.DATA:
            return _Refusal(Reason.NOT_AN_ARTICLE, "a feed or data file")
        case Kind.PDF | Kind.DOCX:
            return _read_report(page, kind, latest)
        case Kind.HTML:
            from pipeline.extract.html import read_html  # lxml and all that follows: only when there is a page to read
            try:
                return read_html(page.body, page.headers, page.url, latest=latest, zone=zone, layout=layout)
            except TooSlow as error:
                return _Refusal(Reason.TOO_SLOW, str(error))


def _read_report(page: Page, kind: Kind, latest: date) -> Article | _Refusal:
    from pipeline.extract.docx import read_docx
    from pipeline.extract.pdf import TooLarge, Unreadable, read_pdf  # loads a native library of several MB: only for a report
    try:
        article = read_pdf(page.body, latest=latest) if kind is Kind.PDF else read_docx(page.body, latest=latest)
    except Unreadable as error:
        return _Refusal(Reason.UNREADABLE, str(error))
    except TooLarge as error:
        return _Refusal(Reason.TOO_LARGE, str(error))
    if not article.text and kind is Kind.PDF:
        return _Refusal(Reason.NO_TEXT_LAYER, "a scan: the pages hold images only")
    return article


def _judge(title: str, text: str) -> _Refusal | None:
    if not text:
        return _Refusal(Reason.NOT_AN_ARTICLE, "no paragraphs of text found")
    if len(text) < MAX_ERROR_PAGE_CHARACTERS and any(mark in title.lower() for mark in _ERROR_TITLES):
        return _Refusal(Reason.NOT_AN_ARTICLE, f"an error page: {title[:80]}")
    if len(text) < MIN_CHARACTERS:
        return _Refusal(Reason.TOO_SHORT, f"{len(text)} characters")
    return None
