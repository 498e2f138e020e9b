"""`xabar verify`: the database, the WARC files and the pages in them, each against what the audit says."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from pipeline.evidence import find_damage
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.check import Findings, check_database
from pipeline.store.removal import Hole
from pipeline.store.seal import Range, hash_range
from pipeline.tombstone import make_tombstone


def inspect_archive(path: Path, show: Callable[[str], None] = lambda _: None) -> tuple[Findings, int]:
    """What `inspect` finds in the database at this path, and how many pages it has. Raises Stop when it can not be opened."""
    try:
        with Store.open(path) as store:
            return inspect(store, show), store.pages.count_pending(again=True)
    except (sqlite3.Error, UnicodeError) as error:
        return Findings(damage=[f"database: {path.name} can not be read ({error})"]), 0


def inspect(store: Store, show: Callable[[str], None] = lambda _: None) -> Findings:
    """Everything that can be checked, checked. `show` is told what is being read."""
    show("reading the database and the audit")
    findings = check_database(store.path)
    files: dict[str, list[Range]] = defaultdict(list)
    for part in findings.ranges:
        files[part.file].append(part)
    for number, (name, ranges) in enumerate(files.items(), 1):
        show(f"reading WARC file {number} of {len(files)}")
        damage, notes = _check_warc(store.evidence_folder / name, ranges, findings.holes.get(name, []))
        findings.damage += damage
        findings.notes += notes
    show("reading every page from its WARC file")
    try:
        findings.damage += [line for line in find_damage(store) if line not in findings.damage]
    except (ValueError, TypeError, Stop, sqlite3.Error) as error:
        findings.damage.append(f"pages: their rows cannot be read ({error})")
    findings.notes += _unsealed(store.evidence_folder, files)
    return findings


def _check_warc(path: Path, ranges: list[Range], holes: list[Hole]) -> tuple[list[str], list[str]]:
    """Damage and notes of one file. Where a record was removed, the tombstone counts whether or not it is in its place yet."""
    place = 0
    stones = {hole.start: make_tombstone(path.name, hole.start, hole.end - hole.start) for hole in holes}
    for part in ranges:
        if part.start != place:
            return [f"{path}: the audit seals bytes from {part.start}, but not those before from {place}"], []
        try:
            found = hash_range(path, part.start, part.end, stones)
        except (OSError, ValueError, TypeError, OverflowError) as error:
            return [f"{path}: sealed, and can not be read ({error})"], []
        if found is None:
            return [f"{path}: shorter than the {part.end} bytes that were sealed"], []
        if found != part.sha256:
            return [f"{path}: bytes {part.start} to {part.end} are not those that were sealed"], []
        place = part.end
    return _check_holes(path, holes, stones)


def _check_holes(path: Path, holes: list[Hole], stones: dict[int, bytes]) -> tuple[list[str], list[str]]:
    damage, left = [], 0
    for hole in holes:
        with path.open("rb") as stream:
            stream.seek(hole.start)
            data = stream.read(hole.end - hole.start)
        if data == stones[hole.start]:
            continue
        if sha256(data).hexdigest() == hole.sha256:
            left += 1
        else:
            damage.append(f"{path}: bytes {hole.start} to {hole.end} are neither the removed record nor its tombstone")
    notes = [f"{path}: {left} removed records are still in it, a command was killed; 'xabar retention' takes them out"]
    return damage, notes if left else []


def _unsealed(folder: Path, files: dict[str, list[Range]]) -> list[str]:
    notes = []
    for path in sorted(folder.glob("*.warc.gz")):
        rest = path.stat().st_size - (files[path.name][-1].end if path.name in files else 0)
        if rest > 0:
            notes.append(f"{path}: its last {rest} bytes are not sealed yet; the next crawl or run seals them")
    return notes
