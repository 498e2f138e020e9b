"""A PDF with a text layer becomes an article: lines in reading order joined to paragraphs, running heads removed."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

import pypdfium2

from pipeline.extract.article import Article
from pipeline.extract.dates import find_dates

MAX_PAGES = 300
MAX_CHARACTERS = 2_000_000
MAX_TITLE_CHARACTERS = 300
HEAD_LINES = 15
DATE_LINES = 6
REPEATED_ON_PAGES = 3
FULL_LINE_SHARE = 0.6
_JOINED = re.compile("[\u0002\ufffe]")  # where the library itself has put a hyphenated word together
_BREAK = re.compile("[-\u00ad\u2010]$")
_END = re.compile(r"[.!?…:;»”\"')\]]$")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"\w+")


class Unreadable(Exception):
    """The bytes are no PDF that can be opened: broken or encrypted."""


def read_pdf(body: bytes, *, latest: date | None = None) -> Article:
    """Text and title of a PDF. Its creation date is never the publication's: only a day printed on the first page counts.

    An empty text means that there is no text layer. Raises Unreadable.
    """
    try:
        pdf = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"cannot be opened as PDF: {error}") from error
    try:
        pages = _read_pages(pdf)
        named = " ".join(str(pdf.get_metadata_dict().get("Title", "")).split())
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"a page cannot be read: {error}") from error
    finally:
        pdf.close()
    pages = _drop_running_heads(pages)
    text = "\n".join(_join_lines([line for page in pages for line in page]))
    day = _read_printed_day(pages[0][:DATE_LINES] if pages else [], latest)
    return Article(_choose_title(named, pages), text, day, "visible-text" if day else None)


def _read_pages(pdf: pypdfium2.PdfDocument) -> list[list[str]]:
    pages: list[list[str]] = []
    total = 0
    for number in range(min(len(pdf), MAX_PAGES)):
        page = pdf[number]
        content = page.get_textpage()
        text = content.get_text_range()
        content.close()
        page.close()
        text = _JOINED.sub("", text)
        pages.append([line for raw in text.splitlines() if (line := " ".join(raw.split()))])
        total += len(text)
        if total > MAX_CHARACTERS:
            break
    return pages


def _drop_running_heads(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """First and last lines that come back on several pages, numbers aside, and bare page numbers."""
    edges = Counter(key for page in pages for key in {_DIGITS.sub("#", line) for line in (*page[:1], *page[-1:])})
    repeated = {key for key, count in edges.items() if count >= REPEATED_ON_PAGES} | {"#"}
    kept = []
    for page in pages:
        lines = list(page)
        while lines and _DIGITS.sub("#", lines[0]) in repeated:
            lines.pop(0)
        while lines and _DIGITS.sub("#", lines[-1]) in repeated:
            lines.pop()
        kept.append(lines)
    return kept


def _join_lines(lines: Sequence[str]) -> list[str]:
    """Paragraphs: a line goes on where it fills the column or is cut in the middle of a sentence or word."""
    width = sorted(len(line) for line in lines)[int(len(lines) * 0.8)] if lines else 0
    paragraphs: list[str] = []
    last = 0
    for line in lines:
        before = paragraphs[-1] if paragraphs else ""
        if _BREAK.search(before) and line[0].islower():
            paragraphs[-1] = before[:-1] + line
        elif before and not _END.search(before) and (line[0].islower() or last > FULL_LINE_SHARE * width):
            paragraphs[-1] = f"{before} {line}"
        else:
            paragraphs.append(line)
        last = len(line)
    return paragraphs


def _choose_title(named: str, pages: Sequence[Sequence[str]]) -> str:
    """The file's own title where the first page prints it, else the first line."""
    first = pages[0] if pages else []
    printed = " ".join(_WORDS.findall(" ".join(first[:HEAD_LINES]).lower()))
    wanted = " ".join(_WORDS.findall(named.lower()))
    if wanted and wanted in printed:
        return named[:MAX_TITLE_CHARACTERS]
    return first[0][:MAX_TITLE_CHARACTERS] if first else ""


def _read_printed_day(lines: Sequence[str], latest: date | None) -> str | None:
    """The day in a line of its own at the head of the first page, if all such lines agree."""
    days = {day for line in lines for start, end, day in find_dates(line)
            if len(line) - (end - start) <= 25 and (latest is None or day <= latest)}
    return days.pop().isoformat() if len(days) == 1 else None
