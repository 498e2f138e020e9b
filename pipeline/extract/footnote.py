"""Footnotes leave the text of a report, or they would stand in the middle of its sentences; their addresses are kept."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.extract.line import Line, WebLink
from pipeline.records import Citation

SMALL_SIZE = 0.9  # of the text's type: what is set as small as this is a footnote if it begins with a mark
MOST_LINES = 40
_MARK = re.compile(r"(\d{1,3}|[*†‡])[.)]?(?:\s+|(?=[^\W\d]|[\"“«]))")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"“”«»\[\]{}|\\^`]+", re.IGNORECASE)
_URL_TAIL = re.compile(r"(?:https?://|www\.)\S*$", re.IGNORECASE)
_CUT_HERE = "/-\u00ad_.=?&%#+~:"  # an address that ends a line with one of these goes on in the next
_GOES_ON = re.compile(r"[\w%./#?=&+~-]*[/.\d_%=?&#-][\w%./#?=&+~-]*$")
_TRAILING = ".,;:)]}'\"»”"


@dataclass(slots=True)
class Note:
    """A footnote as it stands: its mark, its lines."""

    mark: str
    page: int
    lines: list[Line] = field(default_factory=list)


def take_footnotes(pages: Sequence[Sequence[Line]], body_size: float) -> tuple[list[list[Line]], list[Note]]:
    """The pages without their footnotes, and the footnotes; one that goes on over the page is one."""
    kept: list[list[Line]] = []
    notes: list[Note] = []
    for lines in pages:
        called = {mark for line in lines for _, mark in line.marks}
        rest: list[Line] = []
        current: Note | None = None
        for at, line in enumerate(lines):
            small = 0 < line.size <= SMALL_SIZE * body_size
            begun = _begin(line) if small or (rest and _ends_page(lines[at:], called)) else None
            if begun and (small or begun[0] in called):
                current = Note(begun[0], line.page, [begun[1]])
                notes.append(current)
            elif current and (small or current.lines[0].is_set_like(line)) and len(current.lines) < MOST_LINES:
                current.lines.append(line)
            elif small and notes and notes[-1].page == line.page - 1 and not _has_text_below(lines[at:], body_size):
                notes[-1].lines.append(line)
            else:
                current = None
                rest.append(line)
        kept.append(rest)
    return kept, notes


def make_citations(
    notes: Sequence[Note], links: Sequence[WebLink], called: Sequence[tuple[str, int, int]]
) -> tuple[Citation, ...]:
    """The footnotes as references. `called`: (mark, page, place in the text) of every mark in the text, in order."""
    left = list(called)
    found = []
    for note in notes:
        text = join_note(note.lines)
        linked = [link.url for link in links if any(link.is_on(line) for line in note.lines)]
        anchor = next((item for item in left if item[0] == note.mark and note.page - 1 <= item[1] <= note.page), None)
        if anchor:
            left.remove(anchor)
        found.append(Citation(note.mark, text, merge_urls(linked, text), note.page, anchor[2] if anchor else None))
    return tuple(found)


def join_note(lines: Sequence[Line]) -> str:
    """The lines as one; an address that was cut at the end of a line grows together, its hyphens stay."""
    text = ""
    width = max((line.right for line in lines), default=0.0)
    before: Line | None = None
    for line in lines:
        head = line.text.split(" ", 1)[0]
        if before and _URL_TAIL.search(text) and (text[-1] in _CUT_HERE or (before.right > 0.9 * width and _GOES_ON.match(head))):
            text = text.removesuffix("\u00ad") + "-" * text.endswith("\u00ad") + line.text
        elif text.endswith(("\u00ad", "-")) and line.text[:1].islower():
            text = text[:-1] + line.text
        else:
            text += (" " if text else "") + line.text
        before = line
    return text.replace("\u00ad", "")


def merge_urls(linked: Sequence[str], text: str) -> tuple[str, ...]:
    """The addresses of a footnote: what a link says goes before what is printed, which may be cut or scrambled."""
    urls = list(dict.fromkeys(linked))
    urls += [url for url in _iter_urls(text) if not any(known.startswith(url) or url.startswith(known) for known in urls)]
    return tuple(dict.fromkeys(urls))


def _begin(line: Line) -> tuple[str, Line] | None:
    """The mark that a line begins with, and the line without it."""
    if line.marks and line.marks[0][0] == 0:
        return line.marks[0][1], replace(line, marks=line.marks[1:])
    if match := _MARK.match(line.text):
        return match[1], replace(line, text=line.text[match.end():] or line.text, marks=())
    return None


def _ends_page(lines: Sequence[Line], called: set[str]) -> bool:
    """Whether from here on the page holds notes only, set as large as the text: each mark of them is called above."""
    begun = [found[0] for line in lines if (found := _begin(line))]
    numbers = [int(mark) for mark in begun if mark.isdigit()]
    return bool(begun) and set(begun) <= called and numbers == sorted(set(numbers)) and len(lines) <= MOST_LINES


def _has_text_below(lines: Sequence[Line], body_size: float) -> bool:
    return any(line.size > SMALL_SIZE * body_size for line in lines)


def _iter_urls(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        url = match[0].rstrip(_TRAILING)
        yield url if "://" in url else f"https://{url}"
