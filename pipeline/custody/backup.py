"""`xabar backup`: the database first, then every WARC file that it points to, so that the copy is of one moment."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.custody.removal import hold_evidence
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.copy import copy_database

CHUNK_BYTES = 1 << 20


def make_backup(
    store: Store, dest: Path, *, link: bool, show: Callable[[str], None], patience_seconds: float = 0.0
) -> tuple[Path, list[str]]:
    """Copy the archive into a new folder. Returns the copy's database, and a line for each WARC file that is not there.

    Crawl, run and review may write meanwhile. The database comes under its name last: a backup that was killed has none.
    """
    claim_folder(dest)
    with hold_evidence(store, alone=False, patience_seconds=patience_seconds, show=show):
        return _copy(store, dest, link, show)


def claim_folder(dest: Path) -> None:
    """Make a folder to write into. Raises Stop when something is in the way or it cannot be written."""
    try:
        if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
            raise Stop(f"{dest}: is in the way; name a folder that does not exist yet, or is empty")
        dest.mkdir(parents=True, exist_ok=True)
        (dest / ".xabar").touch()
        (dest / ".xabar").unlink()
    except OSError as error:
        raise Stop(f"{dest}: cannot be written ({error.strerror}); name another folder") from error


def _copy(store: Store, dest: Path, link: bool, show: Callable[[str], None]) -> tuple[Path, list[str]]:
    store.ledger.seal()
    store.ledger.record("backup", {"to": dest.name})
    final = dest / store.path.name
    partial = final.with_name(final.stem + ".partial")
    try:
        names = copy_database(store.path, partial, final, lambda done, total: show(f"database: {done} of {total} pages copied"))
        lost = _copy_files(store.evidence_folder, dest / store.evidence_folder.name, names, link, show)
        partial.rename(final)
        _sync_folder(dest)
    except OSError as error:
        raise Stop(f"{error.filename or dest}: cannot be copied ({error.strerror}); remove {dest} and run it again") from error
    except sqlite3.Error as error:
        raise Stop(
            f"{store.path}: cannot be copied to {dest} ({error}); is there room, and what does 'xabar verify' say? "
            f"Then remove {dest} and run it again"
        ) from error
    return final, lost


def _copy_files(source: Path, dest: Path, names: Sequence[str], link: bool, show: Callable[[str], None]) -> list[str]:
    lost = []
    if names:
        dest.mkdir()
    for number, name in enumerate(names, 1):
        show(f"WARC files: {number} of {len(names)}")
        if Path(name).name == name and (source / name).is_file():
            _copy_file(source / name, dest / name, link)
        else:
            lost.append(f"{source / name}: the WARC file is missing, and so it is in the copy")
    if names:
        _sync_folder(dest)
    return lost


def _copy_file(source: Path, dest: Path, link: bool) -> None:
    if link:
        os.link(source, dest)
        return
    with source.open("rb") as old, dest.open("xb") as new:
        shutil.copyfileobj(old, new, CHUNK_BYTES)
        new.flush()
        os.fsync(new.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
