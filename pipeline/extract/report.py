"""A report's lines become its text: sentences cut by a page are joined, and every place of the text knows its page."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from statistics import median

from pipeline.extract.article import Article
from pipeline.extract.dates import find_dates
from pipeline.extract.footnote import make_citations, take_footnotes
from pipeline.extract.heading import find_headings, make_sections
from pipeline.extract.hijri import name_calendar
from pipeline.extract.imprint import find_institution, find_title
from pipeline.extract.line import Line, WebLink
from pipeline.extract.margin import drop_running_heads
from pipeline.records import PageSpan

DATE_LINES = 12
FULL_LINE = 0.75  # a line that reaches so far in its column goes on in the next one
NEW_PARAGRAPH_GAP = 1.25  # times the usual distance of two lines
INDENT_SIZES = 0.8
_BREAK = re.compile(r"([\w-]*\w)[-\u00ad\u2010]$")
_END = re.compile(r"[.!?…:;»”\"')\]]$")
_ITEM = re.compile(r"(?:[•●▪■◦–—·*-]|\(?(?:\d{1,2}|[a-zа-я])[.)])\s")
_WORDS = re.compile(r"\w+(?:-\w+)*")


@dataclass(slots=True)
class Text:
    """The text as it grows, with where each line, page and footnote mark came to stand in it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    pages: dict[int, int] = field(default_factory=dict)
    called: list[tuple[str, int, int]] = field(default_factory=list)
    starts: list[tuple[Line, int]] = field(default_factory=list)

    def add(self, line: Line, between: str) -> None:
        """Append a line behind what stands `between`."""
        self.parts += [between, line.text]
        start = self.length + len(between)
        self.starts.append((line, start))
        self.called += [(mark, line.page, start + place) for place, mark in line.marks]
        self.pages.setdefault(line.page, start)
        self.length = start + len(line.text)

    def end(self, hyphen: str) -> None:
        """Put this in the place of the hyphen that ends the last line."""
        self.parts[-1] = self.parts[-1][:-1] + hyphen
        self.length += len(hyphen) - 1


def make_article(pages: Sequence[Sequence[Line]], links: Sequence[WebLink], named: str, latest: date | None) -> Article:
    """Title, text and structure of a report. `named` is the file's own title: believed where the first page prints it."""
    pages = drop_running_heads(pages)
    body_size = find_body_size(pages)
    first = next((lines for lines in pages if lines), [])
    title, titled = find_title(named, first, body_size)
    day = read_printed_day(first, latest)
    rest = [[line for line in lines if not any(line is part for part in titled)] for lines in pages]
    rest, notes = take_footnotes(rest, body_size)
    lines = [line for page in rest for line in page]
    headings = find_headings(lines, body_size)
    text = _join_lines(lines, {id(line) for heading in headings for line in heading.lines})
    whole = "".join(text.parts)
    return Article(
        title, whole, day.isoformat() if day else None, "visible-text" if day else None, find_institution(first),
        tuple(make_spans(text)), make_sections(headings, text.starts, text.length),
        make_citations(notes, links, text.called), name_calendar(day))


def find_body_size(pages: Sequence[Sequence[Line]]) -> float:
    """The size in which most characters are set; 0.0 for an empty report."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def make_spans(text: Text) -> Iterator[PageSpan]:
    """Where each page begins and ends in the text; a page without text of its own has no span, together they cover the text."""
    known = sorted(text.pages.items())
    for at, (number, start) in enumerate(known):
        yield PageSpan(number, start, known[at + 1][1] if at + 1 < len(known) else text.length)


def read_printed_day(lines: Sequence[Line], latest: date | None) -> date | None:
    """The day in a line of its own at the head of the first page, if all such lines agree."""
    days = {day for line in lines[:DATE_LINES] for start, end, day in find_dates(line.text)
            if len(line.text) - (end - start) <= 25 and (latest is None or day <= latest)}
    return days.pop() if len(days) == 1 else None


def _find_words(lines: Sequence[Line]) -> set[str]:
    return {word.lower() for line in lines for word in _WORDS.findall(line.text)}


def _keeps_hyphen(before: str, after: str, words: set[str]) -> bool:
    """Mazar-i- and Sharif keep it, exam- and ple do not; what the report writes elsewhere decides first."""
    if f"{before}-{after}".lower() in words:
        return True
    if f"{before}{after}".lower() in words:
        return False
    return not after[:1].islower() or "-" in before


def _join_lines(lines: Sequence[Line], headed: set[int]) -> Text:
    text, words = Text(), _find_words(lines)
    pitch = _find_pitch(lines)
    edges = _find_edges(lines)
    before: Line | None = None
    for line in lines:
        if before is None:
            text.add(line, "")
        elif (id(before) in headed) != (id(line) in headed) or (id(line) in headed and not _follows(before, line, pitch)):
            text.add(line, "\n")
        elif (cut := _BREAK.search(text.parts[-1])) and line.text[:1].isalpha() and id(line) not in headed:
            keeps = _keeps_hyphen(cut[1], (_WORDS.findall(line.text) or [""])[0], words)
            text.end("-" if keeps else "")
            text.add(line, "")
        else:
            if text.parts[-1].endswith("\u00ad"):
                text.end("-")
            text.add(line, " " if id(line) in headed or _goes_on(before, line, pitch, edges) else "\n")
        before = line
    return text


def _goes_on(before: Line, line: Line, pitch: float, edges: dict[int, tuple[float, float]]) -> bool:
    """Whether a line is the same paragraph's as the one before it, also over the end of a column or page."""
    ended = bool(_END.search(before.text))
    if line.starts_paragraph or _ITEM.match(line.text):
        return False
    if line.text[:1].islower() and not (ended and before.text[-1] in ".!?…"):
        return True
    left, right = edges[before.page]
    full = right <= left or before.right - left >= FULL_LINE * (right - left)
    if not _follows(before, line, pitch):
        far = before.page == line.page and before.bottom > line.bottom
        return not ended and full and not far
    indented = line.left > before.left + INDENT_SIZES * max(line.size, 1.0) and abs(before.left - left) < line.size
    return full and not (ended and (indented or before.right - left < 0.9 * (right - left)))


def _follows(before: Line, line: Line, pitch: float) -> bool:
    """Whether a line stands right below another, set alike."""
    return before.page == line.page and 0 < before.bottom - line.bottom <= NEW_PARAGRAPH_GAP * max(pitch, line.size, before.size)


def _find_pitch(lines: Sequence[Line]) -> float:
    steps = [before.bottom - line.bottom for before, line in pairwise(lines)
             if before.page == line.page and 0 < before.bottom - line.bottom < 3 * max(line.size, 1.0)]
    return median(steps) if steps else 0.0


def _find_edges(lines: Sequence[Line]) -> dict[int, tuple[float, float]]:
    """The left and right end of the text on each page; of a page with two columns those of the wider one."""
    edges: dict[int, tuple[float, float]] = {}
    for line in lines:
        left, right = edges.get(line.page, (line.left, line.right))
        edges[line.page] = min(left, line.left), max(right, line.right)
    return edges
