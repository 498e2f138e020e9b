"""Retention and erasure: bodies leave the archive, tombstones stay, and the chain stays whole.

The order makes any kill harmless: the rewritten files are ready, then one transaction says what was removed, then the files
take their places; what a kill left undone is done by the next retention or erasure, and until then verify notes it.
"""

import fcntl
import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from pipeline.evidence import EvidenceError, read_member
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.removal import ERASURE, RETENTION, Hole, Rewritten
from pipeline.tombstone import make_tombstone

BATCH = 500
CHUNK_BYTES = 1 << 20
BLOCK_BYTES = 4096
LOOK_AGAIN_SECONDS = 0.5


class Busy(Stop):
    """A backup, a retention or an erasure has the WARC files; later it works."""


def apply_retention(
    store: Store, days: int, show: Callable[[str], None] = lambda _: None, *, patience_seconds: float = 0.0
) -> int:
    """Drop the bodies of items older than `days` that nobody flagged or decided on; 0 keeps everything. Returns how many.

    Raises Busy when a backup or another removal has not ended after `patience_seconds`.
    """
    with hold_evidence(store, alone=True, patience_seconds=patience_seconds, show=show):
        finish_removals(store)
        if not days:
            return 0
        before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
        due, dropped = store.removals.due(before), 0
        for start in range(0, len(due), BATCH):
            show(f"dropping bodies: {start} of {len(due)}")
            dropped += _remove(store, RETENTION, due[start : start + BATCH], f"older than {days} days")
        return dropped


def erase(store: Store, what: str, reason: str, *, patience_seconds: float = 0.0) -> tuple[int, list[str]]:
    """Erase an article in all its versions. Returns how many, and the addresses of other reports of its story. Raises Stop."""
    with hold_evidence(store, alone=True, patience_seconds=patience_seconds):
        finish_removals(store)
        page_ids = store.removals.find(what)
        if not page_ids:
            raise Stop(f"{what!r}: no page with this address or id is in this database; 'xabar export' shows both")
        copies = store.removals.copies(page_ids)
        if _remove(store, ERASURE, page_ids, reason) < len(page_ids):
            raise Stop(f"{what}: a crawl writes the file that holds it now; wait for its end and run this again")
        return len(page_ids), copies


def erase_pages(store: Store, page_ids: Sequence[str], reason: str) -> int:
    """Erase these pages but those in a file that is being written. Returns how many."""
    with hold_evidence(store, alone=True):
        finish_removals(store)
        return _remove(store, ERASURE, page_ids, reason)


def finish_removals(store: Store) -> int:
    """Put tombstones where a kill left removed records. Returns in how many files."""
    holes: dict[str, list[Hole]] = defaultdict(list)
    for found in store.removals.rewritten():
        holes[found.file] += found.holes
    done = 0
    for name, places in holes.items():
        path = store.evidence_folder / name
        if path.is_file() and not all(_is_tombstone(path, hole) for hole in places):
            partial, _ = _rewrite(path, places)
            _replace(partial, path)
            done += 1
    return done


def _remove(store: Store, kind: str, page_ids: Sequence[str], reason: str) -> int:
    """Remove these pages but those in a file that is being written. Returns how many."""
    store.ledger.seal()
    by_file: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for page_id, file, offset in store.removals.places(page_ids):
        by_file[file].append((page_id, offset))
    ready: list[tuple[Path, Path]] = []
    files: list[Rewritten] = []
    chosen: list[str] = []
    for name, pages in sorted(by_file.items()):
        path = store.evidence_folder / name
        if _is_written(path):
            continue
        chosen += [page_id for page_id, _ in pages]
        holes = [hole for _, offset in pages if (hole := _find_hole(path, offset))]
        if holes:
            partial, sha256 = _rewrite(path, holes)
            ready.append((partial, path))
            files.append(Rewritten(name, path.stat().st_size, sha256, tuple(holes)))
    if chosen:
        store.removals.record(kind, chosen, files, reason)
    for partial, path in ready:
        _replace(partial, path)
    return len(chosen)


def _find_hole(path: Path, offset: int) -> Hole | None:
    """The place of a record; None where it is gone already, which verify names if it should not be."""
    try:
        member = read_member(path, offset)
    except EvidenceError:
        return None
    return Hole(offset, offset + len(member), hashlib.sha256(member).hexdigest())


def _rewrite(path: Path, holes: Sequence[Hole]) -> tuple[Path, str]:
    """A copy of the file beside it with tombstones in these places, on the disk; and the SHA-256 of its bytes."""
    partial = path.with_name(path.name + ".partial")
    found = hashlib.sha256()
    try:
        with path.open("rb") as old, partial.open("wb") as new:
            for chunk in _iter_rewritten(old, path.name, holes):
                found.update(chunk)
                _write_sparsely(new, chunk)
            new.truncate(new.tell())
            new.flush()
            os.fsync(new.fileno())
    except OSError as error:
        raise Stop(f"{partial}: cannot be written ({error.strerror}); nothing was removed, make room and run it again") from error
    return partial, found.hexdigest()


def _iter_rewritten(old: BinaryIO, name: str, holes: Sequence[Hole]) -> Iterator[bytes]:
    place = 0
    for hole in sorted(holes, key=lambda hole: hole.start):
        yield from _iter_bytes(old, hole.start - place)
        yield make_tombstone(name, hole.start, hole.end - hole.start)
        place = old.seek(hole.end)
    yield from _iter_bytes(old, -1)


def _iter_bytes(stream: BinaryIO, count: int) -> Iterator[bytes]:
    """The next `count` bytes, or all to the end for -1."""
    while count and (chunk := stream.read(CHUNK_BYTES if count < 0 else min(count, CHUNK_BYTES))):
        count -= len(chunk) if count > 0 else 0
        yield chunk


def _write_sparsely(stream: BinaryIO, data: bytes) -> None:
    """Zeros are left out, so that the file system need not store them."""
    for start in range(0, len(data), BLOCK_BYTES):
        block = data[start : start + BLOCK_BYTES]
        if block.strip(b"\0"):
            stream.write(block)
        else:
            stream.seek(len(block), os.SEEK_CUR)


def _replace(partial: Path, path: Path) -> None:
    os.replace(partial, path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_tombstone(path: Path, hole: Hole) -> bool:
    with path.open("rb") as stream:
        stream.seek(hole.start)
        return stream.read(hole.end - hole.start) == make_tombstone(path.name, hole.start, hole.end - hole.start)


def _is_written(path: Path) -> bool:
    """Whether a crawl holds this file: what it appends after a rewrite would be lost."""
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def hold_evidence(
    store: Store, *, alone: bool, patience_seconds: float = 0.0, show: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """One removal at a time, and none while a backup copies the files. Raises Busy."""
    store.evidence_folder.mkdir(exist_ok=True)
    handle = os.open(store.evidence_folder, os.O_RDONLY)
    try:
        _lock(handle, store.evidence_folder, fcntl.LOCK_EX if alone else fcntl.LOCK_SH, patience_seconds, show)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path, kind: int, patience_seconds: float, show: Callable[[str], None]) -> None:
    until, told = time.monotonic() + patience_seconds, False
    while True:
        try:
            return fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise Busy(f"{folder}: a backup, a retention or an erasure runs now; wait for its end") from error
        if not told:
            show("waiting for a backup, a retention or an erasure to end")
            told = True
        time.sleep(LOOK_AGAIN_SECONDS)
