"""The words of a PDF page and where they stand, put together to lines in reading order.

Every question to the library costs a microsecond or two, so places are asked for once a word, not once a character.
"""

import re
from collections import Counter
from collections.abc import Sequence
from ctypes import byref, c_double
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

from pipeline.extract.encoding import clean
from pipeline.extract.line import Line
from pipeline.extract.order import order_lines

HYPHENATED = "\ufffe"  # where the library has put a word together that was cut at the end of a line
BOLD_WEIGHT = 600
RAISED_SIZE = 0.8  # a mark is set smaller than this share of its line
GAP_SIZES = 1.6  # widths of the type; a wider gap parts columns
MAX_PAGE_CHARACTERS = 100_000
_LINES = re.compile(f"[^\\r\\n{HYPHENATED}]+{HYPHENATED}?")
_WORDS = re.compile(r"\S+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MARK = re.compile(r"(?<![\d.,:/–-])\d{1,3}(?![\d/]|[.,]\d)|[*†‡]")


@dataclass(slots=True)
class _Word:
    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool
    mark: str = ""  # a raised number at its end, or the whole word
    lead: bool = False  # the mark stands before the text: a footnote begins


def read_page_lines(content: Any, number: int) -> list[Line]:
    """The lines of one page, columns one after the other."""
    count = min(content.count_chars(), MAX_PAGE_CHARACTERS)
    codes = [raw.FPDFText_GetUnicode(content.raw, place) for place in range(count)]
    text = "".join(chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else "?" for code in codes)
    text = text.replace("\u0002", HYPHENATED)
    lines: list[Line] = []
    for found in _LINES.finditer(text):
        words = [_read_word(content, text, match.start() + found.start(), match.end() + found.start())
                 for match in _WORDS.finditer(found[0])]
        lines += [_make_line(part, number) for part in _split_at_gaps(_turn_right_to_left(words)) if part]
    return order_lines([line for line in lines if line.text])


def _read_word(content: Any, text: str, start: int, end: int) -> _Word:
    left, right, bottom, top = _box(content, start)
    _, last, low, high = _box(content, end - 1) if end - start > 1 else (left, right, bottom, top)
    size = raw.FPDFText_GetFontSize(content.raw, start)
    word = _Word(text[start:end], left, max(right, last), min(bottom, low), max(top, high), size * _scale(content, start),
                 raw.FPDFText_GetFontWeight(content.raw, start) >= BOLD_WEIGHT)
    for found in _MARK.finditer(word.text):
        _take_mark(content, word, start, found, low=bottom)
    return word


def _take_mark(content: Any, word: _Word, start: int, found: re.Match[str], low: float) -> None:
    """A number set small and raised beside the letters of its word is a footnote's mark; it leaves the word."""
    rest = word.text[: found.start()] + word.text[found.end():]
    if not rest or word.mark:
        return
    other = start if found.start() else start + found.end()
    size, beside = (raw.FPDFText_GetFontSize(content.raw, place) for place in (start + found.start(), other))
    bottom = _box(content, start + found.start())[2]
    raised = bottom > (low if found.start() else _box(content, other)[2]) + 0.1 * beside
    if size <= RAISED_SIZE * beside or (raised and found[0].isdigit() and size < beside):
        word.mark, word.text, word.lead = found[0], rest, found.start() == 0
        word.size = beside * _scale(content, other)


def _make_line(words: Sequence[_Word], number: int) -> Line:
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[round(word.size, 2)] += len(word.text)
    size = sizes.most_common(1)[0][0]
    text, marks = "", []
    for word in words:
        alone = re.fullmatch(r"\d{1,3}|[*†‡]", word.text) and word.size <= RAISED_SIZE * size
        if alone and len(words) > 1:
            marks.append((len(text), word.text))
            continue
        text += (" " if text else "")
        marks += [(len(text) + (0 if word.lead else len(word.text)), word.mark)] if word.mark else []
        text += word.text.replace("\u00ad", "")
    return Line(clean(text.replace(HYPHENATED, "\u00ad")), number, min(word.left for word in words),
                max(word.right for word in words),
                min(word.bottom for word in words), max(word.top for word in words), size,
                sum(len(word.text) for word in words if word.bold) * 2 > len(text), tuple(marks))


def _turn_right_to_left(words: list[_Word]) -> list[_Word]:
    """Words of Arabic or Hebrew script beside each other stand in reading order, from right to left, whatever the file says."""
    turned: list[_Word] = []
    run: list[_Word] = []
    for word in words:
        if _RIGHT_TO_LEFT.search(word.text):
            run.append(word)
            continue
        turned += [*sorted(run, key=lambda word: -word.left), word]
        run = []
    return turned + sorted(run, key=lambda word: -word.left)


def _split_at_gaps(words: Sequence[_Word]) -> list[list[_Word]]:
    parts: list[list[_Word]] = []
    for word in words:
        if parts and word.left - max(known.right for known in parts[-1][-2:]) <= GAP_SIZES * max(word.size, parts[-1][-1].size):
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def _box(content: Any, place: int) -> tuple[float, float, float, float]:
    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    raw.FPDFText_GetCharBox(content.raw, place, byref(left), byref(right), byref(bottom), byref(top))
    return left.value, right.value, bottom.value, top.value


def _scale(content: Any, place: int) -> float:
    """Some files set every font at size 1 and scale it by a matrix."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(content.raw, place, byref(matrix)):
        return 1.0
    return float(abs(matrix.d) or abs(matrix.b) or 1.0)
