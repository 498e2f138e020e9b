"""CSV (RFC 4180) for spreadsheets: UTF-8 with a mark so that Excel reads Cyrillic, every cell quoted, no cell a formula."""

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from pipeline.export.row import Row
from pipeline.export.table import COLUMNS, Cell, flatten

# What makes a spreadsheet compute (OWASP, CSV injection), its full-width twins, and what stands invisibly before it.
STARTS = tuple("=+-@＝＋－＠|%")
INVISIBLE = (
    " \t\r\n\v\f\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
LIKE_A_BREAK = ("\t", "\r", "\n")


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """A header and one record per document; returns how many documents."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="", write_through=True)
    sheet, count = csv.writer(text, quoting=csv.QUOTE_ALL), 0
    sheet.writerow(COLUMNS)
    for row in rows:
        values = flatten(row)
        sheet.writerow([defuse(values[name]) for name in COLUMNS])
        count += 1
    text.detach()
    return count


def defuse(cell: Cell) -> Cell:
    """A text that a spreadsheet would compute gets an apostrophe before it, which makes it plain text."""
    if not isinstance(cell, str):
        return "" if cell is None else cell
    cell = cell.replace("\0", "")
    is_formula = cell.startswith(LIKE_A_BREAK) or cell.lstrip(INVISIBLE).startswith(STARTS)
    return f"'{cell}" if is_formula else cell
