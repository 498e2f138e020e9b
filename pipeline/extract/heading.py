"""The headings of a report: what is set larger or bolder than its text, and the sections below them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extract.line import Line
from pipeline.records import Section

LARGE = 1.12  # times the size of the text
MAX_CHARACTERS = 200
MAX_LINES = 4
MAX_LEVEL = 6
MOST_BOLD = 0.3  # of all lines: where more are bold, bold says nothing
_SENTENCE = re.compile(r"[.,;]$")
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.)\s+\w")
_LETTERS = re.compile(r"[^\W\d_]{2}")


@dataclass(slots=True)
class Heading:
    """One heading, of one line or several."""

    lines: list[Line]

    @property
    def title(self) -> str:
        """What it says."""
        return " ".join(line.text for line in self.lines)


def find_headings(lines: Sequence[Line], body_size: float) -> list[Heading]:
    """Groups of lines that are set like headings, in order."""
    bold_says = sum(line.bold for line in lines) <= MOST_BOLD * len(lines)
    found: list[Heading] = []
    before: Line | None = None
    for line in lines:
        if _is_heading(line, body_size, bold_says):
            if before is not None and found and found[-1].lines[-1] is before and _continues(before, line):
                found[-1].lines.append(line)
            else:
                found.append(Heading([line]))
        before = line
    return [heading for heading in found if _is_sound(heading)]


def make_sections(headings: Sequence[Heading], starts: Sequence[tuple[Line, int]], length: int) -> tuple[Section, ...]:
    """Each heading with what stands below it, down to the next heading of its level or a higher one."""
    places = {id(line): start for line, start in starts}
    sizes = sorted({_weight(heading.lines[0]) for heading in headings}, reverse=True)
    levels = [heading.lines[0].heading or min(sizes.index(_weight(heading.lines[0])) + 1, MAX_LEVEL) for heading in headings]
    begins = [places[id(heading.lines[0])] for heading in headings]
    return tuple(
        Section(begin, next((begins[later] for later in range(at + 1, len(begins)) if levels[later] <= levels[at]), length),
                levels[at], headings[at].title)
        for at, begin in enumerate(begins))


def _is_heading(line: Line, body_size: float, bold_says: bool) -> bool:
    if line.heading:
        return True
    if not _LETTERS.search(line.text) or len(line.text) > MAX_CHARACTERS:
        return False
    return line.size >= LARGE * body_size > 0 or (line.bold and bold_says and line.size >= 0.95 * body_size)


def _continues(before: Line, line: Line) -> bool:
    """Whether a heading goes on in this line: set alike, right below, and no heading of its own."""
    near = before.page == line.page and before.bottom - line.bottom < 2 * max(line.size, 1.0)
    return near and before.is_set_like(line) and not line.heading and not _NUMBERED.match(line.text)


def _is_sound(heading: Heading) -> bool:
    return bool(heading.lines[0].heading) or (
        len(heading.lines) <= MAX_LINES and len(heading.title) <= MAX_CHARACTERS and not _SENTENCE.search(heading.title))


def _weight(line: Line) -> tuple[float, bool]:
    return round(line.size), line.bold
