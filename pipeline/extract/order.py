"""The lines of one page in the order in which a reader takes them: down the page, one column after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from pipeline.extract.line import Line

LEAST_COLUMN_LINES = 5
MOST_CROSSING = 0.3  # share of the lines that may run across the gap between two columns: headings, a broad table
LEAST_FILL = 0.5  # lines of prose fill their column by at least this share; cells of a table do not
STEPS = 40


def order_lines(lines: Sequence[Line]) -> list[Line]:
    """From top to bottom; where two columns of prose stand beside each other, the left one first, down to what spans both."""
    gap = _find_gap(lines)
    if gap is None:
        return list(_join_rows(lines))
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.top):
        if line.left < gap < line.right:
            ordered += [*_join_rows(left), *_join_rows(right), line]
            left, right = [], []
        else:
            (left if line.right <= gap else right).append(line)
    return [*ordered, *_join_rows(left), *_join_rows(right)]


def _find_gap(lines: Sequence[Line]) -> float | None:
    """Where the gap between two columns is, or None."""
    if len(lines) < 2 * LEAST_COLUMN_LINES:
        return None
    first, last = min(line.left for line in lines), max(line.right for line in lines)
    best: tuple[int, float] | None = None
    for step in range(STEPS // 4, STEPS * 3 // 4 + 1):
        place = first + (last - first) * step / STEPS
        crossing = sum(line.left < place < line.right for line in lines)
        columns = [[line for line in lines if line.right <= place], [line for line in lines if line.left >= place]]
        if min(map(len, columns)) >= LEAST_COLUMN_LINES and crossing <= MOST_CROSSING * len(lines) \
                and all(_is_prose(column) for column in columns) and (best is None or crossing < best[0]):
            best = crossing, place
    return best[1] if best else None


def _is_prose(column: Sequence[Line]) -> bool:
    width = max(line.right for line in column) - min(line.left for line in column)
    return median(line.right - line.left for line in column) >= LEAST_FILL * width and median(
        len(line.text.split()) for line in column) >= 3


def _join_rows(lines: Sequence[Line]) -> Iterator[Line]:
    """From top to bottom; what stands at one height becomes one line."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -(line.top + line.bottom)):
        if rows and _is_level(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        yield _join(sorted(row, key=lambda line: line.left))


def _is_level(one: Line, other: Line) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > 0.6 * min(one.top - one.bottom, other.top - other.bottom) and not any(
        min(a.right, b.right) - max(a.left, b.left) > 0.5 for a, b in ((one, other),))


def _join(row: Sequence[Line]) -> Line:
    joined = row[0]
    for _, line in pairwise(row):
        place = len(joined.text) + 1
        joined = replace(joined, text=f"{joined.text} {line.text}", right=max(joined.right, line.right),
                         top=max(joined.top, line.top), bottom=min(joined.bottom, line.bottom),
                         size=max(joined.size, line.size), bold=joined.bold and line.bold,
                         marks=(*joined.marks, *((place + at, mark) for at, mark in line.marks)))
    return joined
