"""The pages of one WARC segment, with the place of each; a record that cannot be read costs itself only."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArchiveLoadFailed

from pipeline.importing import Imported, Place, page_of_record
from pipeline.records import Page

MAGIC = b"\x1f\x8b\x08"
CHUNK_BYTES = 1 << 20
MOST_SAID = 120  # characters of an error: the rest is the record's own bytes
BROKEN = (ArchiveLoadFailed, OSError, EOFError, zlib.error, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be read."""

    offset: int
    url: str
    error: str


def iter_pages(path: Path, find: Place, done: Imported, *, leave: int | None = None,
               at: Callable[[int], None] = lambda _: None) -> Iterator[tuple[int, Page] | Bad]:  # fmt: skip
    """Every page that belongs to somebody, in order, with its offset. `leave`: an offset that is not touched; `at` hears
    where the next page lies before it is read."""
    start = 0
    while True:
        records: Any = None
        bad = -1
        try:
            with path.open("rb") as stream:
                stream.seek(start)
                records = ArchiveIterator(stream)
                for record in _quietly(records):
                    place = records.offset  # get_record_offset() would read the record to its end
                    if record.rec_type != "response" or record.http_headers is None:
                        continue
                    done.found += 1
                    if found := _read(record, place, find, done, leave, at):
                        bad = place if isinstance(found, Bad) else bad
                        yield found
            if bad < records.offset < path.stat().st_size:
                yield Bad(records.offset, "", "the file ends in the middle of this record")
            return
        except BROKEN as error:
            place = max(start, records.offset if records else 0)
            yield Bad(place, "", f"{type(error).__name__}: {str(error)[:MOST_SAID]}")
            following = _find_member(path, place + 1)
            if following is None:
                return
            start = following


def _read(
    record: Any, place: int, find: Place, done: Imported, leave: int | None, at: Callable[[int], None]
) -> tuple[int, Page] | Bad | None:
    if place == leave:
        return Bad(place, _url(record), "the process that worked on this record ended twice")
    at(place)
    page = page_of_record(record, find, done)
    if page and getattr(record.raw_stream, "limit", 0) > 0:
        return Bad(place, page.url, "the file ends in the middle of this record")
    return (place, page) if page else None


def read_at(path: Path, offset: int, find: Place) -> Page | None:
    """The page whose record lies there."""
    with path.open("rb") as stream:
        stream.seek(offset)
        return page_of_record(next(iter(ArchiveIterator(stream))), find, Imported())


def _quietly(records: Any) -> Iterator[Any]:
    # warcio writes about records that end badly to standard error, in the middle of a progress bar.
    while True:
        with redirect_stderr(StringIO()):
            record = next(records, None)
        if record is None:
            return
        yield record


def _url(record: Any) -> str:
    return record.rec_headers.get_header("WARC-Target-URI") or ""


def _find_member(path: Path, start: int) -> int | None:
    """Where the next gzip member may begin; None at the end. What only looks like one ends as another bad record."""
    with path.open("rb") as stream:
        stream.seek(start)
        place, kept = start, b""
        while chunk := stream.read(CHUNK_BYTES):
            window = kept + chunk
            found = window.find(MAGIC)
            if found >= 0:
                return place - len(kept) + found
            kept, place = window[-2:], place + len(chunk)
    return None
