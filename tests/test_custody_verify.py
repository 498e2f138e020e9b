"""`xabar verify`: a changed byte is found wherever it stands, and an archive that is whole is never accused."""

import os
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.custody.inspection import inspect_archive
from pipeline.evidence import EvidenceWriter
from pipeline.records import Quarantined, Stop
from pipeline.store import Store
from pipeline.store.chain import head_path
from tests.conftest import make_page
from tests.custody_archive import change_byte, change_cell, copy_archive, dump_vouched, make_archive, make_outcome
from tests.test_cli import xabar
from tests.test_kill import finish, kill_at_random, site, write_source

__all__ = ["site"]  # a fixture, used by its name

TRIES = int(os.environ.get("XABAR_CORRUPTIONS") or 40)  # of each kind


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("whole") / "a")


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("XABAR_CORRUPTION_SEED") or time.time_ns() % 1_000_000)
    print(f"XABAR_CORRUPTION_SEED={seed}")
    return random.Random(seed)  # noqa: S311  no secret, a repeatable choice of bytes


def damage(database: Path) -> list[str]:
    try:
        return inspect_archive(database)[0].damage
    except Stop as error:
        return [str(error)]


def test_a_whole_archive_is_not_accused(whole: Path) -> None:
    findings, pages = inspect_archive(whole)
    assert (findings.damage, findings.notes, pages) == ([], [], 12)


@pytest.mark.timeout(900 + TRIES)
@pytest.mark.parametrize("kind", ["warc", "cell", "decisions", "audit", "head"])
def test_every_changed_byte_is_found(kind: str, whole: Path, tmp_path: Path, chance: random.Random) -> None:
    def change(database: Path) -> str:
        if kind == "warc":
            return change_byte(next((database.parent / "x-warc").iterdir()), chance)
        if kind == "head":
            return change_byte(head_path(database), chance)
        return change_cell(database, chance) if kind == "cell" else change_cell(database, chance, (kind,))

    _try_often(change, whole, tmp_path)


def _try_often(change: Callable[[Path], str], whole: Path, tmp_path: Path) -> None:
    missed = []
    for number in range(TRIES):
        database = copy_archive(whole, tmp_path / str(number))
        what = change(database)
        if not damage(database):
            missed.append(what)
    assert missed == []


@pytest.mark.timeout(900 + TRIES)
def test_a_changed_byte_of_the_database_file_is_found_or_changes_no_value(
    whole: Path, tmp_path: Path, chance: random.Random
) -> None:
    before, missed, idle = dump_vouched(whole), [], 0
    for number in range(TRIES):
        database = copy_archive(whole, tmp_path / str(number))
        what = change_byte(database, chance)
        if not damage(database):
            idle += 1
            if dump_vouched(database) != before:
                missed.append(what)
    assert missed == []
    print(f"{TRIES - idle} of {TRIES} found; {idle} hit space that holds no vouched value")


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_audit_rows_cut_off_at_the_end_are_missed_even_after_the_next_command(cut: int, whole: Path, tmp_path: Path) -> None:
    database = copy_archive(whole, tmp_path / "a")
    raw = sqlite3.connect(database)
    raw.execute("DROP TRIGGER audit_delete")
    raw.execute("DELETE FROM audit WHERE id > (SELECT max(id) FROM audit) - ?", (cut,))
    raw.commit()
    raw.close()
    assert any(line.startswith("audit: the head file names row") for line in damage(database))
    with Store.open(database) as store:
        for _ in range(cut):
            store.ledger.record("export", {})
    assert any("that row is another one now" in line for line in damage(database)), "new rows do not cover it up"


def test_a_head_one_step_behind_is_a_note_and_the_next_command_moves_it(whole: Path, tmp_path: Path) -> None:
    database = copy_archive(whole, tmp_path / "a")
    before = head_path(database).read_bytes()
    with Store.open(database) as store:
        store.ledger.record("export", {})
    after = head_path(database).read_bytes()
    head_path(database).write_bytes(before)  # as a kill between the commit and the file leaves it
    findings, _ = inspect_archive(database)
    assert findings.damage == []
    assert "or was killed before it could move the head" in findings.notes[0]
    with Store.open(database) as store:
        store.ledger.record("export", {})
    assert head_path(database).read_bytes() > after
    assert inspect_archive(database)[0].notes == []


def test_a_lost_head_file_is_damage_and_a_new_one_is_noted_for_ever(whole: Path, tmp_path: Path) -> None:
    database = copy_archive(whole, tmp_path / "a")
    head_path(database).unlink()
    assert damage(database) == ["audit: x-audit-head.txt is missing; the end of the audit is not vouched for"]
    with Store.open(database) as store:
        store.ledger.record("export", {})
    findings, _ = inspect_archive(database)
    assert findings.damage == []
    assert "there was no head file and it was made anew" in findings.notes[0]


def test_a_lost_row_is_named(whole: Path, tmp_path: Path) -> None:
    for table, says in (
        ("mentions", "mentions or labels are not what was saved"),
        ("decisions", "it was made, and is gone"),
        ("outcomes", "it was saved, and is gone"),
        ("pages", "are not those that audit row"),
        ("runs", "run 1: it is gone"),
    ):
        database = copy_archive(whole, tmp_path / table)
        raw = sqlite3.connect(database)
        raw.execute("DROP TRIGGER decisions_delete")
        raw.execute(f"DELETE FROM {table} WHERE rowid = 1")
        raw.commit()
        raw.close()
        assert any(says in line for line in damage(database)), table


def test_pages_of_a_killed_crawl_are_sealed_by_the_next_command(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db", create=True) as store:
        with EvidenceWriter(store.evidence_folder) as writer:
            store.pages.save(make_page(1), *writer.append(make_page(1)))
        findings, _ = inspect_archive(store.path)
        assert (findings.damage, len(findings.notes)) == ([], 1)
        assert "not sealed yet" in findings.notes[0]
        with store.ledger.run("run"):
            pass
        assert inspect_archive(store.path)[0].notes == []
        with writer.path.open("ab") as stream:  # the torn end that a kill leaves
            stream.write(b"\x1f\x8b")
        assert damage(store.path) == []
        store.ledger.seal()
        writer.path.write_bytes(writer.path.read_bytes()[:-1])
        assert "shorter than" in damage(store.path)[0]


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_kills_are_never_taken_for_damage(tmp_path: Path, site: str, chance: random.Random) -> None:
    write_source(tmp_path, site)
    for command in (("crawl", "--sources", "sources"), ("run",)) * 3:
        kill_at_random(tmp_path, chance, 3.0, *command)
        if (tmp_path / "x.db").exists():
            assert damage(tmp_path / "x.db") == []
    finish(tmp_path, "crawl", "--sources", "sources")
    finish(tmp_path, "run")
    findings, _ = inspect_archive(tmp_path / "x.db")
    assert (findings.damage, findings.notes) == ([], []), "everything is sealed in the end"


def test_what_is_analysed_anew_is_vouched_for_anew(whole: Path, tmp_path: Path) -> None:
    database = copy_archive(whole, tmp_path / "a")
    with Store.open(database) as store:
        page = make_page(0)
        store.documents.save([make_outcome(0, page)], replace=True)
        store.documents.save([Quarantined(make_page(1).id, "extract", "boom")], replace=True)
    assert damage(database) == []


def test_verify_names_what_is_damaged_and_ends_with_status_1(whole: Path, tmp_path: Path) -> None:
    database = copy_archive(whole, tmp_path / "a")
    done = xabar("verify", "--db", database)
    assert done.returncode == 0
    assert b"12 pages, their outcomes, the decisions and the audit are as they were written" in done.stdout
    raw = sqlite3.connect(database)
    raw.execute("UPDATE documents SET text = 'boshqa matn' WHERE number = 1")
    raw.commit()
    raw.close()
    done = xabar("verify", "--db", database)
    assert done.returncode == 1
    assert done.stdout.decode() == f"outcome {make_page(0).id}: its page, document, mentions or labels are not what was saved\n"
