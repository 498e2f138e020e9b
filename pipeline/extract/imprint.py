"""Who published a report and what it is called, from its first page."""

import re
from collections.abc import Sequence

from pipeline.extract.heading import LARGE
from pipeline.extract.line import Line

MAX_TITLE_CHARACTERS = 300
MAX_INSTITUTION_CHARACTERS = 300
HEAD_LINES = 25
MAX_LINE_CHARACTERS = 120
MOST_NAME_WORDS = 12
MOST_CUT_WORDS = 5
_WORDS = re.compile(r"\w+")
_INSTITUTION = re.compile(
    r"\b(?:universit(?:y|eti)|institut(?:e|i|ion)?|cent(?:er|re)|council|foundation|academy|ministry|agency|committee|commission|"
    r"united nations|association|school of|markazi|akademiyasi|vazirligi|jamgʻarmasi|qoʻmitasi|"
    r"университет\w*|институт\w*|центр|академи\w+|министерство|фонд|совет|агентство|комитет|комиссия|организация объедин\w+|"
    r"донишгоҳи?|пажӯҳишгоҳи?|маркази?|вазорати?|академияи|бунёди|кумитаи|"
    r"университети|институти|маркази|академияси|вазирлиги|жамғармаси|қўмитаси)\b", re.IGNORECASE)
_OTHER = re.compile(rf"{_INSTITUTION.pattern}|\d|^[^a-zа-яёғқҳўӣӯҷ]*$", re.IGNORECASE)
_STOP = re.compile(r"[.!?]$")
_SENTENCE = re.compile(r"[.!?;:,]$|https?://|@")


def find_title(named: str, first: Sequence[Line], body_size: float) -> tuple[str, list[Line]]:
    """The title and the lines that print it: the file's own where page one prints it, else the largest type, else line one."""
    if not first:
        return "", []
    largest = max(first, key=lambda line: line.size)
    if largest.size >= LARGE * body_size:
        lines = _take_group(first, largest)
        printed = " ".join(line.text for line in lines)
    else:
        lines, printed = [], first[0].text  # no more than a guess: the text keeps the line
    head = _fold(" ".join(line.text for line in first[:HEAD_LINES]))
    if _fold(named) and _fold(named) in head:
        lines = [line for line in first[:HEAD_LINES] if _fold(line.text) and _fold(line.text) in _fold(named)] or lines
        printed = named
    return printed[:MAX_TITLE_CHARACTERS], lines


def find_institution(first: Sequence[Line]) -> str:
    """The institutions that the first page names in lines of their own; a name over two lines is one."""
    names: list[str] = []
    taken: Line | None = None
    for before, line in zip([None, *first[:HEAD_LINES]], first[:HEAD_LINES], strict=False):
        text = line.text.strip(" ,;|")
        if len(text.split()) > MOST_NAME_WORDS or (len(text.split()) > 3 and _STOP.search(text)):
            break  # the report begins: what it says of institutions says nothing of its own
        plausible = len(text) <= MAX_LINE_CHARACTERS and not _SENTENCE.search(line.text)
        if plausible and taken is not None and taken is before and taken.is_set_like(line) and _is_rest(names[-1], line):
            names[-1] = f"{names[-1]} {text}"
        elif plausible and _INSTITUTION.search(text):
            names.append(text)
        else:
            continue
        taken = line
    return "; ".join(dict.fromkeys(names))[:MAX_INSTITUTION_CHARACTERS]


def _is_rest(name: str, line: Line) -> bool:
    """`Institute for Advanced` goes on in the next line, `University of World Economy and Diplomacy` is whole."""
    words = name.split()
    return (len(words) < MOST_CUT_WORDS and not line.starts_paragraph and not _OTHER.search(line.text)
            and not _INSTITUTION.fullmatch(words[-1]))


def _take_group(first: Sequence[Line], largest: Line) -> list[Line]:
    """The lines set like the largest, right before and after it."""
    place = next(at for at, line in enumerate(first) if line is largest)
    start = end = place
    while start and first[start - 1].is_set_like(largest):
        start -= 1
    while end + 1 < len(first) and first[end + 1].is_set_like(largest):
        end += 1
    return list(first[start: end + 1])


def _fold(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))
