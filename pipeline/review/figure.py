"""A figure of the dashboard: rows that are its accessible table, its CSV and its links at once, and what is drawn beside them."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.export.spreadsheet import defuse
from pipeline.review.network import Network

Cell = str | int | float | None
STEP, WIDTH, HEIGHT = 10.0, 8.0, 100.0  # of a column, in the units of its drawing, which is stretched to its place


@dataclass(frozen=True, slots=True)
class Rect:
    """A piece of a column; `kind` gives its colour."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    href: str
    tip: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns over weeks: what to draw, how wide it is, the highest sum, the kinds in their order."""

    rects: tuple[Rect, ...]
    width: float
    most: int
    kinds: tuple[tuple[str, str], ...] = ()
    weeks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its cells, where its items are, and, in shares of the row's width, a bar or an interval with its value."""

    cells: tuple[Cell, ...]
    href: str = ""
    bar: float | None = None
    span: tuple[float, float, float] | None = None
    spark: Columns | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """`key` names it in addresses; `note` says what is counted; `empty` stands there without a row; `shown` rows are open."""

    key: str
    title: str
    note: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    empty: str
    shown: int = 12
    columns: Columns | None = None
    network: Network | None = None
    foot: str = ""
    more: tuple[str, str] | None = None

    def as_csv(self) -> str:
        """Head and rows (RFC 4180), no cell a formula."""
        out = io.StringIO()
        sheet = csv.writer(out, quoting=csv.QUOTE_ALL)
        for row in (self.head, *(line.cells for line in self.lines)):
            sheet.writerow([defuse(cell) for cell in row])
        return out.getvalue()


def list_weeks(newest: str, count: int) -> list[str]:
    """So many Mondays, the last one being `newest`; none when there is no week."""
    if not newest:
        return []
    last = date.fromisoformat(newest)
    return [(last - timedelta(weeks=back)).isoformat() for back in range(count - 1, -1, -1)]


def end_of_week(week: str) -> str:
    """The Sunday that ends the week of this Monday."""
    return (date.fromisoformat(week) + timedelta(days=6)).isoformat()


def stack(
    series: Sequence[tuple[str, str, Mapping[str, int]]], weeks: Sequence[str], href: Mapping[str, str] | None = None
) -> Columns:
    """Columns of series (kind, words, count by week); `href` is where each week's items are."""
    sums = [sum(counts.get(week, 0) for _, _, counts in series) for week in weeks]
    most = max(sums, default=0)
    rects = []
    for place, week in enumerate(weeks):
        top = HEIGHT
        for kind, words, counts in series:
            if count := counts.get(week, 0):
                height = HEIGHT * count / most
                top -= height
                tip = f"{week}: {words} {count}" if words else f"{week}: {count}"
                rects.append(
                    Rect(STEP * place + 1, round(top, 2), WIDTH, round(height, 2), kind, (href or {}).get(week, ""), tip)
                )
    kinds = tuple((kind, words) for kind, words, _ in series)
    return Columns(tuple(rects), STEP * max(1, len(weeks)), most, kinds, tuple(weeks))
