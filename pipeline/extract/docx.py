"""A Word file becomes an article: paragraphs, headings by style, footnotes as references, pages where Word has noted them.

Office Open XML, ISO/IEC 29500-1. Read from the archive directly, with every part bounded: the file may be hostile.
"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from typing import Any

from lxml import etree

from pipeline.extract.article import Article
from pipeline.extract.encoding import clean
from pipeline.extract.footnote import merge_urls
from pipeline.extract.heading import Heading, make_sections
from pipeline.extract.hijri import name_calendar
from pipeline.extract.imprint import HEAD_LINES, find_institution
from pipeline.extract.line import Line
from pipeline.extract.pdf import TooLarge, Unreadable
from pipeline.extract.report import Text, make_spans, read_printed_day
from pipeline.records import Citation

MAX_PART_BYTES = 50_000_000
MAX_LEVEL = 6
MAX_TITLE_CHARACTERS = 300
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_SPACE = {f"{_W}tab": " ", f"{_W}br": " ", f"{_W}cr": " ", f"{_W}noBreakHyphen": "-"}
_GONE = frozenset(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "txbxContent"))


def read_docx(body: bytes, *, latest: date | None = None) -> Article:
    """Text, title and structure of a .docx file. Raises Unreadable and TooLarge."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            document = _read_part(archive, "word/document.xml")
            notes = _read_part(archive, "word/footnotes.xml")
            levels = _read_levels(_read_part(archive, "word/styles.xml"))
            linked = _read_links(_read_part(archive, "word/_rels/footnotes.xml.rels"))
            named = " ".join((_find_text(_read_part(archive, "docProps/core.xml"), _TITLE)).split())
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable(f"cannot be opened as a Word file: {error}") from error
    if document is None:
        raise Unreadable("a Word file without a document in it")
    return _make_article(list(_iter_lines(document, levels)), notes, linked, named, latest)


def _make_article(lines: list[Line], notes: Any, linked: Mapping[str, str], named: str, latest: date | None) -> Article:
    headings = [Heading([line]) for line in lines if line.heading > 0]
    titled = next((line for line in lines if line.heading < 0), None)
    head = lines[:HEAD_LINES]
    printed = titled or next((line for line in head if line.text.lower() == named.lower()), None)
    title = (printed or (headings[0].lines[0] if headings else None) or (lines or [Line("", 1)])[0]).text
    text = Text()
    for line in lines:
        if line is not printed:
            text.add(line, "" if not text.parts else "\n" if line.starts_paragraph else "")
    headings = [heading for heading in headings if heading.lines[0] is not printed]
    day = read_printed_day(head, latest)
    return Article(
        title[:MAX_TITLE_CHARACTERS], "".join(text.parts), day.isoformat() if day else None, "visible-text" if day else None,
        find_institution(head),
        tuple(make_spans(text)) if lines and lines[-1].page > 1 else (), make_sections(headings, text.starts, text.length),
        tuple(_iter_citations(text, notes, linked)), name_calendar(day))


def _read_part(archive: zipfile.ZipFile, name: str) -> Any:
    """The tree of one part, None if there is none; a part that unpacks to more than it may is given up."""
    try:
        with archive.open(name) as stream:
            data = stream.read(MAX_PART_BYTES + 1)
    except KeyError:
        return None
    if len(data) > MAX_PART_BYTES:
        raise TooLarge(f"{name} unpacks to more than {MAX_PART_BYTES} bytes")
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))


def _read_levels(styles: Any) -> dict[str, int]:
    """The level of each heading style, 1 to 6; -1 stands for the title."""
    levels: dict[str, int] = {}
    for style in styles.iter(f"{_W}style") if styles is not None else ():
        name = style.find(f"{_W}name")
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        called = (name.get(f"{_W}val") or "").lower() if name is not None else ""
        if called == "title":
            levels[style.get(f"{_W}styleId")] = -1
        elif outline is not None and (outline.get(f"{_W}val") or "").isdigit() and int(outline.get(f"{_W}val")) < MAX_LEVEL:
            levels[style.get(f"{_W}styleId")] = int(outline.get(f"{_W}val")) + 1
        elif called.startswith("heading ") and called[8:].isdigit():
            levels[style.get(f"{_W}styleId")] = min(int(called[8:]), MAX_LEVEL)
    return levels


def _read_links(relations: Any) -> dict[str, str]:
    return {} if relations is None else {
        item.get("Id"): item.get("Target") or "" for item in relations.iter("{*}Relationship")
        if (item.get("Target") or "").lower().startswith(("http://", "https://"))}


def _find_text(tree: Any, tag: str) -> str:
    found = tree.find(f".//{tag}") if tree is not None else None
    return found.text or "" if found is not None else ""


def _iter_lines(document: Any, levels: Mapping[str, int]) -> Iterator[Line]:
    """A paragraph is a line; one that a page break cuts is two of which the second does not start a paragraph."""
    page = 1
    for paragraph in document.iter(f"{_W}p"):
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        level = levels.get(style.get(f"{_W}val"), 0) if style is not None else 0
        begun, spaced = False, False
        for text, marks, pages in _iter_parts(paragraph):
            if text.strip():
                space = " " if begun and (spaced or text[:1].isspace()) else ""
                placed = tuple((len(space) + place, mark) for place, mark in marks)
                yield Line(space + clean(" ".join(text.split())), page, heading=level, marks=placed, starts_paragraph=not begun)
                begun = True
            spaced = text[-1:].isspace() or (spaced and not text)
            page += pages


def _iter_parts(paragraph: Any) -> Iterator[tuple[str, tuple[tuple[int, str], ...], int]]:
    """(text, footnotes called in it, pages that end behind it)."""
    text, marks = "", []
    for element in paragraph.iter():
        if _is_elsewhere(element, paragraph):
            continue
        if element.tag == f"{_W}t":
            text += element.text or ""
        elif element.tag == f"{_W}footnoteReference":
            marks.append((len(" ".join(text.split())), element.get(f"{_W}id") or ""))
        elif element.tag == f"{_W}lastRenderedPageBreak" or (element.tag == f"{_W}br" and element.get(f"{_W}type") == "page"):
            yield text, tuple(marks), 1
            text, marks = "", []
        elif element.tag in _SPACE:
            text += _SPACE[element.tag]
    yield text, tuple(marks), 0


def _is_elsewhere(element: Any, paragraph: Any) -> bool:
    """Whether an element belongs to a paragraph inside this one, or to what was deleted."""
    for parent in element.iterancestors():
        if parent is paragraph:
            return False
        if parent.tag in _GONE or parent.tag == f"{_W}p":
            return True
    return False


def _iter_citations(text: Text, notes: Any, linked: Mapping[str, str]) -> Iterator[Citation]:
    called = {mark: (page, place) for mark, page, place in text.called}
    for note in notes.iter(f"{_W}footnote") if notes is not None else ():
        said = clean(" ".join("".join(part.text or "" for part in note.iter(f"{_W}t")).split()))
        if note.get(f"{_W}type") in ("separator", "continuationSeparator") or not said:
            continue
        urls = [linked[link.get(f"{_R}id")] for link in note.iter(f"{_W}hyperlink") if link.get(f"{_R}id") in linked]
        page, place = called.get(note.get(f"{_W}id") or "", (1, None))
        yield Citation(note.get(f"{_W}id") or "", said, merge_urls(urls, said), page, place)
