"""Retention and erasure: what goes is gone from every file, what stays verifies, and what was erased is never fetched again."""

import os
import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.config import load_config
from pipeline.custody import removal
from pipeline.custody.backup import make_backup
from pipeline.custody.inspection import inspect_archive
from pipeline.custody.removal import apply_retention, erase, finish_removals, hold_evidence
from pipeline.evidence import EvidenceWriter, read_page
from pipeline.gate import enforce
from pipeline.intake import Intake
from pipeline.records import Document, Page, Reason, Skipped, Stop
from pipeline.run import run
from pipeline.store import Store
from pipeline.tombstone import make_tombstone
from pipeline.update import Clock, update
from tests.conftest import FETCHED, make_page
from tests.custody_archive import change_byte, make_archive
from tests.test_cli import xabar

WORD = "qizilbayroqli"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """12 pages of 2026-09-22: 4 flagged or decided on, others neither; skipped and quarantined ones."""
    return make_archive(tmp_path / "a")


def findings(database: Path) -> tuple[list[str], list[str]]:
    found, _ = inspect_archive(database)
    return found.damage, found.notes


def bodies(store: Store) -> dict[str, bytes]:
    refs = [ref for batch in store.pages.pending(batch=50, again=True) for ref in batch]
    return {ref.id: read_page(store.evidence_folder, ref).body for ref in refs}


def test_retention_drops_what_nobody_flagged_or_decided_on_and_verify_stays_clean(database: Path) -> None:
    with Store.open(database) as store:
        before = {doc.id: doc for doc in store.documents.all()}
        decided = {doc.id for doc in before.values() if store.desk.decisions(doc.id)}
        skipped = {make_page(4).id, make_page(10).id}
        dropped = apply_retention(store, 1)
        assert dropped == len({doc.id for doc in before.values() if not doc.flagged} - decided) + len(skipped)
        for doc in store.documents.all():
            kept = before[doc.id].flagged or doc.id in decided
            assert (doc == before[doc.id]) if kept else (doc.text, doc.mentions, doc.pages) == ("", (), ())
            assert doc.title == before[doc.id].title, "what the item was stays"
            assert bool(store.removals.tombstone(doc.id)) != kept
        assert len(bodies(store)) == 12 - dropped, "every body that is kept is read back"
        assert apply_retention(store, 1) == 0
    assert findings(database) == ([], [])


def test_nothing_is_dropped_before_its_time_and_zero_keeps_everything(database: Path) -> None:
    with Store.open(database) as store:
        assert apply_retention(store, 36_500) == apply_retention(store, 0) == 0
        assert len(bodies(store)) == 12


def test_dropped_pages_are_not_analysed_again(database: Path) -> None:
    with Store.open(database) as store:
        apply_retention(store, 1)
        outcomes = [item for batch in run(store, flag_at=0.5, batch_size=4, again=True) for item in batch]
        assert not {item.id for item in outcomes} & {doc.id for doc in store.documents.all() if store.removals.tombstone(doc.id)}
    assert findings(database) == ([], [])


def make_secret(tmp_path: Path) -> tuple[Path, Page]:
    """Two versions of one article beside another one, all long enough to fill blocks of the disk."""
    path = tmp_path / "x.db"
    url = f"https://www.a.example/{WORD}/1"
    body = "".join(f"<p>{WORD} {os.urandom(12).hex()}</p>" for _ in range(3000)).encode()
    pages = [make_page(1, body, url=url, hint_title=WORD), make_page(2), make_page(3, body + b"x", url=url)]
    with Store.open(path, create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
        intake = Intake(store)
        intake._writer = writer
        for page in pages:
            intake.process_item(page)
            store.documents.save([Document(page.id, page.url, "s", page.fetched_at, WORD, f"{WORD} matn", cluster_id="c")])
    return path, pages[0]


def everything(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_was_erased_is_in_no_file_any_more(tmp_path: Path) -> None:
    path, page = make_secret(tmp_path)
    with Store.open(path) as store:
        count, copies = erase(store, page.url, "so'rov 7")
    assert (count, copies) == (2, ["http://127.0.0.1/news/2"])
    assert findings(path) == ([], [])
    with Store.open(path) as store:
        assert list(bodies(store).values()) == [make_page(2).body], "the record between the two reads as before"
        assert store.pages.recall(page.url) is None
    assert page.url.encode() not in everything(tmp_path)
    warc = next((tmp_path / "x-warc").iterdir())
    with warc.open("rb") as stream:
        kinds = [(record.rec_type, record.content_stream().read()) for record in ArchiveIterator(stream)]
    assert [kind for kind, _ in kinds] == ["warcinfo", "metadata", "response", "metadata"]
    assert not any(WORD.encode() in data for _, data in kinds)


def test_the_words_of_an_erased_document_are_gone_from_the_database_file(tmp_path: Path) -> None:
    path, page = make_secret(tmp_path)
    with Store.open(path) as store:
        erase(store, make_page(2).url, "so'rov 8")
        erase(store, page.id, "so'rov 9")
    assert WORD.encode() not in path.read_bytes()
    assert findings(path) == ([], [])


def test_what_was_erased_is_never_stored_again(tmp_path: Path) -> None:
    path, page = make_secret(tmp_path)
    with Store.open(path) as store:
        erase(store, page.id, "so'rov 7")
        for url in (page.url, page.url.replace("https://www.", "http://") + "/"):
            assert store.pages.is_erased(url)
            Intake(store).process_item(replace(page, url=url, body=b"anew"))
        assert not store.pages.is_erased("https://www.a.example/another")
        assert store.pages.count_pending(again=True) == 1


def test_who_writes_the_database_can_not_hide_a_page_behind_a_tombstone(database: Path) -> None:
    with Store.open(database) as store:
        apply_retention(store, 1)
    raw = sqlite3.connect(database)
    page_id = make_page(0).id
    raw.execute("INSERT INTO tombstones VALUES (?, 'retention', '2026', 'x', 'y')", (page_id,))
    raw.commit()
    raw.close()
    assert findings(database)[0] == [f"tombstone {page_id}: not what the audit says was removed"]


def test_a_changed_byte_of_a_rewritten_file_is_found(database: Path, tmp_path: Path) -> None:
    import random

    with Store.open(database) as store:
        apply_retention(store, 1)
    warc = next((database.parent / "x-warc").iterdir())
    whole, chance = warc.read_bytes(), random.Random(7)  # noqa: S311  no secret
    for _ in range(60):
        what = change_byte(warc, chance)
        assert findings(database)[0], what
        warc.write_bytes(whole)
    assert findings(database) == ([], [])


@pytest.mark.parametrize("step", ["_rewrite", "_replace"])
def test_a_kill_at_either_side_of_the_commit_leaves_an_archive_that_verifies(
    step: str, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with Store.open(database) as store:
        monkeypatch.setattr(removal, step, die)
        with pytest.raises(Killed):
            apply_retention(store, 1)
        monkeypatch.undo()
        damage, notes = findings(database)
        assert damage == []
        assert len(notes) == (step == "_replace")
        assert finish_removals(store) == (step == "_replace")
        apply_retention(store, 1)
    assert findings(database) == ([], [])


def test_a_file_that_a_crawl_writes_is_left_alone(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db", create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
        page = make_page(1)
        store.pages.save(page, *writer.append(page))
        store.documents.save([Document(page.id, page.url, "s", FETCHED - timedelta(days=9), "t", "x")])
        assert apply_retention(store, 1) == 0
        with pytest.raises(Stop, match="a crawl writes the file"):
            erase(store, page.url, "so'rov")
        writer.close()
        assert apply_retention(store, 1) == 1


def test_a_backup_and_a_removal_do_not_meet(database: Path, tmp_path: Path) -> None:
    with Store.open(database) as store:
        with hold_evidence(store, alone=True), pytest.raises(Stop, match="runs now"):
            make_backup(store, tmp_path / "b", link=False, show=print)
        with hold_evidence(store, alone=False), pytest.raises(Stop, match="runs now"):
            apply_retention(store, 1)


def test_a_backup_waits_for_a_removal_that_ends(database: Path, tmp_path: Path) -> None:
    waiting, held = threading.Event(), threading.Event()

    def hold(store: Store) -> None:
        with hold_evidence(store, alone=True):
            held.set()
            waiting.wait(60)

    with Store.open(database) as store:
        holder = threading.Thread(target=hold, args=(store,))
        holder.start()
        assert held.wait(60)
        copy, _ = make_backup(store, tmp_path / "b", link=False, show=lambda _: waiting.set(), patience_seconds=60)
        holder.join()
    assert findings(copy) == ([], [])


def test_an_update_under_a_backup_puts_retention_off_and_does_the_rest(database: Path) -> None:
    with Store.open(database) as store, hold_evidence(store, alone=False):
        done = update(store, {}, load_config(None), Clock(0), show=lambda _: None)
    assert [line.partition(":")[0] for line in done.left] == ["retention"]
    assert done.left[0].endswith("the next update does it")
    assert done.dropped == 0


def test_the_gate_under_a_backup_erases_at_the_next_run(database: Path) -> None:
    with Store.open(database) as store:
        page = make_page(77)
        with EvidenceWriter(store.evidence_folder) as writer:
            store.pages.save(page, *writer.append(page))
        store.documents.save([Skipped(page.id, "gate", Reason.PROMOTIONAL, "sinov")])
        with hold_evidence(store, alone=False):
            assert len(enforce(store)) == 1
        assert page.id in bodies(store)
        enforce(store)
        assert page.id not in bodies(store)
    assert findings(database) == ([], [])


def test_a_backup_after_a_retention_verifies(database: Path, tmp_path: Path) -> None:
    with Store.open(database) as store:
        apply_retention(store, 1)
        copy, damage = make_backup(store, tmp_path / "b", link=False, show=lambda _: None)
    assert (damage, findings(copy)) == ([], ([], []))


def test_a_dropped_item_can_not_be_bundled(database: Path, tmp_path: Path) -> None:
    with Store.open(database) as store:
        apply_retention(store, 1)
        gone = next(doc.id for doc in store.documents.all() if store.removals.tombstone(doc.id))
    done = xabar("export", "--bundle", gone, "--out", tmp_path / "b", "--db", database)
    assert done.returncode == 2
    assert b"its body was removed (retention, " in done.stderr


def test_the_commands_say_what_they_did(database: Path) -> None:
    done = xabar("retention", "--days", "1", "--db", database)
    assert (done.returncode, done.stdout) == (0, b"4 bodies dropped, of items older than 1 days\n")
    done = xabar("erase", make_page(0).url, "--reason", "so'rov 7", "--db", database)
    assert done.returncode == 0
    assert done.stdout.startswith(b"erased, in 1 version; backups, exports and bundles")
    done = xabar("erase", "https://a.example/none", "--reason", "x", "--db", database)
    assert (done.returncode, b"no page with this address or id" in done.stderr) == (2, True)


@pytest.mark.parametrize("length", [25, 49, 50, 300, 400, 65_560, 65_561, 131_100, 1_000_000])
def test_a_tombstone_has_any_length_and_is_the_same_every_time(length: int) -> None:
    import gzip

    stone = make_tombstone("x.warc.gz", 7, length)
    assert len(stone) == length
    assert stone == make_tombstone("x.warc.gz", 7, length)
    assert (b"removed" in gzip.decompress(stone)) == (length > 300)
