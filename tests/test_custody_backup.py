"""`xabar backup`: a whole copy while others write, and restoring is opening it."""

import os
import threading
import time
from pathlib import Path

import pytest

from pipeline.custody.backup import make_backup
from pipeline.custody.inspection import inspect_archive
from pipeline.evidence import EvidenceWriter
from pipeline.store import Store
from tests.conftest import make_page
from tests.custody_archive import change_byte, copy_archive, make_archive
from tests.test_cli import one_line, xabar
from tests.test_kill import CRAWLED, finish, site, start, stored, write_source

__all__ = ["site"]  # a fixture, used by its name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("whole") / "a")


def test_restoring_is_opening_the_copy(whole: Path, tmp_path: Path) -> None:
    done = xabar("backup", tmp_path / "copy", "--db", whole)
    assert done.returncode == 0, done.stderr.decode()
    assert b"the backup is complete and verified" in done.stdout
    assert b"pages copied" in done.stderr
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["x-audit-head.txt", "x-warc", "x.db"]
    with Store.open(tmp_path / "copy" / "x.db") as copy, Store.open(whole) as original:
        assert list(copy.documents.all()) == list(original.documents.all())
        assert copy.ledger.summary() == original.ledger.summary()
        with copy.ledger.run("run"), EvidenceWriter(copy.evidence_folder) as writer:
            copy.pages.save(make_page(99), *writer.append(make_page(99)))
    findings, pages = inspect_archive(tmp_path / "copy" / "x.db")
    assert (findings.damage, findings.notes, pages) == ([], [], 13), "and it can be worked with"
    assert inspect_archive(whole)[1] == 12


def test_a_linked_backup_shares_the_bytes_of_the_warc_files(whole: Path, tmp_path: Path) -> None:
    database = copy_archive(whole, tmp_path / "a")
    assert xabar("backup", tmp_path / "copy", "--link", "--no-verify", "--db", database).returncode == 0
    [old], [new] = (tmp_path / "a" / "x-warc").iterdir(), (tmp_path / "copy" / "x-warc").iterdir()
    assert os.path.samefile(old, new)
    assert inspect_archive(tmp_path / "copy" / "x.db")[0].damage == []


def test_a_backup_while_everything_writes_is_of_one_moment(tmp_path: Path) -> None:
    database = make_archive(tmp_path / "a")
    ended = threading.Event()
    written: list[int] = []
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with Store.open(database) as store, EvidenceWriter(store.evidence_folder) as writer:
                first = next(store.documents.all()).id
                while not ended.is_set():
                    page = make_page(1000 + len(written))
                    store.pages.save(page, *writer.append(page))
                    store.desk.decide(first, "sinov", "unsure")
                    written.append(1)
        except BaseException as error:  # noqa: BLE001  told to the test, which runs in another thread
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(8):
            with Store.open(database) as store:
                copy, lost = make_backup(store, tmp_path / f"copy{number}", link=number % 2 == 1, show=lambda _: None)
            findings, _ = inspect_archive(copy)
            assert (findings.damage, lost) == ([], [])
            findings, _ = inspect_archive(database)
            assert findings.damage == [], "verify of the original, while it is written"
    finally:
        ended.set()
        thread.join()
    assert failures == []
    assert len(written) > 8


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_backup_during_a_crawl_is_whole_and_so_is_the_crawl(tmp_path: Path, site: str) -> None:
    write_source(tmp_path, site)
    process = start(tmp_path, "crawl", "--sources", "sources")
    until = time.monotonic() + 30
    while len(stored(tmp_path, "pages", "id")) < 5 and time.monotonic() < until:
        time.sleep(0.02)
    with Store.open(tmp_path / "x.db") as store:
        copy, lost = make_backup(store, tmp_path / "copy", link=False, show=lambda _: None)
    assert process.poll() is None, "the crawl was still going on"
    findings, pages = inspect_archive(copy)
    assert (findings.damage, lost) == ([], [])
    assert 5 <= pages < CRAWLED
    output, _ = process.communicate(timeout=100)
    assert process.returncode == 0, output
    assert inspect_archive(tmp_path / "x.db")[0].damage == []
    (tmp_path / "x.db").rename(tmp_path / "old.db")
    for name in ("x.db-wal", "x.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    for path in (tmp_path / "copy").iterdir():  # the operator moves the copy to where the original stood
        if path.name != "x-warc":
            path.replace(tmp_path / path.name)
    (tmp_path / "x-warc").rename(tmp_path / "old-warc")
    (tmp_path / "copy" / "x-warc").rename(tmp_path / "x-warc")
    finish(tmp_path, "crawl", "--sources", "sources")
    findings, pages = inspect_archive(tmp_path / "x.db")
    assert (findings.damage, pages) == ([], CRAWLED), "a restored archive crawls on"


def test_what_is_in_the_way_or_can_not_be_written_is_one_line(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    assert "is in the way" in one_line(xabar("backup", tmp_path / "full", "--db", whole))
    assert "is in the way" in one_line(xabar("backup", tmp_path / "full" / "note.txt", "--db", whole))
    assert "cannot be written" in one_line(xabar("backup", tmp_path / "full" / "note.txt" / "x", "--db", whole))
    assert "cannot be written" in one_line(xabar("backup", "/proc/none", "--db", whole))
    assert "no database there" in one_line(xabar("backup", tmp_path / "new", "--db", tmp_path / "none.db"))
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["note.txt"]


def test_damage_comes_along_and_is_named(whole: Path, tmp_path: Path) -> None:
    import random

    database = copy_archive(whole, tmp_path / "a")
    [warc] = (tmp_path / "a" / "x-warc").iterdir()
    change_byte(warc, random.Random(1))  # noqa: S311  any byte
    done = xabar("backup", tmp_path / "b", "--db", database)
    assert done.returncode == 1
    assert b"are not those that were sealed" in done.stdout
    warc.unlink()
    done = xabar("backup", tmp_path / "c", "--no-verify", "--db", database)
    assert done.returncode == 1
    assert b"the WARC file is missing, and so it is in the copy" in done.stdout
