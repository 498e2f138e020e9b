"""The chain and its head: many writers, databases from before, and a head file that can not be written."""

import json
import sqlite3
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.custody.inspection import inspect_archive
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.chain import head_path, read_head
from tests.conftest import make_page
from tests.custody_archive import make_archive, make_outcome


def test_of_many_writers_none_sets_the_head_back(store: Store) -> None:
    store.pages.save(make_page(0), "a", 0)
    store.documents.save([make_outcome(0, make_page(0))])
    failures: list[BaseException] = []

    def decide() -> None:
        try:
            with Store.open(store.path) as own:
                for _ in range(25):
                    own.desk.decide(make_page(0).id, "sinov", "unsure")
        except BaseException as error:  # noqa: BLE001  told to the test, which runs in another thread
            failures.append(error)

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    head = read_head(store.path)
    assert head is not None
    assert head.id == store._connection.one("SELECT max(id) FROM audit")[0] == 101
    assert store.ledger.first_broken_link() is None


def test_a_database_from_before_the_head_file_is_taken_over_and_that_is_noted(tmp_path: Path) -> None:
    database = make_archive(tmp_path)
    _make_first_form(database)
    with Store.open(database) as store:
        assert store.ledger.first_broken_link() is None
        with store.ledger.run("run"):
            pass
        store.desk.decide(make_page(1).id, "sinov", "unsure")
    findings, _ = inspect_archive(database)
    assert findings.damage == []
    assert ["made anew" in note for note in findings.notes] == [True]
    raw = sqlite3.connect(database)
    raw.execute("UPDATE documents SET title = 'boshqa' WHERE number = 2")
    raw.execute("DROP TRIGGER decisions_update")
    raw.execute("UPDATE decisions SET verdict = 'defer' WHERE id = 1")
    raw.commit()
    raw.close()
    assert [line.split(" ")[0] for line in inspect_archive(database)[0].damage] == ["outcome", "decision"]


def test_a_head_file_that_can_not_be_written_is_one_line_and_saves_nothing(store: Store) -> None:
    head_path(store.path).mkdir()
    with pytest.raises(Stop, match=r"x-audit-head\.txt: the head of the audit cannot be read or written"):
        store.ledger.record("export", {})
    assert store._connection.one("SELECT count(*) FROM audit")[0] == 0


def test_a_damaged_seal_stops_the_next_command_in_one_line(tmp_path: Path) -> None:
    database = make_archive(tmp_path)
    raw = sqlite3.connect(database)
    raw.execute("DROP TRIGGER audit_update")
    raw.execute("UPDATE audit SET subject = 'no' WHERE action = 'seal warc'")
    raw.commit()
    raw.close()
    with Store.open(database) as store, pytest.raises(Stop, match="the audit is damaged, 'xabar verify' names the row"):
        store.ledger.seal()


def _make_first_form(database: Path) -> None:
    """The audit as the first version wrote it: runs and decisions only, another hash, no head file."""
    raw = sqlite3.connect(database)
    rows = raw.execute("SELECT at, actor, action, subject FROM audit WHERE action LIKE 'run %' OR action = 'decide'").fetchall()
    raw.execute("DROP TRIGGER audit_delete")
    raw.execute("DELETE FROM audit")
    previous = ""
    for at, actor, action, subject in rows:
        values = json.loads(subject)
        said = json.dumps([values[i] for i in (0, 1, 3, 4, 5)], ensure_ascii=False) if action == "decide" else values[3]
        own = sha256(json.dumps([previous, at, actor, action, said], ensure_ascii=False).encode()).hexdigest()
        raw.execute(
            "INSERT INTO audit(at, actor, action, subject, previous_sha256, sha256) VALUES (?, ?, ?, ?, ?, ?)",
            (at, actor, action, said, previous, own),
        )
        previous = own
    raw.commit()
    raw.close()
    head_path(database).unlink()
