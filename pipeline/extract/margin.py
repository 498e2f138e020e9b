"""What stands on the pages of a report and is not its text: running heads, page numbers."""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.extract.line import Line

EDGE_LINES = 2  # a running head has at most as many
HEIGHT_STEP = 4.0  # points within which it stands on every page
_DIGITS = re.compile(r"\d+")
_WORD = r"(?:page|стр\.?|саҳ\.?|bet|бет|p\.)?"
_NUMBER = re.compile(
    rf"[-–—|\s]*{_WORD}\s*(?:\d{{1,4}}|[ivxlc]{{1,6}})(?:\s*(?:/|of|из|аз)\s*\d{{1,4}})?[-–—|\s]*", re.IGNORECASE)


def drop_running_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Without the first and last lines that come back at one height on other pages, and bare page numbers.

    Of the outermost line numbers may change from page to page, of the next one nothing may.
    """
    edges = Counter(key for lines in pages for key in {_key(line, outer) for line, outer in _edges(lines)})
    kept = [[line for line in lines if not _is_head(line, lines, edges)] for lines in pages]
    return kept if any(kept) else [list(lines) for lines in pages]  # pages of one line each: no text would be left


def _is_head(line: Line, lines: Sequence[Line], edges: Counter[tuple[str, int]]) -> bool:
    places = [outer for edge, outer in _edges(lines) if edge is line]
    if not places:
        return False
    if any(places) and _NUMBER.fullmatch(line.text):
        return True
    return any(edges[text, height + step] > 1 for outer in places for step in (-1, 0, 1) for text, height in [_key(line, outer)])


def _edges(lines: Sequence[Line]) -> list[tuple[Line, bool]]:
    """The lines at the upper and lower edge, and whether each is the outermost."""
    by_height = sorted(lines, key=lambda line: -line.top)
    return [(line, at == 0) for part in (by_height, by_height[::-1]) for at, line in enumerate(part[:EDGE_LINES])]


def _key(line: Line, outer: bool) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text) if outer else line.text, round(line.bottom / HEIGHT_STEP)
